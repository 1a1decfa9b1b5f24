"""Taking what the billing says for several differences at once: what will change is shown before it is asked."""

import json
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from entitlements.actions.billed.runs import start_taking
from entitlements.admin.billed.pages import SeenForm, shown_anew
from entitlements.admin.billed.words import LIST, SETTLE, VIEW, finding_url, lines_of, say_where
from entitlements.models import BillingFinding
from entitlements.queries.billed.findings import drifted
from journal.admin.base import version_of
from journal.admin.jobs import job_url
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal, Stale

MOST_AT_ONCE = 200
LIKE_AN_ID = re.compile(r"[0-9]{1,18}")


def bulk_url(ids: Sequence[int]) -> str:
    return f"{reverse('admin:entitlements_billingfindings_take')}?findings={','.join(map(str, ids))}"


class TakeManyPage(FormPage[SeenForm]):
    """Those the address names that are still open differences; the others are left out, and said to be."""

    permission: ClassVar[str] = SETTLE
    template_name = "entitlements/billed/take_many.html"
    title = "Take theirs"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def ids(self) -> list[int]:
        named = self.request.GET.get("findings", "").split(",")
        return list(dict.fromkeys(int(text) for text in named if LIKE_AN_ID.fullmatch(text)))[:MOST_AT_ONCE]

    @cached_property
    def rows(self) -> list[BillingFinding]:
        return list(drifted(self.ids))

    @property
    def token(self) -> str:
        return json.dumps({row.pk: version_of(row) for row in self.rows})

    def form(self, *, data: Any = None) -> SeenForm:
        return SeenForm(data, initial={"seen": self.token})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown_anew(kwargs["form"], self.token)
        shown = [
            {"finding": row, "url": finding_url(row), "where": say_where(row.connection), "lines": lines_of(row)}
            for row in self.rows
        ]
        return {
            **super().get_context_data(**kwargs),
            "shown": shown,
            "left_out": len(self.ids) - len(self.rows),
            "back": reverse(LIST),
        }

    def act(self, form: forms.Form) -> HttpResponse:
        if form.cleaned_data["seen"] != self.token:
            raise Stale("Some of these changed since you opened this. This is how they stand now; press again.")
        if not self.rows:
            raise Refusal("None of these is still to be decided.")
        job = start_taking(findings=[row.pk for row in self.rows], by=self.by, at=self.at)
        self.tell("It has begun. This page may be closed: it goes on.")
        return HttpResponseRedirect(job_url(job))
