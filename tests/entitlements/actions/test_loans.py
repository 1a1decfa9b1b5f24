"""Lending a plan or a feature to an account, the policy of it, and taking it back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from entitlements.actions.lifecycle import pause
from entitlements.actions.loans import lend, recall
from entitlements.actions.overrides import revoke
from entitlements.actions.policies import set_policy
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.policy import Concession
from entitlements.models import Account, EntitlementChange, Loan
from entitlements.models.loan import LoanState
from entitlements.queries.loans import LoanPlace, loan_ids, place_of, token_of
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from tests.conftest import actor
from tests.entitlements.factories import AccountStandingFactory, ReasonCodeFactory
from tests.entitlements.lending import THROUGH, lent, may_lend, on_free, terms
from tests.entitlements.shop import per_unit
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed, value

pytestmark = pytest.mark.django_db
MOMENT = datetime.resolution
END = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # the first instant of 1 April in Amsterdam


@pytest.fixture
def sold(db: None) -> Catalog:
    may_lend()
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    """Acme in Amsterdam has Free: 1 GB, 2 seats."""
    return on_free(sold, "acme")[0]


def test_a_lent_plan_is_there_at_once_and_ends_on_its_second(sales: Actor, sold: Catalog, acme: Account) -> None:
    loan = lend(terms=terms(account=acme, plan=sold.team), by=sales, at=AT)
    assert loan.state == LoanState.APPROVED
    seen = [value(acme, "storage", at) for at in (AT - MOMENT, AT, END - MOMENT, END)]
    assert seen == [1 * GB, 100 * GB, 100 * GB, 1 * GB]


def test_a_lent_feature_is_an_override_of_the_whole_account(sales: Actor, sold: Catalog, acme: Account) -> None:
    loan = lend(terms=terms(account=acme, feature=sold.sso, mode=Mode.REPLACE, value=True), by=sales, at=AT)
    part = loan.overrides.get()
    assert (part.subscription, part.starts_at, part.ends_at) == (None, AT, END)
    assert (part.requested_by, part.requested_as, part.approved_by) == ("Sales Person", "sales", "Sales Person")
    assert value(acme, "sso", AT) is True


def test_what_it_changed_is_journalled_with_its_cause(sales: Actor, sold: Catalog, acme: Account) -> None:
    lend(terms=terms(account=acme, plan=sold.team), by=sales, at=AT)
    change = EntitlementChange.objects.get(account=acme, feature_key="storage", effective_at=AT)
    assert (change.before, change.after, change.cause) == ("1 GB", "100 GB", "Team was lent: A beta")
    assert change.audit_id == AuditEvent.objects.get(verb="loan:lend", account_key="acme").pk


def test_it_may_begin_later(sales: Actor, sold: Catalog, acme: Account) -> None:
    lend(terms=terms(account=acme, plan=sold.team, starts_at=AT + 5 * DAY), by=sales, at=AT)
    assert [value(acme, "seats", AT + days * DAY) for days in (4, 5)] == [2, 10]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"through_on": date(2026, 6, 30)}, id="longer than the policy"),
        pytest.param({"by": Actor(ActorKind.API_KEY, "key:1", "Shop", permissions=frozenset({"overrides:write"}))},
                     id="a program has no role"),
    ],
)  # fmt: skip
def test_what_is_beyond_policy_waits_and_changes_nothing(
    sales: Actor, sold: Catalog, acme: Account, more: dict[str, Any]
) -> None:
    by = more.pop("by", sales)
    loan = lend(terms=terms(account=acme, plan=sold.team, **more), by=by, at=AT)
    assert (loan.state, loan.items.count()) == (LoanState.REQUESTED, 0)
    assert value(acme, "storage", AT) == 1 * GB
    assert "Lend Team to Acme through" in Approval.objects.get(kind="loan").summary


def test_the_third_time_in_a_year_somebody_else_decides(sales: Actor, sold: Catalog, acme: Account) -> None:
    days = (AT, AT + 40 * DAY, AT + 80 * DAY)
    states = [
        lend(terms=terms(account=acme, plan=sold.team, through_on=(at + DAY).date()), by=sales, at=at).state
        for at in days
    ]
    assert states == ["approved", "approved", "requested"]


def test_a_feature_is_judged_as_the_override_it_becomes(sales: Actor, sold: Catalog, acme: Account) -> None:
    """A thousand percent of 1 GB may be given alone."""
    more = {"account": acme, "feature": sold.storage, "mode": Mode.ADD, "typed_unit": "GB"}
    assert lend(terms=terms(value=20 * GB, **more), by=sales, at=AT).state == LoanState.REQUESTED
    assert lend(terms=terms(value=5 * GB, through_on=date(2026, 3, 9), **(more | {"account": account("other")})),
                by=sales, at=AT).state == LoanState.REQUESTED  # it has nothing, so 5 GB are infinitely more  # fmt: skip


def test_so_much_more_is_measured_with_whatever_is_lent_already(sales: Actor, sold: Catalog, acme: Account) -> None:
    limits = {"max_days": 60, "max_percent": 200, "max_times": None, "by": SYSTEM, "at": AT}
    set_policy(role="sales", concession=Concession.PLAN_LOAN, **limits)
    space = per_unit("space", "Space", sold.storage, GB)
    states = [lend(terms=terms(account=acme, plan=space, **more), by=sales, at=AT).state for more in ({}, {})]
    assert states == [LoanState.APPROVED, LoanState.APPROVED]  # 1 GB, then 2, then 3
    assert lend(terms=terms(account=acme, plan=space), by=sales, at=AT).state == LoanState.REQUESTED
    other = on_free(sold, "other")[0]
    assert lend(terms=terms(account=other, plan=space, quantity=500), by=sales, at=AT).state == LoanState.REQUESTED


def test_someone_else_approves_and_it_begins_then(sold: Catalog, acme: Account, sales: Actor, finance: Actor) -> None:
    loan = lend(terms=terms(account=acme, plan=sold.team, through_on=date(2026, 6, 30)), by=sales, at=AT)
    request = Approval.objects.get(kind="loan")
    with pytest.raises(NotAllowed):
        approvals.approve(approval=request, by=sales, at=AT)
    approvals.approve(approval=request, by=finance, at=AT + DAY)
    loan.refresh_from_db()
    assert (loan.starts_at, loan.approved_by) == (AT + DAY, "Finance Person")
    assert [value(acme, "storage", AT + DAY + step) for step in (-MOMENT, 0 * MOMENT)] == [1 * GB, 100 * GB]


@pytest.mark.parametrize(("decide", "state"), [("reject", LoanState.REJECTED), ("withdraw", LoanState.WITHDRAWN)])
def test_a_request_that_is_turned_down_never_lends(
    sales: Actor, finance: Actor, sold: Catalog, acme: Account, decide: str, state: LoanState
) -> None:
    loan = lend(terms=terms(account=acme, plan=sold.team, through_on=date(2026, 9, 30)), by=sales, at=AT)
    by = sales if decide == "withdraw" else finance
    getattr(approvals, decide)(approval=Approval.objects.get(kind="loan"), by=by, at=AT)
    loan.refresh_from_db()
    assert (loan.state, loan.items.count()) == (state, 0)


def test_what_waited_past_its_last_day_is_not_approved(sales: Actor, sold: Catalog, acme: Account) -> None:
    lend(terms=terms(account=acme, plan=sold.team, through_on=date(2026, 6, 30)), by=sales, at=AT)
    with pytest.raises(Refusal, match="has passed while it waited"):
        approvals.approve(approval=Approval.objects.get(kind="loan"), by=actor("finance"), at=AT + 200 * DAY)


def refused(sold: Catalog, acme: Account, by: Actor = SYSTEM, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as found:
        lend(terms=terms(**({"account": acme, "plan": sold.team} | more)), by=by, at=AT)
    assert not Loan.objects.exists()
    return found.value


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"reason": ""}, "reason"),
        ({"through_on": date(2026, 3, 1)}, "through_on"),
        ({"through_on": date(3026, 3, 1)}, "through_on"),
        ({"quantity": 0}, "quantity"),
        ({"plan": None}, "what"),
        ({"account": None}, "account"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(
    sold: Catalog, acme: Account, more: dict[str, Any], field: str
) -> None:
    assert refused(sold, acme, **more).field == field


def test_a_feature_can_only_be_lent_as_an_override_could_be(sold: Catalog, acme: Account) -> None:
    feature = {"plan": None, "feature": sold.storage}
    assert refused(sold, acme, **feature).field == "mode"
    assert refused(sold, acme, **feature, mode=Mode.ADD).field == "value"
    assert refused(sold, acme, **feature, mode=Mode.ADD, value="pro").field == "value"


def test_nothing_is_lent_where_it_could_give_nothing(sold: Catalog, acme: Account) -> None:
    assert "has no running subscription" in str(refused(sold, acme, account=account("new")))
    pause(subscription=acme.subscriptions.get(), by=SYSTEM, at=AT)
    assert "has only a paused subscription" in str(refused(sold, acme))
    AccountStandingFactory(account=acme, standing=Standing.CLOSED, starts_at=AT)
    assert "is closed" in str(refused(sold, acme))


def test_a_reason_is_chosen_as_soon_as_there_is_one(sold: Catalog, acme: Account, sales: Actor) -> None:
    beta = ReasonCodeFactory()
    assert refused(sold, acme, by=sales).field == "reason_code"
    assert lend(terms=terms(account=acme, plan=sold.team, reason_code=beta), by=sales, at=AT).reason_code == beta


def test_a_retired_reason_lends_nothing(sold: Catalog, acme: Account, sales: Actor) -> None:
    gone = ReasonCodeFactory(name="Fair", retired_at=AT)
    with pytest.raises(Invalid, match="Fair is no longer used"):
        lend(terms=terms(account=acme, plan=sold.team, reason_code=gone), by=sales, at=AT)
    assert not Loan.objects.exists()


def test_the_desk_itself_needs_no_reason(sold: Catalog, acme: Account) -> None:
    ReasonCodeFactory()
    assert lend(terms=terms(account=acme, plan=sold.team), by=SYSTEM, at=AT).reason_code is None


def test_only_who_may_grant_may_lend(sold: Catalog, acme: Account) -> None:
    assert isinstance(refused(sold, acme, by=actor("finance")), NotAllowed)
    assert isinstance(refused(sold, acme, by=actor("support")), NotAllowed)


def test_pressed_twice_it_is_lent_once(sales: Actor, sold: Catalog, acme: Account) -> None:
    seen = loan_ids(account=acme)
    lend(terms=terms(account=acme, plan=sold.team), by=sales, at=AT, seen=seen)
    with pytest.raises(Stale):
        lend(terms=terms(account=acme, plan=sold.team), by=sales, at=AT, seen=seen)


def test_the_same_is_not_asked_for_twice(sales: Actor, sold: Catalog, acme: Account) -> None:
    asked = terms(account=acme, plan=sold.team, through_on=date(2026, 6, 30))
    lend(terms=asked, by=sales, at=AT)
    with pytest.raises(Refusal, match="waits for approval already"):
        lend(terms=asked, by=sales, at=AT)


def test_recalled_it_ends_that_second(sales: Actor, sold: Catalog, acme: Account) -> None:
    loan = lent(sold.team, account=acme)
    row = recall(loan=loan, reason="The beta is over", by=sales, at=AT + DAY)
    assert place_of(row, at=AT + DAY) is LoanPlace.RECALLED
    assert [value(acme, "storage", AT + DAY - MOMENT), value(acme, "storage", AT + DAY)] == [100 * GB, 1 * GB]
    change = EntitlementChange.objects.get(account=acme, feature_key="storage", effective_at=AT + DAY)
    assert (change.before, change.after) == ("100 GB", "1 GB")


def test_recalled_before_it_began_it_never_was(sales: Actor, sold: Catalog, acme: Account) -> None:
    for what in ({"plan": sold.team}, {"feature": sold.sso}):
        loan = lent(account=acme, starts_at=AT + 5 * DAY, **what)
        recall(loan=loan, reason="Not yet", by=sales, at=AT + DAY)
    assert (value(acme, "seats", AT + 6 * DAY), value(acme, "sso", AT + 6 * DAY)) == (2, None)


def test_what_was_believed_before_the_recall_is_still_told(sales: Actor, sold: Catalog, acme: Account) -> None:
    recall(loan=lent(feature=sold.sso, account=acme), reason="Over", by=sales, at=AT + DAY)
    assert value(acme, "sso", AT + 2 * DAY, known_at=AT + DAY - MOMENT) is True
    assert value(acme, "sso", AT + 2 * DAY) is None


def test_to_recall_what_holds_down_is_a_concession(sales: Actor, finance: Actor, sold: Catalog, acme: Account) -> None:
    """Someone approved the cap, so sales can't lift it alone."""
    subscribed(acme, sold.team)
    loan = lent(account=acme, feature=sold.seats, mode=Mode.AT_MOST, value=Decimal(3))
    with pytest.raises(NotAllowed, match="gives customers something back"):
        recall(loan=loan, reason="Lift it", by=sales, at=AT + DAY)
    recall(loan=loan, reason="Lift it", by=finance, at=AT + DAY)
    assert value(acme, "seats", AT + DAY) == 10


def test_recall_says_why_there_is_nothing_to_take_back(sales: Actor, sold: Catalog, acme: Account) -> None:
    loan = lent(sold.team, account=acme)
    on = {"loan": loan, "by": sales, "at": AT + DAY}
    with pytest.raises(Invalid, match="Say why"):
        recall(reason=" ", **on)
    with pytest.raises(Stale, match="Look again"):
        recall(reason="Over", seen="another", **on)
    recall(reason="Over", seen=token_of(loan), **on)
    with pytest.raises(Stale, match="Sales Person has recalled it already"):
        recall(reason="Over", **on)
    with pytest.raises(Refusal, match="ended by itself"):
        recall(**on | {"loan": lent(sold.team, account=acme, at=AT + 2 * DAY), "at": END}, reason="Over")


def test_a_part_may_be_revoked_alone_and_the_recall_goes_round_it(sales: Actor, sold: Catalog, acme: Account) -> None:
    loan = lent(feature=sold.sso, account=acme)
    revoke(override=loan.overrides.get(), reason="Not them", by=sales, at=AT + DAY)
    recall(loan=loan, reason="Over", by=sales, at=AT + 2 * DAY)
    assert loan.overrides.get().revoked_at == AT + DAY
    assert loan.through_on == THROUGH
