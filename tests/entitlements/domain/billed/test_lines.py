"""What differs, side by side in the reader's words; and steps by names that know no row and no clock."""

from dataclasses import replace

import pytest

from catalog.domain.window import Window
from entitlements.domain.billed.deciding import decide
from entitlements.domain.billed.lines import GONE, lines_of, name_of
from entitlements.domain.billed.steps import (
    Become,
    CallOff,
    Convert,
    End,
    FailPayment,
    Give,
    Held,
    KeepGoing,
    Leave,
    Pause,
    RecordPeriod,
    Restore,
    Resume,
    SetTrialEnd,
    Start,
    Step,
    Take,
)
from entitlements.domain.billed.told import Billed
from tests.entitlements.domain.billed.told import (
    ACTIVE,
    ENDED,
    EXTRA,
    NOW,
    PRO,
    SOLD,
    TEAM,
    TEAM_YEARLY,
    TRIAL,
    billed,
    comes,
    day,
    held,
    item,
    mine,
    planned,
)

NAMES = {"team": "Team", "pro": "Pro", "extra": "Extra"}
OURS = held(
    mine(quantity=5),
    mine(EXTRA, id="si_2", key=8),
    comes=(planned(3, PRO), planned(4, None, id="si_2", key=91)),
    trial_ends_at=day(5),
    grace_ends_at=day(6),
    paused=True,
    paused_until=day(7),
    leaves_at=day(8),
    ends_at=day(9),
    periods=(Window(day(-30), day(1)),),
)
STEPS: list[tuple[Step, str, str, str]] = [
    (Start((Give("si_1", TEAM, 2),), None, False), "The subscription", "2 × Team, by the month", "It has ended"),
    (Start((Give("si_1", TEAM, 2),), day(9), True), "The subscription",
     "2 × Team, by the month, in trial until 11 March 2026 09:00 (UTC)", "It has ended"),
    (Give("si_9", PRO, 1), "Pro", "1 × Pro, by the month", "Nothing"),
    (Give("si_9", PRO, 1, day(2)), "Pro from 4 March 2026 09:00 (UTC)", "1 × Pro, by the month", "Nothing"),
    (Become(7, "si_1", TEAM, 9), "Team", "9 × Team, by the month", "5 × Team, by the month"),
    (Become(7, "si_1", TEAM_YEARLY, 5), "Team", "5 × Team, by the year", "5 × Team, by the month"),
    (Become(7, "si_1", TEAM, 5), "Team", "5 × Team, by the month, goes on", "5 × Team, by the month"),
    (Take(8, id="si_2"), "Extra", "Not billed", "1 × Extra, by the month"),
    (Take(0, day(2), "si_2"), "Extra from 4 March 2026 09:00 (UTC)", "Not billed", "1 × Extra, by the month"),
    (CallOff(90), "What is to come from 5 March 2026 09:00 (UTC)", "Nothing", "1 × Pro, by the month"),
    (CallOff(91), "What is to come from 6 March 2026 09:00 (UTC)", "Nothing", "It ends then"),
    (SetTrialEnd(day(3), True), "The trial", "Until 5 March 2026 09:00 (UTC), then paid for by itself",
     "Until 7 March 2026 09:00 (UTC), nothing to pay with"),
    (Convert(), "The trial", "It has become a sale", "Until 7 March 2026 09:00 (UTC), nothing to pay with"),
    (FailPayment(), "Payment", "Failed, and tried again", "Waited for until 8 March 2026 09:00 (UTC)"),
    (FailPayment(ended=True), "Payment", "Failed, and tried no more", "Waited for until 8 March 2026 09:00 (UTC)"),
    (Restore(), "Payment", "Nothing is owed", "Waited for until 8 March 2026 09:00 (UTC)"),
    (Pause(), "Pause", "Paused", "Paused until 9 March 2026 09:00 (UTC)"),
    (Resume(), "Pause", "Not paused", "Paused until 9 March 2026 09:00 (UTC)"),
    (Leave(day(2)), "Its end", "Cancelled as of 4 March 2026 09:00 (UTC)", "Cancelled as of 10 March 2026 09:00 (UTC)"),
    (KeepGoing(), "Its end", "It goes on", "Cancelled as of 10 March 2026 09:00 (UTC)"),
    (End(), "The subscription", "It has ended", "5 × Team, by the month, 1 × Extra, by the month"),
    (RecordPeriod(Window(day(1), day(31))), "The period that is billed",
     "3 March 2026 09:00 (UTC) to 2 April 2026 09:00 (UTC)", "31 January 2026 09:00 (UTC) to 3 March 2026 09:00 (UTC)"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "about", "theirs", "ours"), STEPS, ids=[str(n) for n in range(len(STEPS))])
def test_each_step_in_words(step: Step, about: str, theirs: str, ours: str) -> None:
    (line,) = lines_of(billed(), OURS, [step], names=NAMES)
    assert (line.about, line.theirs, line.ours) == (about, theirs, ours)
    assert line.step == name_of(step, billed=billed(), held=OURS)


def test_of_every_kind_of_step_there_is_a_line() -> None:
    assert {type(step) for step, *_ in STEPS} == set(Step.__args__)  # type: ignore[attr-defined]


def test_no_two_steps_that_differ_have_one_name() -> None:
    names = [name_of(step, billed=billed(), held=OURS) for step, *_ in STEPS]
    assert len(set(names)) == len(names)


def test_nothing_is_held_and_nothing_is_there() -> None:
    (begins,) = lines_of(billed(), None, [Start((Give("si_1", TEAM, 2),), None, False)])
    (ends,) = lines_of(billed(state=ENDED), held(mine(TEAM)), [End()], gone=True)
    assert (begins.ours, ends.theirs, ends.ours) == ("Nothing", GONE, "1 × team, by the month")


def test_who_leaves_at_another_instant_is_told_once() -> None:
    lines = lines_of(billed(), OURS, [KeepGoing(), Leave(day(2))])
    assert [line.theirs for line in lines] == ["Cancelled as of 4 March 2026 09:00 (UTC)"]


def test_instants_are_said_where_the_customer_is() -> None:
    (line,) = lines_of(billed(), OURS, [Leave(day(2))], zone="Europe/Amsterdam")
    assert line.theirs == "Cancelled as of 4 March 2026 10:00 (Amsterdam)"


# Names ------------------------------------------------------------------------------------------------------------
def names(said: Billed, ours: Held | None, *, after: float = 0) -> list[str]:
    at = day(after)
    return [name_of(step, billed=said, held=ours) for step in decide(said, ours, sold=SOLD, at=at).steps]


@pytest.mark.parametrize(
    "said",
    [
        billed(item(quantity=3)),
        billed(item("pro"), item("extra", id="si_2")),
        billed(ends_at=day(9)),
        billed(state=TRIAL, trial_ends_at=day(9)),
        billed(state=TRIAL, trial_ends_at=day(-1)),
        billed(comes=(comes(5, item("pro")),)),
    ],
)
def test_a_name_knows_neither_the_clock_nor_the_row(said: Billed) -> None:
    ours = held(mine(), trial_ends_at=day(7))
    other = replace(ours, items=(mine(key=99),))
    assert names(said, ours) == names(said, ours, after=0.5) == names(said, other) != []


def test_who_goes_on_otherwise_has_another_name() -> None:
    ours = held(mine(), leaves_at=day(8), ends_at=day(9))
    assert names(billed(ends_at=day(7)), ours)[0] != names(billed(), ours)[0]


def test_the_state_is_the_billings() -> None:
    assert names(billed(state=ACTIVE), held(mine())) == []
    assert day(0) == NOW
