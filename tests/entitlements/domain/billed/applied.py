"""A desk in memory: rows with dates, on which steps are done one after the other, each refused where it can't be done.

It knows nothing of how steps are decided. `held` reads the rows as of an instant, and `stands` what a customer has.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from catalog.domain.window import Window
from entitlements.domain.billed.steps import (
    Become,
    CallOff,
    Convert,
    End,
    FailPayment,
    Give,
    Held,
    HeldChange,
    HeldItem,
    KeepGoing,
    Leave,
    Pause,
    RecordPeriod,
    Restore,
    Resume,
    SetTrialEnd,
    Sold,
    Start,
    Step,
    Take,
)
from tests.entitlements.domain.billed.told import DAY

GRACE, ACCESS_AFTER = 14 * DAY, 7 * DAY


@dataclass
class Row:
    key: int
    id: str
    sold: Sold
    quantity: int
    starts_at: datetime
    ends_at: datetime | None = None

    def runs(self, at: datetime) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    def lasts_until(self, at: datetime) -> bool:
        return self.starts_at < at and self.ends_at in (None, at)


@dataclass
class Change:
    key: int
    at: datetime
    id: str
    begins: Row | None = None
    ends: Row | None = None
    former: datetime | None = None


@dataclass
class Life:
    """One subscription: its rows, and the dates of what befalls it."""

    starts_at: datetime
    ends_at: datetime | None = None
    rows: list[Row] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    trial: tuple[datetime, datetime] | None = None
    card: bool = False
    converted: bool = False
    telling: datetime | None = None
    graces: list[list[datetime | None]] = field(default_factory=list)  # [from, until, restored]
    pauses: list[list[datetime | None]] = field(default_factory=list)
    left: datetime | None = None
    periods: dict[datetime, datetime] = field(default_factory=dict)


class Desk:
    def __init__(self) -> None:
        self.lives: list[Life] = []
        self._key = 0

    @property
    def life(self) -> Life:
        return self.lives[-1]

    def key(self) -> int:
        self._key += 1
        return self._key

    # Reading ------------------------------------------------------------------------------------------------------
    def held(self, at: datetime) -> Held | None:
        if not self.lives:
            return None
        life, pause, grace = self.life, self._pause_running(at), self._grace()
        return Held(
            starts_at=life.starts_at,
            ends_at=life.ends_at,
            items=tuple(_item(row) for row in life.rows if row.runs(at)),
            trial_ends_at=self._trial_end(at),
            with_card=life.card,
            telling_trial_end=life.telling,
            grace_ends_at=grace[1] if grace else None,
            paused=pause is not None,
            leaves_at=life.left,
            periods=tuple(Window(*period) for period in life.periods.items()),
            comes=tuple(_change(change) for change in life.changes if at < change.at),
            paused_until=pause[1] if pause else None,
        )

    def _trial_end(self, at: datetime) -> datetime | None:
        life = self.life
        if life.trial is None or life.converted or (life.card and life.trial[1] <= at):
            return None
        return life.trial[1]

    def _grace(self) -> list | None:
        return next((one for one in self.life.graces if one[2] is None), None)

    def _pause_running(self, at: datetime) -> list | None:
        return next((one for one in self.life.pauses if one[0] <= at and (one[1] is None or at < one[1])), None)

    def stands(self, at: datetime) -> tuple[Counter, str]:
        """What is held at the instant, and in which phase."""
        life = next((one for one in self.lives[::-1] if one.starts_at <= at), None)
        if life is None or (life.ends_at is not None and life.ends_at <= at):
            return Counter(), "nothing"
        bag = Counter((row.sold.plan, row.sold.interval, row.quantity) for row in life.rows if row.runs(at))
        return bag, _phase(life, at)

    def edges(self) -> set[datetime]:
        life = self.life
        found = {life.starts_at, life.ends_at, life.left, *(life.trial or ())}
        for row in life.rows:
            found |= {row.starts_at, row.ends_at}
        for stretch in (*life.graces, *life.pauses):
            found |= set(stretch)
        return {one for one in found if one is not None}

    # Doing --------------------------------------------------------------------------------------------------------
    def do(self, steps: tuple[Step, ...], at: datetime) -> None:
        for step in steps:
            getattr(self, f"_{type(step).__name__.lower()}")(step, at)

    def _start(self, step: Start, at: datetime) -> None:
        assert not self.lives or (self.life.ends_at is not None and self.life.ends_at <= at), "it runs already"
        assert step.items, "nothing would begin"
        self.lives.append(Life(at))
        for one in step.items:
            self._give(one, at)
        if step.trial_ends_at is not None:
            assert step.trial_ends_at > at
            self.life.trial, self.life.card = (at, step.trial_ends_at), step.with_card

    def _give(self, step: Give, at: datetime) -> None:
        assert step.quantity > 0
        when = step.at or at
        assert not any(row.runs(when) for row in self.life.rows if row.id == step.id), "it is there already"
        row = Row(self.key(), step.id, step.sold, step.quantity, when)
        self.life.rows.append(row)
        if step.at:
            self._plan(step.id, step.at, at, begins=row)

    def _plan(self, id: str, when: datetime, at: datetime, **what: object) -> None:
        assert when > at
        assert all(change.at < when for change in self.life.changes if change.id == id), "inserted before another"
        self.life.changes.append(Change(self.key(), when, id, **what))  # type: ignore[arg-type]

    def _found(self, key: int, id: str, until: datetime | None, at: datetime) -> Row:
        rows = [row for row in self.life.rows if (row.lasts_until(until) if until else row.runs(at))]
        found = [row for row in rows if (row.key == key if key else row.id == id)]
        assert len(found) == 1, f"{key or id} is not one row: {found}"
        return found[0]

    def _become(self, step: Become, at: datetime) -> None:
        was = self._found(step.key, step.id, step.at, at)
        if step.at is None:
            assert not any(change.at > at for change in self.life.changes if change.id == was.id), "plans stand on it"
            self._cut(was, at)
            self._give(Give(step.id, step.sold, step.quantity), at)
            return
        row = Row(self.key(), step.id, step.sold, step.quantity, step.at)
        self._plan(step.id, step.at, at, begins=row, ends=was, former=was.ends_at)
        was.ends_at = step.at
        self.life.rows.append(row)

    def _cut(self, row: Row, at: datetime) -> None:
        if row.starts_at >= at:
            self.life.rows.remove(row)
        row.ends_at = at

    def _take(self, step: Take, at: datetime) -> None:
        was = self._found(step.key, step.id, step.at, at)
        if step.at is None:
            self._cut(was, at)
        else:
            self._plan(was.id, step.at, at, ends=was, former=was.ends_at)
            was.ends_at = step.at

    def _calloff(self, step: CallOff, at: datetime) -> None:
        change = next(one for one in self.life.changes if one.key == step.key)
        assert change.at > at
        assert not any(other.ends is change.begins for other in self.life.changes if change.begins), "stands on it"
        self.life.changes.remove(change)
        if change.begins is not None:
            self.life.rows.remove(change.begins)
        if change.ends is not None:
            change.ends.ends_at = change.former

    def _settrialend(self, step: SetTrialEnd, at: datetime) -> None:
        assert step.at >= at
        life = self.life
        begun = life.trial[0] if life.trial and not life.converted else at
        life.trial, life.card, life.converted = (begun, step.at), step.with_card and step.at > at, False

    def _convert(self, step: Convert, at: datetime) -> None:
        assert self.life.trial is not None
        assert not self.life.converted
        self.life.converted = True

    def _failpayment(self, step: FailPayment, at: datetime) -> None:
        waits = self._grace()
        if waits is None:
            self.life.graces.append([at, at if step.ended else at + GRACE, None])
        else:
            assert step.ended
            assert waits[1] > at, "it has ended already"
            waits[1] = at

    def _restore(self, step: Restore, at: datetime) -> None:
        waits = self._grace()
        assert waits, "no payment is waited for"
        waits[2] = at

    def _pause(self, step: Pause, at: datetime) -> None:
        runs = self._pause_running(at)
        if runs is None:
            self.life.pauses.append([at, None])
        else:
            runs[1] = None

    def _resume(self, step: Resume, at: datetime) -> None:
        runs = self._pause_running(at)
        assert runs, "it is not paused"
        runs[1] = at

    def _leave(self, step: Leave, at: datetime) -> None:
        assert step.at > at
        assert self.life.left is None, "it is left already"
        assert self.life.ends_at is None
        self.life.left, self.life.ends_at = step.at, step.at + ACCESS_AFTER

    def _keepgoing(self, step: KeepGoing, at: datetime) -> None:
        assert self.life.ends_at is not None, "it has no end"
        assert self.life.ends_at > at
        self.life.left = self.life.ends_at = None

    def _end(self, step: End, at: datetime) -> None:
        assert self.life.ends_at is None or self.life.ends_at > at, "it has ended"
        self.life.ends_at = at

    def _recordperiod(self, step: RecordPeriod, at: datetime) -> None:
        start, end = step.window.start, step.window.end
        known = self.life.periods
        for begun, until in list(known.items()):
            assert not start < begun < end, "a later one is known"
            if begun < start < until:
                known[begun] = start
        known[start] = end


def _item(row: Row) -> HeldItem:
    sold = row.sold
    window = Window(row.starts_at, row.ends_at)
    return HeldItem(row.key, row.id, sold.plan, sold.interval, row.quantity, sold.is_add_on, window)


def _change(change: Change) -> HeldChange:
    row = change.begins
    if row is None:
        return HeldChange(change.key, change.at, change.id, "", "", 0)
    return HeldChange(change.key, change.at, change.id, row.sold.plan, row.sold.interval, row.quantity)


def _phase(life: Life, at: datetime) -> str:
    for since, until, restored in life.graces:
        if since <= until <= at and (restored is None or at < restored):
            return "unpaid"
    if any(since <= at and (until is None or at < until) for since, until in life.pauses):
        return "paused"
    if life.left is not None and life.left <= at:
        return "winding down"
    if any(since <= at < until and (restored is None or at < restored) for since, until, restored in life.graces):
        return "grace"
    if life.trial is None or life.converted or at < life.trial[0]:
        return "active"
    if at < life.trial[1]:
        return "trial"
    return "active" if life.card else "trial over"
