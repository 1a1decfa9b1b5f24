"""Who is on which version of a plan, and why; from here accounts are moved, held and released."""

import csv
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404

from catalog.admin.pages import PUBLISH
from catalog.domain.formula_guard import guarded
from catalog.domain.rollouts import Audience
from catalog.models import Plan, PlanVersion, Rollout
from catalog.models.plan import VersionState
from catalog.queries.instants import say_instant
from catalog.queries.versions import rollouts_of
from entitlements.actions.holds import PERMISSION as HOLD
from entitlements.actions.holds import lasts
from entitlements.admin.pages import VIEW
from entitlements.admin.wording import say_end
from entitlements.domain.headcount import Headcount
from entitlements.models import Cohort
from entitlements.models.account import AccountKind
from entitlements.queries.publishing.grandfathering import (
    Reason,
    grandfathering,
    headcounts,
    holders,
    reason_of,
)
from entitlements.queries.publishing.holders import Held
from journal.admin.base import PAGE
from journal.admin.pages import Page

HEADINGS = ("account", "name", "plan version", "quantity", "since", "why", "kind of account")


def say_reason(reason: Reason, *, zone: str) -> str:
    """ "moved to it at renewal, from 1 March 2026 (UTC) on; held through 31 May 2026 (UTC): the contract runs"."""
    said = []
    if reason.fallen:
        said.append("fell back to it after a trial")
    if reason.since is not None:
        said.append(_moved(reason, since=say_instant(reason.since, zone=zone)))
    if reason.held_until is not None:
        said.append(f"held {say_end(reason.held_until, zone=zone)}: {reason.held_because}")
    return "; ".join(said) or "bought it"


def _moved(reason: Reason, *, since: str) -> str:
    match reason.audience:
        case Audience.AT_RENEWAL:
            return f"moved to it at renewal, from {since} on"
        case Audience.COHORT:
            return f"moved to it with the cohort {reason.cohort} on {since}"
        case _:
            return f"moved to it by the publication of {since}"


class PlansPage(Page):
    """Every plan with how many accounts hold it, and on how many versions."""

    permission: ClassVar[str] = VIEW
    template_name = "entitlements/grandfathering_plans.html"
    title = "Who has which version"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        published = PlanVersion.objects.exclude(state=VersionState.DRAFT)
        by_plan: dict[Plan, list[int]] = {}
        for version in published.select_related("plan").order_by("-plan__kind", "plan__position", "plan", "number"):
            by_plan.setdefault(version.plan, []).append(version.pk)
        counted = headcounts(version_ids=[pk for pks in by_plan.values() for pk in pks], at=self.at)
        lines = [(plan, _together(counted.get(pk) for pk in pks), len(pks)) for plan, pks in by_plan.items()]
        return {**super().get_context_data(**kwargs), "plans": lines}


class GrandfatheringPage(Page):
    """The versions of one plan: who has each, why, at what price, and what they keep that is no longer sold."""

    permission: ClassVar[str] = VIEW
    template_name = "entitlements/grandfathering.html"

    @cached_property
    def plan(self) -> Plan:
        return get_object_or_404(Plan, pk=self.kwargs["plan_id"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = grandfathering(plan=self.plan, at=self.at)
        told = [[(say_reason(reason, zone=self.zone), n) for reason, n in line.reasons] for line in lines]
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.plan}: who has which version",
            "plan": self.plan,
            "lines": list(zip(lines, told, strict=True)),
            "ahead": [self._ahead(rollout) for rollout in rollouts_of(plans=[self.plan]) if self._is_ahead(rollout)],
            "accounts": sum(line.headcount.everybody for line in lines),
            "may_move": self.request.user.has_perm(PUBLISH),
        }

    def _is_ahead(self, rollout: Rollout) -> bool:
        """Whether holders are still to be moved by it: on its day, or each at the renewal after it."""
        fact = rollout.fact
        return fact.moves_holders and (fact.effective_at > self.at or fact.audience is Audience.AT_RENEWAL)

    def _ahead(self, rollout: Rollout) -> str:
        day = say_instant(rollout.effective_at, zone=self.zone)
        whom = "holders" if rollout.audience != Audience.COHORT else "a chosen cohort"
        when = f"at their first renewal from {day} on" if rollout.audience == Audience.AT_RENEWAL else f"on {day}"
        return f"{rollout.version} reaches {whom} {when}; whoever is held on a version then keeps it for so long."


class HoldersPage(Page):
    """The accounts that have one version, by name, a page at a time."""

    permission: ClassVar[str] = VIEW
    template_name = "entitlements/grandfathering_holders.html"

    @cached_property
    def version(self) -> PlanVersion:
        published = PlanVersion.objects.select_related("plan").exclude(state=VersionState.DRAFT)
        return get_object_or_404(published, pk=self.kwargs["version_id"])

    @cached_property
    def names(self) -> dict[str, str]:
        return dict(Cohort.objects.values_list("key", "name"))

    def why(self, held: Held) -> str:
        return say_reason(reason_of(held, self.names), zone=self.zone)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        typed = self.request.GET.get("page", "1")
        number = max(int(typed), 1) if typed.isdecimal() and len(typed) < 7 else 1
        first = (number - 1) * PAGE
        shown = list(islice(holders(version=self.version, at=self.at), first, first + PAGE + 1))
        user = self.request.user
        return {
            **super().get_context_data(**kwargs),
            "title": f"Who has {self.version}",
            "version": self.version,
            "headcount": headcounts(version_ids=[self.version.pk], at=self.at).get(self.version.pk, Headcount()),
            "rows": [(held, self.why(held), self._holdable(held)) for held in shown[:PAGE]],
            "first": first + 1,
            "earlier": number - 1 if number > 1 else 0,
            "later": number + 1 if len(shown) > PAGE else 0,
            "may_hold": user.has_perm(HOLD),
            "may_move": user.has_perm(PUBLISH) and self.version.state == VersionState.PUBLISHED,
        }

    def _holdable(self, held: Held) -> str:
        """Which of the two pages a row leads to; what follows a trial is no item yet that could be held."""
        if held.fallen:
            return ""
        return "release" if lasts(held.row, at=self.at) else "hold"


class HoldersFile(HoldersPage):
    """The same list as a file, whole."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        writer = csv.writer(_Echo())
        lines = (writer.writerow([guarded(cell) for cell in line]) for line in self._lines())
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        name = f"{self.version.plan.key}-v{self.version.number}-holders.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer  # type: ignore[return-value]  # a streaming response is no HttpResponse, and as good

    def _lines(self) -> Iterator[tuple[str, ...]]:
        yield HEADINGS
        for held in holders(version=self.version, at=self.at):
            item, account = held.row, held.row.subscription.account
            since = item.starts_at.isoformat()
            which, kind = str(self.version), AccountKind(account.kind).words
            yield account.key, account.name, which, str(item.quantity), since, self.why(held), kind


def _together(counted: Iterable[Headcount | None]) -> Headcount:
    known = [one for one in counted if one is not None]
    return Headcount(sum(one.accounts for one in known), sum(one.internal for one in known))


class _Echo:
    """A file that gives back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


GRANDFATHERING: tuple[tuple[str, type[Page], str], ...] = (
    ("versions/", PlansPage, "grandfathering_plans"),
    ("versions/plan/<int:plan_id>/", GrandfatheringPage, "grandfathering"),
    ("versions/<int:version_id>/", HoldersPage, "version_holders"),
    ("versions/<int:version_id>/accounts.csv", HoldersFile, "version_holders_csv"),
)
