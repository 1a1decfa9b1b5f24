"""Every due time explains itself, and the explanation adds up. Office hours are nine to five."""

from datetime import date, timedelta

import pytest

from support.domain.clocks.explaining import Explanation, explain
from support.domain.clocks.values import CaseFacts
from support.domain.targets import TargetUnit
from tests.support.domain.clocks.cases import OFFICE, case, clock, one, policy, when
from tests.support.domain.desks import desk

HOUR = timedelta(hours=1)
LUNCH = desk("mon-fri 09:00-12:00 13:00-17:00", zone="Europe/Amsterdam", holidays="2026-03-04 2026-03-07")


def explained(facts: CaseFacts, now: str = "Fri+1 17:00", named: str = "resolution 1") -> Explanation:
    return explain(clock(facts, named, now=now))


def stretches(explanation: Explanation) -> list[str]:
    return [f"{when(span.opens_at)}–{when(span.closes_at)[-5:]}" for span in explanation.counted]


def test_the_windows_that_counted_and_the_holidays_passed_over() -> None:
    facts = case("at | event\nTue 09:00 | opened", policy=policy(one("10bh")), hours=LUNCH)
    explanation = explained(facts, now="Tue 10:00")
    # Amsterdam is an hour ahead of UTC; Wednesday is a holiday, and so is a Saturday that never had hours.
    assert stretches(explanation) == ["Tue 09:00–11:00", "Tue 12:00–16:00", "Thu 08:00–11:00", "Thu 12:00–13:00"]
    assert explanation.skipped == (date(2026, 3, 4),)
    assert (explanation.zone, explanation.days) == ("Europe/Amsterdam", ())
    assert explanation.counted_time == 10 * HOUR
    assert when(explanation.first_due) == when(explanation.due_at) == "Thu 13:00"


def test_each_pause_says_what_it_added_and_when_it_was_due_then() -> None:
    facts = case(
        """
      at        | event
      Mon 10:00 | opened
      Mon 11:00 | waiting
      Mon 13:00 | message
      Mon 16:00 | waiting
      Tue 10:00 | message
      Tue 10:30 | waiting
    """,
        policy=policy(one("6bh")),
    )
    explanation = explained(facts)
    assert [(p.because.value, when(p.start), when(p.end), p.added, when(p.due_at)) for p in explanation.pauses] == [
        ("waiting", "Mon 11:00", "Mon 13:00", 2 * HOUR, "Tue 10:00"),
        ("waiting", "Mon 16:00", "Tue 10:00", 2 * HOUR, "Tue 12:00"),
        ("waiting", "Tue 10:30", "", None, ""),
    ]
    assert (when(explanation.first_due), explanation.added, explanation.due_at) == ("Mon 16:00", 4 * HOUR, None)


def test_around_the_clock_one_stretch_counts_and_there_is_no_zone() -> None:
    explanation = explained(case("at | event\nFri 22:00 | opened", policy=policy(one("6h"))), now="Fri 23:00")
    assert (stretches(explanation), explanation.zone, explanation.skipped) == (["Fri 22:00–04:00"], None, ())
    assert explanation.counted_time == 6 * HOUR


@pytest.mark.parametrize(
    ("opened", "target", "days", "due"),
    [
        ("Mon 10:00", "1bd", "2026-03-03", "Tue 10:00"),
        ("Mon 20:00", "1bd", "2026-03-05", "Thu 08:00"),  # from Tuesday's opening on, and Wednesday is a holiday
        ("Tue 10:00", "2bd", "2026-03-05 2026-03-06", "Fri 10:00"),
        ("Fri 10:00", "1bd", "2026-03-09", "Mon+1 10:00"),
        ("Mon 10:00", "eod", "2026-03-02", "Mon 16:00"),
        ("Tue 20:00", "eod", "2026-03-05", "Thu 16:00"),
        ("Mon 10:00", "eod+1", "2026-03-03", "Tue 16:00"),
    ],
)
def test_a_day_target_says_which_days_it_counted(opened: str, target: str, days: str, due: str) -> None:
    facts = case(f"at | event\n{opened} | opened", policy=policy(one(target)), hours=LUNCH)
    explanation = explained(facts, now=opened)
    assert [str(day) for day in explanation.days] == days.split()
    assert when(explanation.due_at) == due
    assert explanation.target.unit in (TargetUnit.BUSINESS_DAYS, TargetUnit.END_OF_DAY)


def test_it_says_what_changed_while_the_clock_ran() -> None:
    facts = case(
        """
      at        | event    | to
      Mon 10:00 | opened   | high
      Mon 11:00 | severity | low
      Mon 12:00 | severity | normal
      Mon 13:00 | severity | high
    """,
        policy=policy(one("high 4h, low 8h, urgent 1h")),
    )
    changes = explained(facts, now="Mon 13:30").changes
    assert [(when(c.at), c.severity, c.promised.target.amount if c.promised else None) for c in changes] == [
        ("Mon 11:00", "low", 480),
        ("Mon 12:00", "normal", None),
        ("Mon 13:00", "high", 240),
    ]


def test_it_counts_from_the_change_where_the_milestone_says_so() -> None:
    facts = case(
        "at | event | to\nMon 10:00 | opened | high\nMon 12:00 | severity | low",
        policy=policy(one("high 4bh, low 8bh", measured="from_change")),
    )
    explanation = explained(facts, now="Mon 13:00")
    assert (when(explanation.started_at), when(explanation.measured_from)) == ("Mon 10:00", "Mon 12:00")
    assert stretches(explanation) == ["Mon 12:00–17:00", "Tue 09:00–12:00"]


@pytest.mark.parametrize("target", ["90m", "7bh", "45bm", "3bd", "eod+2"])
@pytest.mark.parametrize("opened", ["Mon 08:00", "Mon 12:30", "Fri 16:45", "Sat 03:00"])
@pytest.mark.parametrize("hours", [OFFICE, LUNCH, desk("mon-sun 22:00-30:00", zone="Pacific/Auckland")])
def test_it_adds_up(target: str, opened: str, hours: object) -> None:
    day = opened[:3]
    rows = [f"{opened} | opened", f"{day} 17:00 | waiting", f"{day}+1 10:00 | open", f"{day}+1 10:00 | resolved"]
    facts = case("\n".join(["at | event", *rows]), policy=policy(one(target)), hours=hours)
    reckoned = clock(facts, "resolution 1")
    explanation = explain(reckoned)
    if not explanation.days:
        assert explanation.counted_time == explanation.target.amount * timedelta(minutes=1)
    last = explanation.pauses[-1].due_at if explanation.pauses else explanation.first_due
    assert last == explanation.due_at == reckoned.due_at
    assert explanation.added == sum((pause.open_time for pause in reckoned.pauses), timedelta())
