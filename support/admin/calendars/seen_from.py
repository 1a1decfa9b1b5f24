"""From where a calendar is looked at: a year, and for one in the customer's own zone a country and a zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from catalog.domain.countries import COUNTRIES
from entitlements.models.account import known_zones
from support.models import CalendarVersion, ZoneMode
from support.queries.calendars.holidays import EARLIEST_YEAR, LATEST_YEAR


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """What the address says, or what is nearest at hand; `chosen` is False for hours that look alike from anywhere."""

    year: int
    country: str
    zone: str
    chosen: bool

    def query(self, *, year: int) -> str:
        told = {"year": str(year)}
        return urlencode(told | {"country": self.country, "zone": self.zone} if self.chosen else told)


def viewpoint(
    asked: Mapping[str, str], *, version: CalendarVersion, zone: str, country: str, at: datetime
) -> Viewpoint:
    """By the address; what it says wrongly is not looked at. `zone` and `country` where it says nothing."""
    if version.zone_mode == ZoneMode.FIXED:
        zone, country = version.zone, version.country
    else:
        zone = asked.get("zone", "") if asked.get("zone", "") in known_zones() else zone
        told = asked.get("country", country)
        country = told if told in {"", *COUNTRIES} else country
    this_year = at.astimezone(ZoneInfo(zone)).year
    return Viewpoint(_year(asked.get("year", ""), this_year), country, zone, version.zone_mode == ZoneMode.CUSTOMER)


def _year(text: str, this_year: int) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else this_year
    return year if EARLIEST_YEAR <= year <= LATEST_YEAR else this_year
