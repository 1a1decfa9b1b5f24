"""The promise to one customer, on paper: who, by when, how time is counted. It could be sent to them as it is."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateformat import format as spell

from catalog.queries.instants import say_instant
from entitlements.models import Account
from journal.admin.pages import Page
from support.admin.policies.grid import grid_of
from support.domain.milestones import PolicyTerms, Step, Trigger
from support.domain.policy_words import say_offset, say_pauses, say_recurrence
from support.models import Severity
from support.queries.coverage import coverage_of
from support.queries.promised import CountedHours, PromisedTo, promised_to

LOOK_UP = "support.look_up_cover"
# Whom a step tells, as the customer knows them; addresses of ours stay inside.
TOLD = {"team": "our team", "assignee": "whoever works on the case", "owner": "your account manager"}


def promise_url(account: Account) -> str:
    return reverse("admin:support_policy_promise", args=[account.key])


class PromisePage(Page):
    permission: ClassVar[str] = LOOK_UP
    template_name = "support/policies/promise.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.has_perm(LOOK_UP) and self.account.merged_into is not None:
            return HttpResponseRedirect(promise_url(self.account.merged_into))
        return super().dispatch(request, *args, **kwargs)

    @property
    def title(self) -> str:  # type: ignore[override]  # told by the customer, not by the page
        return f"What we promise {self.account}"

    @cached_property
    def account(self) -> Account:
        return get_object_or_404(Account.objects.select_related("merged_into"), key=self.kwargs["key"])

    @property
    def zone(self) -> str:
        """Everything here is said in the customer's zone."""
        return self.account.zone

    @cached_property
    def promised(self) -> PromisedTo:
        return promised_to(self.account, at=self.at)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found, terms = self.promised, self.promised.terms
        answer = coverage_of(account=self.account, at=self.at)
        severities = list(Severity.objects.all())
        names = {hours.key: hours.name for hours in found.hours}
        return {
            **super().get_context_data(**kwargs),
            "account": self.account,
            "found": found,
            "answer": answer,
            "terms": terms,
            "since": spell(found.since.astimezone(ZoneInfo(self.zone)), "j F Y") if found.since else "",
            "grid": grid_of(terms, severities=severities, calendars=names) if terms and terms.targets else None,
            "hours": [self._hours(hours) for hours in found.hours],
            "around": bool(terms and any(promised.calendar is None for promised in terms.targets.values())),
            "counting": list(_counting(terms)) if terms else [],
            "escalations": list(_escalations(terms, {row.key: row.name for row in severities})) if terms else [],
            "lifts": found.promise.lifts,
            "year": self.at.astimezone(ZoneInfo(self.zone)).year,
            "printed": say_instant(self.at, zone=self.zone),
            "back": f"{reverse('admin:support_lookup')}?q={self.account.key}&account={self.account.key}",
        }

    def _hours(self, hours: CountedHours) -> dict[str, Any]:
        return {
            "hours": hours,
            "closed": [f"{spell(day.on, 'j F')}{f' ({day.name})' if day.name else ''}" for day in hours.closed],
            "other": [f"{spell(day.on, 'j F')}{f' ({day.name})' if day.name else ''}" for day in hours.other],
        }


def _counting(terms: PolicyTerms) -> Iterable[str]:
    """A line for each milestone that has a target: from when until when, what pauses it, whether it comes again."""
    owed = {milestone for milestone, _, _ in terms.targets}
    for each in terms.milestones:
        if each.key in owed:
            starts = "we take it up with you" if each.starts is Trigger.BY_HAND else each.starts.words
            stops = "we say that it is done" if each.stops is Trigger.BY_HAND else each.stops.words
            said = f"{each.name}: from when {starts} until {stops}."
            yield " ".join(part for part in (said, say_pauses(each), say_recurrence(each)) if part)


def _escalations(terms: PolicyTerms, severities: dict[str, str]) -> Iterable[str]:
    for each in terms.milestones:
        if each.steps:
            yield f"{each.name}: {'; '.join(_step(step, severities) for step in each.steps)}."


def _step(step: Step, severities: dict[str, str]) -> str:
    told = list(dict.fromkeys(TOLD.get(one, "those responsible") for one in step.tells))
    acts = [f"{' and '.join(told)} {'is' if len(told) == 1 else 'are'} told"] if told else []
    if step.raise_to:
        acts.append(f"the case is treated as {severities.get(step.raise_to, step.raise_to)}")
    return f"{say_offset(step.offset)} {' and '.join(acts)}"
