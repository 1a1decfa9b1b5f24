"""A made-up case: what its clocks would be, and why. Nothing is written, and the address keeps the question."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from entitlements.admin.moments import PICKER
from journal.admin.pages import Page
from support.admin.policies.pages import VIEW
from support.admin.policies.try_form import TryForm, asked_with, chosen
from support.domain.case_events import AlertKind, Channel, ClockState, Opener
from support.domain.clocks.explaining import explain
from support.domain.clocks.values import Alert, CaseStanding, RunClock
from support.domain.policy_faults import Known
from support.domain.policy_words import say_step
from support.models import BusinessCalendar, SlaPolicyVersion, VersionState
from support.queries.cases.clock_words import Names, say_clock
from support.queries.cases.trying import MadeUpCase, NotToBeTried, tried
from support.queries.instants import say_instant
from support.queries.lifts import rules_for
from support.queries.policies import draft_of, read_known
from support.snapshots.hours import country_of, read_holidays, versions_at

USABLE = (VersionState.DRAFT, VersionState.ASKED, VersionState.IN_FORCE)
STATES = {
    ClockState.RUNNING: ("Runs", "blue"),
    ClockState.PAUSED: ("Stands still", "amber"),
    ClockState.MET: ("Met", "green"),
    ClockState.CANCELLED: ("Not owed any more", ""),
}
KINDS = {
    AlertKind.WARNING: "Warning",
    AlertKind.BREACH: "Late, unless it is met by then",
    AlertKind.ESCALATION: "Escalation",
}
NOT_OVER = {VersionState.DRAFT, VersionState.ASKED}


class TryPage(Page):
    permission: ClassVar[str] = VIEW
    template_name = "support/policies/try.html"
    title = "Try a made-up case"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**self._answered()))

    @cached_property
    def versions(self) -> list[SlaPolicyVersion]:
        """What may be tried: what is open, and of each policy what is in force; what a link names, too."""
        rows = SlaPolicyVersion.objects.filter(state__in=USABLE).select_related("policy")
        found: dict[tuple[int, bool], SlaPolicyVersion] = {}
        for row in rows.order_by("policy", "in_force_from", "number"):
            found[row.policy_id, row.state in NOT_OVER] = row
        named = self.request.GET.get("version", "")
        known = {row.pk for row in found.values()}
        extra = [row for row in rows if str(row.pk) == named and row.pk not in known]
        return [*found.values(), *extra]

    @cached_property
    def known(self) -> Known:
        return read_known(at=self.at)

    def _answered(self) -> dict[str, Any]:
        if not self.versions:
            return {"form": None}
        named = chosen(self.versions, self.request.GET.get("tier", "")) or self.versions[-1]
        form = TryForm(
            asked_with(self.request.GET, defaults=self._defaults(named)),
            versions=SlaPolicyVersion.objects.filter(pk__in=[row.pk for row in self.versions]).select_related("policy"),
        )
        if not form.is_valid():
            return {"form": form}
        try:
            return {"form": form, **self._answer(form)}
        except NotToBeTried as problem:
            return {"form": form, "problem": str(problem)}

    def _defaults(self, version: SlaPolicyVersion) -> dict[str, str]:
        severity = version.milestones.order_by("targets__severity__position").values_list(
            "targets__severity__key", flat=True
        )
        return {
            "version": str(version.pk),
            "severity": severity.first() or "",
            "channel": Channel.EMAIL.value,
            "opener": Opener.CUSTOMER.value,
            "zone": self.zone,
            "opened": self.at.astimezone(ZoneInfo(self.zone)).strftime(PICKER),
        }  # fmt: skip

    def _answer(self, form: TryForm) -> dict[str, Any]:
        given = form.cleaned_data
        version, zone = given["version"], given["zone"]
        account = given["account"]
        lifts = rules_for(account, draft_of(version), at=self.at) if account else []
        case = MadeUpCase(
            version=version,
            severity=given["severity"].key,
            channel=Channel(given["channel"]),
            opener=Opener(given["opener"]),
            opened_at=given["opened"],
            zone=zone,
            country=given["country"],
            events=form.events,
            lifts=tuple(lifts),
        )
        now = given["look"] or max([given["opened"], *(event.at for event in form.events)])
        standing = tried(case, now=now, at=self.at)
        names = self._names(given["country"])
        return {
            "account": account,
            "lifts": lifts,
            "state": standing.state.words,
            "severity_now": names.severities.get(standing.severity, standing.severity),
            "now": say_instant(now, now=self.at, zone=zone),
            "answer_zone": zone,
            "country": given["country"],
            "clocks": list(self._clocks(standing, names, zone=zone)),
        }

    def _names(self, country: str) -> Names:
        held = versions_at(self.at)
        whose = {country_of(row, customer=country) for row in held.values()} - {""}
        known = read_holidays(whose)
        holidays = {day: name for one in whose for day, name in known.named(one, at=self.at).items()}
        for row in held.values():
            holidays |= {datetime.fromisoformat(day["on"]).date(): day["name"] for day in row.days if day["name"]}
        return Names(holidays=holidays, severities=self.known.severities)

    def _clocks(self, standing: CaseStanding, names: Names, *, zone: str) -> Iterator[dict[str, Any]]:
        calendars = dict(BusinessCalendar.objects.values_list("key", "name"))
        for clock in standing.clocks:
            calendar = calendars.get(clock.promised.calendar or "", "24/7")
            words, colour = STATES[clock.state]
            late = clock.breached_at is not None
            yield {
                "name": clock.milestone.name,
                "again": clock.run if clock.run > 1 else 0,
                "state": f"{words}, late" if late else words,
                "colour": "red" if late else colour,
                "due": self._due(clock, zone),
                "lines": say_clock(explain(clock), zone=zone, now=self.at, names=replace(names, calendar=calendar)),
                "alerts": [self._alert(alert, clock, zone) for alert in clock.alerts],
                "ended": self._ended(clock, zone),
            }

    def _due(self, clock: RunClock, zone: str) -> str:
        if clock.due_at is None:
            return "No due time while it stands still" if clock.state is ClockState.PAUSED else "No due time"
        return f"Due {say_instant(clock.due_at, now=self.at, zone=zone)}"

    def _ended(self, clock: RunClock, zone: str) -> str:
        told = []
        if clock.breached_at is not None:
            told.append(f"Late from {say_instant(clock.breached_at, now=self.at, zone=zone)}.")
        if clock.met_at is not None:
            told.append(f"Met {say_instant(clock.met_at, now=self.at, zone=zone)}.")
        if clock.cancelled_at is not None:
            told.append(f"Not owed any more from {say_instant(clock.cancelled_at, now=self.at, zone=zone)}.")
        return " ".join(told)

    def _alert(self, alert: Alert, clock: RunClock, zone: str) -> dict[str, str]:
        step = next((each for each in clock.milestone.steps if each.key == alert.step), None)
        return {
            "kind": "Late" if alert.kind is AlertKind.BREACH and clock.breached_at else KINDS[alert.kind],
            "at": say_instant(alert.at, now=self.at, zone=zone),
            "words": "" if step is None else say_step(step, known=self.known),
        }
