"""Which cover speaks, of everything that might: one rule for plans, prepaid help, contract lines and warranties.

**Who takes part.** A candidate is *kept* where it is in force at the instant, belongs to the account (or to one above
it that is open, and reaches child accounts), the account asked about is open, the channel is one of its own, what it is
narrowed to was named and is meant (all kinds it names, one thing of each), its contract is signed, and something is
left of the prepaid help it counts on (of several, of any). What the account holds by the resolver has its standing
weighed already. Prepaid help that covers by itself does so while some of it is left, overdrawn or not.

**Who wins**, for each aspect by itself (response, labour, parts, travel) among the kept that speak of it:
1. the one somebody chose for the case, if it is kept; where it has ended, what goes on from it stands for it;
2. the smallest priority number staff have set; any number goes before none;
3. the most generous: the better tier, or the greater share borne;
4. the closest: asset, location, contract line, contact, product, account;
5. the one that began first, then the one that is first on file, so that any order of rows gives the same.
A tier for which nothing is promised is no cover: of response it speaks only where no other tier does, whatever its
number and whoever chose it.

The rule "most generous unless staff set a priority" and the order of closeness are DESIGN.md §6; priority before
closeness is also how field service products settle conflicting entitlements.

Pure: values in, a `Choice` out, with every candidate and why it lost. The words are `cover_reasons`.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from support.domain.cover_facts import Asked, Candidate, Choice, CoverFact, Left, Scope, UnfitCover
from support.domain.cover_reasons import lost_because, missed_because, reasons_of, together
from support.domain.cover_terms import Aspect, Specificity

__all__ = [
    "Asked",
    "Candidate",
    "Choice",
    "CoverFact",
    "Left",
    "Scope",
    "UnfitCover",
    "choose",
    "lost_because",
]  # fmt: skip

CLOSEST = tuple(Specificity)
EARLIEST = datetime.min.replace(tzinfo=UTC)
Order = tuple[bool, bool, bool, int, int, int, datetime, tuple[str, int, str]]
Ranked = Mapping[Aspect, list[CoverFact]]  # those that speak of it, the deciding one first


def choose(covers: Iterable[CoverFact], *, asked: Asked) -> Choice:
    """Who decides what, of all that might; see the rule above."""
    judged = [(cover, lost_because(cover, asked)) for cover in sorted(covers, key=lambda cover: cover.on_file)]
    kept = [cover for cover, lost in judged if not lost]
    meant = _standing_for(asked.chosen, covers=[cover for cover, _ in judged], at=asked.at)
    chosen = next((cover for cover in kept if cover is meant), None)
    speaking = {
        aspect: sorted((cover for cover in kept if cover.speaks_of(aspect)), key=lambda one: order(one, aspect, chosen))
        for aspect in Aspect
    }
    ranked = {aspect: covers for aspect, covers in speaking.items() if covers}
    candidates = [_candidate(cover, lost, ranked, chosen, asked) for cover, lost in judged]
    candidates.sort(key=_shown)
    missed = "" if chosen is not None else missed_because(judged, asked.chosen, meant)
    return Choice({aspect: covers[0] for aspect, covers in ranked.items()}, tuple(candidates), missed, asked.chosen)


def _standing_for(chosen: str, *, covers: Collection[CoverFact], at: datetime) -> CoverFact | None:
    """What was chosen; once that has ended, the version that goes on from it: amended or renewed it is the same cover."""
    after = {cover.follows: cover for cover in covers if cover.follows}
    found = next((cover for cover in covers if cover.key == chosen), None)
    while found is not None and found.window.end is not None and found.window.end <= at and found.key in after:
        found = after[found.key]
    return found


def order(cover: CoverFact, aspect: Aspect, chosen: CoverFact | None) -> Order:
    """The least decides."""
    return (
        cover.is_empty(aspect),
        cover is not chosen,
        cover.priority is None,
        cover.priority or 0,
        -cover.generosity(aspect),
        CLOSEST.index(cover.specificity),
        cover.window.start or EARLIEST,
        cover.on_file,
    )


def _shown(one: Candidate) -> tuple[bool, bool, int]:
    first = min((list(Aspect).index(aspect) for aspect in one.decides), default=0)
    return not one.decides, not one.kept, first


def _candidate(cover: CoverFact, lost: str, ranked: Ranked, chosen: CoverFact | None, asked: Asked) -> Candidate:
    decides = tuple(aspect for aspect, covers in ranked.items() if covers[0] is cover)
    if lost:
        return Candidate(cover, False, (), lost)
    reasons = reasons_of(cover, ranked, chosen, asked.chosen)
    return Candidate(cover, True, decides, together(reasons), reasons)
