"""What nobody handles or what was given up, by type; and having many taken again, counted before it is done."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from journal.actions import arrivals as acts
from journal.admin.pages import FormPage, Page
from journal.domain.arrival import ArrivalState
from journal.models import Connection
from journal.queries.arrivals import Unread, unread

VIEW = "journal.view_inbound"
REPLAY = acts.PERMISSION
LIST = "admin:journal_inbound_changelist"


class UnreadPage(Page):
    """By connection and type: how many, since when, and what to do about them."""

    permission: ClassVar[str] = VIEW
    template_name = "journal/arrivals/unread.html"
    title = "What nobody has taken"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "lines": [self._line(one) for one in unread()],
            "may_replay": self.request.user.has_perm(REPLAY),
            "back": reverse(LIST),
        }

    def _line(self, one: Unread) -> dict[str, Any]:
        number, state = str(one.connection.pk), one.state.value
        asked = {"connection": number, "type": one.type, "state": state}
        listed = {"connection__id__exact": number, "type": one.type, "state__exact": state}
        return {
            "one": one,
            "words": _words(one),
            "to_do": _to_do(one),
            "useful": one.handled or one.state is ArrivalState.GIVEN_UP,
            "again": f"{reverse('admin:journal_inbound_replay_many')}?{urlencode(asked)}",
            "list": f"{reverse(LIST)}?{urlencode(listed)}",
        }


class ReplayManyPage(FormPage[forms.Form]):
    """First how many it would be, from the address; then, on the button, they are taken again."""

    permission: ClassVar[str] = REPLAY
    template_name = "journal/arrivals/replay.html"
    title = "Have them taken again"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def asked(self) -> dict[str, Any]:
        """Of one connection or of all, of one type or of all, of one state or of both."""
        told = self.request.GET
        number, state = told.get("connection", ""), told.get("state", "")
        if number and not (number.isdecimal() and len(number) < 19):
            raise Http404
        connection = get_object_or_404(Connection, pk=int(number)) if number else None
        states = [one for one in acts.STUCK if not state or one == state]
        return {"connection": connection, "type": told.get("type", ""), "states": states}

    def form(self, *, data: Any = None) -> forms.Form:
        return forms.Form(data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = acts.to_replay(**self.asked).count()
        return {
            **super().get_context_data(**kwargs),
            **self.asked,
            "state_words": " or ".join(ArrivalState(one).words.lower() for one in self.asked["states"]),
            "number": number,
            "too_many": number > acts.MOST,
            "most": acts.MOST,
            "back": reverse("admin:journal_inbound_unread"),
        }

    def act(self, form: forms.Form) -> HttpResponse:
        number = acts.replay_many(**self.asked, by=self.by, at=self.at)
        self.tell(f"{number:,} {'is' if number == 1 else 'are'} being taken again." if number else "There was nothing.")
        return HttpResponseRedirect(reverse(LIST))


def _words(one: Unread) -> str:
    if one.state is ArrivalState.GIVEN_UP:
        return "given up after many tries"
    return "set aside; somebody handles this type now" if one.handled else "nobody handles this"


def _to_do(one: Unread) -> str:
    if one.state is ArrivalState.GIVEN_UP:
        return "Open one to see what went wrong. Once that is mended, have them taken again."
    if one.handled:
        return "Have them taken again."
    return "Have the other system send no more of this type, or leave it: nothing waits for these."
