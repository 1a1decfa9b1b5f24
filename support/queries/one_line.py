"""The answer in one line, for pages about more than cover: "Covered: Gold, first response within 4 business hours"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from entitlements.domain.facts import Facts
from entitlements.domain.resolution import Resolution
from support.domain.coverage import Coverage
from support.domain.targets import words
from support.queries.coverage import cover_of
from support.snapshots import SUPPORT_TIER, snapshot_promises


@dataclass(frozen=True, slots=True)
class CoverLine:
    """`state` names the colour; `why` is the sentence behind the line."""

    state: str
    words: str
    why: str


def cover_in_a_line(*, facts: Facts, resolutions: Mapping[str, Resolution], at: datetime) -> CoverLine:
    """Whether the customer is covered and how fast, from answers that are at hand; two reads."""
    cover = cover_of(facts, resolutions.get(SUPPORT_TIER), snapshot_promises(at=at), at=at)
    return CoverLine(cover.state.value, _words_of(cover), cover.why)


def _words_of(cover: Coverage) -> str:
    if not cover.targets:
        return cover.headline
    first, several = cover.targets[0], len(cover.targets) > 1
    return f"Covered: {cover.tier_name}, first response {words(first.target)}{f' ({first.name})' if several else ''}"
