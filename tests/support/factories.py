"""Rows of support for tests, written as the desk writes them: by a deed."""

from datetime import UTC, datetime
from typing import Any

import factory

from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from support.domain.targets import TargetUnit
from support.models import BusinessCalendar, CalendarWindow, Holiday, Severity, SlaPolicy, SlaTarget

RECORDED = datetime(2026, 1, 1, tzinfo=UTC)


class DeedFactory(factory.django.DjangoModelFactory):
    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        return keep(model_class(*args, **kwargs), deed=begin(by=SYSTEM, at=RECORDED))


class BusinessCalendarFactory(DeedFactory):
    class Meta:
        model = BusinessCalendar

    key = factory.Sequence(lambda n: f"calendar_{n}")
    name = factory.Sequence(lambda n: f"Calendar {n}")


class CalendarWindowFactory(DeedFactory):
    class Meta:
        model = CalendarWindow

    calendar = factory.SubFactory(BusinessCalendarFactory)
    weekday = 0
    opens = 360
    closes = 1080


class HolidayFactory(DeedFactory):
    class Meta:
        model = Holiday

    country = "NL"
    on = "2026-04-27"
    name = "King's Day"


class SeverityFactory(DeedFactory):
    class Meta:
        model = Severity

    key = factory.Sequence(lambda n: f"severity_{n}")
    name = factory.Sequence(lambda n: f"Severity {n}")
    position = factory.Sequence(lambda n: n)


class SlaPolicyFactory(DeedFactory):
    class Meta:
        model = SlaPolicy

    tier = factory.Sequence(lambda n: f"tier_{n}")
    name = factory.Sequence(lambda n: f"Tier {n}")


class SlaTargetFactory(DeedFactory):
    class Meta:
        model = SlaTarget

    policy = factory.SubFactory(SlaPolicyFactory)
    severity = factory.SubFactory(SeverityFactory)
    amount = 60
    unit = TargetUnit.MINUTES
