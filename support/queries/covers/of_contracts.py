"""The covers that hang on contracts and their lines, for the contract's page."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from entitlements.contract_notes import Note, Place
from support.domain.cover_draft import CoverPlace
from support.domain.cover_words import say_list, say_what
from support.models import Cover
from support.queries.covers.reading import CoverRead, read_covers

VIEW, WRITE = "support.view_cover", "support.write_cover"
STANDING = (CoverPlace.IN_FORCE, CoverPlace.TO_COME)


def notes_of_contracts(lines: Mapping[int, Collection[int]], *, at: datetime) -> Mapping[Place, tuple[Note, ...]]:
    """Each cover in force or to come beside its line, and the way to another; what ends with a contract stands first.

    Three reads for any number of contracts.
    """
    rows = Cover.objects.filter(contract__in=lines).select_related("account", "contract", "followed_by")
    found: dict[Place, list[Note]] = defaultdict(list)
    ending: dict[int, list[CoverRead]] = defaultdict(list)
    for read in read_covers(rows.order_by("starts_at", "pk")):
        if read.place(at) in STANDING:
            under = read.row.contract
            assert under is not None  # it was found by it
            found[under.pk, read.row.line or 0].append(_note(read, at=at))
            if under.ends_at is not None and _ends_with(read, under.ends_at):
                ending[under.pk].append(read)
    for number, reads in ending.items():
        found[number, 0].insert(0, _warning(reads))
    for contract, numbers in lines.items():
        for number in numbers:
            found[contract, number].append(_offer(contract, number))
    return {place: tuple(notes) for place, notes in found.items()}


def ending_with_contract(contract: int, *, at: datetime) -> tuple[str, ...]:
    """One line for all covers that end with it, by now or once notice was given, and that nothing goes on from."""
    rows = Cover.objects.filter(contract=contract).select_related("account", "contract", "followed_by")
    ending = [
        read
        for read in read_covers(rows.order_by("name", "pk"))
        if read.place(at) in STANDING and _is_last(read) and not _ends_before(read)
    ]
    return (_say_covers(ending),) if ending else ()


def _is_last(read: CoverRead) -> bool:
    return getattr(read.row, "followed_by", None) is None


def _ends_with(read: CoverRead, ends_at: datetime) -> bool:
    return _is_last(read) and read.draft.last_instant == ends_at


def _ends_before(read: CoverRead) -> bool:
    """Whether it ends by itself before its contract does, so that the contract's end takes nothing from it."""
    contract_ends = None if read.row.contract is None else read.row.contract.ends_at
    last = read.draft.last_instant
    return contract_ends is not None and last is not None and last < contract_ends


def _say_covers(reads: Sequence[CoverRead]) -> str:
    """ "2 covers that nothing renews yet: Maintenance of plant 1 and On call"."""
    named = say_list(sorted(_named(read) for read in reads))
    if len(reads) == 1:
        return f"cover {named}, which nothing renews yet"
    return f"{len(reads)} covers that nothing renews yet: {named}"


def _named(read: CoverRead) -> str:
    """Its name, and until when it would have lasted anyway where it has an end of its own."""
    under, own = read.row.contract, read.draft.ends_at
    if own is None or (under is not None and under.ends_at is not None):
        return read.row.name  # it ends with the contract, by the contract's own end
    return f"{read.row.name} ({read.named.until} in any case)"


def _warning(reads: Sequence[CoverRead]) -> Note:
    """A contract that follows has lines of its own, so somebody has to say under which each goes on."""
    words = (
        f"With it {'end' if len(reads) > 1 else 'ends'} {_say_covers(reads)}. A contract that follows doesn’t carry "
        f"covers over: renew {'each' if len(reads) > 1 else 'it'}, so that there is no gap."
    )
    contract = reads[0].row.contract
    asked = urlencode({"contract": "" if contract is None else contract.key})
    url = cover_page(reads[0]) if len(reads) == 1 else f"{reverse('admin:support_cover_changelist')}?{asked}"
    return Note(words, url, "Look at it" if len(reads) == 1 else "Look at them", VIEW, warns=True)


def cover_page(read: CoverRead) -> str:
    return reverse("admin:support_cover", args=[read.row.pk])


def _note(read: CoverRead, *, at: datetime) -> Note:
    until = read.named.until or "until somebody ends it"
    words = f"Cover, {read.place(at).words.lower()}: {say_what(read.draft, named=read.named)}, {until}"
    return Note(words, cover_page(read), read.row.name, VIEW)


def _offer(contract: int, line: int) -> Note:
    asked = urlencode({"contract": contract, "line": line})
    return Note("", f"{reverse('admin:support_cover_new')}?{asked}", f"Add a cover under line {line}", WRITE)
