"""What every page about one finding has in common: it is read by whoever may see findings, and settled by a form that
remembers which finding it showed."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements import billing_systems
from entitlements.admin.billed.words import (
    BADGES,
    LIST,
    SETTLE,
    VIEW,
    finding_url,
    lines_of,
    of_nobody,
    page_there,
    say_age,
    say_where,
)
from entitlements.admin.pages import VIEW as VIEW_ACCOUNT
from entitlements.admin.pages import account_url
from entitlements.billing_systems import BillingSystem
from entitlements.domain.billed.findings import ABOUT_FEATURE, FindingKind, FindingState
from entitlements.models import BillingFinding
from journal.admin.base import version_of
from journal.admin.connections.pages import VIEW as VIEW_CONNECTION
from journal.admin.connections.pages import connection_url, vendor_words
from journal.admin.jobs import job_url
from journal.admin.pages import AskPage, Page
from journal.domain.refusal import Refusal, Stale
from journal.models import Job

SETTLED = "Somebody settled this since you opened it. This is how it stands now."
OTHERWISE = "That is not how this one is settled."


class FindingPage(Page):
    """A page about one finding. Who may not look at findings is turned away before learning whether it exists."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def finding(self) -> BillingFinding:
        rows = BillingFinding.objects.select_related("connection", "account")
        return get_object_or_404(rows, pk=self.kwargs["finding"])

    @property
    def kind(self) -> FindingKind:
        return FindingKind(self.finding.kind)

    @property
    def is_open(self) -> bool:
        return self.finding.state == FindingState.OPEN

    @property
    def back(self) -> str:
        return finding_url(self.finding)

    @property
    def system(self) -> BillingSystem:
        """What can be asked of whoever bills it."""
        found = billing_systems.system_of(self.finding.connection.vendor)
        if found is None:
            raise Refusal("The desk no longer knows the system that bills this, so nobody can be asked.")
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, may = self.finding, self.request.user.has_perm
        account = row.account
        return {
            **super().get_context_data(**kwargs),
            "finding": row,
            "of_nobody": of_nobody(row),
            "what": row.about.removeprefix(ABOUT_FEATURE),
            "kind": row.title,
            "is_open": self.is_open,
            "state": FindingState(row.state).words,
            "colour": BADGES.get(FindingState(row.state), "plain"),
            "where": say_where(row.connection),
            "vendor": vendor_words(row.connection),
            "there": page_there(row.connection, row.billing_id),
            "account_url": account_url(account, part="subscriptions") if account and may(VIEW_ACCOUNT) else "",
            "connection_url": connection_url(row.connection) if may(VIEW_CONNECTION) else "",
            "age": say_age(row.first_at, at=self.at),
            "lines": lines_of(row),
            "may_settle": may(SETTLE),
            "back": self.back,
            "list": reverse(LIST),
        }


class SeenForm(forms.Form):
    """`seen` is the finding as the page showed it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class FindingAsk(FindingPage, AskPage):
    """A page that says what will happen and asks; afterwards the reader is back on the finding."""

    permission: ClassVar[str] = SETTLE
    template_name = "entitlements/billed/ask.html"
    form_class = SeenForm
    kinds: ClassVar[frozenset[FindingKind]] = frozenset(FindingKind)
    states: ClassVar[frozenset[FindingState]] = frozenset({FindingState.OPEN})
    button: ClassVar[str] = "Look again"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        may = request.user.has_perm(VIEW) and request.user.has_perm(self.permission)
        if may and not (self.finding.state in self.states and self.fits()):
            self.refuse(Refusal(OTHERWISE if self.is_open else SETTLED))
            return HttpResponseRedirect(self.back)
        return super().dispatch(request, *args, **kwargs)

    def fits(self) -> bool:
        """Whether this is how such a finding is settled."""
        return self.kind in self.kinds

    @property
    def token(self) -> str:
        return version_of(self.finding)

    def form(self, *, data: Any = None) -> forms.Form:
        return self.form_class(data, initial={"seen": self.token})

    def act(self, form: forms.Form) -> HttpResponse:
        if form.cleaned_data["seen"] != self.token:
            raise Stale
        told = self.settle(form)
        if isinstance(told, Job):
            self.tell("It has begun, and goes on when this page is closed.")
            return HttpResponseRedirect(job_url(told))
        return self.done(told)

    def settle(self, form: forms.Form) -> str | Job:
        """Do it, and say what came of it; or begin it, where it takes long."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown_anew(kwargs["form"], self.token)
        return super().get_context_data(**kwargs)


def shown_anew(form: forms.Form, token: str) -> None:
    """A form that was sent stands beside how things are now, so that is what it was opened with from here on."""
    if form.is_bound:
        form.data = {**dict(form.data.items()), "seen": token}
