"""From what a deal becomes and what was made of it to what has to be done, so that what was sold is what is held.

`decide` is pure and whole: applied, its steps make what is held what the deal says; decided again, there is nothing
left to do. So a deal heard of twice, late or out of order changes when a thing is done and never what is true, and a
dry run is the same list of steps, told instead of done.

- Only a won deal holds anything. One that is reopened, lost or deleted ends exactly what was made of it.
- A won deal becomes one contract. Amended, it amends that: promises of the same key are changed, new ones added, those
  that are gone taken out, and the others are left alone. One that was ended and is won again becomes a new contract.
- What is compared is what the deal said when it was carried out, or asked for, last: what staff changed in the contract
  since then stays, and so does a contract that has run out, until the deal says something else of it.
- What waits for somebody's approval, or was rejected, is asked for again only where the deal says something else.
- A contract that hasn't begun and gets another first day is ended and concluded anew: what was answered until now stays
  true, and nothing begins before it was agreed. One that has ended is concluded anew where its first day moves behind
  that end.
- One that runs is never ended by a first day that is still to come: nothing of the deal is done until that day or until
  somebody put it right, and a person is told.
- Where the deal goes over to another company, what was made for the one ends, and the other gets it.
- A line of which another rule of the mapping speaks by now keeps its promise, which says something else where it does.
- A line that the mapping makes nothing of any more goes on as it was agreed; a person is told.
- While something of the deal can't be read, or nobody knows whose it is, nothing is done and what stands goes on: a
  person is told.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from catalog.domain.amounts import shown
from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.told import Deal, DealState
from desk.domain.crm.wanted import UNSAID, Agreed, Extension, Promise, Wanted

NO_PROMISES: Mapping[str, Promise] = {}


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of a deal, as it said then; `account` is our key of whom it was made for.

    `promises` by their keys, and `agreed`, are those of the contract's version that was signed or asked for last; empty
    where there is none, or the deal itself has ended it. `signed`, `begun`: the contract was ever, and speaks already;
    `ended` is the last day of one that has run out, or that somebody ended.
    """

    promises: Mapping[str, Promise] = field(default_factory=lambda: NO_PROMISES)
    agreed: Agreed = UNSAID
    extension: Extension | None = None
    account: str = ""
    signed: bool = True
    begun: bool = True
    ended: date | None = None

    def __bool__(self) -> bool:
        """Whether anything is held by it."""
        return bool(self.promises) or self.extension is not None


# Steps --------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Conclude:
    """The deal becomes a contract."""

    promises: tuple[Promise, ...]
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class Amend:
    """The contract says something else from now on."""

    add: tuple[Promise, ...]
    change: tuple[Promise, ...]
    remove: tuple[str, ...]
    agreed: Agreed


@dataclass(frozen=True, slots=True)
class EndContract:
    """Exactly what the deal made ends; `why` is for the reader."""

    why: str


@dataclass(frozen=True, slots=True)
class Extend:
    """The trial runs so much longer; `was` is how much longer the deal made it before."""

    extension: Extension
    was: Extension | None = None


@dataclass(frozen=True, slots=True)
class TakeBack:
    """The trial ends when it would have ended without the deal."""

    extension: Extension
    why: str


Step: TypeAlias = Conclude | Amend | EndContract | Extend | TakeBack


@dataclass(frozen=True, slots=True)
class Told:
    """Something a person has to look at: `about` what of the deal, in words that make a sentence; `waits` is what isn't done
    until then, where that is one step."""

    kind: CrmFindingKind
    about: str
    words: str
    waits: Amend | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    steps: tuple[Step, ...] = ()
    told: tuple[Told, ...] = ()

    @property
    def refused(self) -> str:
        """Why nothing of it is done though all of it can be read; empty where nothing stands against it."""
        return next((one.words for one in self.told if one.kind is CrmFindingKind.REFUSED), "")


def decide(deal: Deal, found: Wanted, made: Made, *, account: str, today: date, doubt: str = "") -> Decided:
    """What has to be done on the day. `account` is our key of whose deal it is; empty: nobody knows, and `doubt` is what
    a person is told of that."""
    if deal.state is not DealState.WON:
        return Decided(tuple(_ended(made, f"The deal {deal.name} is {deal.state.words.lower()}")))
    told = tuple(_told(found, doubt=doubt))
    if found.faults or not account:
        return Decided((), told)
    ended: tuple[Step, ...] = ()
    if made.account and made.account != account:
        ended = tuple(_ended(made, f"The deal {deal.name} belongs to another company by now"))
        made = Made()
    if (postponed := _postponed(found, made, today=today)) is not None:
        return Decided((), (*told, postponed))
    return Decided((*ended, *_trial(deal, found, made), *_contract(deal, found, made)), told)


def after(made: Made, step: Step) -> Made:
    """What was made of the deal once the step is done."""
    match step:
        case Conclude(promises, agreed):
            return replace(made, promises=_keyed(promises), agreed=agreed)
        case Amend(add, change, remove, agreed):
            kept = {key: one for key, one in made.promises.items() if key not in remove}
            return replace(made, promises=kept | _keyed((*add, *change)), agreed=agreed)
        case EndContract():
            return replace(made, promises=NO_PROMISES, agreed=UNSAID)
        case Extend(extension):
            return replace(made, extension=extension)
        case TakeBack():
            return replace(made, extension=None)


def _keyed(promises: tuple[Promise, ...]) -> dict[str, Promise]:
    return {one.key: one for one in promises}


def _told(found: Wanted, *, doubt: str) -> Iterator[Told]:
    if doubt:
        yield Told(CrmFindingKind.WHOSE, "", doubt)
    for fault in found.faults:
        yield Told(CrmFindingKind.UNREAD, f"{fault.rule} {fault.about}", f"{fault.about}: {fault.words}")
    for line in found.unmapped:
        sold = f"{_so_many(line.quantity)} × {shown(line.name.strip() or line.product.strip())}"
        yield Told(CrmFindingKind.UNMAPPED, line.id, f"{sold} was sold, and the mapping makes nothing of it.")


def _so_many(quantity: Decimal) -> str:
    """ "5", "2.5"; what nobody sells is left as the CRM writes it: written out it would fill the page."""
    usual = quantity.is_finite() and -9 < quantity.adjusted() < 15
    return f"{quantity.normalize():f}" if usual else f"{quantity}"


def _ended(made: Made, why: str) -> Iterator[Step]:
    if made.extension is not None:
        yield TakeBack(made.extension, why)
    if made.promises:
        yield EndContract(why)


def _trial(deal: Deal, found: Wanted, made: Made) -> Iterator[Step]:
    if _reach(found.extension) == _reach(made.extension):
        return
    if found.extension is not None:
        yield Extend(found.extension, was=made.extension)
    elif made.extension is not None:
        yield TakeBack(made.extension, f"The deal {deal.name} makes no trial longer any more")


def _reach(extension: Extension | None) -> tuple[int | None, date | None] | None:
    """Which rule it came of is no difference."""
    return None if extension is None else (extension.days, extension.through)


def _contract(deal: Deal, found: Wanted, made: Made) -> Iterator[Step]:
    if not made.promises:
        if found.promises:
            yield Conclude(found.promises, found.agreed)
        return
    step = _amendment(found, made)
    if len(step.remove) == len(made.promises) and not step.add:
        yield EndContract(f"The deal {deal.name} promises nothing any more")
    elif _begins_anew(step.agreed, made):
        yield EndContract(f"The deal {deal.name} begins on another day")
        yield Conclude(tuple(after(made, step).promises.values()), step.agreed)
    elif step.add or step.change or step.remove or step.agreed != made.agreed:
        yield step


def _amendment(found: Wanted, made: Made) -> Amend:
    """What would make the contract say what the deal says, whether or not anything differs."""
    there = _keyed(tuple(_as_known(found.promises, made.promises)))
    unmapped = {line.id for line in found.unmapped}
    return Amend(
        add=tuple(one for key, one in there.items() if key not in made.promises),
        change=tuple(one for key, one in there.items() if key in made.promises and made.promises[key] != one),
        remove=tuple(key for key in made.promises if key not in there and key.partition(":")[2] not in unmapped),
        agreed=found.agreed if there else made.agreed,
    )


def _as_known(promises: Sequence[Promise], made: Mapping[str, Promise]) -> Iterator[Promise]:
    """Of a line of which another rule speaks by now, the promise that the line made: it is changed, where it differs,
    instead of being taken out for another like it."""
    keys = {one.key for one in promises}
    by_line = {key.partition(":")[2]: key for key in made if key not in keys}
    for one in promises:
        of_line = one.key.partition(":")[2]
        known = by_line.get(of_line) if of_line and one.key not in made else None
        yield one if known is None else replace(one, key=known)


def _begins_anew(agreed: Agreed, made: Made) -> bool:
    first = agreed.first_day
    if not made.signed or first == made.agreed.first_day:
        return False
    return not made.begun or (first is not None and made.ended is not None and first > made.ended)


def _postponed(found: Wanted, made: Made, *, today: date) -> Told | None:
    """What a person is told where the contract runs, and the deal begins on a day to come by now."""
    first, before = found.agreed.first_day, made.agreed.first_day
    runs = bool(made.promises) and made.signed and made.begun and made.ended is None
    if not runs or not found.promises or first is None or first == before or first <= today:
        return None
    since = f"has run since {before:%-d %B %Y}" if before is not None else "runs already"
    words = (
        f"The deal begins on {first:%-d %B %Y} by now, and its contract {since}. Nothing of the deal is done until then, "
        "and what is held goes on; on that day the contract is amended to what the deal says. If that isn’t meant, put the "
        "day right there. If nothing shall be held until then, end the contract here and look again: the deal becomes a "
        "new one from that day on."
    )
    return Told(CrmFindingKind.REFUSED, "first day", words, waits=_amendment(found, made))
