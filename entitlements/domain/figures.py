"""The figures of a publication: how many accounts gain, lose, or stay as they are, feature by feature.

Figures are counted from the effects on single accounts (`impact`), at a stated moment. They travel with a request for
a second person, and through the units of long work, as plain JSON; `differs` says whether a later count is off.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from entitlements.domain.headcount import say_internal

TOLERATED_PERCENT = 1


class Direction(StrEnum):
    """How one feature is afterwards, for the customer."""

    WORSE = "worse"
    BETTER = "better"
    OTHER = "other"


class Verdict(StrEnum):
    """What a publication is to one account; one that gains and loses counts as losing."""

    LOSES = "loses"
    GAINS = "gains"
    DIFFERS = "differs"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class FeatureEffect:
    """One feature of one account, or of all that are alike: from what to what."""

    feature: str
    name: str
    direction: Direction
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What one account has otherwise from `instant` on. `overridden` are features an override keeps as they are.

    `over` are those of which it will have less than it has in use, as far as anybody counts that.
    """

    instant: datetime
    changes: tuple[FeatureEffect, ...] = ()
    overridden: tuple[str, ...] = ()
    over: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        directions = {change.direction for change in self.changes}
        if Direction.WORSE in directions:
            return Verdict.LOSES
        if Direction.BETTER in directions:
            return Verdict.GAINS
        return Verdict.DIFFERS if directions else Verdict.UNCHANGED


@dataclass(frozen=True, slots=True)
class Turn:
    """From what to what, and for how many accounts."""

    effect: FeatureEffect
    accounts: int


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """One feature in the figures: how many gain it, lose of it, or have it otherwise; the commonest turns first."""

    feature: str
    name: str
    gain: int
    lose: int
    otherwise: int
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Accounts by verdict at the moment they were counted; `unchanged` holds those that an override keeps.

    `over_limit` are those that have more in use of something lowered than they would have. `internal` accounts are
    reached too, and stand in none of the other figures.
    """

    moment: datetime
    reached: int = 0
    gain: int = 0
    lose: int = 0
    otherwise: int = 0
    unchanged: int = 0
    overridden: int = 0
    over_limit: int = 0
    internal: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, for the payload of a request or of long work."""
        return {"moment": self.moment.isoformat()} | {name: getattr(self, name) for name in COUNTS}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        return cls(moment=datetime.fromisoformat(told["moment"]), **{name: told.get(name, 0) for name in COUNTS})


COUNTS = ("reached", "gain", "lose", "otherwise", "unchanged", "overridden", "over_limit", "internal")


def differs(asked: Figures, now: Figures) -> bool:
    """Whether a later count is off by more than 1 %: of the accounts reached, that gain, that lose, or are internal.

    One account more is within 1 % only of a hundred or more: where nobody was to lose anything, one who does is off.
    """
    pairs = (
        (asked.reached, now.reached),
        (asked.gain, now.gain),
        (asked.lose, now.lose),
        (asked.internal, now.internal),
    )
    return any(abs(was - is_now) * 100 > TOLERATED_PERCENT * was for was, is_now in pairs)


@dataclass(slots=True)
class Tally:
    """Counts effects one by one, or whole tallies of chunks of accounts; any order gives the same figures."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    overridden: int = 0
    over_limit: int = 0
    internal: int = 0
    turns: Counter[FeatureEffect] = field(default_factory=Counter)

    def count(self, effects: Effects, *, internal: bool = False) -> None:
        if internal:
            self.internal += 1
            return
        self.verdicts[effects.verdict] += 1
        self.overridden += effects.verdict is Verdict.UNCHANGED and bool(effects.overridden)
        self.over_limit += bool(effects.over)
        self.turns.update(effects.changes)

    def add(self, other: "Tally") -> None:
        self.verdicts.update(other.verdicts)
        self.overridden += other.overridden
        self.over_limit += other.over_limit
        self.internal += other.internal
        self.turns.update(other.turns)

    def figures(self, *, moment: datetime) -> Figures:
        return Figures(
            moment=moment,
            reached=self.verdicts.total(),
            gain=self.verdicts[Verdict.GAINS],
            lose=self.verdicts[Verdict.LOSES],
            otherwise=self.verdicts[Verdict.DIFFERS],
            unchanged=self.verdicts[Verdict.UNCHANGED],
            overridden=self.overridden,
            over_limit=self.over_limit,
            internal=self.internal,
        )

    def lines(self) -> tuple[FeatureLine, ...]:
        """By feature, first what most accounts lose, then what most gain."""
        found: dict[str, list[Turn]] = {}
        for effect, accounts in sorted(self.turns.items(), key=lambda entry: (-entry[1], entry[0].before)):
            found.setdefault(effect.feature, []).append(Turn(effect, accounts))
        lines = [_line(turns) for turns in found.values()]
        return tuple(sorted(lines, key=lambda line: (-line.lose, -line.gain, -line.otherwise, line.name)))

    def as_json(self) -> dict[str, Any]:
        return {
            "verdicts": {verdict.value: number for verdict, number in self.verdicts.items()},
            "overridden": self.overridden,
            "over_limit": self.over_limit,
            "internal": self.internal,
            "turns": [[e.feature, e.name, e.direction.value, e.before, e.after, n] for e, n in self.turns.items()],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        also = {name: told.get(name, 0) for name in ("over_limit", "internal")}
        tally = cls(overridden=told["overridden"], **also)
        tally.verdicts.update({Verdict(verdict): number for verdict, number in told["verdicts"].items()})
        for feature, name, direction, before, after, number in told["turns"]:
            tally.turns[FeatureEffect(feature, name, Direction(direction), before, after)] += number
        return tally


def _line(turns: Sequence[Turn]) -> FeatureLine:
    counted = Counter[Direction]()
    for turn in turns:
        counted[turn.effect.direction] += turn.accounts
    first = turns[0].effect
    return FeatureLine(
        feature=first.feature,
        name=first.name,
        gain=counted[Direction.BETTER],
        lose=counted[Direction.WORSE],
        otherwise=counted[Direction.OTHER],
        turns=tuple(turns),
    )


def say_figures(figures: Figures, lines: Sequence[FeatureLine] = ()) -> str:
    """ "1,243 accounts: 1,180 gain, 41 lose SSO, 22 unchanged; and 3 internal accounts"."""
    if not figures.reached:
        return f"Only {say_internal(figures.internal)}" if figures.internal else "No account is reached"
    losing = [line.name for line in lines if line.lose]
    what = f" {_few(losing)}" if losing else ""
    parts = [
        _part(figures.gain, "gains", "gain"),
        _part(figures.lose, f"loses{what}", f"lose{what}"),
        _part(figures.otherwise, "has something otherwise", "have something otherwise"),
        _part(figures.unchanged, "unchanged", "unchanged"),
        _part(figures.over_limit, "has more in use than it will have", "have more in use than they will have"),
    ]
    told = ", ".join(part for part in parts if part)
    beside = f"; and {say_internal(figures.internal)}" if figures.internal else ""
    return f"{figures.reached:,} account{'' if figures.reached == 1 else 's'}: {told}{beside}"


def _part(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}" if number else ""


def _few(names: Sequence[str]) -> str:
    """ "SSO", "SSO and Storage", "SSO, Storage and 3 more"."""
    if len(names) <= 2:
        return " and ".join(names)
    return f"{', '.join(names[:2])} and {len(names) - 2} more"
