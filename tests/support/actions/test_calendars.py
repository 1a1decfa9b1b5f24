"""Hours of a calendar: drafted, put in force, approved by somebody else, dropped, restored."""

from datetime import date, timedelta

import pytest

from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NeedsSecondPerson, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from support.actions.calendars import (
    Hours,
    OpenHours,
    OtherDay,
    ask_for_hours,
    create_calendar,
    draft_hours,
    drop_hours,
    edit_calendar,
    outdated_hours,
    put_hours_in_force,
    restore_hours,
    set_hours,
)
from support.domain.hours_text import parse_hours
from support.models import ZoneMode
from support.queries.calendars.versions import calendar_token, in_force, open_version
from tests.conftest import actor
from tests.support.factories import BusinessCalendarFactory, CalendarVersionFactory, MilestoneFactory, SlaTargetFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
XMAS = date(2026, 12, 25)


def hours(*days, **said):
    """ "09:00-17:00" for Monday, and so on."""
    windows = [OpenHours(number, *each) for number, text in enumerate(days) for each in parse_hours(text)]
    return Hours(tuple(windows), **said)


MONDAY = hours("09:00-17:00")


def promised(calendar):
    """A target of a policy in force counts by the calendar."""
    target = SlaTargetFactory(calendar=calendar, milestone=MilestoneFactory())
    return in_force_since(target.milestone.version).policy


def in_force_since(version):
    version.state, version.in_force_from = "in_force", version.written_at
    version.save()
    return version


def too_long(calendar):
    """A year of open hours is promised: by eight of them a week that takes longer than anybody lives."""
    target = SlaTargetFactory(
        calendar=calendar, amount=366 * 24 * 60, unit="business_minutes", severity__name="Urgent",
        milestone=MilestoneFactory(key="fix", name="Fix"),
    )  # fmt: skip
    in_force_since(target.milestone.version)


@pytest.fixture
def calendar(db):
    return BusinessCalendarFactory(name="Office")


@pytest.fixture
def kept(calendar):
    """A calendar with hours in force, by which a promise counts."""
    CalendarVersionFactory(calendar=calendar)
    promised(calendar)
    return calendar


def test_a_calendar_is_created_and_audited(support_agent, at):
    calendar = create_calendar(key="office", name="Office", by=support_agent, at=at)
    assert (calendar.key, in_force(calendar)) == ("office", None)
    assert AuditEvent.objects.get().verb == "calendar:create"


def test_a_calendar_is_called_otherwise(calendar, support_agent, at):
    edit_calendar(calendar=calendar, name="Head office", note="Utrecht", by=support_agent, at=at)
    assert AuditEvent.objects.first().changes == {"name": ["Office", "Head office"], "note": ["", "Utrecht"]}


@pytest.mark.parametrize("act", ["create", "edit", "draft", "set", "drop", "restore", "ask", "put"])
def test_sales_may_not_touch_calendars(act, calendar, sales, at):
    version = CalendarVersionFactory(calendar=calendar, state="draft", in_force_from=None)
    acts = {
        "create": lambda: create_calendar(key="other", name="Other", by=sales, at=at),
        "edit": lambda: edit_calendar(calendar=calendar, name="Mine", note="", by=sales, at=at),
        "draft": lambda: draft_hours(calendar=calendar, hours=MONDAY, by=sales, at=at),
        "set": lambda: set_hours(calendar=calendar, hours=MONDAY, by=sales, at=at),
        "drop": lambda: drop_hours(version=version, by=sales, at=at),
        "restore": lambda: restore_hours(version=version, by=sales, at=at),
        "ask": lambda: ask_for_hours(version=version, by=sales, at=at, reason="x"),
        "put": lambda: put_hours_in_force(version=version, by=sales, at=at),
    }
    with pytest.raises(NotAllowed):
        acts[act]()


def test_what_nobody_counts_by_goes_in_force_at_once(calendar, support_agent, at):
    set_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at)
    second = set_hours(calendar=calendar, hours=hours("09:00-18:00"), by=support_agent, at=at + HOUR)
    assert (second.number, second.in_force_from) == (2, at + HOUR)
    assert in_force(calendar) == second
    assert AuditEvent.objects.first().changes["differs"][1] == ["Monday: 09:00–18:00, instead of 09:00–17:00."]


def test_the_same_hours_again_write_nothing(calendar, support_agent, at):
    first = set_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at)
    assert set_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at) == first
    with pytest.raises(Refusal, match="already in force"):
        draft_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at)
    assert calendar.versions.count() == 1


def test_a_draft_is_written_anew_in_its_place(calendar, support_agent, at):
    draft_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at)
    draft_hours(calendar=calendar, hours=hours("08:00-12:00"), by=support_agent, at=at + HOUR)
    assert calendar.versions.get().week[0] == [[480, 720]]
    assert in_force(calendar) is None


def test_nobody_overwrites_what_they_never_saw(calendar, support_agent, at):
    seen = calendar_token(calendar)
    draft_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at, seen=seen)
    with pytest.raises(Stale):
        draft_hours(calendar=calendar, hours=hours("08:00-12:00"), by=support_agent, at=at, seen=seen)
    with pytest.raises(Stale):
        put_hours_in_force(version=open_version(calendar), by=support_agent, at=at, seen=seen)
    with pytest.raises(Stale):
        edit_calendar(calendar=calendar, name="Mine", note="", by=support_agent, at=at, seen=seen)


@pytest.mark.parametrize(
    ("wrong", "field", "because"),
    [
        (hours(), "week", "never open"),
        (Hours((OpenHours(0, 480, 721), OpenHours(0, 720, 1020))), "week", "overlap"),
        (Hours((OpenHours(0, 480, 720), OpenHours(0, 480, 720))), "week", "overlap"),
        (hours("22:00-06:00", "05:00-10:00"), "week", "overlap"),
        (hours("05:00-10:00", *[""] * 5, "22:00-06:00"), "week", "overlap"),
        (Hours((OpenHours(7, 0, 60),)), "week", "no weekday 7"),
        (Hours((OpenHours(-1, 0, 60),)), "week", "no weekday -1"),
        (Hours((OpenHours(0, 1440, 1500),)), "week", "opening must lie between"),
        (Hours((OpenHours(0, 600, 600),)), "week", "must close after it opens"),
        (Hours((OpenHours(0, 0, 2881),)), "week", "must close after it opens"),
        (hours("9-17", days=(OtherDay(XMAS), OtherDay(XMAS, "Again"))), "days", "is there twice"),
        (hours("9-17", days=(OtherDay(XMAS, hours=((600, 600),)),)), "days", "must close after it opens"),
        (hours("9-17", days=(OtherDay(date(1850, 1, 1)),)), "days", "between 1990 and 2100"),
        (hours(days=(OtherDay(XMAS, hours=((540, 600),)),)), "week", "No day of the week is open"),
        (hours("9-17", days=(OtherDay(XMAS, "x" * 121),)), "days", "too long"),
        (hours("9-17", zone_mode=ZoneMode.FIXED, zone="Europe/Atlantis", country="NL"), "zone", "is not a time zone"),
        (hours("9-17", zone_mode=ZoneMode.FIXED, zone="Europe/Paris", country="UK"), "country", "Did you mean GB"),
        (hours("9-17", zone_mode=ZoneMode.FIXED, zone="Europe/Paris"), "country", "of which country"),
    ],
)
def test_hours_that_cannot_be_are_refused(wrong, field, because, calendar, support_agent, at):
    with pytest.raises(Invalid, match=because) as refused:
        set_hours(calendar=calendar, hours=wrong, by=support_agent, at=at)
    assert refused.value.field == field
    assert not calendar.versions.exists()


def test_other_days_are_kept_in_order(calendar, support_agent, at):
    days = (OtherDay(XMAS, "Christmas"), OtherDay(date(2026, 12, 24), "Eve", ((540, 720),)))
    version = set_hours(calendar=calendar, hours=hours("9-17", days=days), by=support_agent, at=at)
    assert version.days == [
        {"on": "2026-12-24", "name": "Eve", "hours": [[540, 720]]},
        {"on": "2026-12-25", "name": "Christmas", "hours": []},
    ]


def test_hours_that_promises_count_by_need_a_second_person(kept, support_agent, at):
    version = draft_hours(calendar=kept, hours=MONDAY, by=support_agent, at=at)
    with pytest.raises(NeedsSecondPerson, match="someone else has to approve"):
        put_hours_in_force(version=version, by=support_agent, at=at)
    assert set_hours(calendar=BusinessCalendarFactory(), hours=MONDAY, by=support_agent, at=at).number == 1


def test_the_desk_itself_needs_nobody(kept, at):
    assert set_hours(calendar=kept, hours=MONDAY, by=SYSTEM, at=at) == in_force(kept)


def test_a_policy_that_is_only_a_draft_asks_for_nobody(calendar, support_agent, at):
    CalendarVersionFactory(calendar=calendar)
    SlaTargetFactory(calendar=calendar)
    assert set_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at).number == 2


def test_hours_by_which_a_promise_would_not_be_due_are_refused(kept, support_agent, at):
    too_long(kept)
    with pytest.raises(Invalid, match=r"By these hours Fix of Tier \d+ for Urgent .*more than ten years") as refused:
        draft_hours(calendar=kept, hours=hours("9-11"), by=support_agent, at=at)
    assert refused.value.field == "week"
    assert open_version(kept) is None


def test_closed_days_too_may_keep_a_promise_from_being_due(kept, support_agent, at):
    """Two hundred Mondays take four years; with the next four hundred closed it is twelve."""
    target = SlaTargetFactory(calendar=kept, amount=200, unit="business_days", severity__name="Urgent")
    in_force_since(target.milestone.version)
    monday = at.date() - timedelta(days=at.weekday())
    closed = tuple(OtherDay(monday + number * timedelta(weeks=1)) for number in range(400))
    with pytest.raises(Invalid, match="for Urgent"):
        draft_hours(calendar=kept, hours=hours("9-17", days=closed), by=support_agent, at=at)
    assert draft_hours(calendar=kept, hours=hours("9-17", days=closed[:100]), by=support_agent, at=at)


@pytest.mark.parametrize("act", ["put", "ask", "approve"])
def test_a_draft_from_before_the_promise_is_refused_where_it_would_take_effect(act, calendar, support_agent, at):
    draft = draft_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at)
    request = None
    if act == "approve":
        request = ask_for_hours(version=draft, by=support_agent, at=at, reason="Fewer people")
    too_long(calendar)
    acts = {
        "put": lambda: put_hours_in_force(version=draft, by=SYSTEM, at=at),
        "ask": lambda: ask_for_hours(version=draft, by=support_agent, at=at, reason="Fewer people"),
        "approve": lambda: approvals.approve(approval=request, by=actor("support", "Bo"), at=at),
    }
    with pytest.raises(Invalid, match="By these hours"):
        acts[act]()
    assert in_force(calendar) is None


def test_a_promise_that_is_only_drafted_stands_in_no_ones_way(calendar, support_agent, at):
    SlaTargetFactory(calendar=calendar, amount=366 * 24 * 60, unit="business_minutes")
    assert set_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at).number == 1


@pytest.fixture
def asked(kept, support_agent, at):
    version = draft_hours(calendar=kept, hours=MONDAY, by=support_agent, at=at)
    return ask_for_hours(version=version, by=support_agent, at=at, reason="Fewer people", effect="3 open clocks move.")


def test_somebody_else_approves_them(asked, kept, at):
    approvals.approve(approval=asked, by=actor("support", "Bo"), at=at + HOUR)
    assert (in_force(kept).number, in_force(kept).in_force_from) == (2, at + HOUR)
    assert AuditEvent.objects.filter(verb="calendar:put_in_force").get().reason == "Fewer people"


def test_the_request_says_what_will_happen(asked):
    assert "Monday: 09:00–17:00, instead of 06:00–18:00" in asked.summary
    assert "3 open clocks move. Open cases keep their due times." in asked.summary


def test_nobody_approves_their_own(asked, support_agent, at):
    with pytest.raises(NotAllowed, match="someone else"):
        approvals.approve(approval=asked, by=support_agent, at=at)


def test_what_waits_is_neither_changed_nor_dropped(asked, kept, support_agent, at):
    with pytest.raises(Refusal, match="waits for a second person"):
        draft_hours(calendar=kept, hours=hours("08:00-12:00"), by=support_agent, at=at)
    with pytest.raises(Refusal, match="waits for a second person"):
        drop_hours(version=open_version(kept), by=support_agent, at=at)


@pytest.mark.parametrize("decide", ["reject", "withdraw"])
def test_rejected_or_withdrawn_it_is_a_draft_again(decide, asked, kept, support_agent, at):
    by = support_agent if decide == "withdraw" else actor("support", "Bo")
    getattr(approvals, decide)(approval=asked, by=by, at=at, note="Not yet")
    assert (open_version(kept).state, in_force(kept).number) == ("draft", 1)


def test_what_was_changed_since_is_not_approved(asked, kept, support_agent, at):
    edit_calendar(calendar=kept, name="Other", note="", by=support_agent, at=at)
    assert "has changed" in outdated_hours(asked)
    with pytest.raises(Stale, match="has changed"):
        approvals.approve(approval=asked, by=actor("support", "Bo"), at=at)


def test_a_request_says_why(kept, support_agent, at):
    version = draft_hours(calendar=kept, hours=MONDAY, by=support_agent, at=at)
    with pytest.raises(Invalid, match="Say why"):
        ask_for_hours(version=version, by=support_agent, at=at)


def test_a_draft_is_dropped_and_the_next_has_a_number_of_its_own(calendar, support_agent, at):
    version = draft_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at)
    drop_hours(version=version, by=support_agent, at=at, reason="A mistake")
    assert draft_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at).number == 2
    with pytest.raises(Refusal, match="no draft any more"):
        put_hours_in_force(version=version, by=support_agent, at=at)


def test_an_old_version_is_restored_as_a_draft(calendar, support_agent, at):
    first = set_hours(calendar=calendar, hours=MONDAY, by=support_agent, at=at)
    set_hours(calendar=calendar, hours=hours("08:00-12:00"), by=support_agent, at=at)
    draft = restore_hours(version=first, by=support_agent, at=at)
    assert (draft.state, draft.week, draft.note) == ("draft", first.week, "As in version 1.")
    with pytest.raises(Refusal, match="is being written"):
        restore_hours(version=first, by=support_agent, at=at)


def test_hours_read_as_people_say_them():
    assert OpenHours(4, 360, 1440).words == "Friday 06:00–24:00"
    assert OpenHours(4, 1320, 1800).words == "Friday 22:00–06:00 the next day"
