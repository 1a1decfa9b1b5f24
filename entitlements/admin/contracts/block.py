"""One contract as the account's page and its own page show it: where it stands, what it promises, what is to come."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from catalog.queries.instants import say_instant, say_until
from entitlements.admin.contracts.pages import contract_url
from entitlements.admin.contracts.words import capital, say_ahead_of
from entitlements.admin.moments import AskedMoment
from entitlements.admin.pages import account_url
from entitlements.contract_notes import Note, notes_beside
from entitlements.models import Account, Contract, ContractLine, ContractVersion, Subscription
from entitlements.models.contract import ContractState
from entitlements.queries.concessions import place_of
from entitlements.queries.contracts.difference import LineDifference, compare_lines
from entitlements.queries.contracts.standing import ContractAt, LineAt, Place, contract_at, contracts_of
from entitlements.queries.contracts.versions import terms_of
from entitlements.queries.contracts.wording import say_line, say_state_of_notice, say_term, say_terms
from journal.models import Approval

COLOURS = {
    Place.WAITING: "waiting",
    Place.IN_FORCE: "in_force",
    Place.ENDING: "grace",
    Place.TO_COME: "to_come",
    Place.DRAFT: "draft",
    Place.ENDED: "ended",
    Place.DISCARDED: "ended",
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a line made, and where it is looked at."""

    words: str
    url: str
    link: str


@dataclass(frozen=True, slots=True)
class LineShown:
    number: int
    words: str
    note: str
    made: tuple[Made, ...]
    nothing: str
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionShown:
    """A version with what it says otherwise than the one before."""

    row: Any
    state: str
    colour: str
    words: str
    terms: tuple[str, str] | None
    difference: tuple[LineDifference, ...]
    print_url: str


@dataclass(frozen=True, slots=True)
class ContractCard:
    contract: Any
    url: str
    state: str
    colour: str
    facts: Sequence[tuple[str, str]]
    version: Any | None
    lines: Sequence[LineShown]
    versions: Sequence[VersionShown]
    draft: Any | None = None
    requested: Any | None = None
    terms: tuple[str, str] | None = None  # what the open version says otherwise, and line by line
    difference: Sequence[LineDifference] = ()
    waiting: Approval | None = None
    buttons: Sequence[tuple[str, str]] = ()
    notes: Sequence[Note] = ()

    @property
    def draft_url(self) -> str:
        return contract_url(self.contract, "draft")


def contracts_block(account: Account, *, moment: AskedMoment) -> dict[str, Any]:
    """Every contract as it stood at the moment; what may be done only for now."""
    found = contracts_of(account=account, at=moment.at, known_at=moment.known_at)
    return {"cards": _cards(found, account, at=moment.at, now=moment.now)}


def contract_card(contract: Contract, *, at: datetime) -> ContractCard:
    """One contract as it stands now."""
    found = contract_at(contract=contract, at=at)
    assert found is not None  # it is there today
    return _cards([found], contract.account, at=at, now=True)[0]


@dataclass(frozen=True, slots=True)
class _Read:
    """What all cards of a page are drawn from, read once."""

    account: Account
    at: datetime
    now: bool
    lines: Mapping[int, Mapping[int, str]]  # by version, by number: the line in words
    waiting: Mapping[str, Approval]
    numbers: Mapping[int, int]  # of subscriptions
    notes: Mapping[tuple[int, int], tuple[Note, ...]]  # by contract and line; what others say of it now


def _cards(found: Sequence[ContractAt], account: Account, *, at: datetime, now: bool) -> list[ContractCard]:
    waiting, notes = (_waiting(found), _notes(found, at=at)) if now else ({}, {})
    read = _Read(account, at, now, _worded_lines(found), waiting, _numbers(account), notes)
    return [_card(one, read) for one in found]


def _worded_lines(found: Iterable[ContractAt]) -> Mapping[int, Mapping[int, str]]:
    """Of every version its lines in words: what was signed never changes, and a draft is shown for now alone."""
    worded: dict[int, dict[int, str]] = defaultdict(dict)
    ids = [version.pk for one in found for version in (*one.versions, one.draft) if version is not None]
    for line in ContractLine.objects.filter(version__in=ids).select_related("plan", "feature").order_by("number"):
        worded[line.version_id][line.number] = say_line(line)
    return worded


def _waiting(found: Iterable[ContractAt]) -> Mapping[str, Approval]:
    """The requests by the version they are about."""
    keys = [str(one.draft.pk) for one in found if one.draft is not None]
    subject = ContractVersion._meta.model_name
    rows = Approval.objects.filter(subject_type=subject, subject_key__in=keys, state=Approval.State.PENDING)
    return {row.subject_key: row for row in rows}


def _notes(found: Iterable[ContractAt], *, at: datetime) -> Mapping[tuple[int, int], tuple[Note, ...]]:
    """What others say beside the lines of those that go on."""
    lasting = [one for one in found if one.version is not None and one.place is not Place.ENDED]
    return notes_beside({one.row.pk: [line.row.number for line in one.lines] for one in lasting}, at=at)


def _numbers(account: Account) -> Mapping[int, int]:
    return dict(Subscription.objects.filter(account=account).values_list("pk", "number"))


def _card(one: ContractAt, read: _Read) -> ContractCard:
    requested = one.draft if one.draft is not None and one.draft.state == ContractState.REQUESTED else None
    return ContractCard(
        contract=one.row,
        url=contract_url(one.row),
        state=one.place.words,
        colour=COLOURS[one.place],
        facts=_facts(one, read),
        version=one.version,
        lines=[_line(line, one.row.pk, read) for line in one.lines],
        notes=read.notes.get((one.row.pk, 0), ()),
        versions=_versions(one, read),
        draft=one.draft if read.now and requested is None else None,
        requested=requested if read.now else None,
        terms=_changed_terms(one.draft, _last(one), read) if one.draft is not None else None,
        difference=_changed_lines(one.draft, _last(one), read) if one.draft is not None else (),
        waiting=read.waiting.get(str(requested.pk)) if requested is not None else None,
        buttons=_buttons(one) if read.now else (),
    )


def _facts(one: ContractAt, read: _Read) -> list[tuple[str, str]]:
    if one.version is None:
        return []
    since = say_instant(one.version.effective_at, zone=one.zone)
    begun = one.version.effective_at <= read.at
    facts = [
        (f"Version {one.version.number} in force since" if begun else f"Version {one.version.number} begins", since)
    ]
    if one.term is not None:
        words = capital(say_term(one.term, zone=one.zone))
        facts.append(("Last term" if one.place is Place.ENDED else "Running", words))
    later = [row for row in one.to_come if row.pk != one.version.pk]
    facts += [(f"Version {row.number} begins", say_instant(row.effective_at, zone=one.zone)) for row in later]
    own = (
        [("Its end is announced", f"{', '.join(map(str, days))} days ahead")]
        if (days := one.row.announced_days)
        else []
    )
    return [*facts, *_ahead(one, read), *own]


def _ahead(one: ContractAt, read: _Read) -> list[tuple[str, str]]:
    """What follows: an end that somebody fixed, a renewal, or nothing but an end to be named."""
    if one.ends_at is not None:
        ends = say_until(one.ends_at, zone=one.zone)
        ended = "Ended" if one.place is Place.ENDED else "Ends"
        if one.place is Place.ENDING and read.now:
            return [(ended, ends), ("Because", say_state_of_notice(one.row, ends=ends))]
        return [(ended, ends)]
    if one.term is None:
        return [("Runs", "until somebody ends it")]
    return [say_ahead_of(terms_of(one.version, at=read.at), one.term, at=read.at)]


def _line(line: LineAt, contract: int, read: _Read) -> LineShown:
    made = (*(_item(row, read) for row in line.items), *(_override(row, read) for row in line.overrides))
    notes = read.notes.get((contract, line.row.number), ())
    return LineShown(line.row.number, line.words, line.row.note, made, "Nothing of it is in force or to come.", notes)


def _item(row: Any, read: _Read) -> Made:
    number = read.numbers.get(row.subscription_id)
    words = f"Gives {row.quantity} of it in subscription {number}, {_window(row, read)}"
    return Made(words, account_url(read.account, part="subscriptions"), f"Subscription {number}")


def _override(row: Any, read: _Read) -> Made:
    place = place_of(row, at=read.at).words.lower()
    words = f"Override {row.pk}, {place}, {_window(row, read)}"
    return Made(words, account_url(read.account, part="overrides"), "Overrides")


def _window(row: Any, read: _Read) -> str:
    zone = read.account.zone
    begins = "since" if row.starts_at <= read.at else "from"
    ends = "" if row.ends_at is None else f" {say_until(row.ends_at, zone=zone)}"
    return f"{begins} {say_instant(row.starts_at, zone=zone)}{ends}"


def _versions(one: ContractAt, read: _Read) -> list[VersionShown]:
    """The signed ones, newest first, each beside the one before it."""
    pairs = zip_longest(one.versions, one.versions[1:])
    return [_version(row, before, one, read) for row, before in pairs]


def _version(row: Any, before: Any | None, one: ContractAt, read: _Read) -> VersionShown:
    state, colour = _state(row, one, read)
    since = say_instant(row.effective_at, zone=row.zone)
    return VersionShown(
        row=row,
        state=state,
        colour=colour,
        words=f"from {since}; signed {say_instant(row.signed_at, zone=row.zone)} by {row.signed_by}",
        terms=_changed_terms(row, before, read),
        difference=_changed_lines(row, before, read),
        print_url=contract_url(one.row, "print", row.number),
    )


def _last(one: ContractAt) -> Any | None:
    return one.versions[0] if one.versions else None


def _changed_terms(row: Any, before: Any | None, read: _Read) -> tuple[str, str] | None:
    was, becomes = ("" if one is None else say_terms(terms_of(one, at=read.at)) for one in (before, row))
    return None if was == becomes else (was, becomes)


def _changed_lines(row: Any, before: Any | None, read: _Read) -> tuple[LineDifference, ...]:
    was = {} if before is None else read.lines.get(before.pk, {})
    found = compare_lines(was, read.lines.get(row.pk, {}))
    return tuple(line for line in found if line.sort != "same")


def _state(row: Any, one: ContractAt, read: _Read) -> tuple[str, str]:
    if row.effective_at > read.at:
        return "To come", "to_come"
    if one.version is not None and row.pk == one.version.pk and one.place is not Place.ENDED:
        return "In force", "in_force"
    return "Past", "ended"


def _buttons(one: ContractAt) -> list[tuple[str, str]]:
    """What may be done; nothing is ended or amended while a version is open, since that was made for it as it stands."""
    ways = [] if one.place is Place.ENDED else list(_ways(one))
    return [(words, contract_url(one.row, page)) for words, page in [*ways, ("Rename", "rename")]]


def _ways(one: ContractAt) -> Iterable[tuple[str, str]]:
    if one.version is None or one.draft is not None:
        return
    yield "Amend", "amend"
    if one.renews_at is not None or (one.term is None and one.ends_at is None):
        yield "Give notice", "notice"
    if one.row.notice_at is not None:
        yield "Take notice back", "notice_back"
    yield "End early", "end"
    yield "When its end is announced", "announce"
