"""R9: what a clock calls for, and when. Office hours are nine to five."""

import pytest

from support.domain.case_events import AlertKind
from support.domain.clocks.alerts import once_key
from support.domain.clocks.values import Alert
from tests.support.domain.clocks.cases import alerts, at, case, clock, one, policy, when

STEPS = """
  opened    | target | step  | at          | because
  Mon 10:00 | 4h     | -30m  | Mon 13:30   | so long before
  Mon 10:00 | 4h     | +30m  | Mon 14:30   | so long after
  Mon 10:00 | 4h     | 0m    | Mon 14:00   | at the due time
  Mon 10:00 | 4h     | -5h   | Mon 10:00   | never before the start
  Mon 10:00 | 4h     | 75%   | Mon 13:00   | three quarters of it
  Mon 10:00 | 4h     | 100%  | Mon 14:00   | all of it
  Mon 10:00 | 4h     | 150%  | Mon 16:00   | half as much again
  Mon 16:00 | 4bh    | -4h   | Mon 16:00   | back to the very start
  Mon 16:00 | 4bh    | -3h   | Tue 09:00   | back to the opening, the latest instant that will do
  Mon 16:00 | 4bh    | -2h   | Tue 10:00   | back in open time
  Mon 13:00 | 4bh    | 0m    | Mon 17:00   | due at the closing, and so is the step
  Mon 13:00 | 4bh    | +1h   | Tue 10:00   | on in open time
  Fri 12:00 | 4bh    | +8h   | Mon+1 16:00 | over the weekend
  Mon 16:00 | 4bh    | 50%   | Tue 10:00   | half of the open time
  Mon 16:00 | 4bh    | 200%  | Tue 16:00   | twice the open time
  Mon 16:00 | 4bh    | 100%  | Tue 12:00   | all of it
  Mon 10:00 | 2bd    | 50%   | Tue 10:00   | days have open time, too
  Mon 10:00 | 2bd    | -1bd  | Tue 10:00   | a business day before
  Thu 10:00 | 1bd    | +1bd  | Mon+1 10:00 | a business day after
  Mon 10:00 | eod+2  | -1bd  | Tue 17:00   | from closing to closing
  Mon 10:00 | 4h     | +1bd  | Tue 14:00   | around the clock every day is one
  Fri 10:00 | 4h     | +1bd  | Sat 14:00   | even a Saturday
"""


@pytest.mark.parametrize("row", [line.split("|") for line in STEPS.strip().splitlines()[1:]], ids=lambda row: row[-1])
def test_a_step_lies_so_far_from_the_due_time_in_the_time_of_its_target(row: list[str]) -> None:
    opened, target, step, expected, _because = (cell.strip() for cell in row)
    facts = case(f"at | event\n{opened} | opened", policy=policy(one(target, steps=step)))
    found = [alert for alert in clock(facts, "resolution 1", now=opened).alerts if alert.step]
    assert [when(alert.at) for alert in found] == [expected]
    assert (found[0].kind is AlertKind.WARNING) == (step.startswith("-") or step in ("75%", "50%"))


def test_a_clock_warns_then_breaches_then_escalates() -> None:
    facts = case("at | event\nMon 10:00 | opened", policy=policy(one("4h", steps="+1h 50% -30m 150%")))
    assert alerts(clock(facts, "resolution 1", now="Mon 10:00")) == [
        "warning Mon 12:00 50percent",
        "warning Mon 13:30 -30minutes",
        "breach Mon 14:00",
        "escalation Mon 15:00 60minutes",
        "escalation Mon 16:00 150percent",
    ]


def test_a_pause_moves_everything_that_is_still_to_come() -> None:
    story = "at | event\nMon 10:00 | opened\nMon 11:00 | waiting"
    facts = case(f"{story}\nMon 12:00 | open", policy=policy(one("4h", steps="-30m 75% +30m")))
    assert alerts(clock(facts, "resolution 1", now="Mon 12:00")) == [
        "warning Mon 14:00 75percent",
        "warning Mon 14:30 -30minutes",
        "breach Mon 15:00",
        "escalation Mon 15:30 30minutes",
    ]


def test_a_paused_clock_calls_for_nothing() -> None:
    facts = case("at | event\nMon 10:00 | opened\nMon 11:00 | waiting", policy=policy(one("4h", steps="-3h +30m")))
    assert alerts(clock(facts, "resolution 1")) == []


def test_a_clock_that_was_late_and_is_paused_now_still_tells_that() -> None:
    facts = case(
        """
      at        | event    | to
      Mon 10:00 | opened   | high
      Mon 12:00 | severity | low
      Mon 13:00 | waiting  |
    """,
        policy=policy(one("high 1h, low 8h", steps="+30m")),
    )
    assert alerts(clock(facts, "resolution 1")) == ["breach Mon 11:00"]


@pytest.mark.parametrize(
    ("resolved", "expected"),
    [
        ("Mon 11:00", []),
        ("Mon 13:00", []),  # a step at the very end has nothing left to warn of
        ("Mon 13:01", ["warning Mon 13:00 75percent"]),
        ("Mon 14:00", ["warning Mon 13:00 75percent"]),  # met at the due time: no breach
        ("Mon 14:10", ["warning Mon 13:00 75percent", "breach Mon 14:00"]),
        ("Mon 16:00", ["warning Mon 13:00 75percent", "breach Mon 14:00", "escalation Mon 15:00 60minutes"]),
    ],
)
def test_what_lay_before_the_end_of_a_clock_stays(resolved: str, expected: list[str]) -> None:
    facts = case(f"at | event\nMon 10:00 | opened\n{resolved} | resolved", policy=policy(one("4h", steps="75% +1h")))
    assert alerts(clock(facts, "resolution 1")) == expected


def test_the_breach_stays_where_it_was_when_the_due_time_moves_away() -> None:
    facts = case(
        "at | event | to\nMon 10:00 | opened | high\nMon 12:00 | severity | low",
        policy=policy(one("high 1h, low 8h", steps="-1h")),
    )
    assert alerts(clock(facts, "resolution 1", now="Mon 13:00")) == ["breach Mon 11:00", "warning Mon 17:00 -60minutes"]


def test_a_percentage_is_of_what_counts_since_the_change() -> None:
    facts = case(
        "at | event | to\nMon 10:00 | opened | high\nMon 12:00 | severity | low",
        policy=policy(one("high 4h, low 8h", measured="from_change", steps="50%")),
    )
    assert alerts(clock(facts, "resolution 1", now="Mon 13:00")) == ["warning Mon 16:00 50percent", "breach Mon 20:00"]


def test_a_run_that_lies_ahead_warns_from_its_start_on() -> None:
    facts = case(
        "at | event\nMon 09:00 | opened\nMon 09:20 | reply", policy=policy("kind | target | steps\nupdate | 1h | -2h")
    )
    ahead = clock(facts, "update 2", now="Mon 09:20")
    assert alerts(ahead) == ["warning Mon 10:00 -120minutes", "breach Mon 11:00"]


def told_of(instant: str) -> str:
    return f"{at(instant):%Y%m%dT%H%M%S.%f}"


def test_the_warnings_of_another_target_are_told_again_and_a_breach_never() -> None:
    late = f"7:resolution:1:breach:{told_of('Mon 11:00')}"
    text = policy(one("high 1h, low 8h", steps="50%"))
    before = clock(case("at | event | to\nMon 10:00 | opened | high", policy=text), "resolution 1", now="Mon 12:00")
    changed = "at | event | to\nMon 10:00 | opened | high\nMon 12:00 | severity | low"
    after = clock(case(changed, policy=text), "resolution 1", now="Mon 12:00")
    assert [once_key(7, before, alert) for alert in before.alerts] == [
        "7:resolution:1:50percent:60minutes",
        late,
    ]
    assert {once_key(7, after, alert) for alert in after.alerts} == {
        "7:resolution:1:50percent:480minutes",
        late,
    }


def test_every_run_and_every_case_tells_its_own() -> None:
    facts = case("at | event\nMon 09:00 | opened\nMon 09:20 | reply", policy=policy("kind | target\nupdate | 1h"))
    breach = Alert(AlertKind.BREACH, at("Mon 10:00"))
    runs = [clock(facts, name) for name in ("update 1", "update 2")]
    assert [once_key(case, run, breach) for case in (1, 2) for run in runs] == [
        f"{case}:update:{run}:breach:{told_of('Mon 10:00')}" for case in (1, 2) for run in (1, 2)
    ]
