"""Long work on a screen: how far it is, what failed, and the buttons that steer it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.timezone import now
from unfold.decorators import display

from journal.actions import jobs
from journal.admin.base import Button, DeskModelAdmin, actor_of
from journal.admin.question import Question, ask
from journal.jobs import words_of
from journal.models import Job, JobItem

State = Job.State
AT_WORK = (State.QUEUED, State.RUNNING)
AT_WORK_FIRST = Case(When(state__in=AT_WORK, then=Value(0)), When(state=State.PAUSED, then=Value(1)), default=Value(2))
COLOURS = {"Waiting": "info", "Running": "info", "Paused": "warning", "Done": "success",
           "Done, with failures": "danger", "Stopped": "warning"}  # fmt: skip
SILENT = timedelta(minutes=1)
SHOWN = 200


def job_url(job: Job) -> str:
    """The page that shows how far the job is; it may be closed and opened again."""
    return reverse("admin:journal_job_change", args=[job.pk])


@admin.register(Job)
class JobAdmin(DeskModelAdmin):
    list_display = ("title", "standing", "progress", "what", "asked_by_name", "asked_at", "finished_at")
    list_filter = ("state", "kind")
    ordering = (AT_WORK_FIRST, "-asked_at", "-pk")
    row_pages = ("pause", "resume", "stop", "retry")
    change_form_template = "journal/job.html"

    @display(description="state", label=COLOURS)
    def standing(self, job: Job) -> str:
        return job.get_state_display()

    @display(description="how far")
    def progress(self, job: Job) -> str:
        return f"{_behind(job):,} of {job.total:,}" if job.planned else f"{_behind(job):,}, still counting"

    @display(description="kind")
    def what(self, job: Job) -> str:
        return words_of(job.kind)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The progress page stands where a stock form would."""
        job: Job = self.found(request, object_id)
        items = job.items.filter(state__in=[JobItem.State.FAILED, JobItem.State.SKIPPED]).order_by("state", "position")
        context = {
            "title": job.title,
            "job": job,
            "kind": words_of(job.kind),
            "standing": job.get_state_display(),
            "colour": COLOURS[job.get_state_display()],
            "behind": _behind(job),
            "at_work": job.state in AT_WORK,
            "silent": job.state == State.RUNNING and job.beat_at is not None and now() - job.beat_at > SILENT,
            "rest": _time_left(job, at=now()),
            "failed": items.filter(state=JobItem.State.FAILED)[:SHOWN],
            "passed_over": items.filter(state=JobItem.State.SKIPPED)[:SHOWN],
            "recent": job.items.filter(state=JobItem.State.DONE).order_by("-position")[:20],
            "shown": SHOWN,
            "buttons": self.buttons(request, job),
            "back": self.address("changelist"),
        }
        return self.page(request, "journal/job.html", context)

    def buttons(self, request: HttpRequest, row: Job) -> list[Button]:
        if not self._may_steer(request, row):
            return []
        offered = {
            State.QUEUED: ("pause", "stop"),
            State.RUNNING: ("pause", "stop"),
            State.PAUSED: ("resume", "stop"),
            State.FAILED: ("retry",),
        }.get(State(row.state), ())
        return [Button(WORDS[name], self.address(name, row.pk), VARIANTS.get(name, "default")) for name in offered]

    def pause_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, jobs.pause, "pause", "It stands still after the unit it is at.")

    def resume_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, jobs.resume, "resume", "It goes on where it was.")

    def stop_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        warning = "What it has done stays done; the rest is never done."
        return self._ask(request, object_id, jobs.stop, "stop", "It was stopped.", warning)

    def retry_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self._ask(request, object_id, jobs.retry_failed, "retry", "What had failed is tried again.")

    def _may_steer(self, request: HttpRequest, job: Job) -> bool:
        return request.user.has_perm(jobs.STEER) or actor_of(request).key == job.asked_by_key

    def _ask(
        self, request: HttpRequest, object_id: str, act: Callable[..., Any], name: str, done: str, warning: str = ""
    ) -> HttpResponse:
        job: Job = self.found(request, object_id)
        if not self._may_steer(request, job):
            raise PermissionDenied
        question = Question(
            title=f"{WORDS[name]}: {job.title}?",
            button=WORDS[name],
            done=done,
            back_to=job_url(job),
            facts=[("State", job.get_state_display()), ("How far", self.progress(job)), ("Failed", job.failed)],
            warning=warning,
            danger=name == "stop",
        )
        return ask(self, request, question, act, job=job)


WORDS = {"pause": "Pause", "resume": "Go on", "stop": "Stop for good", "retry": "Try again what failed"}
VARIANTS = {"resume": "primary", "retry": "primary", "stop": "danger"}


def _behind(job: Job) -> int:
    return job.done + job.skipped + job.failed


def _time_left(job: Job, *, at: datetime) -> timedelta | None:
    """By the pace so far; None before there is one."""
    behind = _behind(job)
    if job.state != State.RUNNING or not job.planned or job.started_at is None or not behind:
        return None
    left = (at - job.started_at) / behind * (job.total - behind)
    return timedelta(seconds=round(left.total_seconds()))
