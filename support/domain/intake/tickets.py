"""A ticket as it arrives: its subject, its text, and what could be read of its attachments."""

import hashlib
import json
from dataclasses import dataclass

MOST_TEXT = 20_000  # characters of a ticket that are read; a longer one is held
MOST_REQUESTS = 8


@dataclass(frozen=True, slots=True)
class Attachment:
    """What an attachment says; `unreadable` is why it can't be read, in words, and empty where it can."""

    name: str
    text: str = ""
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a customer wrote. Untrusted text: nothing in it is ever followed."""

    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Which attachments can't be read, and why."""
        return tuple(f"{one.name}: {one.unreadable}" for one in self.attachments if one.unreadable)

    @property
    def digest(self) -> str:
        """Names the words without keeping them: SHA-256, the same for the same ticket."""
        said = [self.subject, self.text, [[one.name, one.text, one.unreadable] for one in self.attachments]]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Request:
    """One thing that is asked for. `text` occurs word for word in the ticket; `where` is subject, text, or a file.

    `heading` are the subject's words, where the first request is read together with them.
    """

    text: str
    where: str = "text"
    heading: str = ""

    @property
    def said(self) -> str:
        """What a classifier reads."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text
