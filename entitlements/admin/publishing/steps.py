"""Publishing in steps: what changes, who gets it and what that does to them, the last word.

Each step is a page of its own and the address holds what was chosen, so nothing is lost by going back, reloading or
sending the address to a colleague. A draft is published; a version published before is rolled out: the same steps.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from catalog.actions.second_person import PUBLISH
from catalog.admin.pages import VIEW
from catalog.domain.rollouts import Audience, Publication
from catalog.domain.version_diff import Change, lowers
from catalog.models import PlanVersion, Rollout
from catalog.models.plan import VersionState
from catalog.queries.changes import diff_versions
from catalog.queries.prices import say_plan_prices, say_trial
from catalog.queries.publishing import base_moved, blockers
from entitlements.actions.publications import TYPED_BEYOND, release, request_publication
from entitlements.admin.publishing.forms import AudienceForm, LastWordForm, as_query
from entitlements.admin.publishing.step import PublishPage, change_lines, step_url
from entitlements.domain.figures import say_figures
from entitlements.queries.publishing.impact import INLINE, Impact, impacts
from entitlements.queries.publishing.publications import (
    counted_at,
    counts_of,
    pending_request,
    say_whom,
    too_many_to_wait,
    what_it_takes_away,
)
from entitlements.queries.publishing.reached import reachable
from journal.admin.jobs import job_url
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal
from journal.models import Job


class WhatPage(PublishPage):
    """Step 1: what changes, in words, and what stands in the way."""

    template_name = "entitlements/publish/what.html"
    step = "publish"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = super().dispatch(request, *args, **kwargs)
        moving = request.resolver_match is not None and request.resolver_match.url_name == "entitlements_rollout"
        if moving and self.version.is_draft:
            return HttpResponseRedirect(step_url("publish", self.version))
        if not moving and not self.version.is_draft:
            return HttpResponseRedirect(step_url("publish_done", self.version))
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version, before = self.version, self.published
        changes = diff_versions(old=before, new=version)
        draft = version.is_draft
        moved = base_moved(version=version) if draft else None
        return {
            **super().get_context_data(**kwargs),
            "title": self.named_title("Review"),
            "changes": change_lines(changes),
            "features": len({change.feature for change in changes}),
            "lowers": before is not None and lowers(changes),
            "blockers": blockers(version=version, at=self.at) if draft else (),
            "retired": version.state == VersionState.RETIRED,
            "moved": moved,
            "moved_lines": change_lines(moved.changes) if moved else [],
            "price": say_plan_prices(version.prices.all()),
            "was_price": say_plan_prices(before.prices.all()) if before else "",
            "trial": say_trial(version),
            "was_trial": say_trial(before) if before else "",
            "next": step_url("publish_who", version, self.query),
        }


class WhoPage(PublishPage):
    """Step 2: who gets it, with what each choice does to customers as they stand at this moment."""

    template_name = "entitlements/publish/who.html"
    step = "publish_who"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.audience_form()
        asked = bool(self.request.GET)
        at_date = form.publication().effective_at if asked and form.is_valid() else None
        many = not self.first and reachable(version=self.version, at=self.at).count() > INLINE
        return {
            **super().get_context_data(**kwargs),
            "title": self.named_title("Publish"),
            "form": form,
            "choices": self._choices(form, at_date, many=many),
            "many": many,
            "inline": INLINE,
            "counted": self.at,
            "ready": asked and form.is_valid(),
            "check": step_url("publish_check", self.version),
            "make_cohort": reverse("admin:entitlements_cohort_make"),
        }

    def audience_form(self) -> AudienceForm:
        initial = {"audience": Audience.NOW if self.first else Audience.NEW_CUSTOMERS}
        given = self.request.GET or None
        return AudienceForm(given, version=self.version, zone=self.zone, first=self.first, initial=initial)

    def _choices(self, form: AudienceForm, at_date: datetime | None, *, many: bool) -> list[dict[str, Any]]:
        """Each audience with its figures; the date and the cohort are those in the address."""
        options = list(form["audience"])
        cohort = str(form["cohort"].value() or "")
        asked = [_asked(str(option.data["value"]), at_date, self.version, cohort) for option in options]
        told: list[Impact | None] = [None] * len(options)
        if not many and not self.first:
            told = list(impacts(version=self.version, choices=asked, at=self.at))
        return [
            self._choice(option, publication, found, many=many)
            for option, publication, found in zip(options, asked, told, strict=True)
        ]

    def _choice(self, option: Any, publication: Publication, found: Impact | None, *, many: bool) -> dict[str, Any]:
        chosen = bool(publication.cohort_key) or publication.audience is not Audience.COHORT
        query = as_query(publication)
        moves = publication.audience.moves
        return {
            "option": option,
            "told": say_figures(found.figures, found.lines) if found and moves and chosen else "",
            "impact": found if moves and chosen else None,
            "nobody": not moves,
            "unchosen": not chosen,
            "undated": publication.audience is Audience.ON_DATE and publication.effective_at is None,
            "many": many and moves,
            "accounts": step_url("publish_accounts", self.version, query),
        }


class CheckPage(PublishPage, FormPage[LastWordForm]):
    """Step 3: everything at a glance, and the button: publish, or ask a second person."""

    template_name = "entitlements/publish/check.html"
    step = "publish_check"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without a choice that can stand there is nothing to check."""
        if request.user.has_perm(VIEW) and not self.choice.is_valid():
            return HttpResponseRedirect(step_url("publish_who", self.version, request.GET.urlencode()))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def choice(self) -> AudienceForm:
        return AudienceForm(self.request.GET, version=self.version, zone=self.zone, first=self.first)

    @cached_property
    def publication(self) -> Publication:
        return self.choice.publication()

    @cached_property
    def counted(self) -> Impact | None:
        return counted_at(self.version, self.publication, at=self.at)

    @cached_property
    def taken(self) -> Sequence[Change]:
        return what_it_takes_away(self.version, self.publication)

    def form(self, *, data: Any = None) -> LastWordForm:
        losing = self.counted.figures.lose if self.counted and self.counted.figures.lose > TYPED_BEYOND else 0
        seen = self.counted.figures if self.counted else ""
        return LastWordForm(data, losing=losing, initial={"edits": self.version.edits, "seen": seen})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.counted
        if found is not None and kwargs["form"].is_bound:
            kwargs["form"].shows(found.figures)  # whoever reads the page again has read these
        return {
            **super().get_context_data(**kwargs),
            "title": self.named_title("Publish"),
            "whom": say_whom(self.version, self.publication, zone=self.zone),
            "impact": found,
            "told": say_figures(found.figures, found.lines) if found else "",
            "moves": self.publication.audience.moves and not self.first,
            "taken": self.taken,
            "counting": counts_of(self.version, self.publication).first() if found is None else None,
            "blockers": blockers(version=self.version, at=self.at, audience=self.publication.audience)
            if self.version.is_draft
            else (),
            "moved": base_moved(version=self.version) if self.version.is_draft else None,
            "long": too_many_to_wait(self.version, self.publication, at=self.at),
            "accounts": step_url("publish_accounts", self.version, self.query),
            "count": step_url("publish_count", self.version, self.query),
            "who": step_url("publish_who", self.version, self.query),
            "mine": self._is_mine(),
        }

    def _is_mine(self) -> bool:
        pending = pending_request(self.version)
        return pending is not None and pending.requested_by_key == self.by.key

    def act(self, form: LastWordForm) -> HttpResponse:
        if not self.request.user.has_perm(PUBLISH):
            raise PermissionDenied
        given = form.cleaned_data
        asked = {
            "version": self.version,
            "publication": Publication(
                self.publication.audience, self.publication.effective_at, given["edits"], self.publication.cohort_key
            ),
            "reason": given["reason"],
            "confirmed": given.get("confirmed"),
            "by": self.by,
            "at": self.at,
        }
        if self.taken:
            return self._ask(asked, given["seen"])
        done = release(**asked, seen=given["seen"])
        if isinstance(done, Job):
            self.tell("It is being counted once more; at the end of that it is published, or you read why not.")
            return HttpResponseRedirect(job_url(done))
        return self._published(done)

    def _ask(self, asked: dict[str, Any], seen: Any) -> HttpResponse:
        if self.counted is None:
            raise Refusal("Work out first what it does to customers.")
        request_publication(**asked, counted=Impact(self.publication, seen, self.counted.lines))
        self.tell("Someone else has to approve it now; until then nothing changes for anybody.")
        return HttpResponseRedirect(step_url("publish_done", self.version))

    def _published(self, rollout: Rollout) -> HttpResponse:
        self.tell(f"{rollout.version} is published. {say_whom(rollout.version, self.publication, zone=self.zone)}")
        return HttpResponseRedirect(step_url("publish_done", rollout.version))


def _asked(audience: str, at_date: datetime | None, version: PlanVersion, cohort: str) -> Publication:
    named = Audience(audience)
    at = None if named is Audience.NOW else at_date
    return Publication(named, at, version.edits, cohort if named is Audience.COHORT else "")
