"""Comparing everything that a connection bills with what the desk has: the last run on its page, and starting one now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from entitlements import billing_systems
from entitlements.actions.billed.runs import start_drift
from entitlements.admin.billed.words import LIST, SETTLE, VIEW, say_age
from entitlements.domain.billed.findings import FindingState
from entitlements.queries.billed.findings import open_findings
from entitlements.queries.billed.runs import Found, found_by, last_run, running
from journal.admin.connections.pages import VIEW as VIEW_CONNECTION
from journal.admin.connections.pages import ConnectionAsk, vendor_words
from journal.admin.jobs import job_url
from journal.domain.connection import ConnectionState
from journal.models import Connection


def compared_panel(connection: Connection, user: Any, at: datetime) -> Mapping[str, Any] | None:
    """What a connection's page says of it; nothing where it doesn't bill, or findings aren't the reader's to see."""
    if billing_systems.system_of(connection.vendor) is None or not user.has_perm(VIEW):
        return None
    run, now_running = last_run(connection), running(connection)
    is_open = {"connection": connection.pk, "state": FindingState.OPEN.value}
    listed = "&".join(f"{name}={value}" for name, value in is_open.items())
    sees_jobs = user.has_perm("journal.view_job")
    return {
        "vendor": vendor_words(connection),
        "at": run.finished_at if run else None,
        "age": say_age(run.finished_at, at=at) if run and run.finished_at else "",
        "run": run,
        "run_url": job_url(run) if run and sees_jobs else "",
        "said": say_found(found_by(run)) if run else "",
        "running": now_running,
        "running_url": job_url(now_running) if now_running and sees_jobs else "",
        "findings": [
            {"words": one.kind.words, "number": one.number, "age": say_age(one.oldest_at, at=at),
             "url": f"{reverse(LIST)}?{listed}&kind={one.kind.value}"}
            for one in open_findings(connection)
        ],
        "compare": reverse("admin:entitlements_billed_compare", args=[connection.pk])
        if user.has_perm(SETTLE) and now_running is None and connection.state == ConnectionState.ACTIVE
        else "",
    }  # fmt: skip


def say_found(found: Found) -> str:
    """ "412 looked at: 3 differ, 1 of them is no longer there; 2 messages had never come." """
    said = f"{found.looked:,} looked at: {_differ(found.differ)}"
    parts = (
        (found.new, "weren’t known before", "wasn’t known before"),
        (found.gone, "are no longer there", "is no longer there"),
        (found.missing, "the desk had never heard of", "the desk had never heard of"),
        (found.kept, "differ as was decided", "differs as was decided"),
    )
    more = [f"{number:,} {one if number == 1 else many}" for number, many, one in parts if number]
    missed = (
        f" {found.missed:,} {'message' if found.missed == 1 else 'messages'} had never come." if found.missed else ""
    )
    return f"{said}{'; ' + ', '.join(more) if more else ''}.{missed}"


def _differ(number: int) -> str:
    return "none differs" if not number else f"{number:,} {'differs' if number == 1 else 'differ'}"


class ComparePage(ConnectionAsk):
    """Everything there is asked for and compared; what differs becomes a finding, and nothing a customer has changes."""

    permission: ClassVar[str] = SETTLE
    title = "Compare everything now"
    button: ClassVar[str] = "Compare everything now"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        may = request.user.has_perm(VIEW) and request.user.has_perm(VIEW_CONNECTION)
        if not may or not request.user.has_perm(self.permission):
            raise PermissionDenied
        if billing_systems.system_of(self.connection.vendor) is None:
            raise Http404("It bills nothing.")
        return super().dispatch(request, *args, **kwargs)

    def lead(self) -> str:
        return (
            f"{vendor_words(self.connection)} is asked for everything it bills, and all of it is compared with what the "
            "desk has. What differs stands among the findings; nothing that a customer has changes by it."
        )

    def act(self, form: forms.Form) -> HttpResponse:
        job = start_drift(connection=self.connection, by=self.by, at=self.at)
        self.tell("It has begun, and goes on when this page is closed.")
        return HttpResponseRedirect(job_url(job))
