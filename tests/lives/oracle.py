"""What customers have, told a second time: from the story of what was done, slowly, without the desk's code.

It knows three plans and one add-on by heart, and writes down every act with its dates. To answer, it reads the story
from the beginning. It borrows nothing from the desk: no resolver, no snapshot, no phase, no rollout.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

FEATURES = ("storage", "sso")


@dataclass
class Edition:
    """One published version of a plan: what it gives in each phase, and whether it reached those who had the plan."""

    at: datetime
    gives: dict[str, dict[str, int]]  # phase ("" is any) → feature → amount
    to_all: bool


@dataclass
class Held:
    """A plan or an add-on that a subscription holds, as it was sold."""

    plan: str
    sold_at: datetime
    starts: datetime
    ends: datetime | None = None
    quantity: int = 1


@dataclass
class Sub:
    starts: datetime
    held: list[Held]
    ends: datetime | None = None
    trial_ends: datetime | None = None
    card: bool = False
    sold: datetime | None = None  # when the trial became a sale
    graces: list[list[datetime | None]] = field(default_factory=list)  # begins, ends, paid
    pauses: list[list[datetime | None]] = field(default_factory=list)  # begins, ends
    leavings: list[list[datetime | None]] = field(default_factory=list)  # winds down from, and until somebody stays
    before_leaving: datetime | None = None  # when it would have ended
    before_extension: tuple[datetime | None, datetime | None] = (None, None)  # when the trial, and all of it, ended

    def phase(self, t: datetime) -> str:
        if any(begins <= t and (ends is None or t < ends) for begins, ends in self.pauses):
            return "paused"
        if any(begins <= t and (stays is None or t < stays) for begins, stays in self.leavings):
            return "winding_down"
        if any(begins <= t < ends and (paid is None or t < paid) for begins, ends, paid in self.graces):
            return "grace"
        if self.trial_ends is not None and t < self.trial_ends and (self.sold is None or t < self.sold):
            return "trial"
        return ""

    def extended(self, ends: datetime) -> None:
        """What would have ended before its longer trial lasts as long as that."""
        self.before_extension = (self.trial_ends, self.ends)
        self.trial_ends = ends
        if self.ends is not None and self.ends < ends:
            self.ends = ends

    def tried_again(self, t: datetime, ends: datetime) -> "Sub":
        """What was tried begins anew beside it; here what lapsed is over, and with it all if nothing else is held."""
        lapse = self.trial_ends
        assert lapse is not None
        tried = [held for held in self.held if held.starts < lapse and (held.ends is None or held.ends >= lapse)]
        others = [held for held in self.held if held.starts >= lapse and (held.ends is None or held.ends > t)]
        for held in tried:
            if held.ends is None or held.ends > t:
                held.ends = t
        if not others:
            self.ends = t
        return Sub(t, [Held(held.plan, t, t, quantity=held.quantity) for held in tried], trial_ends=ends)

    def unpaid(self, t: datetime) -> bool:
        """After the grace nobody paid in, until somebody pays."""
        return any(
            ends <= t and (paid is None or ends < paid) and (paid is None or t < paid) for _, ends, paid in self.graces
        )


@dataclass
class Promise:
    """An override: since when it speaks, until when, and when it was cut off."""

    feature: str
    mode: str
    amount: int
    starts: datetime
    ends: datetime
    number: int
    revoked: datetime | None = None

    def speaks(self, t: datetime) -> bool:
        return self.starts <= t < self.ends and (self.revoked is None or t < self.revoked)


@dataclass
class Story:
    """Everything that was done, for every customer."""

    zone: str
    fallback: str
    add_ons: frozenset[str]
    editions: dict[str, list[Edition]] = field(default_factory=dict)
    subs: dict[str, list[Sub]] = field(default_factory=dict)
    promises: dict[str, list[Promise]] = field(default_factory=dict)

    def as_it_stands(self) -> "Story":
        return deepcopy(self)

    def days_after(self, t: datetime, days: int) -> datetime:
        """The same time of day, so many days later, where the customer is."""
        zone = ZoneInfo(self.zone)
        wall = t.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
        return wall.replace(tzinfo=zone).astimezone(t.tzinfo)

    def end_of_day(self, t: datetime, days: int) -> datetime:
        """The midnight after the day that is so many days later."""
        zone = ZoneInfo(self.zone)
        day = t.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
        return (day + timedelta(days=days + 1)).replace(tzinfo=zone).astimezone(t.tzinfo)

    def answer(self, account: str, t: datetime) -> dict[str, int]:
        """How much of each feature the customer has; 0 is nothing."""
        return {feature: self._amount(account, feature, t) for feature in FEATURES}

    def _amount(self, account: str, feature: str, t: datetime) -> int:
        bases, extras = [], 0
        for sub in self.subs.get(account, []):
            for plan, quantity, sold_at in self._live(sub, t):
                given = self._given(plan, sold_at, sub.phase(t), feature, t)
                if plan in self.add_ons:
                    extras += given * quantity
                else:
                    bases.append(given)
        amount = max(bases, default=0) + extras
        return self._with_promises(account, feature, amount, t)

    def _live(self, sub: Sub, t: datetime) -> list[tuple[str, int, datetime]]:
        if t < sub.starts or (sub.ends is not None and t >= sub.ends) or sub.unpaid(t) or sub.phase(t) == "paused":
            return []
        lapses = sub.trial_ends if sub.trial_ends and not sub.card and sub.sold is None else None
        found = []
        for held in sub.held:
            if t < held.starts or (held.ends is not None and t >= held.ends):
                continue
            if lapses is None or held.starts >= lapses or t < lapses:
                found.append((held.plan, held.quantity, held.sold_at))
            elif held.plan not in self.add_ons and held.plan != self.fallback:
                found.append((self.fallback, 1, lapses))
        return found

    def _given(self, plan: str, sold_at: datetime, phase: str, feature: str, t: datetime) -> int:
        mine = [e for e in self.editions[plan] if e.at <= sold_at or (e.to_all and e.at <= t)]
        gives = mine[-1].gives
        return gives.get(phase, {}).get(feature, gives[""].get(feature, 0))

    def _with_promises(self, account: str, feature: str, amount: int, t: datetime) -> int:
        speaking = [p for p in self.promises.get(account, []) if p.feature == feature and p.speaks(t)]
        replacing = [p for p in speaking if p.mode == "replace"]
        if replacing:
            amount = max(replacing, key=lambda p: (p.starts, p.number)).amount
        amount += sum(p.amount for p in speaking if p.mode == "add")
        amount = max([amount, *(p.amount for p in speaking if p.mode == "at_least")])
        amount = min([amount, *(p.amount for p in speaking if p.mode == "at_most")])
        return 0 if any(p.mode == "deny" for p in speaking) else amount
