"""The versions of a calendar, and what one says otherwise than another."""

from datetime import timedelta

import pytest

from support.actions.calendars import Hours, OpenHours, edit_calendar, set_hours
from support.models import CalendarVersion, ZoneMode
from support.queries.calendars.versions import calendar_token, counted_by, difference, in_force, stories
from tests.support.factories import (
    BusinessCalendarFactory,
    CalendarVersionFactory,
    MilestoneFactory,
    SlaPolicyVersionFactory,
    SlaTargetFactory,
)

WEEK = [[[540, 1020]]] * 5 + [[], []]


def version(week=WEEK, **said):
    return CalendarVersion(week=week, **said)


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (version(), ()),
        (
            version([[[480, 1020]]] * 2 + WEEK[2:]),
            ("Monday–Tuesday: 08:00–17:00, instead of 09:00–17:00.",),
        ),
        (version([*WEEK[:5], [[0, 1440]], []]), ("Saturday: 24 hours, instead of closed.",)),
        (version([[], *WEEK[1:]]), ("Monday: closed, instead of 09:00–17:00.",)),
        (
            version(zone_mode=ZoneMode.FIXED, zone="Europe/Paris", country="FR"),
            (
                "Counted in the time of Paris, instead of the customer’s own time zone.",
                "Closed on the public holidays of France, instead of closed on the public holidays of the customer’s "
                "country.",
            ),
        ),
        (
            version(keeps_holidays=False),
            ("Open on public holidays, instead of closed on the public holidays of the customer’s country.",),
        ),
        (
            version(days=[{"on": "2026-12-24", "name": "Eve", "hours": [[540, 720]]}]),
            ("Thursday 24 December 2026: 09:00–12:00 (Eve).",),
        ),
    ],
)
def test_only_what_differs_is_said(after, told):
    assert difference(version(), after) == told


def test_a_day_that_is_no_longer_other_is_said():
    before = version(days=[{"on": "2026-12-24", "name": "Eve", "hours": []}])
    assert difference(before, version()) == ("Thursday 24 December 2026: as on any Thursday, no longer closed (Eve).",)


def test_the_first_version_says_all_of_it():
    assert difference(None, version()) == (
        "Monday–Friday: 09:00–17:00.",
        "Counted in the customer’s own time zone.",
        "Closed on the public holidays of the customer’s country.",
    )


@pytest.mark.django_db
class TestStored:
    def test_the_version_in_force_is_that_of_the_instant(self, at):
        calendar = BusinessCalendarFactory()
        first = CalendarVersionFactory(calendar=calendar, in_force_from=at)
        second = CalendarVersionFactory(calendar=calendar, in_force_from=at + timedelta(days=1))
        CalendarVersionFactory(calendar=calendar, state="draft", in_force_from=None)
        assert in_force(calendar, at=at - timedelta(seconds=1)) is None
        assert (in_force(calendar, at=at), in_force(calendar)) == (first, second)

    def test_every_version_tells_who_wrote_it_and_what_it_changed(self, support_agent, at):
        calendar = BusinessCalendarFactory()
        for closes in (1020, 1080):
            hours = Hours((OpenHours(0, 540, closes),), note=f"Until {closes}")
            set_hours(calendar=calendar, hours=hours, by=support_agent, at=at)
        newest, oldest = stories(calendar)
        assert (newest.is_now, newest.compared, oldest.compared) == (True, True, False)
        assert newest.differs == ("Monday: 09:00–18:00, instead of 09:00–17:00.",)
        assert [(act.verb, act.actor_name, act.reason) for act in newest.acts] == [
            ("calendar:draft", "Support Person", "Until 1080"),
            ("calendar:put_in_force", "Support Person", "Until 1080"),
        ]

    def test_the_number_of_reads_does_not_grow_with_the_versions(self, django_assert_num_queries):
        calendar = BusinessCalendarFactory()
        for _ in range(3):
            CalendarVersionFactory(calendar=calendar)
        with django_assert_num_queries(3):
            assert len(stories(calendar)) == 3

    def test_only_the_version_of_a_policy_that_is_in_force_counts_by_it(self, at):
        calendar = BusinessCalendarFactory()
        old = SlaPolicyVersionFactory()
        SlaTargetFactory(calendar=calendar, milestone=MilestoneFactory(version=old))
        assert counted_by(calendar) == ()
        old.state, old.in_force_from = "in_force", at
        old.save()
        assert counted_by(calendar) == (old.policy,)
        SlaPolicyVersionFactory(policy=old.policy, state="in_force", in_force_from=at + timedelta(days=1))
        assert counted_by(calendar) == ()

    def test_the_token_is_another_with_every_change(self, support_agent, at):
        calendar = BusinessCalendarFactory()
        tokens = [calendar_token(calendar)]
        edit_calendar(calendar=calendar, name="Other", note="", by=support_agent, at=at)
        calendar.refresh_from_db()
        tokens.append(calendar_token(calendar))
        draft = CalendarVersionFactory(calendar=calendar, state="draft", in_force_from=None)
        tokens.append(calendar_token(calendar))
        draft.week = [[[540, 600]]] + [[]] * 6
        draft.save()
        tokens.append(calendar_token(calendar))
        assert len(set(tokens)) == 4
