"""How contracts end: by notice with a term, or early; and what is in one changes with it only."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from entitlements.actions.bundles import sell_bundle
from entitlements.actions.contract_endings import end_early, give_notice, take_notice_back
from entitlements.actions.items import change_quantity
from entitlements.actions.lifecycle import cancel, fail_payment, pause, restore, resume
from entitlements.actions.override_changes import edit, renew
from entitlements.actions.overrides import revoke
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.subscriptions import add_item, end
from entitlements.domain.timing import Timing
from entitlements.models import Contract, Override, SubscriptionItem
from entitlements.models.contract import Renewal
from entitlements.queries.contracts.ending import EndKnown
from entitlements.queries.contracts.guard import UnderContract
from entitlements.queries.contracts.ready import ContractOver
from entitlements.queries.contracts.token import contract_token
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from tests.conftest import actor
from tests.entitlements.contracts import amended, drafted, promising, selling, signed
from tests.entitlements.shop import shop_in
from tests.entitlements.world import AT, DAY, Catalog, account, catalog, value

pytestmark = pytest.mark.django_db
END = datetime(2027, 3, 1, 23, tzinfo=UTC)
NEXT = datetime(2028, 3, 1, 23, tzinfo=UTC)
FIXED = {"renewal": Renewal.ENDS, "renewal_months": None}


def in_force(world: Catalog | None = None, **terms: Any) -> Contract:
    """Team and 25 seats, renewing every year on 2 March."""
    world = world or catalog()
    version = drafted(account(), **terms)
    selling(version, world.team)
    promising(version, world.seats, Decimal(25))
    return signed(version).contract


def noticed(contract: Contract, *, at: datetime = AT, **more: Any) -> Contract:
    return give_notice(contract=contract, said_by="Bea Buyer", by=actor("sales"), at=at, **more)


def test_nobody_has_to_do_anything_for_a_contract_to_renew() -> None:
    contract = in_force()
    assert value(contract.account, "seats", NEXT + 700 * DAY) == 25


def test_notice_ends_everything_with_the_running_term() -> None:
    contract = noticed(in_force())
    assert (contract.ends_at, contract.notice_by) == (END, "Bea Buyer")
    assert contract.subscription is not None
    assert contract.subscription.ends_at == Override.objects.get().ends_at == END
    assert [value(contract.account, "seats", at) for at in (END - DAY, END)] == [25, None]


def test_given_too_late_it_ends_the_term_after() -> None:
    assert noticed(in_force(), at=END - 29 * DAY).ends_at == NEXT


def test_notice_taken_back_lets_everything_go_on() -> None:
    contract = in_force()
    before = [list(rows.order_by("pk").values()) for rows in (SubscriptionItem.objects, Override.objects)]
    contract = take_notice_back(contract=noticed(contract), by=actor("sales"), at=END - DAY)
    assert (contract.ends_at, contract.notice_at, contract.notice_by) == (None, None, "")
    assert [list(rows.order_by("pk").values()) for rows in (SubscriptionItem.objects, Override.objects)] == before
    assert value(contract.account, "seats", NEXT) == 25


def test_once_it_has_ended_notice_can_not_be_taken_back() -> None:
    contract = noticed(in_force())
    with pytest.raises(ContractOver):
        take_notice_back(contract=contract, by=SYSTEM, at=END)


def test_what_an_amendment_to_come_promises_comes_back_with_the_notice_taken_back() -> None:
    world = catalog()
    contract = in_force(world)
    version = amended(contract, on=date(2027, 4, 1))
    line = promising(version, world.tier, "smart")
    selling(version, world.free)
    contract = signed(version).contract
    contract = noticed(contract)
    assert Override.objects.get(contract_line=line).window is None
    take_notice_back(contract=contract, by=SYSTEM, at=AT + DAY)
    assert value(contract.account, "tier", datetime(2027, 4, 2, tzinfo=UTC)) == "smart"


def test_a_contract_until_further_notice_ends_so_many_days_after_it() -> None:
    contract = in_force(term_months=None, **FIXED)
    assert contract.ends_at is None
    assert noticed(contract).ends_at == datetime(2026, 4, 1, 22, tzinfo=UTC)


def test_what_ends_by_itself_or_was_given_notice_needs_no_notice() -> None:
    with pytest.raises(EndKnown, match="through 1 March 2027 \\(Amsterdam\\), and then it ends by itself"):
        noticed(in_force(**FIXED))


def test_a_second_notice_changes_nothing() -> None:
    contract = noticed(in_force())
    with pytest.raises(EndKnown, match="Notice was given already"):
        noticed(contract)


def test_somebody_gives_notice() -> None:
    with pytest.raises(Invalid, match="Say who gave notice"):
        give_notice(contract=in_force(), said_by=" ", by=SYSTEM, at=AT)


def test_while_an_amendment_is_drafted_nobody_ends_the_contract() -> None:
    contract = in_force()
    amended(contract)
    with pytest.raises(Refusal, match="Sign or discard it first"):
        noticed(contract)


def test_under_notice_other_lines_may_be_agreed_but_no_other_terms() -> None:
    world = catalog()
    contract = noticed(in_force(world))
    with pytest.raises(Invalid, match="Notice was given"):
        signed(amended(contract, on=date(2026, 4, 1), term_months=24))
    version = contract.versions.latest("number")
    assert version.number == 2


def test_an_early_end_ends_everything_then() -> None:
    contract = in_force()
    early = AT + 10 * DAY
    contract = end_early(contract=contract, ends_at=early, reason="Bankrupt", by=actor("finance"), at=AT)
    assert (contract.ends_at, contract.ended_early_at) == (early, AT)
    assert [value(contract.account, "seats", at) for at in (early - DAY, early)] == [25, None]


def test_what_has_not_begun_never_does() -> None:
    contract = in_force(effective_on=date(2026, 4, 1))
    end_early(contract=contract, ends_at=AT, reason="Signed by mistake", by=SYSTEM, at=AT)
    assert value(contract.account, "seats", datetime(2026, 5, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("ends_at", "reason", "said"),
    [
        (AT - DAY, "Bankrupt", "can't end in the past"),
        (END + DAY, "Bankrupt", "It ends by itself on 2 March 2027"),
        (AT + DAY, " ", "Give a reason"),
    ],
)
def test_an_early_end_that_makes_no_sense_is_refused(ends_at: datetime, reason: str, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        end_early(contract=in_force(**FIXED), ends_at=ends_at, reason=reason, by=SYSTEM, at=AT)


def test_an_early_end_is_not_taken_back() -> None:
    contract = end_early(contract=in_force(), ends_at=AT + DAY, reason="Bankrupt", by=SYSTEM, at=AT)
    with pytest.raises(Refusal, match="can't be taken back"):
        take_notice_back(contract=contract, by=SYSTEM, at=AT)


def test_nothing_to_take_back_where_nobody_gave_notice() -> None:
    with pytest.raises(Refusal, match="Nobody has given notice"):
        take_notice_back(contract=in_force(), by=SYSTEM, at=AT)


def test_a_draft_is_discarded_and_not_ended() -> None:
    with pytest.raises(Refusal, match="was never signed"):
        noticed(drafted(account()).contract)


def test_support_may_not_give_notice_and_a_stale_form_neither() -> None:
    contract = in_force()
    with pytest.raises(NotAllowed):
        give_notice(contract=contract, said_by="Bea", by=actor("support"), at=AT)
    seen = contract_token(contract)
    noticed(contract)
    with pytest.raises(Stale):
        end_early(contract=contract, ends_at=AT, reason="Bankrupt", by=SYSTEM, at=AT, seen=seen)


def test_what_a_contract_holds_changes_with_the_contract_only() -> None:
    world = catalog()
    contract, offered = in_force(world), shop_in(world)
    held, item = contract.subscription, SubscriptionItem.objects.get()
    assert held is not None
    of_it: dict[str, Any] = {"by": SYSTEM, "at": AT + DAY}
    for change in (
        lambda: change_quantity(item=item, quantity=2, **of_it),
        lambda: change_plan(subscription=held, plan=world.free, **of_it),
        lambda: add_item(subscription=held, plan=offered.ipv4, **of_it),
        lambda: sell_bundle(subscription=held, bundle=offered.bundle, add_ons=offered.parts[:3], **of_it),
        lambda: cancel(subscription=held, timing=Timing.NOW, reason="", **of_it),
        lambda: end(subscription=held, ends_at=AT + DAY, reason="", **of_it),
        lambda: revoke(override=Override.objects.get(), reason="", **of_it),
    ):
        with pytest.raises(UnderContract, match=f"in contract {contract.key}: amend the contract"):
            change()


def test_payments_and_pauses_befall_it_like_any_other() -> None:
    contract = in_force()
    held = contract.subscription
    assert held is not None
    fail_payment(subscription=held, by=SYSTEM, at=AT + DAY)
    restore(subscription=held, by=SYSTEM, at=AT + 2 * DAY)
    pause(subscription=held, by=SYSTEM, at=AT + 3 * DAY)
    assert value(contract.account, "seats", AT + 3 * DAY) is None
    resume(subscription=held, by=SYSTEM, at=AT + 4 * DAY)
    assert value(contract.account, "seats", AT + 4 * DAY) == 25


def test_an_override_of_a_contract_is_neither_edited_nor_renewed() -> None:
    in_force()
    told: dict[str, Any] = {"override": Override.objects.get(), "by": SYSTEM, "at": AT, "reason": "More"}
    with pytest.raises(UnderContract):
        edit(value=Decimal(30), **told)
    with pytest.raises(UnderContract):
        renew(through_on=date(2028, 1, 1), **told)
