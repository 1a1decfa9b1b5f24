"""Redeeming promotional codes: what each gives, every reason why one can't be used, and taking it back."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from catalog.actions.promo_codes import CodeTerms, create_campaign, edit_code, stop_code
from catalog.domain.promotions import (
    GIVING_MODES,
    CodeExpired,
    CodeNotYet,
    CodeOfOtherMarket,
    CodeStopped,
    CodeUsedByAccount,
    CodeUsedUp,
    UnknownCode,
)
from catalog.domain.values import UNLIMITED
from catalog.models import PromoCode
from catalog.models.offer import Gift
from entitlements.actions.items import change_quantity, end_item
from entitlements.actions.lifecycle import fail_payment, pause
from entitlements.actions.overrides import revoke
from entitlements.actions.redemptions import HasItAlready, NothingToAddTo, redeem, revoke_redemption
from entitlements.actions.sales import NotOnSale
from entitlements.actions.subscriptions import end
from entitlements.actions.trials import convert, extend
from entitlements.domain.arithmetic import MODES
from entitlements.domain.facts import Mode, Phase
from entitlements.models import Account, EntitlementChange, Redemption, SubscriptionPhase
from entitlements.queries.selling.redeemed import extras_of
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import MarketFactory, MarketWindowFactory
from tests.entitlements.shop import Shop, code, shop, storage_code
from tests.entitlements.world import AT, DAY, GB, account, answer, subscribed, value
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db
MOMENT = datetime.resolution
TWO_WEEKS = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)


@pytest.fixture
def sold() -> Shop:
    return shop()


@pytest.fixture
def acme(sold: Shop) -> Account:
    """Acme in Amsterdam has Free."""
    held_by = account()
    subscribed(held_by, sold.catalog.free)
    return held_by


def use(held_by: Account, text: str = "SPRING-26", *, by: Actor = SYSTEM, at: datetime = AT) -> Redemption:
    return redeem(account=held_by, code=text, by=by, at=at)


def lending(sold: Shop, **terms: Any) -> PromoCode:
    return code(plan=sold.catalog.team, **terms)


def test_who_has_a_plan_gets_another_lent_beside_it(sold: Shop, acme: Account, sales: Actor) -> None:
    lending(sold, days=14)
    used = use(acme, by=sales)
    assert [value(acme, "seats", AT - MOMENT), value(acme, "seats", AT)] == [2, 10]
    assert [value(acme, "seats", TWO_WEEKS - MOMENT), value(acme, "seats", TWO_WEEKS)] == [10, 2]
    assert (used.item.lent, used.item.origin) == (True, "Promotional code SPRING-26")
    assert acme.subscriptions.count() == 1


def test_who_has_nothing_gets_a_trial_that_can_be_extended_and_converted(sold: Shop, sales: Actor) -> None:
    lending(sold, days=14)
    prospect = account("prospect")
    used = use(prospect, by=sales)
    trial = SubscriptionPhase.objects.get(subscription=used.item.subscription)
    assert (trial.phase, trial.starts_at, trial.ends_at) == (Phase.TRIAL, AT, TWO_WEEKS)
    assert value(prospect, "seats", TWO_WEEKS) == 2  # it falls back to Free, as Team's trials do
    extend(subscription=trial.subscription, days=7, reason="Slow", by=SYSTEM, at=AT + DAY)
    convert(subscription=trial.subscription, by=SYSTEM, at=AT + 2 * DAY)
    assert value(prospect, "seats", AT + 99 * DAY) == 10


def test_a_lent_plan_outlives_the_trial_it_was_given_beside(sold: Shop) -> None:
    tried = account("tried")
    subscribed(tried, sold.catalog.free, at=AT - DAY, trial_days=3)
    lending(sold, days=14)
    use(tried)
    assert value(tried, "seats", AT + 5 * DAY) == 10
    assert value(tried, "seats", TWO_WEEKS) is None


def test_an_add_on_comes_in_its_quantity_and_goes(sold: Shop, acme: Account) -> None:
    code(gives=Gift.ADD_ON, plan=sold.ipv4, quantity=2, days=14)
    use(acme)
    assert [value(acme, "addresses", at) for at in (AT - MOMENT, AT, TWO_WEEKS - MOMENT, TWO_WEEKS)] == [
        None, Decimal(2), Decimal(2), None,
    ]  # fmt: skip


def test_more_of_a_feature_is_an_approved_override(sold: Shop, acme: Account, sales: Actor) -> None:
    storage_code(sold.catalog.storage)
    used = use(acme, "more-gb", by=sales)
    assert [value(acme, "storage", at) for at in (AT, TWO_WEEKS - MOMENT, TWO_WEEKS)] == [21 * GB, 21 * GB, GB]
    override = used.override
    assert (override.state, override.reason, override.subscription) == ("approved", "Promotional code MORE-GB", None)
    last = answer(acme, "storage", AT).because[-1]
    assert last.by == "Sales Person, approved by Promotional code MORE-GB"


def test_no_policy_is_asked_because_the_code_is_the_approval(sold: Shop, acme: Account, sales: Actor) -> None:
    storage_code(sold.catalog.storage, mode="at_least", value=UNLIMITED)
    use(acme, "MORE-GB", by=sales)
    assert value(acme, "storage", AT) is UNLIMITED


def test_its_days_are_those_of_the_customer_s_wall(sold: Shop, acme: Account) -> None:
    lending(sold, days=30)
    used = use(acme)  # on 2 March at 10:00; clocks spring forward on the 29th
    assert used.item.ends_at == datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["spring 26", "Spring-26", " SPRING26 ", "spring–26"])
def test_it_works_however_it_is_typed(sold: Shop, acme: Account, typed: str) -> None:
    lending(sold)
    assert use(acme, typed).code.code == "SPRING-26"


def test_it_is_told_in_the_audit_and_to_the_timeline(sold: Shop, acme: Account, sales: Actor) -> None:
    lending(sold, days=14)
    use(acme, by=sales)
    event = AuditEvent.objects.get(verb="promo_code:redeem")
    assert event.account_key == "acme"
    assert event.changes["SPRING-26"] == [None, "14 days of Team to try"]
    assert EntitlementChange.objects.filter(cause="Promotional code SPRING-26 was redeemed").exists()


def test_the_account_says_which_code_an_item_came_with(sold: Shop, acme: Account) -> None:
    lending(sold)
    used = use(acme)
    (extra,) = extras_of(account=acme, at=AT)
    assert (extra.redemption, extra.changeable) == (used, False)


def test_an_unknown_code_is_not_found(sold: Shop, acme: Account) -> None:
    lending(sold)
    for typed in ("SPRING-27", "", "é", "x" * 200):
        with pytest.raises(UnknownCode, match="letter by letter"):
            use(acme, typed)


@pytest.mark.parametrize(
    ("terms", "at", "kind", "words"),
    [
        ({"starts_at": AT + DAY}, AT, CodeNotYet, "from 3 March 2026, 10:00 on"),
        ({"ends_at": AT}, AT, CodeExpired, "has expired"),
        ({"max_redemptions": 1}, AT, CodeUsedUp, "1 of 1 times"),
    ],
)
def test_out_of_its_time_or_number_it_gives_nothing(
    sold: Shop, acme: Account, terms: dict[str, Any], at: datetime, kind: type[Refusal], words: str
) -> None:
    lending(sold, **terms)
    if "max_redemptions" in terms:
        use(account("first"))
    with pytest.raises(kind, match=words):
        use(acme, at=at)
    assert not Redemption.objects.filter(account=acme).exists()


def test_a_stopped_code_gives_nothing_and_takes_nothing(sold: Shop, acme: Account) -> None:
    made = lending(sold)
    use(acme)
    stop_code(code=made, reason="Leaked", by=SYSTEM, at=AT + DAY)
    with pytest.raises(CodeStopped, match="stopped on 3 March 2026"):
        use(account("late"), at=AT + DAY)
    assert value(acme, "seats", AT + 2 * DAY) == 10


def test_a_code_of_a_market_is_for_its_customers(sold: Shop) -> None:
    europe = MarketFactory(key="europe", name="Europe")
    lending(sold, market=europe)
    with pytest.raises(CodeOfOtherMarket, match="customers in Europe"):
        use(account("afar", market=MarketFactory(name="Asia")))
    use(account("near", market=europe))


def test_one_customer_uses_it_as_often_as_it_says(sold: Shop, acme: Account) -> None:
    storage_code(sold.catalog.storage, max_per_account=2)
    use(acme, "MORE-GB")
    use(acme, "MORE-GB", at=AT + DAY)
    with pytest.raises(CodeUsedByAccount, match="2 times"):
        use(acme, "MORE-GB", at=AT + 2 * DAY)
    assert value(acme, "storage", AT + DAY) == 41 * GB


def test_of_a_campaign_one_customer_uses_one_code(sold: Shop, acme: Account) -> None:
    made = storage_code(sold.catalog.storage, "OTHER")
    terms = CodeTerms(gives=Gift.OVERRIDE, days=7, feature=made.feature, mode="add", value=GB, max_redemptions=1)
    told = {"campaign": "Fair", "name": "Fair", "begins_with": "FAIR", "number": 2, "terms": terms}
    first, second = create_campaign(**told, by=SYSTEM, at=AT - DAY)
    use(acme, first.code)
    with pytest.raises(CodeUsedByAccount, match="a code of the campaign Fair"):
        use(acme, second.code)
    use(account("other"), second.code)
    use(acme, "OTHER")  # a code of no campaign is another matter


def test_an_add_on_needs_a_subscription(sold: Shop) -> None:
    code(gives=Gift.ADD_ON, plan=sold.ipv4)
    with pytest.raises(NothingToAddTo, match="no subscription to add it to"):
        use(account("empty"))


def test_beside_what_gives_nothing_it_would_give_nothing(sold: Shop, acme: Account) -> None:
    lending(sold)
    pause(subscription=acme.subscriptions.get(), by=SYSTEM, at=AT - DAY)
    with pytest.raises(NothingToAddTo, match="Subscription 1 is paused"):
        use(acme)


def test_unpaid_it_waits_for_payment(sold: Shop, acme: Account) -> None:
    lending(sold)
    fail_payment(subscription=acme.subscriptions.get(), grace_days=1, by=SYSTEM, at=AT - 2 * DAY)
    with pytest.raises(NothingToAddTo, match="Subscription 1 is unpaid"):
        use(acme)


def test_after_a_trial_that_just_ended_one_is_a_prospect_again(sold: Shop) -> None:
    lapsed = account("lapsed")
    subscribed(lapsed, sold.catalog.free, trial_days=3)  # Free names no plan for afterwards
    lending(sold)
    used = use(lapsed)
    assert used.item.subscription.number == 2
    assert value(lapsed, "seats", AT) == 10


def test_a_plan_one_has_is_not_tried(sold: Shop) -> None:
    held_by = account("rich")
    subscribed(held_by, sold.catalog.team)
    lending(sold)
    with pytest.raises(HasItAlready, match="has Team already"):
        use(held_by)


def test_a_plan_one_had_is_tried_again(sold: Shop) -> None:
    held_by = account("gone")
    subscribed(held_by, sold.catalog.team)
    end(subscription=held_by.subscriptions.get(), ends_at=AT - DAY, reason="Cancelled", by=SYSTEM, at=AT - 2 * DAY)
    lending(sold)
    assert use(held_by).item.subscription.number == 2


def test_what_is_not_sold_in_its_market_is_not_given(sold: Shop, acme: Account) -> None:
    lending(sold)
    MarketWindowFactory(plan=sold.catalog.team, market=MarketFactory(name="Asia"))
    with pytest.raises(NotOnSale):
        use(acme)


def test_what_a_code_gives_stays_once_somebody_has_it(sold: Shop, acme: Account) -> None:
    made = storage_code(sold.catalog.storage)
    use(acme, "MORE-GB")
    same = {"gives": Gift.OVERRIDE, "feature": made.feature, "mode": "add", "value": 20 * GB, "typed_unit": "GB"}
    with pytest.raises(Invalid, match="was redeemed already"):
        edit_code(code=made, name="Spring", terms=CodeTerms(**same, days=99), by=SYSTEM, at=AT + DAY)
    limited = CodeTerms(**same, days=14, max_redemptions=5)
    assert edit_code(code=made, name="More", terms=limited, by=SYSTEM, at=AT + DAY).max_redemptions == 5


def test_the_limit_is_never_set_below_what_was_used(sold: Shop, acme: Account) -> None:
    made = storage_code(sold.catalog.storage)
    for held_by in (acme, account("other")):
        use(held_by, "MORE-GB")
    same = {"gives": Gift.OVERRIDE, "feature": made.feature, "mode": "add", "value": 20 * GB, "typed_unit": "GB"}
    with pytest.raises(Invalid, match="redeemed 2 times already"):
        edit_code(code=made, name="x", terms=CodeTerms(**same, days=14, max_redemptions=1), by=SYSTEM, at=AT + DAY)


def test_what_came_with_a_code_is_not_changed_alone(sold: Shop, acme: Account, sales: Actor) -> None:
    code(gives=Gift.ADD_ON, plan=sold.ipv4)
    item = use(acme).item
    for act in (
        lambda: end_item(item=item, reason="No", by=sales, at=AT + DAY),
        lambda: change_quantity(item=item, quantity=9, by=sales, at=AT + DAY),
    ):
        with pytest.raises(Refusal, match="came with a promotional code"):
            act()


@pytest.mark.parametrize("sort", ["trial", "add_on", "override"])
def test_taken_back_it_ends_this_second_and_its_place_is_free(
    sold: Shop, acme: Account, sales: Actor, sort: str
) -> None:
    made = {
        "trial": partial(lending, sold, max_redemptions=1),
        "add_on": partial(code, gives=Gift.ADD_ON, plan=sold.ipv4, max_redemptions=1),
        "override": partial(storage_code, sold.catalog.storage, max_redemptions=1),
    }[sort]()
    before = {key: value(acme, key, AT) for key in ("seats", "storage", "addresses")}
    used = use(acme, made.code)
    revoke_redemption(redemption=used, reason="Wrong customer", by=sales, at=AT + DAY)
    assert {key: value(acme, key, AT + DAY) for key in before} == before
    assert {key: value(acme, key, AT + DAY - MOMENT) for key in before} != before
    assert AuditEvent.objects.get(verb="promo_code:take_back").reason == "Wrong customer"
    other = account("right")
    subscribed(other, sold.catalog.free)
    use(other, made.code, at=AT + DAY)
    use_again = partial(use, acme, made.code, at=AT + DAY)
    with pytest.raises(CodeUsedUp):
        use_again()


def test_it_is_taken_back_once_and_for_a_reason(sold: Shop, acme: Account, sales: Actor) -> None:
    lending(sold)
    used = use(acme)
    with pytest.raises(Invalid, match="Say why"):
        revoke_redemption(redemption=used, reason=" ", by=sales, at=AT + DAY)
    revoke_redemption(redemption=used, reason="Mistake", by=sales, at=AT + DAY)
    with pytest.raises(Stale, match="taken it back already"):
        revoke_redemption(redemption=used, reason="Mistake", by=sales, at=AT + 2 * DAY)


def test_what_ended_before_stays_as_it_ended(sold: Shop, acme: Account, sales: Actor) -> None:
    storage_code(sold.catalog.storage)
    lending(sold, days=1)
    override, lent = use(acme, "MORE-GB"), use(acme)
    revoke(override=override.override, reason="Too much", by=SYSTEM, at=AT + DAY)
    for used in (override, lent):
        revoke_redemption(redemption=used, reason="For the record", by=sales, at=AT + 5 * DAY)
    override.override.refresh_from_db()
    lent.item.refresh_from_db()
    assert (override.override.revoked_at, lent.item.ends_at) == (AT + DAY, AT + DAY)


def test_taken_back_in_the_instant_it_was_given_it_gave_nothing(sold: Shop, acme: Account, sales: Actor) -> None:
    lending(sold)
    revoke_redemption(redemption=use(acme), reason="Mistyped", by=sales, at=AT)
    assert value(acme, "seats", AT + MOMENT) == 2


@pytest.mark.parametrize("role", ["finance", "support_agent", "auditor"])
def test_only_sales_and_shops_redeem(request: pytest.FixtureRequest, sold: Shop, acme: Account, role: str) -> None:
    lending(sold)
    with pytest.raises(NotAllowed):
        use(acme, by=request.getfixturevalue(role))
    shop_key = Actor(kind=ActorKind.API_KEY, key="key:shop", name="Shop", permissions=frozenset({"redemptions:write"}))
    use(acme, by=shop_key)


def test_support_takes_nothing_back(sold: Shop, acme: Account, support_agent: Actor) -> None:
    lending(sold)
    with pytest.raises(NotAllowed):
        revoke_redemption(redemption=use(acme), reason="No", by=support_agent, at=AT)


def test_what_a_code_may_do_an_override_can() -> None:
    for nature, modes in GIVING_MODES.items():
        assert {Mode(mode) for mode in modes} <= set(MODES[nature])
        assert not {"deny", "at_most"} & set(modes)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_as_many_as_allowed_get_it() -> None:
    """On both databases: the code's row is the queue in which they stand."""
    world = shop()
    made = storage_code(world.catalog.storage, max_redemptions=3)
    customers = [account(f"customer-{number}") for number in range(6)]
    outcomes = at_once(*(partial(use, customer, made.code) for customer in customers))
    names = sorted(type(outcome).__name__ for outcome in outcomes)
    assert names == ["CodeUsedUp"] * 3 + ["Redemption"] * 3
    assert Redemption.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_one_customer_who_presses_twice_gets_it_once() -> None:
    world = shop()
    made = storage_code(world.catalog.storage)
    acme = account()
    outcomes = at_once(*(partial(use, acme, made.code) for _ in range(3)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CodeUsedByAccount"] * 2 + ["Redemption"]
    assert value(acme, "storage", AT) == 20 * GB
