"""What keeps a cover from being written: every fault at once, each by the field it stands beside, with what to do.

Two covers *meet* where both name the same kinds of things and share one thing of each, and share a channel. A cover of
all pumps and one of a single pump don't meet: the closer one is what a customer agrees on beside the general one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.domain.window import Window
from support.domain.case_events import Channel
from support.domain.cover_draft import PLURALS, CoverDraft
from support.domain.cover_terms import ScopeKind
from support.domain.covers import Scope

MOST_VISITS = 366
LAST_PRIORITY = 999
LONGEST_NAME = 200
CHANNELS = frozenset(channel.value for channel in Channel)


@dataclass(frozen=True, slots=True)
class CoverFault:
    """`code` is its name for programs, one of support/actions/covers/refusals.py."""

    where: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class KnownContract:
    """What is known of the contract a cover names: from when it speaks, until when, and which lines it has."""

    key: str
    begins_at: datetime | None
    ends_at: datetime | None
    lines: frozenset[int]
    begins: str = ""  # the days in words
    ends: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Another cover of the account. `words` name it with its days."""

    words: str
    name: str
    window: Window
    scope: Scope
    contract: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class KnownCover:
    """What a cover may name at this moment. `theirs` are the account's own things, `below` those of its child accounts."""

    tiers: frozenset[str]
    contract: KnownContract | None = None
    theirs: Mapping[ScopeKind, frozenset[int]] = field(default_factory=dict)
    below: Mapping[ScopeKind, frozenset[int]] = field(default_factory=dict)
    names: Mapping[tuple[ScopeKind, int], str] = field(default_factory=dict)
    beside: tuple[Beside, ...] = ()


def faults_of(draft: CoverDraft, *, known: KnownCover) -> tuple[CoverFault, ...]:
    """All of them, those of the form first, then of its days, its contract, its reach, and beside what."""
    return (
        *_of_the_words(draft, known),
        *_of_the_days(draft),
        *_of_the_contract(draft, known.contract),
        *_of_the_reach(draft, known),
        *_beside(draft, known.beside),
    )


def _of_the_words(draft: CoverDraft, known: KnownCover) -> Iterator[CoverFault]:
    if not draft.name.strip():
        yield CoverFault("name", "invalid", "Give it a name by which both sides know it.")
    elif len(draft.name) > LONGEST_NAME:
        yield CoverFault("name", "invalid", f"A name has at most {LONGEST_NAME} letters.")
    if draft.tier and draft.tier not in known.tiers:
        sold = f"Choose one of {', '.join(sorted(known.tiers))}." if known.tiers else "No support tier is sold yet."
        yield CoverFault("tier", "unknown_tier", f"Nobody sells the tier {draft.tier!r}. {sold}")
    for aspect, percent in draft.shares.items():
        if not 0 <= percent <= 100:
            words = f"Of {aspect.value} a cover bears from 0 to 100 percent; write a number between."
            yield CoverFault(aspect.value, "percent_out_of_range", words)
    for channel in sorted(draft.scope.channels - CHANNELS):
        words = f"Nobody sells help by {channel!r}. The channels are {', '.join(sorted(CHANNELS))}."
        yield CoverFault("channels", "unknown_channel", words)
    if not 0 <= draft.visits_a_year <= MOST_VISITS:
        yield CoverFault("visits_a_year", "invalid", f"Write a number of visits from 0 to {MOST_VISITS}.")
    if draft.priority is not None and not 1 <= draft.priority <= LAST_PRIORITY:
        yield CoverFault(
            "priority", "invalid", f"1 comes first, {LAST_PRIORITY} last; empty: the more generous one wins."
        )
    if not draft.tier and not draft.shares and not draft.visits_a_year:
        words = "It says nothing yet: give it a tier, a share of labour, parts or travel, or visits."
        yield CoverFault("tier", "cover_says_nothing", words)


def _of_the_days(draft: CoverDraft) -> Iterator[CoverFault]:
    if draft.ends_at is not None and draft.ends_at <= draft.starts_at:
        yield CoverFault("through", "ends_before_start", "It would end before it begins; choose a later last day.")


def _of_the_contract(draft: CoverDraft, contract: KnownContract | None) -> Iterator[CoverFault]:
    if draft.contract is None:
        if draft.line is not None:
            yield CoverFault("contract", "no_such_line", "A line is one of a contract: name the contract as well.")
        return
    if contract is None:
        yield CoverFault("contract", "not_theirs", "This customer has no such contract; choose one of theirs.")
        return
    if contract.begins_at is None:
        words = f"{contract.key} was never signed, so nothing is agreed by it yet. Sign it first."
        yield CoverFault("contract", "contract_not_in_force", words)
        return
    if draft.starts_at < contract.begins_at:
        words = f"{contract.key} speaks from {contract.begins} on; begin the cover then or later."
        yield CoverFault("starts", "before_contract", words)
    if contract.ends_at is not None and contract.ends_at <= draft.starts_at:
        words = f"{contract.key} lasts {contract.ends}, before the cover begins. Choose the contract that follows it."
        yield CoverFault("contract", "contract_not_in_force", words)
    if draft.line is not None and draft.line not in contract.lines:
        has = ", ".join(map(str, sorted(contract.lines))) or "none"
        words = f"{contract.key} has no line {draft.line} from then on. Its lines: {has}."
        yield CoverFault("line", "no_such_line", words)


def _of_the_reach(draft: CoverDraft, known: KnownCover) -> Iterator[CoverFault]:
    for kind in ScopeKind:
        own, below = known.theirs.get(kind, frozenset()), known.below.get(kind, frozenset())
        for thing in sorted(draft.scope.of(kind) - own):
            name = known.names.get((kind, thing), "")
            if thing in below and draft.children:
                continue
            if thing in below:
                words = f"{name} is a child account’s. Tick “child accounts too”, or leave it out."
            else:
                words = f"{name or f'That {kind.value}'} isn’t this customer’s; choose one of theirs."
            yield CoverFault(PLURALS[kind], "not_theirs", words)


def _beside(draft: CoverDraft, others: Iterable[Beside]) -> Iterator[CoverFault]:
    for other in others:
        if draft.window.intersection(other.window) is None or not meets(draft.scope, other.scope):
            continue
        if draft.line is not None and (draft.contract, draft.line) == (other.contract, other.line):
            words = f"Line {draft.line} covers the same by {other.words}. Amend that one, or choose other days."
            yield CoverFault("line", "cover_overlaps", words)
        elif draft.name.strip().casefold() == other.name.strip().casefold():
            words = f"{other.words} covers the same at the same time. Amend that one, or give this another name."
            yield CoverFault("name", "cover_overlaps", words)


def meets(one: Scope, other: Scope) -> bool:
    """Whether both reach the same thing in the same way; see above."""
    if one.channels and other.channels and not one.channels & other.channels:
        return False
    return all(
        bool(one.of(kind)) == bool(other.of(kind)) and (not one.of(kind) or bool(one.of(kind) & other.of(kind)))
        for kind in ScopeKind
    )
