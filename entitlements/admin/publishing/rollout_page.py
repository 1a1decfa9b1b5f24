"""What a publication does to whom, account by account; and what became of it once it was done."""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.urls import reverse

from catalog.actions.drafts import EDIT, open_drafts_above
from catalog.actions.publishing import compare_anew
from catalog.actions.second_person import PUBLISH
from catalog.domain.formula_guard import guarded
from catalog.domain.rollouts import Audience, Publication
from catalog.models import PlanVersion, Rollout
from catalog.queries.includes import including_older
from catalog.queries.instants import say_instant
from entitlements.actions.publications import start_count
from entitlements.actions.rollout_changes import job_of, told_by_job
from entitlements.admin.publishing.forms import AudienceForm
from entitlements.admin.publishing.step import PublishPage, step_url
from entitlements.domain.figures import Direction, Effects, Verdict
from entitlements.models import Account
from entitlements.queries.publishing.impact import INLINE, effects_on
from entitlements.queries.publishing.publications import requests_about, say_whom, too_many_to_wait
from entitlements.snapshots.batch import batches
from journal.admin.base import PAGE
from journal.admin.jobs import job_url
from journal.domain.refusal import Refusal
from journal.models import Job, Notice

VERDICTS = {
    Verdict.LOSES: "Loses something",
    Verdict.GAINS: "Gains",
    Verdict.DIFFERS: "Has something otherwise",
    Verdict.UNCHANGED: "Unchanged",
}
OVER = "over"  # less than is in use, whatever else changes
DIRECTIONS = {Direction.WORSE: "worse", Direction.BETTER: "better", Direction.OTHER: "different"}
HEADINGS = ("account", "name", "effect", "from", "feature", "is now", "becomes", "for the customer")


class ChosenPage(PublishPage):
    """A page about one choice, which stands in the address; without one that can stand, back to choosing."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        allowed = request.user.has_perm(self.permission) and request.user.has_perm("entitlements.view_account")
        if not allowed:
            raise PermissionDenied
        if not self.choice.is_valid():
            return HttpResponseRedirect(step_url("publish_who", self.version, request.GET.urlencode()))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def choice(self) -> AudienceForm:
        return AudienceForm(self.request.GET, version=self.version, zone=self.zone, first=self.first)

    @cached_property
    def publication(self) -> Publication:
        return self.choice.publication()

    @cached_property
    def verdict(self) -> str:
        asked = self.request.GET.get("effect", "")
        return asked if asked in (*Verdict, OVER) else ""

    def effects(self) -> dict[int, Effects]:
        """By account, those that lose first; narrowed down to one effect where the address says so."""
        found = effects_on(version=self.version, choice=self.publication, at=self.at)
        order = list(Verdict)
        kept = [(pk, one) for pk, one in found if self._wanted(one)]
        return dict(sorted(kept, key=lambda entry: (order.index(entry[1].verdict), entry[0])))

    def _wanted(self, effects: Effects) -> bool:
        return not self.verdict or effects.verdict == self.verdict or (self.verdict == OVER and bool(effects.over))


class AccountsPage(ChosenPage):
    """The accounts behind the figures, a page at a time."""

    template_name = "entitlements/publish/accounts.html"
    step = "publish_who"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        many = too_many_to_wait(self.version, self.publication, at=self.at)
        effects = {} if many else self.effects()
        page = Paginator(list(effects), PAGE).get_page(self.request.GET.get("page"))
        accounts = Account.objects.in_bulk(list(page.object_list))
        return {
            **super().get_context_data(**kwargs),
            "title": f"Accounts that {self.version} reaches",
            "whom": say_whom(self.version, self.publication, zone=self.zone),
            "many": many,
            "inline": INLINE,
            "page": page,
            "rows": [(accounts[pk], effects[pk], VERDICTS[effects[pk].verdict]) for pk in page.object_list],
            "switch": [(words, self._link(effect=name), name == self.verdict) for name, words in self._verdicts()],
            "csv": step_url("publish_csv", self.version, self.query),
            "earlier": self._link(page=page.previous_page_number()) if page.has_previous() else "",
            "later": self._link(page=page.next_page_number()) if page.has_next() else "",
            "who": step_url("publish_who", self.version, self.query),
        }

    def _verdicts(self) -> list[tuple[str, str]]:
        return [
            ("", "All"),
            *((verdict.value, words) for verdict, words in VERDICTS.items()),
            (OVER, "Over the new limit"),
        ]

    def _link(self, **changed: object) -> str:
        asked = self.request.GET.copy()
        asked.pop("page", None)
        for name, value in changed.items():
            asked[name] = str(value)
        return f"?{asked.urlencode()}"


class AccountsFile(ChosenPage):
    """The same list as a file, one line for each feature that changes."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if too_many_to_wait(self.version, self.publication, at=self.at):
            raise PermissionDenied
        writer = csv.writer(_Echo())
        name = f"{self.version.plan.key}-v{self.version.number}-impact.csv"
        lines = (writer.writerow([guarded(cell) for cell in line]) for line in self._lines())
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer  # type: ignore[return-value]  # a streaming response is no HttpResponse, and as good

    def _lines(self) -> Iterator[tuple[str, ...]]:
        yield HEADINGS
        effects = self.effects()
        for chunk in batches(effects):
            accounts = Account.objects.in_bulk(list(chunk))
            for pk in chunk:
                yield from _told(accounts[pk], effects[pk], zone=self.zone)


class _Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _told(account: Account, effects: Effects, *, zone: str) -> Iterator[tuple[str, ...]]:
    known = (account.key, account.name, VERDICTS[effects.verdict], say_instant(effects.instant, zone=zone))
    for change in effects.changes:
        over = ", less than is in use" if change.name in effects.over else ""
        yield (*known, change.name, change.before, change.after, DIRECTIONS[change.direction] + over)
    if not effects.changes:
        kept = ", ".join(effects.overridden)
        yield (*known, kept, "", "", "kept by an override" if kept else "")


class CountPage(ChosenPage):
    """Only a button leads here: it begins the count of very many accounts."""

    permission = PUBLISH

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            job = start_count(version=self.version, publication=self.publication, by=self.by, at=self.at)
        except Refusal as refusal:
            self.refuse(refusal)
            return HttpResponseRedirect(step_url("publish_check", self.version, self.query))
        self.tell("Counting has begun. Come back to “Check and publish” when it is done.")
        return HttpResponseRedirect(job_url(job))


class ButtonPage(PublishPage):
    """Only a button leads here: there is nothing to see before it is pressed."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseNotAllowed(["POST"])

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.tell(self.press())
        except Refusal as refusal:
            self.refuse(refusal)
        return HttpResponseRedirect(step_url("publish", self.version))

    def press(self) -> str:
        raise NotImplementedError


class CompareAnewPage(ButtonPage):
    permission = EDIT

    def press(self) -> str:
        edits = self.request.POST.get("edits", "")
        compare_anew(version=self.version, edits=int(edits) if edits.isdigit() else -1, by=self.by, at=self.at)
        return "The draft is compared with what customers get now. Look at what changes once more."


class AbovePage(ButtonPage):
    permission = EDIT

    def press(self) -> str:
        drafts = open_drafts_above(lower=self.version, by=self.by, at=self.at)
        return f"Drafts that include {self.version}: {', '.join(map(str, drafts))}. Review and publish each."


class DonePage(PublishPage):
    """What happened: whom it reaches, how far the telling is, what could follow, and the way back."""

    template_name = "entitlements/publish/done.html"
    step = "publish_done"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rollouts = Rollout.objects.filter(version=self.version).select_related("version__plan").order_by("-pk")
        return {
            **super().get_context_data(**kwargs),
            "title": f"What became of {self.version}",
            "steps": (),
            "rollouts": [_became(rollout, at=self.at, zone=self.zone) for rollout in rollouts],
            "requests": requests_about(self.version)[:PAGE],
            "above": [] if self.version.is_draft else including_older(self.version),
            "former": self._former(),
            "move": step_url("rollout", self.version),
        }

    def _former(self) -> PlanVersion | None:
        """The version to go back to: the one published before this one."""
        earlier = self.version.plan.versions.filter(state="published", number__lt=self.version.number)
        return None if self.version.is_draft else earlier.order_by("-number").first()


def _became(rollout: Rollout, *, at: datetime, zone: str) -> Mapping[str, Any]:
    publication = Publication(Audience(rollout.audience), rollout.effective_at, 0, rollout.cohort_key)
    job = job_of(rollout)
    behind = job.done + job.skipped + job.failed if job else 0
    return {
        "rollout": rollout,
        "whom": say_whom(rollout.version, publication, zone=zone),
        "published": say_instant(rollout.published_at, zone=zone),
        "coming": rollout.effective_at > at and rollout.cancelled_at is None,
        "cancelled": say_instant(rollout.cancelled_at, zone=zone) if rollout.cancelled_at else "",
        "job": job,
        "job_url": job_url(job) if job else "",
        "behind": behind,
        "untold": job.total - behind if job and job.state == Job.State.STOPPED else 0,
        "by_job": told_by_job(rollout.fact),
        "told": Notice.objects.filter(once_key__startswith=f"rollout:{rollout.pk}:").count(),
        "changes": reverse("admin:entitlements_entitlementchange_changelist"),
    }
