"""R7 and R8: what another severity, other terms or other hours do to clocks that run. Office hours are nine to five."""

from dataclasses import replace

import pytest

from support.domain.clocks.terms import InvalidTerms
from support.domain.clocks.values import Terms
from support.domain.coverage import MissingCalendar
from tests.support.domain.clocks.cases import OFFICE, alerts, at, case, clock, expect, one, policy, stands, when
from tests.support.domain.desks import desk

# Changes --------------------------------------------------------------------------------------------------------------

BY_SEVERITY = "urgent 1h, high 4h, normal 8h"


@pytest.mark.parametrize(
    ("measured", "changed", "due", "late"),
    [
        ("from_start", "Mon 10:30 severity urgent", "Mon 11:00", "Mon 11:00"),
        ("from_start", "Mon 12:00 severity urgent", "Mon 11:00", "Mon 12:00"),  # late from the change on
        ("from_start", "Mon 12:00 severity normal", "Mon 18:00", ""),
        ("from_start", "Mon 14:00 severity normal", "Mon 18:00", ""),  # at the due time nothing was late
        ("from_start", "Mon 14:01 severity normal", "Mon 18:00", "Mon 14:00"),  # late stays late
        ("from_start", "Mon 10:00 severity urgent", "Mon 11:00", "Mon 11:00"),  # at the opening itself
        ("from_change", "Mon 12:00 severity urgent", "Mon 13:00", "Mon 13:00"),
        ("from_change", "Mon 12:00 severity normal", "Mon 20:00", ""),
        ("from_change", "Mon 15:00 severity urgent", "Mon 16:00", "Mon 14:00"),
        ("from_change", "Mon 12:00 severity high", "Mon 14:00", "Mon 14:00"),  # no change at all
    ],
)
def test_another_severity_brings_another_target(measured: str, changed: str, due: str, late: str) -> None:
    day, hour, event, to = changed.split()
    facts = case(
        f"at | event | to\nMon 10:00 | opened | high\n{day} {hour} | {event} | {to}",
        policy=policy(one(BY_SEVERITY, measured=measured)),
    )
    expect(facts, f"clock | due | late\nresolution 1 | {due} | {late}", now="Mon 17:00")


def test_a_severity_there_and_back_leaves_the_lateness_of_the_time_between() -> None:
    facts = case(
        """
      at        | event    | to
      Mon 10:00 | opened   | normal
      Mon 12:00 | severity | urgent
      Mon 12:30 | severity | normal
    """,
        policy=policy(one(BY_SEVERITY)),
    )
    reckoned = clock(facts, "resolution 1", now="Mon 13:00")
    assert (when(reckoned.due_at), when(reckoned.breached_at)) == ("Mon 18:00", "Mon 12:00")
    assert [(when(c.at), c.severity) for c in reckoned.changes] == [("Mon 12:00", "urgent"), ("Mon 12:30", "normal")]


def test_pauses_before_a_change_are_kept_if_it_counts_from_the_start_only() -> None:
    story = """
      at        | event    | to
      Mon 10:00 | opened   | high
      Mon 11:00 | waiting  |
      Mon 12:30 | severity | normal
      Mon 13:00 | open     |
    """
    kept = clock(case(story, policy=policy(one(BY_SEVERITY))), "resolution 1")
    assert (when(kept.measured_from), when(kept.due_at)) == ("Mon 10:00", "Mon 20:00")
    anew = clock(case(story, policy=policy(one(BY_SEVERITY, measured="from_change"))), "resolution 1")
    assert (when(anew.measured_from), when(anew.due_at)) == ("Mon 12:30", "Mon 21:00")
    assert [(when(pause.start), when(pause.end)) for pause in anew.pauses] == [("Mon 12:30", "Mon 13:00")]


def test_a_clock_without_a_target_any_more_is_cancelled_then_and_runs_again_with_the_next() -> None:
    text = policy(one("urgent 1h, high 4h"))
    story = "at | event | to\nMon 10:00 | opened | high\nMon 11:00 | severity | low"
    expect(
        case(story, policy=text),
        "clock | state | due | end | late\nresolution 1 | cancelled | Mon 14:00 | Mon 11:00 |",
    )
    again = case(f"{story}\nMon 12:00 | severity | high", policy=text)
    expect(
        again, "clock | state | start | due | end\nresolution 1 | running | Mon 10:00 | Mon 14:00 |", now="Mon 13:00"
    )
    settled = case(f"{story}\nMon 12:00 | resolved | ", policy=text)
    expect(settled, "clock | state | end\nresolution 1 | cancelled | Mon 11:00")


def test_a_target_that_comes_later_counts_from_the_start_and_is_late_from_then_on() -> None:
    facts = case(
        "at | event | to\nMon 10:00 | opened | low\nMon 15:00 | severity | high", policy=policy(one("high 4h"))
    )
    expect(facts, "clock | start | due | late\nresolution 1 | Mon 10:00 | Mon 14:00 | Mon 15:00", now="Mon 16:00")


def test_what_has_ended_is_not_touched_by_a_change() -> None:
    facts = case(
        """
      at        | event    | to
      Mon 10:00 | opened   | high
      Mon 11:30 | resolved |
      Mon 11:30 | severity | urgent
      Mon 12:00 | severity | urgent
    """,
        policy=policy(one(BY_SEVERITY)),
    )
    expect(facts, "clock | due | end | late\nresolution 1 | Mon 14:00 | Mon 11:30 |")


# Other terms ----------------------------------------------------------------------------------------------------------


def test_another_policy_counts_from_the_opening_and_keeps_the_lateness_of_the_one_before() -> None:
    opened = "at | event\nMon 10:00 | opened"
    better, slower = policy(one("2h"), version=2), policy(one("8h"), version=2)
    rows = (
        (better, "Mon 11:00", "Mon 12:00", "Mon 12:00"),
        (better, "Mon 13:00", "Mon 12:00", "Mon 13:00"),
        (slower, "Mon 13:00", "Mon 18:00", ""),
        (slower, "Mon 15:00", "Mon 18:00", "Mon 14:00"),
    )
    for other, since, due, late in rows:
        facts = case(opened, policy=policy(one("4h")), later={since: other})
        expect(facts, f"clock | due | late\nresolution 1 | {due} | {late}", now="Mon 17:00")


def test_terms_that_begin_later_are_not_in_force_yet() -> None:
    facts = case("at | event\nMon 10:00 | opened", policy=policy(one("4h")), later={"Mon 12:00": policy(one("2h"))})
    assert clock(facts, "resolution 1", now="Mon 11:59").terms == 1
    assert clock(facts, "resolution 1", now="Mon 12:00").terms == 2


def test_the_first_terms_speak_from_the_opening_whenever_they_were_written() -> None:
    facts = case("at | event\nMon 10:00 | opened", policy=policy(one("4h")))
    late = replace(facts, terms=(replace(facts.terms[0], starts_at=at("Mon 12:00")),))
    expect(late, "clock | due\nresolution 1 | Mon 14:00", now="Mon 10:30")


def test_other_hours_move_what_counts_by_them_and_nothing_else() -> None:
    text = policy("""
      kind           | target
      first_response | 4h
      resolution     | 4bh
    """)
    longer = desk("mon-fri 08:00-20:00")
    facts = case(
        "at | event\nMon 15:00 | opened",
        policy=text,
        later={"Mon 16:00": Terms(2, at("Mon 16:00"), text, {"office": longer})},
    )
    expect(facts, "clock | due\nfirst 1 | Mon 19:00\nresolution 1 | Mon 19:00", now="Mon 16:30")
    first, resolution = stands(facts, "Mon 16:30").clocks
    assert (first.changes, len(resolution.changes)) == ((), 1)
    assert (first.terms, resolution.terms) == (2, 2)


def test_the_same_promise_in_other_terms_changes_nothing_but_their_name() -> None:
    text = one("4bh", measured="from_change")
    facts = case("at | event\nMon 10:00 | opened", policy=policy(text), later={"Mon 11:00": policy(text, version=2)})
    reckoned = clock(facts, "resolution 1", now="Mon 12:00")
    assert (when(reckoned.measured_from), reckoned.terms, reckoned.changes) == ("Mon 10:00", 2, ())


def test_a_policy_taken_away_cancels_and_a_milestone_that_is_new_counts_from_its_start() -> None:
    both = policy("kind | target\nfirst_response | 4h\nresolution | 8h", version=2)
    facts = case(
        "at | event\nMon 10:00 | opened", policy=policy(one("4h")), later={"Mon 11:00": both, "Mon 12:00": None}
    )
    expect(
        facts,
        "clock | start | due\nfirst 1 | Mon 10:00 | Mon 14:00\nresolution 1 | Mon 10:00 | Mon 18:00",
        now="Mon 11:30",
    )
    expect(facts, "clock | state | end\nfirst 1 | cancelled | Mon 12:00\nresolution 1 | cancelled | Mon 12:00")


def test_pauses_are_those_of_the_terms_in_which_they_count() -> None:
    story = "at | event\nMon 10:00 | opened\nMon 11:00 | waiting\nMon 13:00 | open"
    facts = case(story, policy=policy(one("4h", pauses="")), later={"Mon 12:00": policy(one("4h"), version=2)})
    expect(facts, "clock | due | late\nresolution 1 | Mon 16:00 | Mon 16:00")
    was_late = case(story, policy=policy(one("1h", pauses="")), later={"Mon 12:00": policy(one("4h"), version=2)})
    expect(was_late, "clock | due | late\nresolution 1 | Mon 16:00 | Mon 11:00", now="Mon 14:00")


def test_a_milestone_that_changes_its_triggers_leaves_the_runs_that_ended() -> None:
    by_message = "kind | from | again | target\nupdate | customer_message | independent | 4h"
    by_assignment = "kind | from | again | target\nupdate | assigned | independent | 4h"
    facts = case(
        """
      at        | event    | to
      Mon 10:00 | opened   |
      Mon 10:10 | assigned | crew/
      Mon 10:20 | message  |
      Mon 10:30 | reply    |
      Mon 12:10 | message  |
      Mon 12:20 | assigned | others/
    """,
        policy=policy(by_message),
        later={"Mon 12:00": policy(by_assignment, version=2)},
    )
    expect(facts, "clock | start | end\nupdate 1 | Mon 10:20 | Mon 10:30\nupdate 2 | Mon 12:20 |")


# R8 and what can't be counted -----------------------------------------------------------------------------------------


def test_minutes_count_around_the_clock_whatever_calendar_a_target_names() -> None:
    facts = case("at | event\nSat 10:00 | opened", policy=policy(one("4h")))
    assert clock(facts, "resolution 1").hours.never_closes


def test_hours_that_are_not_there_are_a_mistake_to_be_told() -> None:
    facts = case("at | event\nMon 10:00 | opened", policy=policy(one("4bh")))
    without = replace(facts, terms=(replace(facts.terms[0], hours={"other": OFFICE}),))
    with pytest.raises(MissingCalendar, match="'office'"):
        stands(without)
    with pytest.raises(InvalidTerms, match="give it terms"):
        stands(replace(facts, terms=()))


def test_what_was_late_by_the_pauses_of_its_day_stays_late() -> None:
    story = "at | event\nMon 10:00 | opened\nMon 11:00 | waiting\nMon 15:30 | open"
    facts = case(story, policy=policy(one("4h", pauses="")), later={"Mon 15:00": policy(one("4h"), version=2)})
    expect(facts, "clock | due | late\nresolution 1 | Mon 18:30 | Mon 14:00", now="Mon 16:00")


def test_a_milestone_that_counts_from_changes_from_now_on_counts_from_this_one() -> None:
    anew = policy(one("4h", measured="from_change"), version=2)
    facts = case("at | event\nMon 10:00 | opened", policy=policy(one("4h")), later={"Mon 12:00": anew})
    expect(facts, "clock | due\nresolution 1 | Mon 16:00", now="Mon 13:00")


def test_the_steps_of_the_terms_now_in_force_are_told() -> None:
    other = policy(one("4h", steps="50%"), version=2)
    facts = case("at | event\nMon 10:00 | opened", policy=policy(one("4h", steps="-1h")), later={"Mon 11:00": other})
    assert alerts(clock(facts, "resolution 1", now="Mon 10:30")) == ["warning Mon 13:00 -60minutes", "breach Mon 14:00"]
    assert alerts(clock(facts, "resolution 1", now="Mon 11:30")) == ["warning Mon 12:00 50percent", "breach Mon 14:00"]
