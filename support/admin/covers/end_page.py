"""Ending a cover early, or calling off one that hasn't begun; and its place beside other covers."""

from datetime import date, datetime
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from entitlements.admin.fields import ReasonField
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal
from support.actions.covers.amending import Changed, end_cover, set_priority, weigh_end
from support.actions.covers.writing import refuse_past, refuse_waiting
from support.admin.covers.form import Day, Whole
from support.admin.covers.pages import WRITE, CoverPage, cover_url
from support.domain.cover_draft import CoverPlace, end_instant
from support.queries.covers.changing import CoverChange
from support.queries.covers.reading import cover_token

SAVE = "save"


class EndForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    through = Day(label="Through", help_text="The last day. Empty: it ends as soon as a second person agrees.")
    reason = ReasonField()


class PlaceForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    priority = Whole(label="Place beside other covers", help_text="1 comes first. Empty: the more generous one wins.")
    reason = ReasonField()


class ActPage(CoverPage, FormPage[Any]):
    """A short form about a cover; what can't be done any more is said on the cover itself."""

    permission: ClassVar[str] = WRITE
    template_name = "support/covers/act.html"
    button: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.has_perm(WRITE) and request.method == "GET":
            try:
                refuse_past(self.cover, at=self.at)
                refuse_waiting(self.cover)
            except Refusal as refusal:
                self.refuse(refusal)
                return HttpResponseRedirect(cover_url(self.cover))
        return super().dispatch(request, *args, **kwargs)

    @property
    def opened_with(self) -> dict[str, Any]:
        return {"seen": cover_token(self.cover)}

    def done(self, changed: Changed, words: str) -> HttpResponse:
        if changed.approval is not None:
            self.tell("Asked for. A second person decides; until then it goes on as it is.")
            return HttpResponseRedirect(reverse("admin:support_cover_request", args=[changed.approval.pk]))
        self.tell(words)
        return HttpResponseRedirect(cover_url(changed.cover))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "button": self.button}


class EndPage(ActPage):
    button = "End it"

    @property
    def title(self) -> str:  # type: ignore[override]  # told by where the cover stands
        return f"{'Call off' if self._to_come else 'End'} {self.cover.name}{'' if self._to_come else ' early'}?"

    @property
    def _to_come(self) -> bool:
        return self.place is CoverPlace.TO_COME

    def form(self, *, data: Any = None) -> EndForm:
        form = EndForm(data, initial=self.opened_with)
        if self._to_come:
            del form.fields["through"]
        return form

    def act(self, form: EndForm) -> HttpResponse:
        ends_at = self._ends_at(form.cleaned_data.get("through"))
        if not self._to_come and self.request.POST.get("step") != SAVE:
            change = weigh_end(self.cover, ends_at, at=self.at)
            return self.render_to_response(self.get_context_data(form=form, change=change))
        said = form.cleaned_data
        changed = end_cover(
            cover=self.cover, ends_at=ends_at, by=self.by, at=self.at, reason=said["reason"], seen=said["seen"]
        )
        return self.done(changed, f"“{self.cover.name}” {'was called off' if self._to_come else 'ends early'}.")

    def _ends_at(self, through: date | None) -> datetime:
        return end_instant(through, zone=self.zone) or self.at

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        told = super().get_context_data(**kwargs)
        change: CoverChange | None = told.get("change")
        lead = (
            "It hasn’t begun, so calling it off takes nothing from anybody: as if it had never been agreed."
            if self._to_come
            else "The customer has it, so a second person decides."
        )
        button = "Call it off" if self._to_come else "Ask for the end" if change else "Show what that does"
        return {**told, "lead": lead, "button": button, "danger": self._to_come or change is not None}


class PriorityPage(ActPage):
    button = "Set its place"

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the cover
        return f"{self.cover.name} beside other covers"

    def form(self, *, data: Any = None) -> PlaceForm:
        return PlaceForm(data, initial={**self.opened_with, "priority": self.cover.priority})

    def act(self, form: PlaceForm) -> HttpResponse:
        said = form.cleaned_data
        changed = set_priority(
            cover=self.cover,
            priority=said["priority"],
            by=self.by,
            at=self.at,
            reason=said["reason"],
            seen=said["seen"],
        )
        return self.done(changed, f"“{self.cover.name}” has its place from now on.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = (
            "Of covers that apply, the smallest number decides, whatever another gives; without numbers the more "
            "generous one. Where somebody would have less by it, a second person decides."
        )
        return {**super().get_context_data(**kwargs), "lead": lead}
