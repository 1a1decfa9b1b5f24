"""One calendar: its week and its year as pictures, whether it is open now, its versions, and who counts by it."""

from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse

from catalog.domain.countries import COUNTRIES
from catalog.queries.instants import say_instant
from entitlements.models.account import known_zones
from journal.admin.base import Button
from support.actions.cases.recomputing import RECOMPUTES
from support.admin.calendars.pages import EDIT, CalendarPage, calendar_url
from support.admin.calendars.seen_from import Viewpoint, viewpoint
from support.models import CalendarVersion, Holiday, VersionState, ZoneMode
from support.models.calendar import VERSION_WORDS
from support.queries.calendars.holidays import missing_years
from support.queries.calendars.picture import KIND_WORDS, DayKind, Seen, seen_from, standing_now, week_of, year_of
from support.queries.calendars.versions import VersionStory, counted_by, say_holidays, say_zone, stories
from support.queries.instants import place
from support.queries.week import say_week

STATE_COLOURS = {
    VersionState.DRAFT: "amber",
    VersionState.ASKED: "blue",
    VersionState.IN_FORCE: "green",
    VersionState.DROPPED: "",
}


class ShowPage(CalendarPage):
    template_name = "support/calendars/calendar.html"

    @cached_property
    def view(self) -> Viewpoint | None:
        if self.in_force is None:
            return None
        asked = {name: str(value).replace("\x00", "") for name, value in self.request.GET.items()}
        return viewpoint(asked, version=self.in_force, zone=self.zone, country=_first_country(), at=self.at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {} if self.in_force is None else self._pictures(self.in_force)
        return {
            **super().get_context_data(**kwargs),
            "title": self.calendar.name,
            "policies": [(row, reverse("admin:support_policy", args=[row.tier])) for row in counted_by(self.calendar)],
            "stories": [self._line(story) for story in stories(self.calendar)],
            "buttons": self._buttons(),
            "history": reverse("admin:support_businesscalendar_history", args=[self.calendar.pk]),
            "preview": calendar_url(self.calendar, "preview"),
            "recompute": calendar_url(self.calendar, "recompute") if self.request.user.has_perm(RECOMPUTES) else "",
            "state_words": VERSION_WORDS[VersionState(self.open_version.state)] if self.open_version else "",
            **shown,
        }

    def _pictures(self, version: CalendarVersion) -> dict[str, Any]:
        assert self.view is not None
        seen = seen_from(version, zone=self.view.zone, country=self.view.country, at=self.at)
        now, words = standing_now(seen, at=self.at)
        today = self.at.astimezone(ZoneInfo(seen.zone)).date()
        minutes = _minutes(self.at, seen.zone)
        return {
            "week": week_of(version),
            "said": say_week(version.week),
            "year": year_of(seen, year=self.view.year, today=today),
            "now": now,
            "now_words": words,
            "now_day": today.weekday(),
            "now_left": round(minutes * 100 / 1440, 2),
            "seen": seen,
            "place": place(seen.zone),
            "zone_words": say_zone(version),
            "holiday_words": say_holidays(version),
            "legend": [(kind.value, KIND_WORDS[kind]) for kind in DayKind],
            "caution": self._caution(seen),
            **self._switches(seen),
        }

    def _switches(self, seen: Seen) -> dict[str, Any]:
        assert self.view is not None
        year = self.view.year
        return {
            "earlier": f"?{self.view.query(year=year - 1)}#year",
            "later": f"?{self.view.query(year=year + 1)}#year",
            "chooses": self.view.chosen,
            "country": self.view.country,
            "countries": sorted(COUNTRIES.items(), key=lambda pair: pair[1]),
            "zones": sorted(known_zones()) if self.view.chosen else (),
            "view_zone": self.view.zone,
            "holidays_url": f"{reverse('admin:support_holidays')}?{urlencode({'country': seen.country, 'year': year})}",
        }

    def _caution(self, seen: Seen) -> str:
        """What the picture can't take into account."""
        assert self.view is not None
        if not seen.version.keeps_holidays:
            return ""
        if not seen.country:
            return "No country is chosen, so no public holidays are shown." if self.view.chosen else ""
        if missing_years(seen.country, [self.view.year]):
            return f"No public holidays of {seen.country_name} are on file for {self.view.year}."
        return ""

    def _line(self, story: VersionStory) -> dict[str, Any]:
        version = story.version
        may = self.request.user.has_perm(EDIT) and self.open_version is None
        settled = version.state in {VersionState.IN_FORCE, VersionState.DROPPED}
        return {
            "version": version,
            "state": "In force now" if story.is_now else _past_words(version),
            "colour": "green" if story.is_now else STATE_COLOURS[VersionState(version.state)] * (not _past(version)),
            "since": say_instant(version.in_force_from, zone=self.zone) if version.in_force_from else "",
            "acts": [(act, say_instant(act.at, zone=self.zone)) for act in story.acts],
            "differs": story.differs,
            "compared": story.compared,
            "restore": calendar_url(self.calendar, "restore", version.number)
            if may and settled and not story.is_now
            else "",
        }

    def _buttons(self) -> list[Button]:
        if not self.request.user.has_perm(EDIT):
            return []
        written = self.open_version
        offered = []
        if written is not None:
            offered.append(Button("See what the draft changes", calendar_url(self.calendar, "preview"), "primary"))
        if written is None or written.state == VersionState.DRAFT:
            words = "Change the hours" if written is None else "Edit the draft"
            offered.append(Button(words, calendar_url(self.calendar, "edit"), "default" if written else "primary"))
        offered.append(Button("Call it otherwise", calendar_url(self.calendar, "name")))
        return offered


def _past(version: CalendarVersion) -> bool:
    return version.state == VersionState.IN_FORCE


def _past_words(version: CalendarVersion) -> str:
    return "Was in force" if _past(version) else VERSION_WORDS[VersionState(version.state)]


def _minutes(at: datetime, zone: str) -> int:
    local = at.astimezone(ZoneInfo(zone))
    return local.hour * 60 + local.minute


def _first_country() -> str:
    """The country with holidays on file: a picture with some is worth more than one without."""
    found = Holiday.objects.filter(withdrawn_at__isnull=True).order_by("country").values_list("country", flat=True)
    return str(found.first() or "")


def shows_zone(version: CalendarVersion) -> str:
    """For lists: "The customer’s own", "Amsterdam"."""
    return "The customer’s own" if version.zone_mode == ZoneMode.CUSTOMER else place(version.zone)
