"""What the desk wrote to a company of a CRM last: what has to be written now, and what somebody changed there since.

What was written is remembered record by record, by the digest of what it said, and of the company also field by field.
A record that the CRM refused is not sent again as long as it says the same.

Before anything is sent it is noted that it is about to be: whoever is killed in between leaves records of which nobody
knows what they say, and whatever becomes of the company meanwhile, those are written again or removed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from desk.domain.crm.outgoing import COMPANY, COMPANY_FIELDS, UNCOUNTED, OutField, Outgoing, Sort, plain

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Sent:
    """`records` and `refused` are digests by the names of records (`Outgoing.name`); an empty one: nobody knows what it
    says. `fields` is what the company's were given, as text, and `at` when. `asked` is when the CRM was asked last
    whether the records of entitlements stand there."""

    records: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    refused: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    fields: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    at: str = ""
    asked: str = ""

    def before(self, names: Iterable[str]) -> "Sent":
        """While these are about to be written, or removed."""
        return replace(self, records={**self.records, **dict.fromkeys(names, "")})

    def after(self, one: Outgoing) -> "Sent":
        """Once it was written, or removed."""
        refused = {name: digest for name, digest in self.refused.items() if name != one.name}
        if one.removed:
            return replace(self, records=_without(self.records, one.name), refused=refused)
        written = replace(self, records={**self.records, one.name: one.digest}, refused=refused)
        if one.part != COMPANY:
            return written
        return replace(written, fields=texts(one), at=str(plain(one.fields.get("written_at")) or ""))

    def after_refusal(self, one: Outgoing) -> "Sent":
        """Once the CRM said that it wouldn't take it."""
        return replace(self, refused={**self.refused, one.name: one.digest})

    def forgotten(self, *names: str) -> "Sent":
        """As if these had never been written; none named: everything."""
        if not names:
            return Sent()
        records = {name: digest for name, digest in self.records.items() if name not in names}
        refused = {name: digest for name, digest in self.refused.items() if name not in names}
        return replace(self, records=records, refused=refused)

    def after_asking(self, about: Collection[str], there: Collection[str], *, at: datetime) -> "Sent":
        """Once the CRM said which of these stand there: the others are as if they had never been written."""
        missing = set(about) - set(there)
        return replace(self.forgotten(*missing) if missing else self, asked=at.isoformat())

    def was_asked(self, *, since: datetime) -> bool:
        return bool(self.asked) and datetime.fromisoformat(self.asked) > since

    def tried_anew(self) -> "Sent":
        """What was refused is sent once more."""
        return replace(self, refused=NOTHING)

    @property
    def entitlements(self) -> frozenset[str]:
        """The names of the records of entitlements that stand there, as far as the desk knows."""
        return frozenset(self.records.keys() - {COMPANY})

    @property
    def entitlements_known(self) -> frozenset[str]:
        """Those of them of which it is known what they say."""
        return frozenset(name for name in self.entitlements if self.records[name])

    @property
    def accounts(self) -> frozenset[str]:
        """The keys of the accounts whose they are."""
        return frozenset(owner_of(name) for name in self.entitlements)

    @property
    def json(self) -> dict[str, Any]:
        told = {"records": dict(self.records), "fields": dict(self.fields), "at": self.at, "asked": self.asked}
        return {name: value for name, value in (*told.items(), ("refused", dict(self.refused))) if value}


def read_sent(told: Mapping[str, Any]) -> Sent:
    """What `Sent.json` was kept as."""
    return Sent(
        records=told.get("records", NOTHING),
        refused=told.get("refused", NOTHING),
        fields=told.get("fields", NOTHING),
        at=told.get("at", ""),
        asked=told.get("asked", ""),
    )


def to_write(
    wanted: Mapping[str, Outgoing], sent: Sent, *, company: str, others: Collection[str] = ()
) -> list[Outgoing]:
    """Those parts that differ from what was written, the company first; what is wanted no more is removed.

    `company` is its id there. `others` are the keys of accounts whose records another company of the CRM has now: it
    writes them anew, so they aren't removed from under it.
    """
    changed = [one for one in wanted.values() if sent.records.get(one.name) != one.digest]
    gone = (name for name in stale(wanted, sent) if owner_of(name) not in others)
    changed += [Outgoing(name.rpartition(".")[2], name, company, removed=True) for name in gone]
    fresh = [one for one in changed if sent.refused.get(one.name) != one.digest]
    return sorted(fresh, key=lambda one: (one.part != COMPANY, one.removed, one.key))


def stale(wanted: Mapping[str, Outgoing], sent: Sent) -> frozenset[str]:
    """The names of records of entitlements that stand there and are wanted no more."""
    return sent.entitlements - {one.name for one in wanted.values()}


def owner_of(name: str) -> str:
    """The key of the account whose entitlement it is; a feature's key has no dot."""
    return name.rpartition(".")[0]


def texts(one: Outgoing) -> dict[str, str]:
    """Its fields as text; what is empty is empty text."""
    return {name: _text(plain(value)) for name, value in one.fields.items() if name not in UNCOUNTED}


def _text(value: str | bool | None) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that somebody changed there: what stands there, and what the desk wrote."""

    field: str
    words: str
    theirs: str
    ours: str

    @property
    def said(self) -> str:
        return f"{self.words} was changed there to {_quoted(self.theirs)}; the desk wrote {_quoted(self.ours)}."


def changed_there(sent: Sent, ours: Mapping[str, str]) -> tuple[Changed, ...]:
    """Which of the company's fields say something else there than was written; `ours` is what stands there.

    Nothing where it was read before the last writing, as its moment tells: what is seen then is older. A field that
    wasn't read, because it isn't there or may not be seen, is passed over.
    """
    if not sent.fields or _is_older(ours.get("written_at", ""), sent.at):
        return ()
    return tuple(_changes(sent.fields, ours))


def _changes(written: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[Changed]:
    for one in COMPANY_FIELDS:
        if one.name not in written or one.name not in ours:
            continue
        there, here = _same(one, ours[one.name]), _same(one, written[one.name])
        if there != here and not _is_cut(there, here):
            yield Changed(one.name, one.words, ours[one.name], written[one.name])


def _is_older(there: str, written: str) -> bool:
    seen, last = _moment(there), _moment(written)
    return seen is not None and last is not None and seen < last


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).replace(microsecond=0)


def _same(one: OutField, text: str) -> str:
    """Two texts that a CRM may show for one value come to the same."""
    told = " ".join(text.split())
    match one.sort:
        case Sort.YES_NO:
            return told.lower() if told else "false"  # a box that was never ticked
        case Sort.NUMBER | Sort.PERCENT:
            return _number(told)
        case Sort.DAY:
            return told[:10]
    return told


def _is_cut(there: str, here: str) -> bool:
    """A field that somebody made shorter there holds the beginning."""
    return len(there) > 1 and there.endswith("…") and here.startswith(there[:-1])


def _number(text: str) -> str:
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def _quoted(text: str) -> str:
    short = text if len(text) <= 120 else f"{text[:119]}…"
    return f"“{short}”" if text else "nothing"


def _without(records: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: digest for key, digest in records.items() if key != name}
