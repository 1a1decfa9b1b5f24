"""The log of an endpoint, one message with every try, and sending again."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.dateparse import parse_date

from journal.actions.webhooks.replaying import MOST, replay, replay_since
from journal.admin.base import PAGE
from journal.admin.fields import MomentInput
from journal.admin.pages import FormPage
from journal.admin.webhooks.pages import REPLAY, EndpointAsk, EndpointPage, endpoint_url
from journal.admin.webhooks.words import PLACES, say_message, say_moment
from journal.domain.delivery import DeliveryState
from journal.domain.refusal import NotFound
from journal.domain.webhooks.endpoint import EndpointState
from journal.domain.webhooks.outcomes import Outcome
from journal.models import Outbound, WebhookAttempt
from journal.queries.webhook_log import counted_since, log_of
from journal.queries.webhooks import attempts_of, message_of, webhook_id
from journal.webhook_events import events


class MessagesPage(EndpointPage):
    """Every message of the last 30 days, the newest first; the filter stands in the address."""

    template_name = "journal/webhooks/messages.html"
    title = "Messages"

    @cached_property
    def asked(self) -> Mapping[str, str]:
        told = self.request.GET
        return {name: told.get(name, "").strip() for name in ("event", "state", "day", "before")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = list(self._found()[: PAGE + 1])
        shown, asked = found[:PAGE], self.asked
        return {
            **super().get_context_data(**kwargs),
            "lines": lines_of(shown, endpoint=self.endpoint, at=self.at),
            "asked": asked,
            "filtered": any(asked[name] for name in ("event", "state", "day")),
            "events": list(events()),
            "places": [(word, words) for word, (words, _states) in PLACES.items()],
            "further": self._with(before=str(shown[-1].seq)) if len(found) > PAGE else "",
            "newest": self._with(before="") if asked["before"] else "",
        }

    def _found(self) -> Any:
        asked = self.asked
        _words, states = PLACES.get(asked["state"], ("", ()))
        begins, ends = _day(asked["day"])
        before = int(asked["before"]) if asked["before"].isdecimal() and len(asked["before"]) < 19 else None
        return log_of(self.endpoint, states=states, event=asked["event"], begins=begins, ends=ends, before=before)

    def _with(self, **other: str) -> str:
        told = self.request.GET.copy()
        for name, value in other.items():
            told.pop(name, None)
            if value:
                told[name] = value
        return f"?{told.urlencode()}"


class MessagePage(EndpointPage):
    """What is sent, and what came of each try. What receivers said is for those alone who set endpoints up."""

    template_name = "journal/webhooks/message.html"

    @cached_property
    def message(self) -> Outbound:
        try:
            return message_of(self.endpoint, self.kwargs["message"])
        except NotFound as missing:
            raise Http404(missing.message) from missing

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.message
        return {
            **super().get_context_data(**kwargs),
            "title": row.payload["type"],
            "message": row,
            "name": webhook_id(row),
            "said": say_message(row, sending=self.endpoint.state == EndpointState.ACTIVE, at=self.at),
            "words": events().get(row.payload["type"], ""),
            "body": json.dumps(row.payload, indent=2, ensure_ascii=False, sort_keys=True),
            "tries": [self._try(attempt) for attempt in attempts_of([row])[row.seq]],
            "waits": row.state == DeliveryState.PENDING,
            "log": endpoint_url(self.endpoint, "messages"),
            "replay_url": endpoint_url(self.endpoint, "message_replay", webhook_id(row)),
        }

    def _try(self, attempt: WebhookAttempt) -> dict[str, Any]:
        outcome = Outcome(attempt.outcome)
        return {
            "row": attempt,
            "words": outcome.words,
            "colour": "green" if outcome is Outcome.OK else "amber" if outcome is Outcome.THROTTLED else "red",
            "response": attempt.response if self.keeps else "",
        }


class MessageReplayPage(EndpointAsk):
    permission: ClassVar[str] = REPLAY
    title = "Send the message again"
    button: ClassVar[str] = "Send it again"

    @cached_property
    def message(self) -> Outbound:
        try:
            return message_of(self.endpoint, self.kwargs["message"])
        except NotFound as missing:
            raise Http404(missing.message) from missing

    @property
    def back(self) -> str:
        return endpoint_url(self.endpoint, "message", self.kwargs["message"])

    def lead(self) -> str:
        row = self.message
        return (
            f"{row.payload['type']} of {say_moment(row.created_at)} goes out once more under the same id, {webhook_id(row)}, "
            "with the time and the signature of the new try."
        )

    def warning(self) -> str:
        if self.message.state != DeliveryState.SENT:
            return ""
        return (
            "It was delivered before. A receiver that keeps the ids it has dealt with passes it over; others act twice."
        )

    def act(self, form: Any) -> HttpResponse:
        replay(message=self.message, by=self.by, at=self.at)
        return self.done("The message is on its way. Load this page again in a moment to see what came of it.")


class SinceForm(forms.Form):
    since = forms.DateTimeField(
        label="Everything since",
        widget=MomentInput,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        error_messages={"required": "Say from which moment on.", "invalid": "Write a day and a time."},
        help_text="The moment from which messages were promised, in your own time zone.",
    )


class ReplaySincePage(EndpointPage, FormPage[SinceForm]):
    """First how many it would be, from the address; then, on the button, they are sent again."""

    permission: ClassVar[str] = REPLAY
    template_name = "journal/webhooks/replay.html"
    title = "Send messages again"

    def form(self, *, data: Any = None) -> SinceForm:
        told = data or (self.request.GET if "since" in self.request.GET else None)
        return SinceForm(told, initial={"since": timezone.localtime(self.at - timedelta(hours=1))})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        counted = (
            counted_since(self.endpoint, form.cleaned_data["since"]) if form.is_bound and form.is_valid() else None
        )
        return {
            **super().get_context_data(**kwargs),
            "counted": counted,
            "number": sum(counted.values()) if counted else 0,
            "too_many": counted is not None and sum(counted.values()) > MOST,
            "most": MOST,
            "zone_words": timezone.get_current_timezone_name(),
        }

    def act(self, form: SinceForm) -> HttpResponse:
        since: datetime = form.cleaned_data["since"]
        number = replay_since(endpoint=self.endpoint, since=since, by=self.by, at=self.at)
        words = (
            f"{number:,} message{' is' if number == 1 else 's are'} on the way again."
            if number
            else "There was nothing to send again."
        )
        self.tell(words)
        return HttpResponseRedirect(endpoint_url(self.endpoint, "messages"))


def lines_of(rows: list[Outbound], *, endpoint: Any, at: datetime) -> list[dict[str, Any]]:
    """Messages of one endpoint as its log shows them."""
    sending = endpoint.state == EndpointState.ACTIVE
    return [
        {
            "row": row,
            "event": row.payload["type"],
            "said": say_message(row, sending=sending, at=at),
            "url": endpoint_url(endpoint, "message", webhook_id(row)),
        }
        for row in rows
    ]


def _day(typed: str) -> tuple[datetime | None, datetime | None]:
    """A day of the reader's; what can't be read is no day."""
    try:
        day = parse_date(typed)
    except ValueError:
        day = None
    if day is None or not date(1970, 1, 2) <= day <= date(9000, 1, 1):
        return None, None
    return _midnight(day), _midnight(day + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())
