from datetime import timedelta

import pytest

from journal import approvals as registry
from journal.actions import approvals
from journal.actions.approval_mail import remind
from journal.domain.refusal import NotAllowed, Stale
from journal.models import Notice, Outbound, Staff
from tests.journal.factories import EPOCH, StaffFactory

DECIDE = "journal.manage_staff"
HOUR = timedelta(hours=1)

registry.register("mail_test", registry.ApprovalHandler(DECIDE, approve=lambda approval, by, at: None))


@pytest.fixture
def ada(db):
    """She asks, and may decide what others ask."""
    return StaffFactory(username="ada", permissions=[DECIDE])


@pytest.fixture
def bob(db):
    return StaffFactory(username="bob", permissions=[DECIDE])


def asked(by, **more):
    return approvals.request(
        kind="mail_test", subject=by, summary="Lend 20 GB.\nUntil March.", reason="They asked", at=EPOCH,
        by=by.as_actor(), **more,
    )  # fmt: skip


def told(kind="approval_asked"):
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient", flat=True))


def test_everybody_who_may_decide_is_told_but_not_the_one_who_asked(ada, bob):
    StaffFactory(username="eve")
    StaffFactory(username="left", permissions=[DECIDE], is_active=False)
    request = asked(ada)
    assert told() == ["bob@example.com"]
    notice = Notice.objects.get()
    assert notice.subject == "Waits for you: Lend 20 GB"
    for words in ("Until March.", "They asked", f"/journal/approval/{request.pk}/change/"):
        assert words in notice.body
    assert Outbound.objects.get().destination == "bob@example.com"


def test_the_subject_is_the_first_sentence_and_no_longer_than_a_line(ada, bob):
    long = "Acme: " + "lend " * 40
    for summary in ("Acme: Lend 20 GB. Beyond what sales may concede alone.", long):
        approvals.request(kind="mail_test", subject=ada, summary=summary, by=ada.as_actor(), at=EPOCH)
    first, second = Notice.objects.order_by("pk").values_list("subject", flat=True)
    assert first == "Waits for you: Acme: Lend 20 GB"
    assert len(second) < 130


def test_only_the_role_that_has_to_decide_is_told(ada, bob):
    StaffFactory(username="fin", permissions=[DECIDE], roles=["finance"])
    StaffFactory(username="dana", roles=["finance"])  # of the role, but may not decide
    asked(ada, approver_role="finance")
    assert told() == ["fin@example.com"]


def test_the_one_who_asked_is_told_the_decision(ada, bob):
    approvals.reject(approval=asked(ada), by=bob.as_actor(), at=EPOCH, note="Too long")
    assert told("approval_decided") == ["ada@example.com"]
    notice = Notice.objects.get(kind="approval_decided")
    assert notice.subject == "Rejected: Lend 20 GB"
    assert "Too long" in notice.body
    assert "Nothing has changed." in notice.body


def test_nobody_is_told_of_their_own_withdrawal(ada, bob):
    approvals.withdraw(approval=asked(ada), by=ada.as_actor(), at=EPOCH)
    assert told("approval_decided") == []


def test_who_has_no_address_is_left_out(ada, bob):
    Staff.objects.update(email="")
    approvals.approve(approval=asked(ada), by=bob.as_actor(), at=EPOCH)
    assert Notice.objects.count() == 0


def test_a_decision_that_comes_second_tells_nothing(ada, bob):
    request = asked(ada)
    approvals.approve(approval=request, by=bob.as_actor(), at=EPOCH)
    with pytest.raises(Stale):
        approvals.reject(approval=request, by=bob.as_actor(), at=EPOCH)
    assert len(told("approval_decided")) == 1


@pytest.mark.parametrize("decide", [approvals.approve, approvals.reject])
def test_nobody_of_another_role_decides(ada, bob, decide):
    with pytest.raises(NotAllowed, match="Finance has to decide"):
        decide(approval=asked(ada, approver_role="finance"), by=bob.as_actor(), at=EPOCH)


def test_what_waits_for_two_working_days_is_told_once_more(ada, bob):
    """It was asked on Thursday 1 January 2026, so Monday 5 January is the second working day after."""
    asked(ada)
    assert remind(at=EPOCH + timedelta(days=4) - HOUR) == 0
    for hours in (0, 1, 30):
        assert remind(at=EPOCH + timedelta(days=4, hours=hours)) == 1
    assert told("approval_reminded") == ["bob@example.com"]


def test_what_was_decided_is_no_more_reminded_of(ada, bob):
    approvals.approve(approval=asked(ada), by=bob.as_actor(), at=EPOCH)
    assert remind(at=EPOCH + timedelta(days=9)) == 0
