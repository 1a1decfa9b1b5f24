"""Whose task an end is, and what becomes of it."""

from datetime import date

import pytest

from entitlements.actions.contract_drafts import discard, set_terms
from entitlements.actions.contract_signing import sign
from entitlements.actions.credits.grants import void
from entitlements.actions.renewals.deciding import (
    PERMISSION,
    AlreadyDecided,
    assign,
    assign_each,
    let_each_end,
    let_end,
    making_of,
    mark_renewed,
    renew,
    take_up_again,
)
from entitlements.actions.renewals.making import offer_contract
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.actions.subscriptions import end
from entitlements.domain.renewing import BY_TERMS
from entitlements.models import Contract, CreditGrant, Licence, Renewal
from entitlements.models.contract import Renewal as ByItself
from entitlements.queries.renewals.one import join_of, say_join, token_of
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.conftest import actor
from tests.entitlements.contracts import amended, signed
from tests.entitlements.ending import contract, credits, customer, ending, maintained, owner, renewing, task
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
MAY = (date(2026, 5, 1), date(2026, 6, 30))


@pytest.fixture
def sales() -> Actor:
    return actor("sales")


def swept() -> Renewal:
    sweep_renewals(at=AT)
    return task()


def made(row: Renewal, by: Actor, **told: object) -> Renewal:
    making = making_of(row)
    assert making is not None
    offer = making.offer(row.subject_key, AT)
    days = {"starts_on": offer.starts_on, "through_on": offer.through_on} | told
    return renew(renewal=row, reason="They go on", by=by, at=AT, **days)  # type: ignore[arg-type]


def test_a_task_goes_to_somebody_else_and_to_nobody(sales: Actor) -> None:
    ending(customer())
    bob = owner("bob")
    assert assign(renewal=swept(), owner=bob, by=sales, at=AT).owner == bob
    assert sweep_renewals(at=AT) == 0
    assert assign(renewal=task(), owner=None, by=sales, at=AT).owner is None
    assert [one.verb for one in AuditEvent.objects.filter(verb="renewal:assign")] == ["renewal:assign"] * 2


def test_nobody_who_left_gets_a_task(sales: Actor) -> None:
    ending(customer())
    with pytest.raises(Invalid, match="doesn’t work here") as refused:
        assign(renewal=swept(), owner=owner("bob", is_active=False), by=sales, at=AT)
    assert refused.value.field == "owner"


def test_it_is_let_end_for_a_reason(sales: Actor) -> None:
    ending(customer())
    with pytest.raises(Invalid, match="why it ends"):
        let_end(renewal=swept(), reason=" ", by=sales, at=AT)
    row = let_end(renewal=task(), reason="They leave", by=sales, at=AT)
    assert (row.state, row.decided_by, row.reason) == ("let_end", sales.name, "They leave")
    with pytest.raises(AlreadyDecided, match="has decided it already"):
        let_end(renewal=task(), reason="Again", by=sales, at=AT)


def test_only_who_may_decide_decides() -> None:
    ending(customer())
    row = swept()
    for act in (let_end, take_up_again):
        with pytest.raises(NotAllowed):
            act(renewal=row, reason="So", by=actor("support"), at=AT)
    with pytest.raises(NotAllowed):
        assign_each(seen={row.pk: token_of(row)}, owner=None, by=actor("auditor"), at=AT)


def test_what_was_agreed_elsewhere_is_recorded_with_the_gap_it_leaves(sales: Actor) -> None:
    ending(customer())
    row = swept()
    row = mark_renewed(
        renewal=row, what="Order 7", starts_at=row.ends_at + 12 * DAY, link="https://crm.example/7", by=sales, at=AT
    )
    joined = join_of(task())
    assert row.state == "renewed"
    assert joined is not None
    assert say_join(joined).startswith("A gap of 13 days: from 11 April 2026 through 23 April 2026")
    assert sweep_renewals(at=AT) == 0


def test_the_next_contract_is_drafted_from_the_day_after_with_the_same_terms_and_lines(sales: Actor) -> None:
    old = contract(customer())
    row = made(swept(), sales)
    new = Contract.objects.exclude(pk=old.pk).get()
    version = new.versions.get()
    assert (row.state, row.successor_key) == ("open", str(new.pk))
    assert (version.effective_on, version.term_months, version.state) == (date(2026, 6, 2), 3, "draft")
    assert [(line.plan.key, line.quantity) for line in version.lines.all() if line.plan] == [("team", 2)]
    joined = join_of(task())
    assert joined is not None
    assert joined.is_seamless


def test_the_task_is_decided_once_the_draft_is_signed(sales: Actor) -> None:
    old = contract(customer())
    row = made(swept(), sales)
    sweep_renewals(at=AT)
    assert task().state == "open"
    version = Contract.objects.exclude(pk=old.pk).get().versions.get()
    sign(version=version, by=SYSTEM, at=AT + DAY)
    assert sweep_renewals(at=AT + DAY) == 1
    row = task(pk=row.pk)
    assert (row.state, row.decided_by) == ("renewed", BY_TERMS)
    assert row.reason.endswith("goes on in its place.")
    assert sweep_renewals(at=AT + DAY) == 0


def test_the_task_is_open_again_once_the_draft_is_discarded(sales: Actor) -> None:
    old = contract(customer())
    made(swept(), sales)
    discard(version=Contract.objects.exclude(pk=old.pk).get().versions.get(), by=SYSTEM, at=AT)
    sweep_renewals(at=AT)
    assert (task().state, task().successor_label) == ("open", "")


def test_maintenance_is_extended(sales: Actor) -> None:
    maintained(customer())
    row = made(swept(), sales)
    licence = Licence.objects.get()
    assert licence.maintenance_until == date(2027, 5, 31)
    assert (row.state, row.successor_label.endswith("through 31 May 2027")) == ("renewed", True)
    assert sweep_renewals(at=AT) == 0
    assert Renewal.objects.count() == 1


def test_maintenance_is_not_extended_backwards(sales: Actor) -> None:
    maintained(customer())
    with pytest.raises(Invalid, match="later last day") as refused:
        made(swept(), sales, through_on=date(2026, 5, 1))
    assert refused.value.field == "through_on"


def test_credits_are_granted_again_from_the_moment_they_expire(sales: Actor) -> None:
    old = credits(customer())
    made(swept(), sales)
    new = CreditGrant.objects.exclude(pk=old.pk).get()
    assert (new.amount, new.effective_at, new.source) == (10, old.expires_at, old.source)
    assert new.through_on == date(2026, 6, 29)
    assert task(subject_key=str(old.pk)).state == "renewed"


def test_what_should_go_on_and_is_voided_opens_the_task_again(sales: Actor) -> None:
    old = credits(customer())
    made(swept(), sales)
    void(grant=CreditGrant.objects.exclude(pk=old.pk).get(), reason="Unpaid", by=SYSTEM, at=AT)
    sweep_renewals(at=AT)
    assert task(subject_key=str(old.pk)).state == "open"


def test_making_wants_the_permission_of_what_is_made() -> None:
    maintained(customer())
    row = swept()
    decides = Actor(ActorKind.STAFF, "staff:7", "Dee", permissions=frozenset({PERMISSION}))
    with pytest.raises(NotAllowed):
        made(row, decides)


def test_a_subscription_is_nothing_the_desk_can_make(sales: Actor) -> None:
    ending(customer())
    with pytest.raises(Refusal, match="Record it as renewed"):
        renew(renewal=swept(), starts_on=MAY[0], through_on=MAY[1], reason="", by=sales, at=AT)


def test_a_decision_is_taken_back_for_a_reason(sales: Actor) -> None:
    ending(customer())
    let_end(renewal=swept(), reason="They leave", by=sales, at=AT)
    with pytest.raises(Invalid, match="Say why"):
        take_up_again(renewal=task(), reason="", by=sales, at=AT)
    row = take_up_again(renewal=task(), reason="They stay", by=sales, at=AT)
    assert (row.state, row.reason, row.decided_at) == ("open", "", None)
    assert AuditEvent.objects.get(verb="renewal:reopen").reason == "They stay"


def test_what_terms_decide_no_person_decides(sales: Actor) -> None:
    renewing(customer())
    row = swept()
    with pytest.raises(AlreadyDecided, match="renews by itself"):
        let_end(renewal=row, reason="So", by=sales, at=AT)
    with pytest.raises(Refusal, match="own terms"):
        take_up_again(renewal=row, reason="So", by=sales, at=AT)


def test_an_end_that_moved_a_moment_ago_is_not_decided_by_a_form_that_shows_the_old_one(sales: Actor) -> None:
    thing = ending(customer())
    row = swept()
    end(subscription=thing, ends_at=AT + 90 * DAY, reason="", by=SYSTEM, at=AT)
    with pytest.raises(Stale, match="now"):
        let_end(renewal=row, reason="So", by=sales, at=AT)


def test_a_form_that_was_opened_before_somebody_else_decided_is_refused(sales: Actor) -> None:
    ending(customer())
    seen = token_of(swept())
    assign(renewal=task(), owner=None, by=sales, at=AT)
    with pytest.raises(Stale):
        let_end(renewal=task(), reason="So", by=sales, at=AT, seen=seen)


def test_several_are_decided_each_by_itself_and_what_is_refused_says_why(sales: Actor) -> None:
    for key in ("one", "two"):
        ending(customer(key))
    sweep_renewals(at=AT)
    first, second = Renewal.objects.order_by("pk")
    seen = {first.pk: token_of(first), second.pk: token_of(second)}
    let_end(renewal=first, reason="Before", by=sales, at=AT)
    refused, done = sorted(
        let_each_end(seen=seen, reason="All of them", by=sales, at=AT), key=lambda one: not one.refused
    )
    assert refused.renewal == first
    assert refused.refused.startswith("Someone else changed this")
    assert (done.renewal.state, done.refused) == ("let_end", "")


def test_too_many_at_once_are_refused(sales: Actor) -> None:
    with pytest.raises(Refusal, match="At most 200"):
        assign_each(seen=dict.fromkeys(range(201), ""), owner=None, by=sales, at=AT)


def test_what_goes_on_is_drafted_once_however_often_it_is_asked(sales: Actor) -> None:
    contract(customer())
    row = made(swept(), sales)
    with pytest.raises(AlreadyDecided, match="is drafted already"):
        made(row, sales)
    assert Contract.objects.count() == 2


def test_a_successor_that_is_agreed_for_a_later_day_leaves_the_gap_it_leaves(sales: Actor) -> None:
    old = contract(customer())
    made(swept(), sales)
    new = Contract.objects.exclude(pk=old.pk).get().versions.get()
    later = {"term_months": 3, "renewal": ByItself.ENDS, "renewal_months": None, "notice_days": 0, "reason": "Later"}
    set_terms(version=new, effective_on=date(2026, 6, 12), **later, reason_code=None, by=SYSTEM, at=AT)
    sign(version=new, by=SYSTEM, at=AT)
    sweep_renewals(at=AT)
    joined = join_of(task(subject_key=str(old.pk)))
    assert joined is not None
    assert say_join(joined) == "A gap of 10 days: from 2 June 2026 through 11 June 2026 nothing holds."


def test_what_renews_by_itself_since_a_moment_ago_is_not_renewed_by_hand(sales: Actor) -> None:
    agreed = contract(customer())
    row = swept()
    version = amended(agreed, at=AT)
    goes_on = {"term_months": 3, "renewal": ByItself.RENEWS, "renewal_months": 3, "notice_days": 0, "reason": "Goes on"}
    set_terms(version=version, effective_on=None, **goes_on, reason_code=None, by=SYSTEM, at=AT)
    signed(version)
    with pytest.raises(Refusal, match="goes on by itself now"):
        offer_contract(row.subject_key, AT)
    with pytest.raises(Stale, match="renews by itself now"):
        renew(renewal=row, starts_on=MAY[0], through_on=None, reason="", by=sales, at=AT)
    assert Contract.objects.count() == 1
