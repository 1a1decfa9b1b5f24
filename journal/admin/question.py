"""One page that asks before something is done: what will happen, to what, and the button that says so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.timezone import now
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextareaWidget

from journal.admin.base import DeskModelAdmin, actor_of, refusals_shown
from journal.domain.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Question:
    """`facts` are (label, value) pairs in the reader's words; `done` is told afterwards, at `then` or at `back_to`."""

    title: str
    button: str
    done: str
    back_to: str
    facts: Sequence[tuple[str, Any]] = field(default=())
    warning: str = ""
    danger: bool = False
    then: str = ""


class NoForm(forms.Form):
    """Nothing to fill in."""


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Note", required=False, widget=UnfoldAdminTextareaWidget, help_text="Kept with the decision."
    )


class PasswordForm(forms.Form):
    password = forms.CharField(
        label="New password", widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
    )


def ask(
    page: DeskModelAdmin,
    request: HttpRequest,
    question: Question,
    act: Callable[..., Any],
    *,
    form_class: type[forms.Form] = NoForm,
    **subject: Any,
) -> HttpResponse:
    """Show the question; on POST do it and go back, or show it again with the refusal."""
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                act(**subject, **form.cleaned_data, by=actor_of(request), at=now())
        except Refusal as refusal:
            refusals_shown(form, refusal)
        else:
            page.message_user(request, question.done, messages.SUCCESS)
            return HttpResponseRedirect(question.then or question.back_to)
    context = {"title": question.title, "question": question, "form": form}
    return page.page(request, "journal/question.html", context)
