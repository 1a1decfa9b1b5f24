"""A deed: one thing done by one actor at one moment. Whatever it writes carries its id."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from journal.domain.actor import Actor


@dataclass(frozen=True, slots=True)
class Deed:
    """`id` is the id of its (first) audit event and stands on every history row; `at` is the moment of recording."""

    id: UUID
    by: Actor
    at: datetime

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("The moment of a deed needs a zone.")
