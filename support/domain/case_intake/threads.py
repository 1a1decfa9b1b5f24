"""What a message means for a case: it opens one, is the customer's or ours, answers nobody, or is passed over.

- A message belongs to the case of the message it answers. Those ids can't be guessed, so whoever knows one was written to.
- A number in the subject ("[C-1234]") can be guessed: it counts for staff and for people of that case's customer only.
- What staff send to the customer is a public reply; among ourselves, or to a supplier, it is an internal note.
- What a customer writes about a case that was cancelled opens another: nothing would be owed for it there.
- An automatic message answers nobody and opens nothing; one that came back undelivered was written by nobody.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from support.domain.case_events import EventKind, Opener
from support.domain.case_intake.mail import Mail

NUMBER = re.compile(r"\[C-(\d{1,18})\]", re.IGNORECASE)


class Verdict(StrEnum):
    OPENS = "opens"
    NOTED = "noted"
    PASSED_OVER = "passed_over"


@dataclass(frozen=True, slots=True)
class Known:
    """What the desk knows of a message: cases are by their ids.

    `ours` are the addresses of staff, of teams and of our inbox; `belongs`: whether the sender is of the customer whose
    case the subject names; `strangers`: who of those it is sent to isn't of the case's customer; `cancelled`: which of
    the two cases nothing brings back.
    """

    answered: int | None = None
    named: int | None = None
    belongs: bool = False
    ours: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    cancelled: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Meaning:
    """`kind` of what is noted on `case`, or who opens a case and for whom; `why` for whoever wonders."""

    verdict: Verdict
    why: str
    case: int | None = None
    kind: EventKind | None = None
    opener: Opener = Opener.CUSTOMER
    requester: str = ""


def number_in(subject: str) -> int | None:
    """ "Re: Export stops [C-1234]" → 1234."""
    found = NUMBER.search(subject)
    return int(found[1]) if found else None


def meaning_of(mail: Mail, known: Known) -> Meaning:
    if mail.is_returned:
        return Meaning(Verdict.PASSED_OVER, "A message came back that could not be delivered; nobody wrote it.")
    from_us = mail.sender in known.ours
    case = known.answered
    if case is None and (from_us or known.belongs):
        case = known.named
    if mail.is_automatic:
        return _automatic(case)
    outside = [address for address in mail.to if address not in known.ours]
    if case is None or (case in known.cancelled and not from_us):
        return _opens(mail, outside, from_us=from_us)
    return _noted(case, outside, known.strangers, from_us=from_us)


def _automatic(case: int | None) -> Meaning:
    if case is None:
        return Meaning(Verdict.PASSED_OVER, "An automatic message opens no case.")
    return Meaning(Verdict.NOTED, "It was sent automatically, so it answers nobody.", case, EventKind.AUTOMATIC_REPLY)


def _opens(mail: Mail, outside: list[str], *, from_us: bool) -> Meaning:
    if not from_us:
        return Meaning(Verdict.OPENS, f"{mail.sender} wrote anew.", opener=Opener.CUSTOMER, requester=mail.sender)
    to = outside[0] if outside else ""
    return Meaning(Verdict.OPENS, "Our staff wrote anew.", opener=Opener.AGENT, requester=to)


def _noted(case: int, outside: list[str], strangers: frozenset[str], *, from_us: bool) -> Meaning:
    if not from_us:
        return Meaning(Verdict.NOTED, "The customer wrote.", case, EventKind.CUSTOMER_MESSAGE)
    customers = [address for address in outside if address not in strangers]
    if customers:
        return Meaning(Verdict.NOTED, f"Our staff answered {customers[0]}.", case, EventKind.PUBLIC_REPLY)
    if outside:
        why = f"Our staff wrote to {outside[0]}, who isn’t the customer."
        return Meaning(Verdict.NOTED, why, case, EventKind.INTERNAL_NOTE)
    return Meaning(Verdict.NOTED, "Our staff wrote among themselves.", case, EventKind.INTERNAL_NOTE)
