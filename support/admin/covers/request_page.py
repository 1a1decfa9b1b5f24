"""What somebody asked to be changed about a cover, as whoever decides needs it: the difference, and whom it reaches."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.queries.instants import say_instant
from journal.actions import approvals
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal
from journal.models import Approval
from journal.queries.approvals import may_decide
from support.actions.covers.deciding import change_asked, outdated_change
from support.admin.covers.pages import VIEW, CoverPage, cover_url
from support.domain.cover_words import say_cover
from support.queries.covers.reading import named_for
from support.queries.covers.waiting import KIND

ACTS = {"approve": approvals.approve, "reject": approvals.reject, "withdraw": approvals.withdraw}
DONE = {
    "approve": "Approved: it is as was asked for.",
    "reject": "Rejected: it goes on as it is.",
    "withdraw": "Withdrawn: it goes on as it is.",
}


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Note", required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Whoever asked reads it.",
    )  # fmt: skip


class RequestPage(CoverPage, FormPage[NoteForm]):
    permission: ClassVar[str] = VIEW
    template_name = "support/covers/request.html"

    @cached_property
    def approval(self) -> Approval:
        return get_object_or_404(Approval, pk=self.kwargs["approval"], kind=KIND)

    @cached_property
    def cover(self) -> Any:
        self.kwargs["cover"] = int(self.approval.subject_key)
        return super().cover

    @property
    def title(self) -> str:  # type: ignore[override]  # told by what was asked
        ends = self.approval.payload.get("act") == "end"
        return f"{'End' if ends else 'Change'} {self.cover.name}{' early' if ends else ''}"

    def form(self, *, data: Any = None) -> NoteForm:
        return NoteForm(data)

    def act(self, form: NoteForm) -> HttpResponse:
        step = self.request.POST.get("step", "")
        if step not in ACTS:
            raise Refusal("Choose what to do with the request.")
        if step != "withdraw" and not self._decides:
            raise PermissionDenied
        ACTS[step](approval=self.approval, by=self.by, at=self.at, note=form.cleaned_data["note"])
        self.tell(DONE[step])
        following = self.cover if self.following is None else self.following
        return HttpResponseRedirect(cover_url(following))

    @property
    def _pending(self) -> bool:
        return bool(self.approval.state == Approval.State.PENDING)

    @property
    def _decides(self) -> bool:
        return self._pending and may_decide(self.approval, user=self.request.user, roles=self.by.roles)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.approval
        found = change_asked(asked, at=self.at) if self._pending else None
        change = None if isinstance(found, Refusal) else found
        return {
            **super().get_context_data(**kwargs),
            "approval": asked,
            "asked_at": say_instant(asked.requested_at, zone=self.zone),
            "pending": self._pending,
            "outdated": outdated_change(asked) if self._pending else "",
            "refused": found.message if isinstance(found, Refusal) else "",
            "change": change,
            "becomes": "" if change is None else say_cover(change.after, named=named_for(change.after)),
            "decides": self._decides,
            "mine": self._pending and self.by.key == asked.requested_by_key,
            "request_url": reverse("admin:journal_approval_change", args=[asked.pk]),
        }
