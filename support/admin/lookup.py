"""The cover lookup: one search box, the answer in plain words, narrowed to a device, a channel or another moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.generic import TemplateView

from entitlements.admin.pages import VIEW as VIEW_ACCOUNTS
from entitlements.admin.pages import account_url
from entitlements.models import Account
from support.admin.assets.pages import VIEW as VIEW_ASSETS
from support.admin.assets.pages import asset_url
from support.admin.cases.pages import VIEW as VIEW_CASES
from support.domain.case_events import Channel
from support.models import Asset
from support.queries.answers import CoverAnswer, DeviceLine, Found, HistoryLine, Match, Relative
from support.queries.lookup import MOST_MATCHES, lookup
from support.queries.whom import shown_of_key, tells_secret

PERMISSION = "support.look_up_cover"
LONGEST = 320
CLOSER = ("account", "device", "channel", "at")
EARLIEST, LATEST = 1970, 2200
PAGES = {"case": ("admin:support_case", VIEW_CASES), "visit": ("admin:support_visit", "support.view_visit")}
WORK_PAGE = ("admin:support_work_item", "support.view_workitem")
HISTORY_WORDS = {"case": "Case", "visit": "Visit", "labour": "Labour", "parts": "Part", "travel": "Travel"}


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked, as it stands in the address. `moment` is as it was typed."""

    text: str
    account: str
    device: str
    channel: Channel | None
    moment: str
    at: datetime
    moment_fault: str = ""

    @classmethod
    def read(cls, asked: QueryDict, *, now: datetime) -> "Question":
        channel, moment = asked.get("channel", ""), asked.get("at", "").strip()[:40]
        at, fault = _read_moment(moment, now=now)
        return cls(
            text=asked.get("q", "").strip()[:LONGEST],
            account=asked.get("account", "").replace("\x00", "")[:200],
            device=asked.get("device", "").strip()[:120],
            channel=Channel(channel) if channel in set(Channel) else None,
            moment=moment,
            at=at,
            moment_fault=fault,
        )

    def query(self, *, account: str, device: str | None = None, channel: str | None = None) -> str:
        """The same question with another device or channel, as a query; the account is named, so nothing is searched."""
        own = "" if self.channel is None else self.channel.value
        asked = {
            "account": account,
            "device": self.device if device is None else device,
            "channel": own if channel is None else channel,
            "at": self.moment,
        }
        return urlencode({name: value for name, value in asked.items() if value})


class LookupPage(TemplateView):
    template_name = "support/lookup.html"
    admin_site: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A whole key that came in an address goes no further: not into links, nor into what a browser remembers."""
        shown = shown_of_key(request.GET.get("q", ""))
        return _at(request, shown) if shown else super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The box sends what was typed here, since it may be a key; what may stand in an address goes on there."""
        typed = request.POST.get("q", "").replace("\x00", "").strip()[:LONGEST]
        if shown := shown_of_key(typed):
            return _at(request, shown)
        if not tells_secret(typed):
            return _at(request, typed)
        return self.render_to_response(self.get_context_data(typed=typed, **kwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = Question.read(self.request.GET, now=timezone.now())
        if typed := kwargs.pop("typed", ""):
            asked = replace(asked, text=typed)
        found = lookup(
            text=asked.text, account=asked.account or None, device=asked.device, channel=asked.channel, at=asked.at
        )
        self.request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": "Is this customer covered?",
            "searched": asked.text,
            "asked": asked,
            "found": found,
            "note": found.note,
            "matches": [_choice(match, asked) for match in found.matches if not match.near],
            "near": [_choice(match, asked) for match in found.matches if match.near],
            "more": len(found.matches) == MOST_MATCHES,
            **(self._answer(found.answer, found, asked) if found.answer is not None else {}),
        }

    def _answer(self, answer: CoverAnswer, found: Found, asked: Question) -> dict[str, Any]:
        key, may = answer.account, self.request.user.has_perm
        serial = answer.device.serial if answer.device is not None else asked.device
        return {
            "answer": answer,
            "serial": serial,
            "open_now": _open_now(answer),
            "devices": [_device(line, asked, account=key) for line in found.devices],
            "channels": [
                {"line": line, "query": asked.query(account=key, device=serial, channel=line.channel)}
                for line in answer.channels
            ],
            "any_channel": asked.query(account=key, device=serial, channel=""),
            "any_device": asked.query(account=key, device=""),
            "history": [_history(line, may=may) for line in answer.history],
            "device_url": _device_url(answer) if may(VIEW_ASSETS) else "",
            "parent": None if answer.parent is None else _relative(answer.parent),
            "children": [_relative(one) for one in answer.children],
            "account_url": account_url(Account(key=key)) if may(VIEW_ACCOUNTS) else "",
            "channel_choices": [(channel.value, channel.words) for channel in Channel],
        }


def _at(request: HttpRequest, text: str) -> HttpResponse:
    """To the answer's own address, with the rest of the question as it stands there."""
    asked = {name: value for name, value in request.GET.items() if name in CLOSER and value}
    query = urlencode({"q": text, **asked} if text else asked)
    return HttpResponseRedirect(f"{request.path}?{query}" if query else request.path)


def _read_moment(text: str, *, now: datetime) -> tuple[datetime, str]:
    """The moment asked about, said in the reader's zone where it names none; now, with the fault, if it can't be read."""
    if not text:
        return now, ""
    try:
        at = parse_datetime(text)
    except ValueError:
        at = None
    if at is None or not EARLIEST <= at.year < LATEST:
        return now, f"“{text}” is no moment. Write it like 2026-03-02 09:00."
    return at if timezone.is_aware(at) else timezone.make_aware(at), ""


def _open_now(answer: CoverAnswer) -> dict[str, Any] | None:
    """Whether somebody is there now: by the channel asked about, else by the promise's own hours."""
    line = next((one for one in answer.channels if one.asked), None)
    if line is not None:
        return None if line.is_open is None else {"is_open": line.is_open, "words": line.hours}
    shown = next((one for one in answer.hours if one.is_open), answer.hours[0] if answer.hours else None)
    if shown is None:
        return None
    words = f"24/7 {shown.words}".strip() if shown.changes_at is None else shown.words[:1].upper() + shown.words[1:]
    return {"is_open": shown.is_open, "words": words}


def _choice(match: Match, asked: Question) -> dict[str, Any]:
    query = {"q": asked.text, "account": match.account} if asked.text else {"account": match.account}
    if match.serial:
        query["device"] = match.serial
    return {"match": match, "query": urlencode(query)}


def _device(line: DeviceLine, asked: Question, *, account: str) -> dict[str, Any]:
    return {"line": line, "query": asked.query(account=account, device=line.serial)}


def _relative(one: Relative) -> dict[str, str]:
    return {"name": one.name, "query": urlencode({"account": one.account})}


def _device_url(answer: CoverAnswer) -> str:
    return asset_url(Asset(pk=answer.device.id)) if answer.device is not None else ""


def _history(line: HistoryLine, *, may: Callable[[str], bool]) -> dict[str, Any]:
    """With its own page, for whoever may open that."""
    page, permission = PAGES.get(line.kind, WORK_PAGE)
    url = reverse(page, args=[line.number]) if may(permission) else ""
    return {"line": line, "kind": HISTORY_WORDS[line.kind], "url": url}
