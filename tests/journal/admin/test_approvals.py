import pytest

from journal import approvals as registry
from journal.models import Approval, Staff
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import ApprovalFactory

VIEW, DECIDE = "journal.view_approval", "journal.manage_staff"
done: list[str] = []

registry.register(
    "admin_test", registry.ApprovalHandler(DECIDE, approve=lambda approval, by, at: done.append(approval.summary))
)


@pytest.fixture(autouse=True)
def nothing_done():
    done.clear()


@pytest.fixture
def asked(db):
    return ApprovalFactory(kind="admin_test", summary="Lend 20 GB until March.", reason="They asked")


def test_what_waits_comes_first(signed_in, asked):
    decided = {"state": "rejected", "decided_at": "2026-02-01T00:00Z", "decided_by_key": "k", "decided_by_name": "Eve"}
    ApprovalFactory(kind="admin_test", requested_at="2026-02-01T00:00Z", **decided)
    page = signed_in(VIEW).get(url("approval_changelist"))
    assert [row.state for row in page.context["cl"].result_list] == ["pending", "rejected"]
    assert "Lend 20 GB until March." in text(page)


def test_a_request_is_approved_after_a_question(signed_in, asked):
    page = signed_in(VIEW, DECIDE)
    shown = text(page.get(url("approval_approve", asked.pk)))
    for words in ("Lend 20 GB until March.", "They asked", "Ada", "Approve this request?"):
        assert words in shown
    assert told(page.post(url("approval_approve", asked.pk), {"note": "Fine"})) == ["The request was approved."]
    asked.refresh_from_db()
    assert (asked.state, asked.note, done) == ("approved", "Fine", ["Lend 20 GB until March."])


def test_after_a_decision_the_next_one_is_announced(signed_in, asked):
    following = ApprovalFactory(kind="admin_test")
    response = signed_in(VIEW, DECIDE).post(url("approval_approve", asked.pk), {"note": ""})
    assert response.url == url("approval_change", following.pk)
    assert told(response) == ["The request was approved. This is the next one that waits for you."]


def test_a_request_is_rejected(signed_in, asked):
    signed_in(VIEW, DECIDE).post(url("approval_reject", asked.pk), {"note": "Too long"})
    assert Approval.objects.get().state == "rejected"


def test_ones_own_request_is_withdrawn_but_not_approved(signed_in, asked):
    page = signed_in(VIEW, DECIDE)
    Approval.objects.update(requested_by_key=f"staff:{Staff.objects.get().pk}")
    shown = text(page.get(url("approval_change", asked.pk)))
    assert url("approval_withdraw", asked.pk) in shown
    assert url("approval_approve", asked.pk) not in shown
    refused = text(page.post(url("approval_approve", asked.pk)))
    assert "someone else has to approve it" in refused
    page.post(url("approval_withdraw", asked.pk))
    assert Approval.objects.get().state == "withdrawn"


def test_what_was_decided_meanwhile_is_told(signed_in, asked):
    page = signed_in(VIEW, DECIDE)
    page.post(url("approval_reject", asked.pk))
    assert "no longer open" in text(page.post(url("approval_approve", asked.pk)))
    assert "Approve" not in [button.words for button in page.get(url("approval_change", asked.pk)).context["buttons"]]


def test_only_who_may_decides(signed_in, asked):
    page = signed_in(VIEW)
    assert url("approval_approve", asked.pk) not in text(page.get(url("approval_change", asked.pk)))
    for name in ("approve", "reject", "withdraw"):
        assert page.post(url(f"approval_{name}", asked.pk)).status_code == 403
    assert page.post(url("approval_change", asked.pk), {"state": "approved"}).status_code == 403
    assert Approval.objects.get().state == "pending"


def test_a_request_that_is_not_there_is_not_found(signed_in):
    assert signed_in(VIEW, DECIDE).get(url("approval_approve", 999)).status_code == 404


def test_the_inbox_shows_first_what_waits_for_the_reader(signed_in, asked):
    ApprovalFactory(kind="admin_test", summary="For finance.", approver_role="finance")
    page = signed_in(VIEW, DECIDE)
    ApprovalFactory(kind="admin_test", summary="My own.", requested_by_key=f"staff:{Staff.objects.get().pk}")
    shown = page.get(url("approval_changelist"))
    assert [row.summary for row in shown.context["cl"].result_list] == ["Lend 20 GB until March."]
    assert "1 request waits for you." in text(shown)
    everything = page.get(url("approval_changelist"), {"whom": "all"})
    assert len(everything.context["cl"].result_list) == 3
    mine = page.get(url("approval_changelist"), {"whom": "mine"})
    assert [row.summary for row in mine.context["cl"].result_list] == ["My own."]


def test_what_a_system_asked_in_the_readers_name_is_theirs_and_not_theirs_to_approve(signed_in, db):
    page = signed_in(VIEW, DECIDE)
    own = {"requested_for_key": f"staff:{Staff.objects.get().pk}", "requested_for_name": "Sal Sales"}
    asked = ApprovalFactory(kind="admin_test", requested_by_name="The CRM", **own)
    mine = page.get(url("approval_changelist"), {"whom": "mine"})
    assert list(mine.context["cl"].result_list) == [asked]
    assert "The CRM for Sal Sales" in text(mine)
    shown = page.get(url("approval_change", asked.pk))
    assert "The CRM for Sal Sales" in text(shown)
    assert [button.words for button in shown.context["buttons"]] == []
    refused = page.post(url("approval_approve", asked.pk), {"note": ""})
    assert "The CRM asked for this in your name" in text(refused)
    assert Approval.objects.get().state == "pending"


def test_an_empty_inbox_says_so(signed_in, db):
    assert "Nothing waits for you." in text(signed_in(VIEW, DECIDE).get(url("approval_changelist")))


def test_a_request_for_another_role_has_no_buttons(signed_in, asked):
    Approval.objects.update(approver_role="finance")
    page = signed_in(VIEW, DECIDE)
    shown = page.get(url("approval_change", asked.pk))
    assert "Finance" in text(shown)
    assert [button.words for button in shown.context["buttons"]] == []
    assert "Finance has to decide this one." in text(page.post(url("approval_approve", asked.pk)))


def test_after_a_decision_the_next_in_line_is_shown(signed_in, asked):
    later = ApprovalFactory(kind="admin_test", requested_at="2026-02-01T00:00Z")
    page = signed_in(VIEW, DECIDE)
    assert page.post(url("approval_approve", asked.pk)).url == url("approval_change", later.pk)
    assert page.post(url("approval_reject", later.pk)).url == url("approval_changelist")
