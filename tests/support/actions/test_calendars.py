import pytest

from journal.domain.refusal import Invalid, NotAllowed
from journal.models import AuditEvent
from support.actions.calendars import OpenHours, create_calendar, set_windows
from support.models import CalendarWindow
from support.models.calendar import ZoneMode
from tests.support.factories import BusinessCalendarFactory

pytestmark = pytest.mark.django_db

MONDAY = OpenHours(0, 540, 1020)


def rows(calendar):
    return list(calendar.windows.order_by("weekday", "opens").values_list("weekday", "opens", "closes"))


def test_a_calendar_is_created_and_audited(support_agent, at):
    calendar = create_calendar(
        key="office", name="Office", zone_mode=ZoneMode.FIXED, zone="Europe/Amsterdam", by=support_agent, at=at
    )
    assert (calendar.zone_mode, calendar.zone, calendar.keeps_holidays) == ("fixed", "Europe/Amsterdam", True)
    assert AuditEvent.objects.get().verb == "calendar:create"


def test_a_calendar_needs_a_zone_that_exists(support_agent, at):
    with pytest.raises(Invalid, match="is not a time zone"):
        create_calendar(key="office", name="Office", zone="Europe/Atlantis", by=support_agent, at=at)


def test_sales_may_not_touch_calendars(sales, at):
    with pytest.raises(NotAllowed):
        create_calendar(key="office", name="Office", by=sales, at=at)
    with pytest.raises(NotAllowed):
        set_windows(calendar=BusinessCalendarFactory(), windows=[MONDAY], by=sales, at=at)


def test_opening_hours_are_replaced_as_a_whole(support_agent, at):
    calendar = BusinessCalendarFactory()
    set_windows(calendar=calendar, windows=[MONDAY, OpenHours(1, 540, 1020)], by=support_agent, at=at)
    set_windows(calendar=calendar, windows=[MONDAY, OpenHours(1, 540, 1080)], by=support_agent, at=at)
    assert rows(calendar) == [(0, 540, 1020), (1, 540, 1080)]
    assert AuditEvent.objects.first().changes["open"][1] == ["Monday 09:00–17:00", "Tuesday 09:00–18:00"]


def test_the_same_hours_again_write_nothing(support_agent, at):
    calendar = BusinessCalendarFactory()
    for _ in range(2):
        set_windows(calendar=calendar, windows=[MONDAY], by=support_agent, at=at)
    assert AuditEvent.objects.count() == 1
    assert CalendarWindow.history.count() == 1


def test_stretches_that_touch_stand_side_by_side(support_agent, at):
    calendar = BusinessCalendarFactory()
    set_windows(calendar=calendar, windows=[OpenHours(0, 480, 720), OpenHours(0, 720, 1020)], by=support_agent, at=at)
    assert len(rows(calendar)) == 2


@pytest.mark.parametrize(
    "windows",
    [
        [OpenHours(0, 480, 721), OpenHours(0, 720, 1020)],
        [OpenHours(0, 1320, 1800), OpenHours(1, 300, 600)],
        [OpenHours(6, 1320, 1800), OpenHours(0, 300, 600)],
    ],
    ids=["in a day", "over midnight", "from Sunday into Monday"],
)
def test_stretches_that_overlap_are_refused(windows, support_agent, at):
    calendar = BusinessCalendarFactory()
    with pytest.raises(Invalid, match="overlap"):
        set_windows(calendar=calendar, windows=windows, by=support_agent, at=at)
    assert rows(calendar) == []


def test_a_calendar_is_never_left_without_open_time(support_agent, at):
    with pytest.raises(Invalid, match="never open"):
        set_windows(calendar=BusinessCalendarFactory(), windows=[], by=support_agent, at=at)


@pytest.mark.parametrize(("weekday", "opens", "closes"), [(7, 0, 60), (0, 1440, 1500), (0, 600, 600), (0, 0, 2881)])
def test_hours_that_cannot_be_are_refused(weekday, opens, closes, support_agent, at):
    wrong = OpenHours(weekday, opens, closes)
    with pytest.raises(Invalid):
        set_windows(calendar=BusinessCalendarFactory(), windows=[wrong], by=support_agent, at=at)


def test_hours_read_as_people_say_them():
    assert OpenHours(4, 360, 1440).words == "Friday 06:00–24:00"
    assert OpenHours(4, 1320, 1800).words == "Friday 22:00–06:00 the next day"
