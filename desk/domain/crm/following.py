"""Which won deals a mapping is about, and when one that made something is read anew.

- A mapping is about deals won from the day it was switched on, or from the day that staff said then.
- A deal that was seen open by then was won since, whatever day stands in it: days are typed in late.
- What a deal made is followed for good: it is amended and ended whatever mapping is in force, and made again where the
  deal was deleted or reopened, and is won again. So is a deal of which a person has something to look at.
- A deal that made something stays as it was agreed when another mapping is switched on: amendments come from deals. It
  is read by the new one once what a mapping reads of it says something else than it did, or a person was told about it.
  Somebody who touches anything else of the deal there, its name or a note, amends nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from desk.domain.crm.told import Deal


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a deal before it is looked at. `holds`: it made something, ever; `told_of`: a person has something
    to look at; `seen_open`: it was seen not yet won while this mapping, or one before it, was in force."""

    holds: bool = False
    told_of: bool = False
    seen_open: bool = False


def passed_by(deal: Deal, known: Known, *, since: date) -> str:
    """Why the mapping isn't about this won deal; empty where it is."""
    if known.holds or known.told_of or known.seen_open or deal.closed_on is None or deal.closed_on >= since:
        return ""
    return f"Won on {deal.closed_on:%-d %B %Y}, before the mapping counts ({since:%-d %B %Y})"


def stays_as_agreed(of: Deal | None, last: Deal | None, now: Deal) -> bool:
    """Whether nothing that a mapping reads was changed since it was agreed: `of` is the deal as it was then, `last` as it
    was seen last, perhaps with fields that nobody had asked for before."""
    if of is None or not reads_the_same(of, now):
        return False
    return any(_tells_all(one, now) and reads_the_same(one, now) for one in (of, last) if one is not None)


def _tells_all(before: Deal, now: Deal) -> bool:
    """Whether any change since is seen: where a field wasn't asked for before, only that nobody touched the deal tells."""
    lines = {line.id: line.fields.keys() for line in before.lines}
    asked = now.fields.keys() <= before.fields.keys() and all(
        line.fields.keys() <= lines.get(line.id, frozenset()) for line in now.lines
    )
    return asked or before.changed_at == now.changed_at


def reads_the_same(before: Deal, now: Deal) -> bool:
    """Whether a mapping finds the same in both. A field that only one of the two was asked for tells nothing."""
    plain = [(one.company, one.state, one.closed_on) for one in (before, now)]
    return plain[0] == plain[1] and _agree(before.fields, now.fields) and _lines_agree(before, now)


def _lines_agree(before: Deal, now: Deal) -> bool:
    was, is_ = ({line.id: line for line in one.lines} for one in (before, now))
    return was.keys() == is_.keys() and all(
        (was[id].product, was[id].quantity) == (line.product, line.quantity) and _agree(was[id].fields, line.fields)
        for id, line in is_.items()
    )


def _agree(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    return all(one[name] == other[name] for name in one.keys() & other.keys())
