"""What a change of a cover comes to, before it is asked for: the differences, whom it reaches, who has to decide."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from catalog.queries.instants import say_instant
from entitlements.models import Account
from support.domain.cover_difference import Difference, cover_difference, say_lowerings
from support.domain.cover_draft import CoverDraft
from support.domain.cover_words import Named
from support.models import Cover
from support.queries.covers.effects import Effects, effects_of
from support.queries.covers.reading import CoverRead, draft_of, named_for, read_cover, say_end


@dataclass(frozen=True, slots=True)
class CoverChange:
    """`begun`: the customer has it already, so that giving less takes something away. `taken` is what a change of one
    that hasn't begun takes away all the same: of what it amends, or by its place before others.
    """

    before: CoverDraft
    after: CoverDraft
    differences: tuple[Difference, ...]
    effects: Effects
    begun: bool
    taken: tuple[str, ...] = ()

    @property
    def lowerings(self) -> tuple[str, ...]:
        """Sentences of what gives less: by what it says, and by what another place beside others does."""
        if not self.begun:
            return self.taken
        moved = any(one.where == "priority" for one in self.differences)
        return (*say_lowerings(self.differences), *(self.effects.less if moved else ()))

    @property
    def needs_second_person(self) -> bool:
        return bool(self.lowerings)


def change_to(held: Cover, draft: CoverDraft, *, at: datetime) -> CoverChange:
    """From what the cover says now to the draft."""
    read = read_cover(held)
    named = named_for(draft)
    differences = cover_difference(read.draft, draft, was=read.named, becomes=named)
    when = max(at, draft.starts_at)
    effects = effects_of(held.account, before=read.draft, after=draft, key=f"cover:{held.pk}", named=named, at=when)
    begun = held.starts_at <= at
    if not begun:
        differences += tuple(_beginning(read.draft, draft))
    taken = () if begun else (*_of_what_it_amends(held, read, draft, named), *_by_its_place(held, read, draft, named))
    return CoverChange(read.draft, draft, differences, effects, begun, taken)


def _beginning(was: CoverDraft, becomes: CoverDraft) -> Iterator[Difference]:
    """Of one that hasn't begun the first day may be another; of one that has, it is when the amendment begins."""
    if was.starts_at != becomes.starts_at:
        days = [say_instant(one.starts_at, zone=becomes.zone) for one in (was, becomes)]
        yield Difference("starts", "Begins", days[0], days[1], f"Begins: {days[0]} becomes {days[1]}.")


def _of_what_it_amends(held: Cover, read: CoverRead, draft: CoverDraft, named: Named) -> tuple[str, ...]:
    """What the customer would have less of than by the cover before, and doesn't lose by the amendment as it stands."""
    was = draft_before(held)
    if was is None:
        return ()
    before = replace(read_cover(held.follows).named, until=say_end(was)) if held.follows else named
    less = say_lowerings(cover_difference(was, draft, was=before, becomes=named))
    agreed = say_lowerings(cover_difference(was, read.draft, was=before, becomes=read.named))
    return less if draft.starts_at < read.draft.starts_at else tuple(one for one in less if one not in agreed)


def _by_its_place(held: Cover, read: CoverRead, draft: CoverDraft, named: Named) -> tuple[str, ...]:
    """What others lose by its coming before them; nothing where it had the place and gives no less now."""
    was = read.draft if read.draft.priority == draft.priority else None
    return less_by_place(held.account, draft, key=f"cover:{held.pk}", named=named, was=was)


def less_by_place(
    account: Account, draft: CoverDraft, *, key: str, named: Named, was: CoverDraft | None = None
) -> tuple[str, ...]:
    """Who has less because staff set its place before others; beside `was`, which had that place, or beside nothing."""
    if draft.priority is None:
        return ()
    days = {name: getattr(draft, name) for name in ("starts_at", "ends_at", "contract_ends_at")}
    before = None if was is None else replace(was, **days)
    return effects_of(account, before=before, after=draft, key=key, named=named, at=draft.starts_at).less


def draft_before(successor: Cover) -> CoverDraft | None:
    """What the cover before it said until it was amended, with the end it had; None where it was not amended by this."""
    ended = end_of_predecessor(successor)
    if ended is None or successor.follows is None:
        return None
    return replace(draft_of(successor.follows), ends_at=ended[0])


def end_of_predecessor(successor: Cover) -> tuple[datetime | None, date | None] | None:
    """The end its predecessor had before it was amended; None where it wasn't moved, as by a renewal."""
    first = successor.history.order_by("history_date", "history_id").first()
    before = successor.follows
    if first is None or before is None:
        return None
    versions = list(before.history.order_by("history_date", "history_id"))
    for earlier, moved in pairwise(versions):
        if moved.history_change_reason == first.history_change_reason:
            return earlier.ends_at, earlier.through_on
    return None
