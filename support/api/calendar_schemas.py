"""The shapes of the calendar endpoints, documented for OpenAPI."""

from datetime import date, datetime
from typing import Literal

from ninja import Field, Schema


class WindowOut(Schema):
    opens: str = Field(description="Wall clock at which it opens.", examples=["09:00"])
    closes: str = Field(
        description="Wall clock at which it closes; beyond 24:00 it runs into the next day.",
        examples=["17:00", "30:00"],
    )


class WeekdayOut(Schema):
    day: str = Field(examples=["Monday"])
    windows: list[WindowOut] = Field(description="In order; none on a day that is closed every week.")


class OtherDayOut(Schema):
    on: date
    name: str
    windows: list[WindowOut] = Field(description="None where it is closed on this day.")


class HolidayOut(Schema):
    on: date
    name: str


class CalendarBrief(Schema):
    key: str = Field(examples=["business_hours"])
    name: str
    words: str = Field(description="The hours in words.", examples=["Monday–Friday 06:00–18:00"])
    version: int | None = Field(description="The version in force; null: it has no hours yet.")
    in_force_from: datetime | None
    zone_mode: Literal["customer", "fixed"] = Field(
        description="Whose wall clock it is: each customer’s own, or `zone`."
    )
    zone: str | None = Field(
        description="The time zone; null where it is the customer’s own.", examples=["Europe/Paris"]
    )
    keeps_holidays: bool = Field(description="Whether it is closed on public holidays.")
    country: str | None = Field(description="Whose public holidays; null: the customer’s country, or none.")


class CalendarList(Schema):
    calendars: list[CalendarBrief]


class CalendarOut(CalendarBrief):
    at: datetime = Field(description="The moment the answer is for.")
    seen_from_zone: str = Field(description="The zone in which `is_open`, `changes_at` and `state` are told.")
    seen_from_country: str | None = Field(description="The country whose public holidays are told; null: none.")
    is_open: bool | None = Field(
        description="Whether a clock by this calendar runs at `at`; null: it has no open time."
    )
    changes_at: datetime | None = Field(description="When that changes; null: never.")
    state: str = Field(examples=["Open; it closes today 18:00 (Amsterdam)."])
    week: list[WeekdayOut] = Field(description="Monday first.")
    other_days: list[OtherDayOut] = Field(description="Dates with hours of their own; they count before all else.")
    holidays: list[HolidayOut] = Field(description="Public holidays on file from `at` on, for a year.")
