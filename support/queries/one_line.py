"""The answer in one line, for pages about more than cover: "Covered: Gold, first response within 4 business hours"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from entitlements.domain.facts import Facts
from entitlements.models import Account
from support.domain.coverage import Coverage, CoverState, Promise
from support.domain.targets import words
from support.queries.coverage import cover_by
from support.queries.coverage_lines import reaching_devices
from support.queries.covering import Covering, covering
from support.snapshots.policies import promises_by_channel


@dataclass(frozen=True, slots=True)
class CoverLine:
    """`state` names the colour; `why` is the sentence behind the line."""

    state: str
    words: str
    why: str


def cover_in_a_line(*, account: Account, facts: Facts, at: datetime) -> CoverLine:
    """Whether the customer is covered and how fast, as the lookup says where no device and no channel is named."""
    found = covering(account, at=at, facts=facts)
    return line_of(found, promises=promises_by_channel(at=at, versions=found.policies), at=at)


def line_of(found: Covering, *, promises: Mapping[str, Mapping[str, Promise]], at: datetime) -> CoverLine:
    """The same of what was read already."""
    cover = cover_by(found.choice, found=found, promises=promises, channel=None, at=at)
    uncovered = cover.state is CoverState.NOT_COVERED
    if uncovered and (partly := reaching_devices(found.choice, at=at, channel=None)):
        return CoverLine(CoverState.NO_PROMISED_TIME.value, f"Covered on some devices: {', '.join(partly)}", cover.why)
    return CoverLine(cover.state.value, _words_of(cover), cover.why)


def _words_of(cover: Coverage) -> str:
    if not cover.targets:
        return cover.headline
    first, several = cover.targets[0], len(cover.targets) > 1
    return f"Covered: {cover.tier_name}, first response {words(first.target)}{f' ({first.name})' if several else ''}"
