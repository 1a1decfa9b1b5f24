"""What one cover says otherwise than another, in words; what gives the customer less is named a lowering.

Each thing is judged by itself: a cover that bears less of parts and more of labour lowers parts. Only a priority can't be
judged from the cover alone, since it decides between covers; `queries/covers/effects.py` looks at what it does.
"""

from collections.abc import Iterator

from support.domain.cover_draft import PLURALS, CoverDraft
from support.domain.cover_terms import SHARES, ScopeKind
from support.domain.cover_words import MANY, Named, say_channels, say_list, say_place, say_share, say_source, say_visits
from support.domain.policy_difference import Difference, say_lowerings

__all__ = ["Difference", "cover_difference", "say_lowerings"]

LESS = "That is less."
NOT_SAID = "Nothing is said of it any more."


def cover_difference(before: CoverDraft, after: CoverDraft, *, was: Named, becomes: Named) -> tuple[Difference, ...]:
    """Every thing said otherwise, what is given first, then whom and what it reaches, then its days."""
    return (
        *_tier(before, after, becomes),
        *_shares(before, after),
        *_visits(before, after),
        *_reach(before, after, was, becomes),
        *_channels(before, after),
        *_conditions(before, after),
        *_days(before, after, was, becomes),
        *_names(before, after, was, becomes),
    )


def _said(where: str, label: str, was: str, becomes: str, *, lowers: bool, why: str = "") -> Difference:
    changed = f"{was or 'nothing'} becomes {becomes or 'nothing'}."
    told = why or (LESS if lowers else "")
    return Difference(where, label, was, becomes, f"{label}: {changed} {told}".rstrip(), lowers)


def _tier(before: CoverDraft, after: CoverDraft, named: Named) -> Iterator[Difference]:
    if before.tier != after.tier:
        lowers = named.rank(after.tier) < named.rank(before.tier)
        why = NOT_SAID if not after.tier else ""
        yield _said("tier", "Response", named.tier(before.tier), named.tier(after.tier), lowers=lowers, why=why)


def _shares(before: CoverDraft, after: CoverDraft) -> Iterator[Difference]:
    for aspect in SHARES:
        was, becomes = before.shares.get(aspect), after.shares.get(aspect)
        if was == becomes:
            continue
        lowers = was is not None and (becomes is None or becomes < was)
        words = ["" if one is None else say_share(aspect, one).partition(" ")[2] for one in (was, becomes)]
        why = NOT_SAID if becomes is None else ""
        yield _said(aspect.value, aspect.words, words[0], words[1], lowers=lowers, why=why)


def _visits(before: CoverDraft, after: CoverDraft) -> Iterator[Difference]:
    was, becomes = before.visits_a_year, after.visits_a_year
    if was != becomes:
        said = [say_visits(one) if one else "none" for one in (was, becomes)]
        yield _said("visits_a_year", "Maintenance visits", said[0], said[1], lowers=becomes < was)


def _reach(before: CoverDraft, after: CoverDraft, was: Named, becomes: Named) -> Iterator[Difference]:
    for kind in ScopeKind:
        had, has = before.scope.of(kind), after.scope.of(kind)
        where, label = PLURALS[kind], MANY[kind].capitalize()
        if had == has:
            continue
        if not had or not has:
            said = [f"{len(one)} of the {MANY[kind]}" if one else "all of them" for one in (had, has)]
            yield _said(where, label, said[0], said[1], lowers=not had)
            continue
        if gone := had - has:
            words = say_list(sorted(was.thing(kind, pk) for pk in gone))
            yield Difference(where, label, words, "", f"{label}: no longer on {words}. {LESS}", lowers=True)
        if new := has - had:
            words = say_list(sorted(becomes.thing(kind, pk) for pk in new))
            yield Difference(where, label, "", words, f"{label}: also on {words}.")
    if before.children != after.children:
        said = ["child accounts too" if one else "this account alone" for one in (before.children, after.children)]
        yield _said("children", "For", said[0], said[1], lowers=before.children)


def _channels(before: CoverDraft, after: CoverDraft) -> Iterator[Difference]:
    had, has = before.scope.channels, after.scope.channels
    if had != has:
        said = [say_channels(one) if one else "every channel" for one in (had, has)]
        lowers = bool(has) and (not had or bool(had - has))
        yield _said("channels", "Asked for by", said[0], said[1], lowers=lowers)


def _conditions(before: CoverDraft, after: CoverDraft) -> Iterator[Difference]:
    if before.authorisation != after.authorisation:
        asked = not before.authorisation
        label = "To be authorised first"
        yield _said("authorisation", label, before.authorisation, after.authorisation, lowers=asked)
    if before.counted != after.counted:
        said = ["counted on the prepaid help" if one else "not counted" for one in (before.counted, after.counted)]
        yield _said("counted", "Cases", said[0], said[1], lowers=after.counted)
    if before.priority != after.priority:
        said = [_priority(one) for one in (before.priority, after.priority)]
        yield _said("priority", "Beside other covers", said[0], said[1], lowers=False)


def _priority(priority: int | None) -> str:
    return "the more generous wins" if priority is None else f"it comes {say_place(priority)}"


def _days(before: CoverDraft, after: CoverDraft, was: Named, becomes: Named) -> Iterator[Difference]:
    ended, ends = before.last_instant, after.last_instant
    if ended != ends:
        sooner = ends is not None and (ended is None or ends < ended)
        said = [one.until or "until somebody ends it" for one in (was, becomes)]
        why = "It ends sooner." if sooner else "It lasts longer."
        yield _said("through", "Lasts", said[0], said[1], lowers=sooner, why=why)


def _names(before: CoverDraft, after: CoverDraft, was: Named, becomes: Named) -> Iterator[Difference]:
    if before.name != after.name:
        yield _said("name", "Name", before.name, after.name, lowers=False)
    if (before.contract, before.line) != (after.contract, after.line):
        said = [say_source(draft, named=named) for draft, named in ((before, was), (after, becomes))]
        yield _said("contract", "Agreed", said[0], said[1], lowers=False)
