"""The board: each open case once, in the place of the clock that presses most."""

from datetime import datetime, time
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from support.models import Case
from support.queries.cases.board import NOBODY, Board, Place, Wanted, board
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.support.factories import CaseFactory, CasePromiseFactory, ClockFactory, SeverityFactory, TeamFactory

pytestmark = pytest.mark.django_db
READS = 8  # the open cases, what is due, late and paused, the teams, and of those on show the clocks, the promises, the cases


def desk(text: str, **more: Any) -> dict[str, Case]:
    """One case a line: its name, its state, its clocks ("due 08:00", "paused 07:00", "met 08:00") and who works on it."""
    whose, promised = AccountFactory(), {}
    for line in text.strip().splitlines()[1:]:
        name, state, clocks, team, severity, assignee, tier = (part.strip() for part in line.split("|"))
        case = promised[name] = CaseFactory(
            subject=name, state=state, account=whose, assignee=assignee, tier=tier,
            team=one(TeamFactory, team) if team else None, severity=one(SeverityFactory, severity or "normal"),
        )  # fmt: skip
        for run, said in enumerate((each.strip() for each in clocks.split(",") if each.strip()), start=1):
            clock(case, said, run=run)
    return promised


def one(factory: Any, key: str) -> Any:
    """The row of that key, made once."""
    return factory._meta.model.objects.filter(key=key).first() or factory(key=key, name=key)


def clock(case: Case, said: str, *, run: int) -> None:
    how, _, when = said.partition(" ")
    at = datetime.combine(AT.date(), time.fromisoformat(when), tzinfo=AT.tzinfo)
    state = {"due": "running", "paused": "paused"}.get(how, how)
    told = {"due": {"due_at": at}, "paused": {"due_at": None, "paused_since": at}}.get(
        how, {"due_at": at, "met_at": at}
    )
    ClockFactory(case=case, run=run, state=state, **told)


def told(found: Board) -> dict[str, list[str]]:
    return {section.place.value: [line.case.subject for line in section.lines] for section in found.sections}


def at_nine(**asked: Any) -> Board:
    return board(at=AT, **{"most": 20, **asked})


PEOPLE = """
    case   | state    | clocks                 | team  | severity | assignee     | tier
    old    | open     | due 07:00              | first | high     | ana@desk.example | gold
    both   | open     | due 12:00, due 08:00   | first |          |              | gold
    sharp  | open     | due 09:00              |       | high     | ana@desk.example |
    later  | open     | due 18:00, paused 06:00| next  |          |              | gold
    still  | waiting  | paused 08:30, met 08:00| next  |          |              |
    asked  | waiting  | met 08:00              | next  |          |              |
    longer | on_hold  | paused 07:30           | first |          |              |
    done   | open     | met 08:00              | first |          |              |
    gone   | resolved | met 08:00              | first |          |              |
    over   | closed   |                        |       |          |              |
"""


def test_each_open_case_stands_once_in_the_place_that_presses_most() -> None:
    desk(PEOPLE)
    assert told(at_nine()) == {
        "late": ["old", "both"],
        "next": ["sharp", "later"],  # exactly at its due time it is still in time
        "waiting": ["longer", "still", "asked"],
        "unpromised": ["done"],
    }


def test_a_line_names_the_clock_that_presses_and_the_others_that_go_on() -> None:
    cases = desk(PEOPLE)
    lines = {line.case: line for section in at_nine().sections for line in section.lines}
    both, later, done = (lines[cases[name]] for name in ("both", "later", "done"))
    assert both.clock is not None
    assert (both.clock.due_at.hour, [other.due_at.hour for other in both.others]) == (8, [12])
    assert [other.state for other in later.others] == ["paused"]
    assert done.clock is None


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(team="first"), {"old", "both", "longer", "done"}),
        (Wanted(team=NOBODY), {"sharp"}),
        (Wanted(severity="high"), {"old", "sharp"}),
        (Wanted(assignee="ana@desk.example"), {"old", "sharp"}),
        (Wanted(assignee="ana@desk.example", team="first"), {"old"}),
        (Wanted(tier="gold"), {"old", "both", "later"}),
        (Wanted(tier=NOBODY, team="next"), {"still", "asked"}),
        (Wanted(team="nothing-of-that-name"), set()),
    ],
)
def test_it_is_narrowed_down(wanted: Wanted, names: set[str]) -> None:
    desk(PEOPLE)
    found = told(at_nine(wanted=wanted))
    assert {name for place in found.values() for name in place} == names


def test_teams_are_counted_beside_each_other_whichever_is_asked_for() -> None:
    desk(PEOPLE)
    TeamFactory(key="idle", name="zz idle")
    counted = [(one.key, one.number, one.late) for one in at_nine(wanted=Wanted(team="next", tier="")).teams]
    assert counted == [("first", 4, 2), ("next", 3, 0), ("idle", 0, 0), (NOBODY, 1, 0)]
    assert [one.number for one in at_nine(wanted=Wanted(severity="high")).teams] == [1, 0, 0, 1]


def test_cases_of_nobody_known_come_first_where_no_clock_runs() -> None:
    desk(PEOPLE)
    CaseFactory(subject="whose?", account=None)
    section = at_nine().sections[-1]
    assert [line.case.subject for line in section.lines] == ["whose?", "done"]


def test_where_no_clock_runs_the_last_promise_is_at_hand() -> None:
    case = CaseFactory()
    CasePromiseFactory(case=case, why="Nothing")
    last = CasePromiseFactory(case=case, why="Still nothing")
    (line,) = at_nine().sections[-1].lines
    assert line.promise == last


def test_one_place_is_read_page_by_page() -> None:
    high = SeverityFactory()
    for number in range(7):
        clock(CaseFactory(subject=str(number), severity=high, account=None), f"due 1{number}:00", run=1)
    pages = [at_nine(place=Place.NEXT, page=page, most=3).sections[1] for page in (1, 2, 3, 4)]
    assert [[line.case.subject for line in page.lines] for page in pages] == [list("012"), list("345"), ["6"], []]
    assert [(page.number, page.first, page.more) for page in pages] == [(7, 1, 4), (7, 4, 1), (7, 7, 0), (7, 10, 0)]


def test_it_reads_the_same_however_many_cases_there_are(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    desk(PEOPLE)
    with django_assert_num_queries(READS):
        few = at_nine()
    whose, high = AccountFactory(), SeverityFactory()
    for number in range(30):
        clock(CaseFactory(account=whose, severity=high), f"due {10 + number % 10}:00", run=1)
    with django_assert_num_queries(READS):
        many = at_nine()
    assert (few.number, many.number) == (8, 38)
