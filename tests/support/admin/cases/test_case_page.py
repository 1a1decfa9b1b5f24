"""The page of one case: its clocks as they run, why they are due, what happened, and what may be said of it."""

from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from journal.domain.actor import SYSTEM
from support.actions.cases.alerting import tell_alerts
from support.actions.cases.noting import note
from support.domain.case_events import CaseState, EventKind
from support.models import Case, CaseEvent
from tests.conftest import AT
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import address, opened, reader, the_desk
from tests.support.factories import CaseAlertFactory

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
READS = 85  # with who covers it, time, and work; none of it grows with what happened


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[time_machine.Traveller]:
    the_desk()
    with time_machine.travel(AT, tick=False) as moved:
        yield moved


@pytest.fixture
def case(clock: None) -> Case:
    return opened(at=AT - 20 * MINUTE, requester="ana@acme.example", url="https://help.example/7", external_id="7")


@pytest.fixture
def support() -> Client:
    return reader("support")


def read(client: Client, case: Case) -> str:
    return text_of(client.get(address("case", case.pk)))


def test_it_tells_what_is_due_in_both_zones_and_how_long_is_left(support: Client, case: Case) -> None:
    words = read(support, case)
    assert "First response Running due in 40 min" in words
    assert "Due today 09:40 (UTC), 10:40 (Amsterdam)" in words
    assert "Resolution Running due in 7 h 40 min" in words
    assert "Priority Plus" in words
    assert "Acme" in words


def test_it_explains_itself(support: Client, case: Case) -> None:
    words = read(support, case)
    assert "Why is it due then? Started Mon 2 Mar 09:40 (Amsterdam)." in words
    assert "So due Mon 2 Mar 10:40." in words


def test_a_breach_that_was_none_stays_with_its_correction(support: Client, clock: time_machine.Traveller) -> None:
    late = opened(at=AT - 2 * HOUR)
    tell_alerts(at=AT)
    assert "By what was heard of since" not in read(support, late)
    note(case=late, kind=EventKind.PUBLIC_REPLY, happened_at=AT - 90 * MINUTE, by=SYSTEM, at=AT + MINUTE)
    clock.move_to(AT + 2 * MINUTE)
    assert "By what was heard of since, it was in time." in read(support, late)


def test_what_is_to_come_and_what_was_told(support: Client, case: Case, clock: time_machine.Traveller) -> None:
    assert "Warning, at 50 % of the target today 09:10 (UTC): tells the team" in read(support, case)
    assert (
        "30 min after it was due today 10:10 (UTC): tells the account’s owner; raises the severity to urgent"
        in read(support, case)
    )
    row = case.clocks.get(milestone="first_response")
    CaseAlertFactory(
        clock=row, kind="warning", step="50percent", at=AT + 10 * MINUTE, told_at=AT + 10 * MINUTE,
        told_to=["first@desk.example"], words="First response is due in half an hour.",
    )  # fmt: skip
    clock.move_to(AT + 11 * MINUTE)
    words = read(support, case)
    assert "at 50 % of the target today 09:10 (UTC): told today 09:10 (UTC) to first@desk.example" in words
    assert "Warning: First response First response is due in half an hour." in words


def test_a_late_clock_is_late_before_anybody_was_told(
    support: Client, case: Case, clock: time_machine.Traveller
) -> None:
    clock.move_to(AT + 40 * MINUTE)
    assert "Running due in less than a minute" in read(support, case)
    clock.move_to(AT + 45 * MINUTE)
    assert "First response Late late for 5 min" in read(support, case)
    assert "First response: it was not met by its due time" in read(support, case)


def test_a_pause_stands_still_and_an_answer_ends_the_clock(support: Client, case: Case) -> None:
    note(case=case, kind=EventKind.PUBLIC_REPLY, by=SYSTEM, at=AT)
    note(case=case, kind=EventKind.STATE, to="waiting", by=SYSTEM, at=AT)
    words = read(support, case)
    assert "It stands still, so nothing is due by any time until it goes on." in words
    assert "Resolution Paused" in words
    assert "Met today 09:00 (UTC), 40 min before it was due" in words


def test_a_case_of_nobody_known_says_that_nothing_is_promised(support: Client) -> None:
    words = read(support, opened(None))
    assert "Nothing is due by any time. Nobody knows yet whose case this is" in words
    assert "Say whose it is" in words


def test_who_only_looks_is_offered_nothing_to_say(case: Case) -> None:
    sales = read(reader("sales"), case)
    assert "First response Running due in 40 min" in sales
    assert "Say what happened" not in sales


def test_it_links_only_to_what_a_browser_may_open(support: Client) -> None:
    case = opened(url="")
    page = support.get(address("case", case.pk)).content.decode()
    assert "noopener noreferrer" not in page


def test_the_part_that_moves_is_fetched_alone_and_answered_cheaply_while_nothing_changes(
    support: Client, case: Case, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    url = f"{address('case', case.pk)}?part=live"
    first = support.get(url)
    assert b"<html" not in first.content
    assert b"due in 40 min" in first.content
    with django_assert_max_num_queries(9):
        again = support.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    note(case=case, kind=EventKind.PUBLIC_REPLY, by=SYSTEM, at=AT)
    after = support.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert b"Met in time" in after.content


def test_it_reads_the_same_however_much_happened(
    support: Client, case: Case, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for minute in range(12):
        kind = EventKind.CUSTOMER_MESSAGE if minute % 2 else EventKind.PUBLIC_REPLY
        note(case=case, kind=kind, happened_at=AT - minute * MINUTE, by=SYSTEM, at=AT)
    with django_assert_max_num_queries(READS):
        support.get(address("case", case.pk))


def say(client: Client, case: Case, what: str, **more: str) -> object:
    told = {"act": "note", "note-token": "desk:one", "note-what": what, **{f"note-{n}": v for n, v in more.items()}}
    return client.post(address("case_note", case.pk), told)


def test_what_happened_is_noted_now(support: Client, case: Case) -> None:
    answer = say(support, case, "public_reply", text="Told her to wait")
    assert answer.headers["Location"] == address("case", case.pk)
    event = case.events.get(kind=EventKind.PUBLIC_REPLY)
    assert (event.at, event.note, event.actor_name) == (AT, "Told her to wait", "support")
    assert "Noted: We answered the customer." in read(support, case)


def test_a_moment_is_meant_in_the_readers_zone(case: Case) -> None:
    say(reader("support", zone="Asia/Tokyo"), case, "customer_message", at="2026-03-02T17:50")
    assert case.events.get(kind=EventKind.CUSTOMER_MESSAGE).at.astimezone(UTC) == AT - 10 * MINUTE


def test_sent_twice_it_is_noted_once(support: Client, case: Case, clock: time_machine.Traveller) -> None:
    say(support, case, "state:waiting")
    clock.move_to(AT + MINUTE)
    say(support, case, "state:waiting")
    assert case.events.filter(kind=EventKind.STATE).count() == 1


@pytest.mark.parametrize(
    ("what", "more", "complaint"),
    [
        ("", {}, "Choose what happened."),
        ("severity:terrible", {}, "is not one of the available choices"),
        ("public_reply", {"at": "2026-03-02T08:00"}, "nothing can have happened to it before that"),
        ("public_reply", {"at": "2026-03-02T12:00"}, "is later than now"),
        ("public_reply", {"at": "at noon"}, "That is no day and time"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    support: Client, case: Case, what: str, more: dict[str, str], complaint: str
) -> None:
    answer = say(support, case, what, **more)
    assert answer.status_code == 422
    assert complaint in text_of(answer)
    assert CaseEvent.objects.filter(case=case).count() == 1


def test_severity_state_and_milestones_by_hand(support: Client, case: Case) -> None:
    for number, what in enumerate(("severity:urgent", "met:root_cause", "state:resolved")):
        say(support, case, what, token=f"desk:{number}")
    case.refresh_from_db()
    assert (case.severity.key, case.state) == ("urgent", CaseState.RESOLVED)
    assert "“Root cause” was met by hand" in read(support, case)


def test_cancelling_is_asked_for_twice(support: Client, case: Case) -> None:
    first = say(support, case, "state:cancelled")
    assert first.status_code == 422
    assert "A cancelled case stays cancelled" in text_of(first)
    assert not case.events.filter(kind=EventKind.STATE).exists()
    say(support, case, "state:cancelled", sure="on")
    case.refresh_from_db()
    assert case.state == CaseState.CANCELLED


def test_it_is_given_to_somebody(support: Client, case: Case) -> None:
    told = {"act": "assign", "assign-token": "desk:two", "assign-team": "first", "assign-assignee": "ana@desk.example"}
    support.post(address("case_note", case.pk), told)
    case.refresh_from_db()
    assert (str(case.team), case.assignee) == ("First line", "ana@desk.example")
    assert "It was given to First line, ana@desk.example" in read(support, case)


@pytest.mark.parametrize("role", ["sales", "auditor", "finance"])
def test_nobody_else_says_anything(role: str, case: Case) -> None:
    assert say(reader(role), case, "public_reply").status_code == 403
    assert CaseEvent.objects.filter(case=case).count() == 1
