from dataclasses import replace
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from journal import approvals as registry
from journal.actions import approvals
from journal.actions.api_keys import issue
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from journal.queries.approvals import deciders_of, may_decide, waiting_for
from tests.journal.factories import EPOCH, ApprovalFactory, StaffFactory, person
from tests.journal.side_by_side import at_once

PERMISSION = "things.approve"
ADA, BOB, EVE = person("Ada", PERMISSION), person("Bob", PERMISSION), person("Eve")
carried_out: list[str] = []


def approve_thing(*, approval, by, at):
    if approval.payload.get("impossible"):
        raise Refusal("The last day has passed.")
    carried_out.append(f"approved by {by.name}")


def reject_thing(*, approval, by, at):
    carried_out.append(f"{approval.state} by {by.name}")


registry.register("test", registry.ApprovalHandler(PERMISSION, approve=approve_thing, reject=reject_thing))


@pytest.fixture(autouse=True)
def nothing_done_yet():
    carried_out.clear()


@pytest.fixture
def asked(db):
    return approvals.request(
        kind="test", subject=StaffFactory(), summary="Lend it.", reason="They asked", by=ADA, at=EPOCH
    )


def test_what_one_asks_another_approves(asked):
    approvals.approve(approval=asked, by=BOB, at=EPOCH, note="Fine")
    assert carried_out == ["approved by Bob"]
    assert (asked.state, asked.decided_by_name, asked.decided_at, asked.note) == ("approved", "Bob", EPOCH, "Fine")
    assert [event.verb for event in AuditEvent.objects.order_by("seq")] == ["approval:request", "approval:approve"]


def test_nobody_approves_what_they_asked_for(asked):
    with pytest.raises(NotAllowed, match="someone else has to approve it"):
        approvals.approve(approval=asked, by=ADA, at=EPOCH)
    assert carried_out == []


def test_what_a_program_asks_is_not_approved_by_who_issued_its_key(db):
    """Whoever issued a key may hold it: asking by it is asking oneself."""
    holder = StaffFactory(permissions=["journal.issue_api_key", "journal.manage_staff"])
    registry.register("by_program", registry.ApprovalHandler("journal.manage_staff", approve=approve_thing))
    key, _plain = issue(name="Shop", scopes=["x"], expires_at=None, by=holder.as_actor(), at=EPOCH)
    told = {"kind": "by_program", "subject": holder, "summary": "Lend it.", "at": EPOCH}
    asked = approvals.request(by=key.as_actor(), **told)
    other = approvals.request(by=ADA, **told)
    with pytest.raises(NotAllowed, match="a key that you issued"):
        approvals.approve(approval=asked, by=holder.as_actor(), at=EPOCH)
    assert carried_out == []
    assert (deciders_of(asked), deciders_of(other)) == ([], [holder])
    assert list(waiting_for(holder)) == [other]
    assert not may_decide(asked, user=holder, roles=())


def test_what_a_system_asks_in_somebodys_name_somebody_else_approves(db):
    """It waits for everybody but them, and they may still say no."""
    registry.register(
        "by_system", registry.ApprovalHandler("journal.manage_staff", approve=approve_thing, reject=reject_thing)
    )
    seller, other = (StaffFactory(permissions=["journal.manage_staff"]) for _ in range(2))
    crm = replace(person("Crm"), asks_for=seller.as_actor())
    told = {"kind": "by_system", "subject": seller, "summary": "Lend it.", "by": crm, "at": EPOCH}
    asked, again = approvals.request(**told), approvals.request(**told)
    assert (asked.requested_for_key, asked.asked_by) == (f"staff:{seller.pk}", f"Crm for {seller.name()}")
    with pytest.raises(NotAllowed, match="Crm asked for this in your name"):
        approvals.approve(approval=asked, by=seller.as_actor(), at=EPOCH)
    assert deciders_of(asked) == [other]
    assert (list(waiting_for(seller)), list(waiting_for(other))) == ([], [asked, again])
    assert [may_decide(asked, user=one, roles=()) for one in (seller, other)] == [False, True]
    approvals.approve(approval=asked, by=other.as_actor(), at=EPOCH)
    approvals.reject(approval=again, by=seller.as_actor(), at=EPOCH)
    assert carried_out == [f"approved by {other.name()}", f"rejected by {seller.name()}"]


def test_for_whom_it_was_asked_is_said_once_and_by_who_asked(asked):
    with pytest.raises(NotAllowed, match="Only the one who asked"):
        approvals.ask_for(approval=asked, person=EVE, by=BOB, at=EPOCH)
    approvals.ask_for(approval=asked, person=BOB, by=ADA, at=EPOCH)
    approvals.ask_for(approval=asked, person=EVE, by=ADA, at=EPOCH)
    assert (asked.requested_for_key, asked.requested_for_name) == (BOB.key, "Bob")
    assert [event.verb for event in AuditEvent.objects.order_by("seq")] == [
        "approval:request",
        "approval:name_person_asked_for",
    ]
    with pytest.raises(NotAllowed, match="Ada asked for this in your name"):
        approvals.approve(approval=asked, by=BOB, at=EPOCH)


def test_what_was_decided_is_asked_for_nobody_any_more(asked):
    approvals.approve(approval=asked, by=BOB, at=EPOCH)
    approvals.ask_for(approval=asked, person=BOB, by=ADA, at=EPOCH)
    assert Approval.objects.get().requested_for_key == ""


def test_the_database_itself_refuses_an_approval_by_whom_it_is_for(db):
    decided = {"state": "approved", "decided_at": EPOCH, "decided_by_key": "staff:7", "decided_by_name": "Sal"}
    with pytest.raises(IntegrityError, match="journal_approval_not_by_whom_it_is_for"), transaction.atomic():
        ApprovalFactory(**decided, requested_for_key="staff:7", requested_for_name="Sal")


def test_the_database_itself_refuses_an_approval_of_ones_own(db):
    decided = {"state": "approved", "decided_at": EPOCH, "decided_by_key": "staff:Ada", "decided_by_name": "Ada"}
    with pytest.raises(IntegrityError, match="journal_approval_by_someone_else"), transaction.atomic():
        ApprovalFactory(**decided)


@pytest.mark.parametrize("half", [{"decided_at": EPOCH}, {"decided_by_key": "k"}, {"state": "rejected"}])
def test_a_decision_is_written_whole_or_not_at_all(db, half):
    with pytest.raises(IntegrityError, match="journal_approval_decided_together"), transaction.atomic():
        ApprovalFactory(**half)


@pytest.mark.parametrize("decide", [approvals.approve, approvals.reject])
def test_deciding_needs_the_permission_of_its_kind(asked, decide):
    with pytest.raises(NotAllowed, match="Eve may not approve"):
        decide(approval=asked, by=EVE, at=EPOCH)


def test_a_rejection_is_carried_out_too(asked):
    approvals.reject(approval=asked, by=BOB, at=EPOCH, note="Too long")
    assert carried_out == ["rejected by Bob"]
    assert AuditEvent.objects.get(verb="approval:reject").reason == "Too long"


def test_only_the_one_who_asked_withdraws(asked):
    with pytest.raises(NotAllowed, match="Only the one who asked"):
        approvals.withdraw(approval=asked, by=BOB, at=EPOCH)
    approvals.withdraw(approval=asked, by=ADA, at=EPOCH)
    assert carried_out == ["withdrawn by Ada"]


def test_a_request_is_decided_once(asked):
    approvals.reject(approval=asked, by=BOB, at=EPOCH)
    with pytest.raises(Stale, match="Bob has decided it already"):
        approvals.approve(approval=asked, by=BOB, at=EPOCH)


def test_an_approval_that_cannot_take_effect_is_not_given(asked):
    Approval.objects.update(payload={"impossible": True})
    asked.refresh_from_db()
    with pytest.raises(Refusal, match="last day has passed"):
        approvals.approve(approval=asked, by=BOB, at=EPOCH)
    assert Approval.objects.get().state == "pending"


def test_a_kind_nobody_could_decide_is_not_asked_for(db):
    with pytest.raises(LookupError, match="No approval kind 'unknown' is registered"):
        approvals.request(kind="unknown", subject=StaffFactory(), summary="?", by=ADA, at=EPOCH)


def test_a_kind_is_registered_once():
    with pytest.raises(ValueError, match="registered already"):
        registry.register("test", registry.ApprovalHandler("other.permission", approve=approve_thing))
    assert PERMISSION in registry.permissions()


@pytest.mark.django_db(transaction=True)
def test_of_several_who_approve_at_once_exactly_one_does():
    approval = approvals.request(kind="test", subject=StaffFactory(), summary="Lend it.", by=ADA, at=EPOCH)
    hands = [person(f"Hand {number}", PERMISSION) for number in range(4)]
    outcomes = at_once(
        *(
            partial(approvals.approve, approval=Approval.objects.get(pk=approval.pk), by=hand, at=EPOCH)
            for hand in hands
        )
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Approval", "Stale", "Stale", "Stale"]
    assert len(carried_out) == 1
