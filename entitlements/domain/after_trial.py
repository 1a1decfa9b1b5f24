"""What the end of a trial takes and leaves, feature by feature, as it is told before and after it comes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from entitlements.domain.explain import say_end


class Kept(NamedTuple):
    """A feature that stays for a while: `until` None is as long as the subscription; `why` is said behind "kept"."""

    name: str
    until: datetime | None
    why: str


class Less(NamedTuple):
    """A feature of which there is less than before, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class AfterTrial:
    """From `at` on, unless somebody converts it: `plan` is the version that follows, None where none does.

    `if_used` are the features that stay only if they are used before then, and haven't been so far.
    """

    plan: str | None
    at: datetime
    lost: tuple[str, ...] = ()
    less: tuple[Less, ...] = ()
    kept: tuple[Kept, ...] = ()
    if_used: tuple[str, ...] = ()

    def say(self, *, zone: str) -> str:
        """ "Free v2 follows. Storage is kept for 7 days, through 9 March 2026 (Amsterdam). SSO is no longer included."""
        follows = f"{self.plan} follows." if self.plan else "No plan follows."
        return f"{follows} {self.say_features(zone=zone)}".strip()

    def say_features(self, *, zone: str) -> str:
        """The same without the plan that follows; of many features alike the first are named."""
        return " ".join(self._sentences(zone))

    def lines(self, *, zone: str) -> tuple[tuple[str, str], ...]:
        """Every feature with what becomes of it; what stays stands first."""
        return (
            *((one.name, _staying(one, zone)) for one in sorted(self.kept, key=_soonest)),
            *((name, "kept only if used before then") for name in self.if_used),
            *((name, "no longer included") for name in self.lost),
            *((name, f"{before} → {after}") for name, before, after in self.less),
        )

    def _sentences(self, zone: str) -> Iterator[str]:
        for words, same in groupby(sorted(self.kept, key=_soonest), key=lambda one: _staying(one, zone)):
            yield f"{_are([one.name for one in same])} {words}."
        if self.if_used:
            yield f"{_are(self.if_used)} kept only if used before then."
        if self.lost:
            yield f"{_are(self.lost)} no longer included."
        if self.less:
            yield f"{_are([one.name for one in self.less])} reduced."


MOST = 4  # names in one sentence


def _soonest(kept: Kept) -> tuple[bool, float, str]:
    """The soonest to go first; the order of the names stays."""
    return kept.until is None, kept.until.timestamp() if kept.until else 0.0, kept.why


def _staying(kept: Kept, zone: str) -> str:
    place = zone.rpartition("/")[2].replace("_", " ")
    return f"kept {kept.why}" + (f", {say_end(kept.until, zone=zone)} ({place})" if kept.until else "")


def _are(names: Sequence[str]) -> str:
    return f"{_listed(names)} {'is' if len(names) == 1 else 'are'}"


def _listed(names: Sequence[str]) -> str:
    """ "A, B and C"; of too many the first, and how many more."""
    if len(names) > MOST + 1:
        names = [*names[:MOST], f"{len(names) - MOST} more"]
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
