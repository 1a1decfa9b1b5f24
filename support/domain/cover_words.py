"""Covers in sentences, for people who read them to a customer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from support.domain.case_events import Channel
from support.domain.cover_draft import CoverDraft
from support.domain.cover_terms import SHARES, Aspect, ScopeKind

MOST_NAMED = 3
NOUNS = {ScopeKind.ASSET: "device", ScopeKind.LOCATION: "place", ScopeKind.CONTACT: "person", ScopeKind.PRODUCT: "kind"}
MANY = {
    ScopeKind.ASSET: "devices",
    ScopeKind.LOCATION: "places",
    ScopeKind.CONTACT: "people",
    ScopeKind.PRODUCT: "kinds of equipment",
}
FIRST = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True, slots=True)
class Named:
    """What the ids and keys in a cover are called. `tiers` are in their order, the least first."""

    tiers: Mapping[str, str] = field(default_factory=dict)
    things: Mapping[tuple[ScopeKind, int], str] = field(default_factory=dict)
    contract: str = ""
    until: str = ""  # "through 31 March 2027 (Amsterdam)"; empty: nobody has said when

    def tier(self, key: str) -> str:
        return self.tiers.get(key, key)

    def thing(self, kind: ScopeKind, pk: int) -> str:
        return self.things.get((kind, pk), f"{NOUNS[kind]} {pk}")

    def rank(self, key: str) -> int:
        return list(self.tiers).index(key) if key in self.tiers else -1


def say_cover(draft: CoverDraft, *, named: Named) -> str:
    """ "Gold, labour in full, parts 50 %, on 12 devices, by phone and e-mail, through 31 March 2027 (Amsterdam); …"."""
    until = named.until or "until somebody ends it"
    return f"{say_what(draft, named=named)}, {until}; {say_source(draft, named=named)}."


def say_what(draft: CoverDraft, *, named: Named) -> str:
    """The same without its days and where it was agreed: "Gold, labour in full, on 12 devices, by phone"."""
    given = ", ".join([*_gives(draft, named)]) or "Nothing"
    return ", ".join([given[:1].upper() + given[1:], *say_reach(draft, named=named), *_by(draft)])


def _gives(draft: CoverDraft, named: Named) -> Iterable[str]:
    if draft.tier:
        yield named.tier(draft.tier)
    for aspect in SHARES:
        if aspect in draft.shares:
            yield say_share(aspect, draft.shares[aspect])
    if draft.visits_a_year:
        yield say_visits(draft.visits_a_year)


def say_share(aspect: Aspect, percent: int) -> str:
    """ "labour in full", "parts 50 %", "travel not at all"."""
    said = {100: "in full", 0: "not at all"}.get(percent, f"{percent} %")
    return f"{aspect.value} {said}"


def say_visits(visits: int) -> str:
    return f"{visits} visit{'' if visits == 1 else 's'} a year"


def say_reach(draft: CoverDraft, *, named: Named) -> tuple[str, ...]:
    """What it is narrowed to, kind by kind; nothing: everything the customer has."""
    said = []
    for kind, before in ((ScopeKind.ASSET, "on"), (ScopeKind.PRODUCT, "on"), (ScopeKind.LOCATION, "in")):
        if draft.scope.of(kind):
            said.append(f"{before} {_things(draft, kind, named)}")
    if not said:
        said.append("on everything they have")
    if draft.scope.contacts:
        said.append(f"asked for by {_things(draft, ScopeKind.CONTACT, named)}")
    if draft.children:
        said.append("for child accounts too")
    return tuple(said)


def _things(draft: CoverDraft, kind: ScopeKind, named: Named) -> str:
    found = sorted(named.thing(kind, pk) for pk in draft.scope.of(kind))
    return say_list(found) if len(found) <= MOST_NAMED else f"{len(found)} {MANY[kind]}"


def _by(draft: CoverDraft) -> Iterable[str]:
    if draft.scope.channels:
        yield f"by {say_channels(draft.scope.channels)}"


def say_channels(channels: Iterable[str]) -> str:
    """ "phone and e-mail", in the order in which channels are listed."""
    wanted = set(channels)
    spoken = {Channel.API: "API", Channel.WEB: "web form", Channel.EMAIL: "e-mail"}
    known = [spoken.get(one, one.value.replace("_", " ")) for one in Channel if one.value in wanted]
    return say_list([*known, *sorted(wanted - {one.value for one in Channel})])


def say_source(draft: CoverDraft, *, named: Named) -> str:
    if draft.contract is None:
        return "agreed by itself"
    return f"under {f'line {draft.line} of ' if draft.line else ''}{named.contract or 'its contract'}"


def say_further(draft: CoverDraft) -> tuple[str, ...]:
    """What the first sentence leaves out."""
    said = []
    if draft.authorisation:
        said.append(f"Before work begins: {draft.authorisation}")
    if draft.counted:
        said.append("Cases under it count on the prepaid help.")
    if draft.priority is not None:
        said.append(f"Staff have set it to come {say_place(draft.priority)}, whatever another gives.")
    return tuple(said)


def say_place(priority: int) -> str:
    if priority in FIRST:
        return FIRST[priority]
    ending = "th" if 10 < priority % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(priority % 10, "th")
    return f"{priority}{ending}"


def say_list(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    *before, last = list(words) or [""]
    return f"{', '.join(before)} and {last}" if before else last
