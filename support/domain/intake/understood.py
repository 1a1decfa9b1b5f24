"""What was understood of a ticket: for each request the features it may be about, and what it asks for beside."""

from dataclasses import dataclass

from support.domain.case_events import Channel
from support.domain.intake.tickets import Request

NONE_OF_THESE = ""  # the key that stands for no feature of the catalog


@dataclass(frozen=True, slots=True)
class Topic:
    """A feature as a classifier knows it: its key, its name, what staff call it by, and how customers ask about it."""

    key: str
    name: str
    note: str = ""
    aliases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feature that may be meant; `confidence` from 0 to 1, calibrated; `quote` are words of the request."""

    feature: str
    confidence: float
    quote: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"A confidence is from 0 to 1, not {self.confidence}.")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a classifier makes of one request: candidates, the surest first, NONE_OF_THESE among them.

    Their confidences sum to at most 1; what is missing to 1 is doubt. `failed` is why it made nothing of it, in words:
    the request is then held for that reason.
    """

    candidates: tuple[Candidate, ...] = ()
    failed: str = ""

    def __post_init__(self) -> None:
        if sum(candidate.confidence for candidate in self.candidates) > 1 + 1e-6:
            raise ValueError("The confidences of one request come to more than 1.")


@dataclass(frozen=True, slots=True)
class Understood:
    """One request with its reading. `given` is a feature that a field of the ticket named: then no reading is needed.

    `channel_asked` and `severity_asked` are what its words ask for ("call me", "production is down"): suggestions to
    staff, which decide nothing.
    """

    request: Request
    reading: Reading = Reading()
    given: str = ""
    channel_asked: Channel | None = None
    severity_asked: str = ""
