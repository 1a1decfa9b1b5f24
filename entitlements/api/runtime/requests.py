"""What products ask and tell, and how it is read: strictly, and each fault by its name.

A field nobody knows is a fault too: a misspelt `quantity` must not count as one. Amounts are whole and in the feature's
smallest unit. An account goes by our key or by any connected system's id (`stripe:cus_1`).
"""

import re
from datetime import datetime
from typing import Annotated, NoReturn, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from entitlements.api.runtime.problems import (
    AbsurdQuantity,
    BatchTooLarge,
    NegativeQuantity,
    Unreadable,
    WrongType,
)
from journal.api.instants import EARLIEST, LATEST
from journal.domain.refusal import Invalid, Refusal

LARGEST = 2**53 - 1  # what every reader of JSON holds exactly
MOST_ACCOUNTS, MOST_FEATURES = 100, 100
MOST_EVENTS = 1_000
MOST_BYTES = 1_000_000
HOLD_SECONDS = 600

_NO_NUL = "^[^\x00]*$"
AccountName = Annotated[
    str,
    Meta(
        min_length=1, max_length=320, pattern=_NO_NUL, description="Our key, or an id: `acme`, `stripe:cus_1`.",
        examples=["acme"],
    ),
]  # fmt: skip
FeatureName = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=_NO_NUL, description="Its key.", examples=["api_calls"])
]
Text = Annotated[str, Meta(max_length=200, pattern=_NO_NUL)]
Amount = Annotated[int, Meta(ge=0, le=LARGEST, description="In the feature's smallest unit.")]
Change = Annotated[
    int,
    Meta(
        ge=-LARGEST, le=LARGEST,
        description="In the feature's smallest unit. Only a report of what is held at one time may be negative.",
    ),
]  # fmt: skip
Moment = Annotated[datetime, Meta(tz=True)]
Subject = Annotated[
    str,
    Meta(
        max_length=200, pattern=_NO_NUL, description="A user, agent, device or task inside the account.",
        examples=["agent-7"],
    ),
]  # fmt: skip
ChoiceName = Annotated[
    str,
    Meta(
        max_length=200, pattern=_NO_NUL, examples=["model.large"],
        description="The choice of a configuration, or of a dimension by which use is told apart.",
    ),
]  # fmt: skip
Point = Annotated[
    str, Meta(max_length=200, pattern=_NO_NUL, description="Where you ask.", examples=["POST /v1/images"])
]


class CheckRequest(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """May this account do this? Without a quantity: anything at all."""

    account: AccountName
    feature: FeatureName
    quantity: Amount | None = None
    subject: Subject = ""
    choice: ChoiceName = ""
    value: Text = ""
    point: Point = ""
    at: Moment | None = None
    known_at: Moment | None = None
    consistent: bool = False
    explain: bool = False


class BatchRequest(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Up to 100 accounts by up to 100 features; without features, all of them."""

    accounts: Annotated[list[AccountName], Meta(min_length=1, description="At most 100.")]
    features: Annotated[list[FeatureName], Meta(min_length=1, description="At most 100.")] | None = None
    point: Point = ""
    consistent: bool = False


class UseRequest(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What is about to be used (consume), or was used (report). Counted once for each `id` of a `source`."""

    account: AccountName
    feature: FeatureName
    quantity: Change = 1
    id: Annotated[Text, Meta(description="Yours, and new for each; or send Idempotency-Key.", examples=["job-81"])] = ""
    source: Annotated[Text, Meta(description="Whose ids these are; your key's own if left out.")] = ""
    subject: Subject = ""
    choice: ChoiceName = ""
    value: Annotated[Text, Meta(description="What is told apart, where distinct things are counted.")] = ""
    at: Annotated[Moment, Meta(description="When it happened; now if left out.")] | None = None
    point: Point = ""


class ReserveRequest(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An estimate to hold until it is committed, released, or its time is over."""

    account: AccountName
    feature: FeatureName
    quantity: Amount
    id: Annotated[Text, Meta(description="Yours, and new for each; or send Idempotency-Key.")] = ""
    source: Text = ""
    subject: Subject = ""
    choice: ChoiceName = ""
    value: Text = ""
    hold_seconds: Annotated[
        int, Meta(ge=1, le=604_800, description="How long it is held if nothing comes; at most a week.")
    ] = HOLD_SECONDS
    point: Point = ""


class CommitRequest(Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """What the held work truly came to; beyond what is held it counts all the same."""

    quantity: Amount


class ManyRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """Several at once; each is answered by itself."""

    events: Annotated[list[Raw], Meta(min_length=1, description="At most 1,000.")]


T = TypeVar("T")
_WHERE = re.compile(r" - at `\$\.?(?P<field>.*)`$")
_NAMED = re.compile(r"(?P<what>missing required|contains unknown) field `(?P<field>[^`]*)`")


def decode(body: bytes | Raw, kind: type[T], *, inside: str = "") -> T:
    """The body as a request; the Refusal of its kind, with the field, where it can't be one. `inside` names the place."""
    if len(bytes(body) if isinstance(body, Raw) else body) > MOST_BYTES:
        refuse_size()
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as fault:
        raise fault_of(str(fault), inside=inside) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("The body is no JSON in UTF-8, or not whole.") from None


def refuse_size() -> NoReturn:
    raise BatchTooLarge(f"Send at most {MOST_BYTES:,} bytes at once. Nothing of it was done.")


def decode_use(body: bytes) -> UseRequest | list[Raw]:
    """One of them, or, under `events`, each of many as it came: what is wrong with one is no fault of the others."""
    return _one_or_many(body, UseRequest)


def _one_or_many(body: bytes, kind: type[T]) -> T | list[Raw]:
    if b'"events"' in body and _has_events(body):
        return told_apart(decode(body, ManyRequest).events)
    return decode(body, kind)


class _Peek(Struct):
    events: Raw = Raw()


def _has_events(body: bytes) -> bool:
    """Whether the word is the name of the list, and not a value somewhere inside."""
    try:
        return bool(bytes(msgspec.json.decode(body, type=_Peek).events))
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError):
        return False


def told_apart(events: list[Raw]) -> list[Raw]:
    """As many as may come at once; BatchTooLarge for more."""
    if len(events) > MOST_EVENTS:
        raise BatchTooLarge(f"Send at most {MOST_EVENTS:,} at once, not {len(events):,}. Nothing of it was done.")
    return events


def fault_of(words: str, *, inside: str = "") -> Refusal:
    """What the decoder found wrong, as a refusal that names the field and the kind of wrong."""
    where, named = _WHERE.search(words), _NAMED.search(words)
    path = where["field"] if where else ""
    said = words[: where.start()] if where else words
    if named:
        path = f"{path}.{named['field']}" if path else named["field"]
        said = "This is missing." if named["what"].startswith("missing") else "Nothing is known by this name here."
    field = f"{inside}.{path}".strip(".") or "body"
    return _kind_of(said, path)(said.replace("`", "").rstrip(".") + ".", field=field)


def _kind_of(said: str, path: str) -> type[Refusal]:
    if ", got" in said:
        return WrongType
    if path.rpartition(".")[2] == "quantity":
        return NegativeQuantity if said.endswith(">= 0") else AbsurdQuantity
    return Invalid


def refuse_far_away(moment: datetime | None, *, field: str) -> None:
    """A moment that no calculation can bear."""
    if moment is not None and not EARLIEST <= moment.year <= LATEST:
        raise Invalid(f"Ask about a moment between the years {EARLIEST} and {LATEST}.", field=field)
