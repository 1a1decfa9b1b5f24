"""What differs between what is billed and what is held, side by side and in the reader's words.

Each line says what it is about, what the billing has and what we have, and names the step that would make ours theirs. A
step is named by a text (`name_of`) that knows no row number and no clock: as long as the billing says the same, it has the
same name, whoever looks and whenever. By that name a difference that somebody decided to keep is known again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

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
    Start,
    Step,
    Take,
)
from entitlements.domain.billed.told import Billed

GONE = "It is not there any more"
NOT_HELD = "Nothing"
EACH = {"month": "by the month", "year": "by the year"}
Names = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    about: str
    theirs: str
    ours: str
    step: str  # its name


def name_of(step: Step, *, billed: Billed, held: Held | None) -> str:
    """The step as a text that is the same as long as the billing says the same; `held` knows what is called off."""
    match step:
        case Start(items=items, trial_ends_at=trial_ends_at):
            return " ".join(["start", *(_name_of_item(one) for one in items), *_named("trial to", trial_ends_at)])
        case Give():
            return " ".join(["give", _name_of_item(step), *_named("from", step.at)])
        case Become():
            return " ".join(["become", _name_of_item(step), *_named("from", step.at)])
        case Take(id=id, at=at):
            return " ".join(["take", id, *_named("from", at)])
        case CallOff(key=key):
            return f"call off {_name_of_change(_change(held, key))}"
        case SetTrialEnd(at=at, with_card=with_card):
            said = {billed.trial_ends_at, held.telling_trial_end if held is not None else None}
            return f"trial to {at.isoformat()}{' paid for' if with_card else ''}" if at in said else "trial over"
        case FailPayment(ended=ended):
            return "unpaid" if ended else "payment failed"
        case Pause():
            return "pause"
        case Leave(at=at):
            return f"leave {at.isoformat()}"
        case KeepGoing():
            return " ".join(["keep going", *_named("to", billed.ends_at)])
        case RecordPeriod(window=window):
            return f"period {_iso(window.start)} {_iso(window.end)}"
        case _:
            return _PLAIN[type(step)]


def lines_of(
    billed: Billed, held: Held | None, steps: Iterable[Step], *, names: Names | None = None, zone: str = "UTC",
    gone: bool = False,
) -> tuple[Line, ...]:  # fmt: skip
    """One line for each step; `names` are those of plans by their keys, and instants are said in the zone.

    `gone`: there is no such subscription any more where it was billed. Where it leaves at another instant than is held,
    one line says so: that the former one doesn't hold needs no second.
    """
    steps = tuple(steps)
    said = _Said(billed, held, names or {}, zone, gone)
    leaves = any(isinstance(step, Leave) for step in steps)
    shown = (step for step in steps if not (leaves and isinstance(step, KeepGoing)))
    return tuple(Line(*said.sides(step), step=name_of(step, billed=billed, held=held)) for step in shown)


_PLAIN: Mapping[type, str] = {
    Convert: "convert",
    Restore: "paid",
    Resume: "resume",
    End: "end",
}


def _name_of_item(item: Give | Become) -> str:
    return f"{item.id} {item.quantity} × {item.sold.plan} {item.sold.interval}".rstrip()


def _name_of_change(change: HeldChange | None) -> str:
    if change is None:
        return "a change"
    return f"{change.id} {change.quantity} × {change.plan} {change.interval} from {change.at.isoformat()}"


def _named(word: str, instant: datetime | None) -> Iterator[str]:
    if instant is not None:
        yield f"{word} {instant.isoformat()}"


def _iso(instant: datetime | None) -> str:
    return "" if instant is None else instant.isoformat()


def _change(held: Held | None, key: int) -> HeldChange | None:
    return next((one for one in held.comes if one.key == key), None) if held is not None else None


@dataclass(frozen=True, slots=True)
class _Said:
    """Both sides of one subscription, as words."""

    billed: Billed
    held: Held | None
    names: Names
    zone: str
    gone: bool

    def sides(self, step: Step) -> tuple[str, str, str]:
        """What it is about, theirs and ours."""
        match step:
            case Start() | End() | Leave() | KeepGoing():
                return self._whole(step)
            case Give() | Become() | Take() | CallOff():
                return self._item(step)
            case _:
                return self._life(step)

    def _whole(self, step: Start | End | Leave | KeepGoing) -> tuple[str, str, str]:
        match step:
            case Start(items=items, trial_ends_at=trial):
                bought = ", ".join(self._sold(one.sold.plan, one.sold.interval, one.quantity) for one in items)
                tried = f", in trial until {self._at(trial)}" if trial else ""
                return "The subscription", f"{bought}{tried}", NOT_HELD if self.held is None else "It has ended"
            case End():
                return "The subscription", GONE if self.gone else "It has ended", self._all_held()
            case Leave(at=at):
                return "Its end", f"Cancelled as of {self._at(at)}", self._our_end()
        return "Its end", "It goes on", self._our_end()

    def _item(self, step: Give | Become | Take | CallOff) -> tuple[str, str, str]:
        match step:
            case CallOff(key=key):
                change = _change(self.held, key)
                return (
                    f"What is to come{self._from(change.at if change is not None else None)}",
                    NOT_HELD,
                    self._comes(change),
                )
            case Take(at=at):
                ours = self._ours(step.id, step.key)
                return f"{self._plan(ours)}{self._from(at)}", "Not billed", self._has(ours)
        ours, theirs = self._ours(step.id, step.key if isinstance(step, Become) else 0), self._bought(step)
        about = f"{self.names.get(step.sold.plan, step.sold.plan)}{self._from(step.at)}"
        if ours is not None and step.at is None and theirs == self._held_as(ours):
            return about, f"{theirs}, goes on", self._has(ours)
        return about, theirs, NOT_HELD if ours is None else self._has(ours)

    def _life(self, step: Step) -> tuple[str, str, str]:
        match step:
            case SetTrialEnd(at=at, with_card=card):
                paid = "then paid for by itself" if card else "nothing to pay with"
                return "The trial", f"Until {self._at(at)}, {paid}", self._our_trial()
            case Convert():
                return "The trial", "It has become a sale", self._our_trial()
            case FailPayment(ended=ended):
                return "Payment", "Failed, and tried no more" if ended else "Failed, and tried again", self._our_grace()
            case Restore():
                return "Payment", "Nothing is owed", self._our_grace()
            case Pause():
                return "Pause", "Paused", self._our_pause()
            case Resume():
                return "Pause", "Not paused", self._our_pause()
            case RecordPeriod(window=window):
                return "The period that is billed", self._span(window), self._our_period()
        raise AssertionError(f"{type(step).__name__} has no words.")

    # Theirs and ours -----------------------------------------------------------------------------------------------
    def _bought(self, step: Give | Become) -> str:
        return self._sold(step.sold.plan, step.sold.interval, step.quantity)

    def _held_as(self, item: HeldItem) -> str:
        return self._sold(item.plan, item.interval, item.quantity)

    def _has(self, item: HeldItem | None) -> str:
        if item is None:
            return NOT_HELD
        return self._held_as(item) + (f", until {self._at(item.window.end)}" if item.window.end else "")

    def _ours(self, id: str, key: int) -> HeldItem | None:
        items = self.held.items if self.held is not None else ()
        return next((one for one in items if one.key == key or (id and one.id == id)), None)

    def _plan(self, item: HeldItem | None) -> str:
        return "An item" if item is None else self.names.get(item.plan, item.plan)

    def _comes(self, change: HeldChange | None) -> str:
        if change is None or not change.quantity:
            return "It ends then"
        return self._sold(change.plan, change.interval, change.quantity)

    def _all_held(self) -> str:
        items = self.held.items if self.held is not None else ()
        return ", ".join(self._has(one) for one in items) or "It goes on"

    def _our_end(self) -> str:
        if self.held is None or (self.held.leaves_at is None and self.held.ends_at is None):
            return "It goes on"
        left, ends = self.held.leaves_at, self.held.ends_at
        return f"Cancelled as of {self._at(left)}" if left is not None else f"Ends {self._at(ends)}"

    def _our_trial(self) -> str:
        end = self.held.trial_ends_at if self.held is not None else None
        if self.held is None or end is None:
            return "No trial"
        return f"Until {self._at(end)}, {'then paid for by itself' if self.held.with_card else 'nothing to pay with'}"

    def _our_grace(self) -> str:
        end = self.held.grace_ends_at if self.held is not None else None
        return "Nothing is owed" if end is None else f"Waited for until {self._at(end)}"

    def _our_pause(self) -> str:
        if self.held is None or not self.held.paused:
            return "Not paused"
        until = self.held.paused_until
        return "Paused" if until is None else f"Paused until {self._at(until)}"

    def _our_period(self) -> str:
        known = [one for one in (self.held.periods if self.held is not None else ()) if one.start is not None]
        return self._span(max(known, key=lambda one: one.start or self.billed.began_at)) if known else "None is known"

    # Words ---------------------------------------------------------------------------------------------------------
    def _sold(self, plan: str, interval: str, quantity: int) -> str:
        name, each = self.names.get(plan, plan), EACH.get(interval)
        return f"{quantity} × {name}" + (f", {each}" if each else "")

    def _span(self, window: Window) -> str:
        return f"{self._at(window.start)} to {self._at(window.end)}"

    def _from(self, instant: datetime | None) -> str:
        return "" if instant is None else f" from {self._at(instant)}"

    def _at(self, instant: datetime | None) -> str:
        """ "3 March 2026 09:00 (Amsterdam)"; the hour is left out where a day begins."""
        if instant is None:
            return "some day"
        local = instant.astimezone(ZoneInfo(self.zone))
        clock = "" if (local.hour, local.minute) == (0, 0) else f" {local:%H:%M}"
        return f"{local.day} {local:%B %Y}{clock} ({self.zone.rpartition('/')[2].replace('_', ' ')})"
