"""Promising open cases anew by a newer version of one thing: of a calendar, of a policy, or a country's holidays.

Only what is named moves: where a calendar's hours are newer, the case keeps its policy, and the holidays it was
promised by. With a policy come the calendars that its targets name and the case didn't have yet, and its own rules;
with holidays all that are on file. A case keeps its tier, its zone and its country.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from support.models import (
    CalendarVersion,
    Case,
    CasePromise,
    Holiday,
    SlaPolicyVersion,
    TargetRule,
    VersionState,
)
from support.queries.cases.promising import calendars_of
from support.queries.lifts import lifts_for
from support.snapshots.hours import country_of


@dataclass(frozen=True)
class Newer:
    """What open cases are promised anew by, exactly one of the three, as it is known at `at`; read once, asked often."""

    at: datetime
    calendar: CalendarVersion | None = None
    policy: SlaPolicyVersion | None = None
    country: str | None = None
    _calendars: dict[int, CalendarVersion] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if sum(each is not None for each in (self.calendar, self.policy, self.country)) != 1:
            raise ValueError("Cases are promised anew by a calendar, by a policy or by a country's holidays: name one.")

    @property
    def payload(self) -> dict[str, Any]:
        return {
            "calendar": self.calendar and self.calendar.pk,
            "policy": self.policy and self.policy.pk,
            "country": self.country,
        }

    @classmethod
    def from_payload(cls, said: Mapping[str, Any], *, at: datetime) -> Self:
        """Raises DoesNotExist where the version was deleted meanwhile."""
        calendars = CalendarVersion.objects.select_related("calendar")
        policies = SlaPolicyVersion.objects.select_related("policy")
        return cls(
            at=at,
            calendar=None if said["calendar"] is None else calendars.get(pk=said["calendar"]),
            policy=None if said["policy"] is None else policies.get(pk=said["policy"]),
            country=said["country"],
        )

    @property
    def in_force(self) -> bool:
        """Whether new cases are promised by it already: nothing newer of it speaks at `at`."""
        if self.country is not None:
            return True
        version = self.calendar or self.policy
        assert version is not None
        if version.state != VersionState.IN_FORCE:
            return False
        name = "calendar" if self.calendar is not None else "policy"
        siblings = type(version)._default_manager.filter(
            **{f"{name}_id": getattr(version, f"{name}_id")}, state=VersionState.IN_FORCE, in_force_from__lte=self.at
        )
        return siblings.order_by("in_force_from", "number").last() == version

    def __str__(self) -> str:
        return f"public holidays of {self.country}" if self.country is not None else str(self.calendar or self.policy)

    def reaches(self, promise: CasePromise) -> bool:
        """Whether what the case was promised last names something older; the promise with its policy version."""
        if self.calendar is not None:
            named = promise.calendars.get(self.calendar.calendar.key)
            return named is not None and named != self.calendar.pk
        if self.policy is not None:
            held = promise.policy_version
            return held is not None and held.policy_id == self.policy.policy_id and held.pk != self.policy.pk
        return self._last_change is not None and promise.holidays_known_at < self._last_change and self._keeps(promise)

    @cached_property
    def _last_change(self) -> datetime | None:
        """When a holiday of the country was last put on file or withdrawn."""
        rows = Holiday.objects.filter(country=self.country or "").values_list("recorded_at", "withdrawn_at")
        return max((at for row in rows for at in row if at is not None and at <= self.at), default=None)

    def _keeps(self, promise: CasePromise) -> bool:
        """Whether any hours of the promise are closed on the country's holidays."""
        return any(
            version.keeps_holidays and country_of(version, customer=promise.country) == self.country
            for version in map(self._version, promise.calendars.values())
        )

    def _version(self, pk: int) -> CalendarVersion:
        if pk not in self._calendars:
            self._calendars.update(CalendarVersion.objects.in_bulk())
        return self._calendars[pk]

    def anew(self, promise: CasePromise) -> CasePromise:
        """The promise that follows this one, not saved: from `at` on, or from its own start where that is later."""
        made = CasePromise(
            case_id=promise.case_id,
            starts_at=max(self.at, promise.starts_at),
            recorded_at=self.at,
            policy_version_id=promise.policy_version_id,
            calendars=dict(promise.calendars),
            holidays_known_at=promise.holidays_known_at,
            zone=promise.zone,
            country=promise.country,
            lifts=promise.lifts,
            why=f"Recomputed by {self}.",
            covered_by=promise.covered_by,
            cover_name=promise.cover_name,
        )
        if self.calendar is not None:
            made.calendars |= {self.calendar.calendar.key: self.calendar.pk}
        elif self.policy is not None:
            self._lay(made)
        else:
            made.holidays_known_at = max(self.at, promise.holidays_known_at)
        return made

    def _lay(self, made: CasePromise) -> None:
        assert self.policy is not None
        made.policy_version = self.policy
        made.calendars = {key: made.calendars.get(key, pk) for key, pk in self._named.items()}
        made.lifts = []
        if self._has_rules:
            account = Case.objects.select_related("account").get(pk=made.case_id).account
            made.lifts = [] if account is None else lifts_for(account, self.policy.pk, at=self.at)

    @cached_property
    def _named(self) -> dict[str, int]:
        """The version in force of each calendar that the policy's targets count by."""
        assert self.policy is not None
        return calendars_of(self.policy, at=self.at)

    @cached_property
    def _has_rules(self) -> bool:
        return TargetRule.objects.filter(version=self.policy).exists()


def anew(
    promise: CasePromise,
    *,
    at: datetime,
    calendar: CalendarVersion | None = None,
    policy: SlaPolicyVersion | None = None,
    country: str | None = None,
) -> CasePromise:
    """What a case would be promised from `at` on by a newer version, not saved; also by a draft."""
    return Newer(at, calendar=calendar, policy=policy, country=country).anew(promise)
