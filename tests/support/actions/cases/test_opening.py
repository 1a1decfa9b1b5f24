import pytest

from entitlements.domain.facts import Standing
from entitlements.models import AccountStanding
from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent, Outbound
from support.actions.cases.handling import CaseKnown, FromTheFuture, UnknownSeverity, UnknownTeam
from support.actions.cases.opening import set_account
from support.domain.case_events import EventKind, Opener
from support.models import Case
from tests.conftest import actor
from tests.support.casework import NOW, OPENED, clock, happened, holder, hour, opened, policy, rows, severities, world
from tests.support.factories import TeamFactory
from tests.support.world import kept

pytestmark = pytest.mark.django_db


def test_a_case_opens_with_its_promise_and_its_clocks() -> None:
    acme = world()
    TeamFactory(key="exports")
    case = opened(acme, team="exports", assignee="Ana@desk.example", requester="Jo@acme.example")
    assert (case.tier, case.severity.key, case.team.key, case.assignee) == (
        "standard", "high", "exports", "ana@desk.example"
    )  # fmt: skip
    promise = case.promises.get()
    assert (promise.starts_at, promise.holidays_known_at) == (OPENED, NOW)
    assert promise.why == "Standard support promises a first response for High and Low."
    assert {row["milestone"]: row["due_at"] for row in rows(case)} == {
        "first_response": hour(1), "update": hour(4), "resolution": hour(8)
    }  # fmt: skip
    told = AuditEvent.objects.get(verb="case:open")
    assert (told.account_key, told.subject_key) == ("acme", str(case.pk))


def test_other_systems_hear_of_it_with_every_due_time() -> None:
    acme = world()
    set_up(url="https://shop.example/hook", by=SYSTEM, at=OPENED)
    case = opened(acme, source="tickets", external_id="4711")
    told = Outbound.objects.get(payload__type="case.opened").payload["data"]
    assert (told["case"], told["external_id"], told["state"], told["severity"]) == (case.number, "4711", "open", "high")
    assert told["clocks"][0]["milestone"] == "first_response"
    assert told["clocks"][0]["due_at"] == "2026-03-02T10:00:00Z"


def test_without_an_account_nothing_is_promised_until_there_is_one() -> None:
    acme = world()
    case = opened(None)
    assert (case.tier, rows(case)) == ("", [])
    assert "Nobody knows yet whose" in case.promises.get().why
    given = set_account(case=case, account=acme, by=SYSTEM, at=NOW)
    assert (given.account, given.tier) == (acme, "standard")
    assert clock(case, "first_response").due_at == hour(1)
    assert clock(case, "first_response").breached_at == hour(1)


def test_another_account_is_another_promise_from_the_opening() -> None:
    acme = world()
    policy("priority")
    beta = holder("beta", tier="priority", zone="Asia/Tokyo")
    case = opened(acme)
    before = clock(case, "resolution").due_at
    set_account(case=case, account=beta, by=SYSTEM, at=NOW)
    assert clock(case, "resolution").promise.policy_version.policy.tier == "priority"
    assert clock(case, "resolution").due_at != before
    with pytest.raises(Refusal, match="belongs to Beta already"):
        set_account(case=case, account=beta, by=SYSTEM, at=NOW)


def test_a_closed_account_gets_a_case_and_the_reason_why_nothing_is_owed() -> None:
    acme = world()
    kept(AccountStanding(account=acme, standing=Standing.CLOSED, starts_at=OPENED, reason="Left"))
    case = opened(acme)
    assert case.promises.get().why == "The account is closed, so no help is owed."
    assert (case.tier, rows(case)) == ("", [])


def test_what_staff_open_owes_no_first_response() -> None:
    case = opened(world(), opener=Opener.AGENT)
    assert "first_response" not in {row["milestone"] for row in rows(case)}


def test_a_ticket_is_opened_once() -> None:
    severities()
    case = opened(None, source="tickets", external_id="4711")
    with pytest.raises(CaseKnown, match=f"4711 of tickets is {case.number} already"):
        opened(None, source="tickets", external_id="4711")
    opened(None, source="elsewhere", external_id="4711")
    opened(None, source="tickets")
    assert Case.objects.count() == 3


@pytest.mark.parametrize(
    ("told", "refusal", "field"),
    [
        ({"severity": "dreadful"}, UnknownSeverity, "severity"),
        ({"team": "nobody"}, UnknownTeam, "team"),
        ({"opened_at": NOW.replace(hour=23)}, FromTheFuture, "opened_at"),
        ({"requester": "jo at acme"}, Invalid, "requester"),
        ({"url": "javascript:alert(1)"}, Invalid, "url"),
        ({"subject": " "}, Invalid, "subject"),
        ({"note": "x" * 5_001}, Invalid, "note"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(told: dict[str, object], refusal: type[Refusal], field: str) -> None:
    severities()
    with pytest.raises(refusal) as refused:
        opened(None, **told)
    assert refused.value.field == field
    assert not Case.objects.exists()


def test_it_takes_the_permission() -> None:
    severities()
    from support.actions.cases.opening import open_case

    with pytest.raises(NotAllowed):
        open_case(subject="x", channel="web", severity="high", by=actor("sales"), at=NOW)
    assert open_case(subject="x", channel="web", severity="high", by=actor("support"), at=NOW).number.startswith("C-")


def test_later_promises_of_the_former_account_do_not_come_back() -> None:
    from support.actions.cases.promising import promise_anew
    from support.queries.cases.anew import anew

    acme = world()
    case = opened(acme)
    newer = anew(case.promises.get(), at=hour(2), policy=policy("priority"))
    promise_anew(case, promise=newer, at=hour(2))
    beta = holder("beta", tier="standard")
    set_account(case=case, account=beta, by=SYSTEM, at=NOW)
    happened(case, EventKind.INTERNAL_NOTE, hour(5))
    assert clock(case, "resolution").promise.policy_version.policy.tier == "standard"
