"""What an outside system posts to us: how it is proved to be theirs, and what it says it is about.

A vendor's `verify` turns a `Message` into what it brings (`Received`, one or several), or raises `Forged`. It is pure:
it reads no clock, no row and no setting, and it looks at the bytes as they came, for a signature covers exactly those.
It reads no more than it must: who it is from, what it is called, and what it is about. What it means is read later,
from the stored row, by a handler.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST = 200  # characters of an id, a type or a subject
LONGEST_WAIT = timedelta(hours=24)


class Order(StrEnum):
    """What the order of a subject's arrivals means to a vendor.

    `hint`: an arrival only says that something changed, and whoever takes it reads how things stand now. One that fails
    steps aside until its next try, and one that was given up holds nothing up. `strict`: each builds on the one before,
    so that one that fails or was given up holds its subject until it is done, or a person decides.
    """

    HINT = "hint"
    STRICT = "strict"


class Reason(StrEnum):
    """Why a message is refused. The value is all that its sender hears; the words are for whoever looks after it."""

    SIGNATURE = "signature"
    TIME = "time"
    UNREADABLE = "unreadable"
    MODE = "mode"
    ACCOUNT = "account"
    TOO_LARGE = "too_large"
    UNCHECKED = "unchecked"

    @property
    def words(self) -> str:
        return _WORDS[self][0]

    @property
    def what_to_do(self) -> str:
        return _WORDS[self][1]


_WORDS = {
    Reason.SIGNATURE: (
        "The signature fits none of the secrets",
        "Compare the signing secret with the one at the vendor; if it was renewed there, enter the new one here. "
        "If they agree, somebody else knows the address, and nothing has to be done.",
    ),
    Reason.TIME: (
        "It is signed for another time",
        "Compare the clock of this machine with another. If it is right, somebody sent an old message again, and "
        "nothing has to be done.",
    ),
    Reason.UNREADABLE: (
        "It can’t be read",
        "Compare the kind and the version of the messages that the vendor is set up to send with docs/connections.md.",
    ),
    Reason.MODE: (
        "It is live where this connection is for trying out, or the other way round",
        "Enter this address only among the vendor’s webhooks of the same mode; for the other mode set up a connection "
        "of its own.",
    ),
    Reason.ACCOUNT: (
        "It is about another account at the vendor",
        "Compare the account entered here with the one at the vendor that posts to this address.",
    ),
    Reason.TOO_LARGE: (
        "It is larger than 1 MiB",
        "No message of the vendor’s is that large; if it comes from them all the same, ask them to send less at once.",
    ),
    Reason.UNCHECKED: (
        "It couldn’t be checked, so the vendor was asked to send it again",
        "No signing secret can be opened: enter the vendor’s, or put the key that it was sealed with back into "
        "DESK_VAULT_KEYS.",
    ),
}


class Forged(Exception):
    """Not what the vendor sent to this connection, as far as can be told."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.words)
        self.reason = reason


class Later(Exception):
    """The vendor asks to be left alone, or is away: the whole connection rests, and this counts as no try.

    `after` is how long, a day at most; the caller reads it from the vendor's answer.
    """

    def __init__(self, why: str, *, after: timedelta) -> None:
        super().__init__(why)
        self.why = why
        self.after = min(max(after, timedelta(seconds=1)), LONGEST_WAIT)


@dataclass(frozen=True, slots=True)
class Message:
    """One request as it came. `headers` by their names in lower case; `url` as the vendor knows it, with any query."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    url: str


@dataclass(frozen=True, slots=True)
class Received:
    """One thing that a message brings. ValueError where it can't be stored as it is.

    `external_id` names it for good at the vendor: the same id again is a repeat. `subject` is what it is about: of
    one subject one is taken at a time; empty, it waits for no other. `live` and `of_account` are None and empty where
    the vendor doesn't say. `body` is its own part of a message that brings several; None: the whole message.
    """

    external_id: str
    type: str
    subject: str = ""
    occurred_at: datetime | None = None
    live: bool | None = None
    of_account: str = ""
    body: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.external_id or not self.type:
            raise ValueError("What arrives needs an id and a type.")
        if any(len(text) > LONGEST or "\x00" in text for text in (self.external_id, self.type, self.subject)):
            raise ValueError(f"An id, a type or a subject has {LONGEST} characters at most.")
        if self.occurred_at is not None and self.occurred_at.tzinfo is None:
            raise ValueError("The instant at which something happened needs a zone.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an arrival, in words that stand on its page ("Acme has Team now").

    `covers_earlier`: it was read how the whole subject stands now, so that what was given up about it before has
    nothing more to say. `covers_waiting`: others of the subject, by their numbers, that waited as it was looked, and
    would only have had somebody look: they are done with this one. `account_key`: whose it was, where that is known.
    """

    words: str
    covers_earlier: bool = False
    account_key: str = ""
    covers_waiting: tuple[int, ...] = ()
