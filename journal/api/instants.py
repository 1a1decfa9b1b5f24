"""Moments that may be asked about: with a zone, and within the years that every calculation can bear."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

EARLIEST, LATEST = 1970, 2200


def _within_reach(instant: datetime) -> datetime:
    if not EARLIEST <= instant.year <= LATEST:
        raise ValueError(f"Ask about a moment between the years {EARLIEST} and {LATEST}.")
    return instant


Instant = Annotated[AwareDatetime, AfterValidator(_within_reach)]
