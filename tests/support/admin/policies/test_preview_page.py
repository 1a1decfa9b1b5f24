"""What a draft would do, in words, and the ways on: ask, put in force, recompute, drop."""

import pytest
from django.test import Client

from journal.models import Approval, Job
from support.models import Severity, SlaPolicy
from support.queries.policies import in_force
from tests.entitlements.admin.reading import text_of
from tests.support.admin.policies.conftest import AT, SignIn
from tests.support.admin.policies.world import saved, url
from tests.support.factories import CaseEventFactory, CaseFactory, CasePromiseFactory

pytestmark = pytest.mark.django_db
LONGER = {"m0.cell.urgent.": "2 h"}


def press(desk: Client, step: str, **given: str) -> str:
    """Press a button of the preview; what the reader is told then."""
    page = desk.get(url("policy_preview", "gold"))
    seen = page.context["form"]["seen"].value() or ""
    return text_of(desk.post(url("policy_preview", "gold"), {"seen": seen, "step": step, **given}, follow=True))


def open_case(policy: SlaPolicy) -> None:
    """Urgent, opened 90 minutes ago, promised by what is in force."""
    opened = AT.replace(hour=7, minute=30)
    case = CaseFactory(severity=Severity.objects.get(key="urgent"), opened_at=opened, tier="gold", channel="email")
    CaseEventFactory(case=case, kind="opened", at=opened, to="urgent")
    CasePromiseFactory(case=case, starts_at=opened, policy_version=in_force(policy, at=AT))


def test_what_gets_longer_is_named_as_lowering(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **LONGER)
    said = text_of(support_desk.get(url("policy_preview", "gold")))
    assert "1 change makes the promise less." in said
    assert "Lowers Urgent, First response: within 1 hour, around the clock becomes within 2 hours" in said


def test_open_cases_are_counted(support_desk: Client, promise: SlaPolicy) -> None:
    open_case(promise)
    saved(support_desk, **{"m1.cell.urgent.": "75 min"})
    said = text_of(support_desk.get(url("policy_preview", "gold")))
    assert "1 case is promised anew: 1 clock moves (1 earlier), 1 would be late at once." in said


def test_one_asks_and_another_approves(support_desk: Client, promise: SlaPolicy, sign_in: SignIn) -> None:
    saved(support_desk, **LONGER)
    assert "waits for a second person" in press(support_desk, "ask", reason="The team is small")
    assert "Approve" not in text_of(support_desk.get(url("policy_preview", "gold")))
    other = sign_in("olga", "support")
    assert "“The team is small”" in text_of(other.get(url("policy_preview", "gold")))
    assert "cases opened from now on are promised by it. Open ones keep" in press(other, "approve")
    assert in_force(promise, at=AT).number == 2


def test_open_cases_are_recomputed_with_the_approval(support_desk: Client, promise: SlaPolicy, sign_in: SignIn) -> None:
    open_case(promise)
    saved(support_desk, **LONGER)
    press(support_desk, "ask", reason="The team is small")
    assert "Open ones are being promised anew." in press(sign_in("olga", "support"), "approve_recompute")
    assert Job.objects.get(kind="support_recompute").payload["policy"] == in_force(promise, at=AT).pk


def test_nobody_approves_their_own(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **LONGER)
    press(support_desk, "ask", reason="The team is small")
    assert "someone else has to approve it" in press(support_desk, "approve")
    assert in_force(promise, at=AT).number == 1


@pytest.mark.parametrize(("who", "step"), [("suki", "withdraw"), ("olga", "reject")])
def test_what_was_withdrawn_or_turned_down_is_a_draft_again(
    support_desk: Client, promise: SlaPolicy, sign_in: SignIn, who: str, step: str
) -> None:
    saved(support_desk, **LONGER)
    press(support_desk, "ask", reason="The team is small")
    press(support_desk if who == "suki" else sign_in(who, "support"), step, reason="Not now")
    assert promise.versions.get(number=2).state == "draft"
    assert Approval.objects.get().state in {"withdrawn", "rejected"}


def test_asking_for_less_wants_a_reason(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, note="x", **LONGER)
    said = press(support_desk, "in_force")
    assert "a second person has to approve a change" in said
    assert in_force(promise, at=AT).number == 1


def test_a_draft_is_dropped(support_desk: Client, promise: SlaPolicy) -> None:
    saved(support_desk, **LONGER)
    assert "was dropped" in press(support_desk, "drop")
    assert promise.versions.get(number=2).state == "dropped"


def test_an_auditor_looks_and_presses_nothing(support_desk: Client, promise: SlaPolicy, sign_in: SignIn) -> None:
    saved(support_desk, **LONGER)
    auditor = sign_in("auditor")
    assert "Ask for approval" not in text_of(auditor.get(url("policy_preview", "gold")))
    for step in ("ask", "drop", "in_force", "recompute", "count", "approve"):
        assert auditor.post(url("policy_preview", "gold"), {"step": step}).status_code in {403, 422}
    assert promise.versions.get(number=2).state == "draft"
    assert not Job.objects.exists()


def test_a_button_nobody_offered_is_refused(support_desk: Client, promise: SlaPolicy) -> None:
    assert support_desk.post(url("policy_preview", "gold"), {"step": "explode"}).status_code == 403
