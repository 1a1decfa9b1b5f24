"""What a newer calendar, policy or list of holidays would do to open cases, counted before anybody does it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.domain.case_events import CaseState, EventKind
from support.domain.impact import Impact, Turn, say_impact
from support.models import CalendarVersion, CasePromise
from support.queries.cases.anew import Newer, anew
from support.queries.cases.impact import impact_of
from tests.support.alarms import alarmed, case_of, promise
from tests.support.casework import NOW, happened, holder, hour, opened, world
from tests.support.factories import CalendarVersionFactory, HolidayFactory, TargetRuleFactory, TeamFactory

pytestmark = pytest.mark.django_db
LATER = [[[540, 1260]]] * 5 + [[], []]  # three hours later than before: 09:00–21:00


def figures(impact: Impact) -> tuple[int, int, int, int, int, int]:
    return impact.open, impact.affected, impact.moved, impact.later, impact.earlier, impact.would_breach


def draft_of_hours(week: list[Any] = LATER, **more: Any) -> CalendarVersion:
    """A draft of the hours that the promise `standard` counts by."""
    known = CalendarVersion.objects.get(calendar__key="hours_standard")
    return CalendarVersionFactory(calendar=known.calendar, week=week, state="draft", in_force_from=None, **more)


def test_other_hours_move_the_clocks_that_run_by_them_and_nobody_is_the_wiser() -> None:
    """Opened at nine on a Monday: an update within four hours, a resolution within eight; all in business time."""
    case = opened(world(), at=hour(2), severity="low")
    opened(None, at=hour(2))
    before = list(case.clocks.values())
    impact = impact_of(at=hour(2), calendar=draft_of_hours([[[720, 1200]]] * 5 + [[], []]))
    assert figures(impact) == (2, 1, 3, 3, 0, 0)
    assert {(row.milestone, row.turn) for row in impact.rows} == {
        ("First response", Turn.LATER),
        ("Update", Turn.LATER),
        ("Resolution", Turn.LATER),
    }
    assert list(case.clocks.values()) == before
    assert CasePromise.objects.filter(case=case).count() == 1


def test_a_shorter_promise_is_late_at_once_where_its_time_has_passed() -> None:
    case_of(alarmed([]))
    draft = promise({"first_response": (10, 30, 240)})
    assert figures(impact_of(at=hour(1), policy=draft)) == (1, 1, 1, 0, 1, 1)
    assert figures(impact_of(at=hour(0.25), policy=draft)) == (1, 1, 1, 0, 1, 0)


def test_a_milestone_that_is_promised_no_more_stops_and_a_new_one_starts() -> None:
    case_of(alarmed([]))
    impact = impact_of(at=hour(1), policy=promise({"resolution": (60, 600, 600)}))
    assert (impact.moved, impact.stopped, impact.started) == (2, 1, 1)
    assert [(row.milestone, row.turn) for row in impact.rows] == [
        ("First response", Turn.STOPS),
        ("Resolution", Turn.STARTS),
    ]


def test_figures_are_told_by_team_and_by_tier() -> None:
    account = alarmed([])
    case_of(account)
    case_of(account, severity="low")
    TeamFactory(key="backline", name="Back line")
    case_of(account, team="backline", severity="low")
    impact = impact_of(at=hour(1), policy=promise({"first_response": (30, 30, 200)}))
    assert {name: (one.cases, one.moved, one.would_breach) for name, one in impact.by_team.items()} == {
        "Frontline": (2, 2, 1),
        "Back line": (1, 1, 0),
    }
    assert {name: one.cases for name, one in impact.by_tier.items()} == {"Standard": 3}
    assert say_impact(impact) == "3 cases are promised anew: 3 clocks move (3 earlier), 1 would be late at once."


def test_cases_that_are_over_are_left_alone_and_those_that_wait_are_not() -> None:
    account = world()
    for state in (CaseState.RESOLVED, CaseState.CANCELLED):
        happened(opened(account, at=hour(1)), EventKind.STATE, hour(1), state)
    waiting = opened(account, at=hour(1))
    happened(waiting, EventKind.STATE, hour(1), CaseState.WAITING)
    impact = impact_of(at=NOW, calendar=draft_of_hours([[[720, 1200]]] * 5 + [[], []]))
    assert (impact.open, impact.affected) == (1, 1)
    assert {row.case for row in impact.rows} == {waiting.pk}
    paused = next(row for row in impact.rows if row.milestone == "Resolution")
    assert (paused.turn, paused.before, paused.after) == (Turn.LATER, None, None)


def test_a_holiday_put_on_file_since_moves_those_who_keep_it() -> None:
    """Opened on a Friday evening, due on Monday; another customer's country has no such holiday."""
    friday = datetime(2026, 3, 6, 17, 30, tzinfo=UTC)
    world()
    account = holder("dutch", country="NL")
    case = opened(account, at=friday, opened_at=friday)
    assert case.promises.get().country == "NL"
    assert impact_of(at=friday, country=account.country).affected == 0
    HolidayFactory(country=account.country, on="2026-03-09", recorded_at=friday + timedelta(minutes=1))
    HolidayFactory(country="FR", on="2026-03-10", recorded_at=friday + timedelta(minutes=1))
    later = friday + timedelta(minutes=2)
    assert figures(impact_of(at=later, country=account.country))[:4] == (1, 1, 3, 3)
    assert impact_of(at=later, country="FR").affected == 0


def test_of_very_many_cases_only_their_number_is_told_at_once() -> None:
    account = alarmed([])
    for _ in range(3):
        case_of(account)
    impact = impact_of(at=hour(1), policy=promise({"first_response": (1, 1, 1)}), most=2)
    assert (impact.counted, impact.open, impact.affected, impact.moved) == (False, 3, 3, 0)


def test_reading_doesn_t_grow_with_the_cases(django_assert_max_num_queries: Any) -> None:
    account = alarmed([])
    draft = promise({"first_response": (1, 1, 1)})
    for _ in range(4):
        case_of(account)
    with django_assert_max_num_queries(25):
        assert impact_of(at=hour(1), policy=draft).moved == 4


def test_what_is_promised_anew_keeps_what_isn_t_named() -> None:
    case = opened(world(), at=hour(1))
    last, draft = case.promises.get(), draft_of_hours()
    made = anew(last, at=hour(3), calendar=draft)
    assert made.pk is None
    assert (made.starts_at, made.calendars) == (hour(3), {"hours_standard": draft.pk})
    assert (made.policy_version_id, made.zone, made.holidays_known_at, made.lifts) == (
        last.policy_version_id,
        last.zone,
        last.holidays_known_at,
        last.lifts,
    )


def test_a_newer_policy_brings_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    account = alarmed([])
    case, draft = case_of(account), promise({"first_response": (30, 120, 240)})
    TargetRuleFactory(version=draft)
    lift = [{"milestone": "", "percent": 50, "why": "It renews soon."}]
    monkeypatch.setattr("support.queries.cases.anew.lifts_for", lambda who, version, at: lift)
    assert anew(case.promises.get(), at=hour(1), policy=draft).lifts == lift
    assert figures(impact_of(at=hour(0.5), policy=draft)) == (1, 1, 1, 0, 1, 0)


def test_one_thing_is_named() -> None:
    with pytest.raises(ValueError, match="name one"):
        Newer(hour(1))


def test_figures_travel_through_a_job_unchanged() -> None:
    case_of(alarmed([]))
    impact = impact_of(at=hour(1), policy=promise({"first_response": (1, 1, 1)}))
    assert impact.rows
    assert Impact.from_json(impact.as_json()) == impact
