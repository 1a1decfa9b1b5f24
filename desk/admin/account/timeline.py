"""The story of an account in words, and what a reader asked to see of it."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.dateparse import parse_date

from catalog.domain.window import end_through, start_of_day
from catalog.models import Feature
from catalog.queries.instants import say_instant
from desk.in_view import AccountInView
from entitlements.admin.moments import EARLIEST, LATEST
from entitlements.admin.pages import account_url
from entitlements.admin.wording import NOTED_WORDS, say_noted
from entitlements.queries.story.timeline import timeline, who_acted
from entitlements.timeline_sources import Moment, sources

TOLD_BY_THE_VERB = "state"


def story(view: AccountInView) -> dict[str, Any]:
    """The page of the story that the address asks for; what can't be read in it is said and left out."""
    asked = view.asked
    since, until, problems = _days(view)
    known = {source.key for source in sources()}
    sorts = [sort for sort in asked.getlist("sort") if sort in known]
    # PostgreSQL refuses the null character even in a question.
    chosen = {name: asked.get(name, "").replace("\x00", "") for name in ("feature", "who")}
    page = timeline(
        account=view.account,
        sorts=sorts,
        feature=chosen["feature"],
        who=chosen["who"],
        since=since,
        until=until,
        before=asked.get("before") or None,
    )
    return {
        "story": [spoken(moment, view) for moment in page.moments],
        "older": _address(view, before=page.next_cursor) if page.next_cursor else "",
        "newest": _address(view) if asked.get("before") else "",
        "sorts": [(source, source.key in sorts) for source in sources()],
        "features": [(feature.key, feature.name) for feature in Feature.objects.all()],
        "people": who_acted(account=view.account),
        "problems": problems,
        "narrowed": bool(sorts or any(chosen.values()) or since or until),
        "chosen": {**chosen, "since": asked.get("since", ""), "until": asked.get("until", "")},
    }


def _days(view: AccountInView) -> tuple[datetime | None, datetime | None, list[str]]:
    """From the first instant of a day through the last of another, in the customer's zone."""
    typed = {name: view.asked.get(name, "").strip() for name in ("since", "until")}
    days = {name: _day(text) for name, text in typed.items()}
    problems = [f"“{text}” is no day; it was left out." for name, text in typed.items() if text and not days[name]]
    since, until = days["since"], days["until"]
    return (
        start_of_day(since, view.zone) if since else None,
        end_through(until, view.zone) if until else None,
        problems,
    )


def _day(text: str) -> date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day is not None and EARLIEST <= day.year < LATEST else None


def _address(view: AccountInView, *, before: str = "") -> str:
    """The same question, from another place on."""
    asked = [(name, given) for name, values in view.asked.lists() for given in values if name != "before"]
    query = urlencode([*asked, *([("before", before)] if before else [])])
    return account_url(view.account, part="timeline") + (f"?{query}" if query else "")


def spoken(moment: Moment, view: AccountInView) -> dict[str, Any]:
    """One line of the story in the customer's zone; what the act noted is said where no value changed."""
    noted = [
        (
            NOTED_WORDS.get(name, name.replace("_", " ").capitalize()),
            *(say_noted(name, v, zone=view.zone) for v in both),
        )
        for name, *both in moment.noted
        if name != TOLD_BY_THE_VERB
    ]
    return {
        "moment": moment,
        "when": say_instant(moment.at, zone=view.zone),
        "noted": noted,
        "sees_event": bool(moment.event_id) and view.may("journal.view_auditevent"),
    }
