"""The list of calendars and of holidays: in words, to read; no stock page writes."""

import pytest
from django.urls import reverse

from support.models import BusinessCalendar, Holiday
from tests.support.admin.calendars.desk import LOOKS, office, signed_in, url
from tests.support.factories import BusinessCalendarFactory, CalendarVersionFactory, HolidayFactory

pytestmark = pytest.mark.django_db

MODELS = [BusinessCalendar, Holiday]


def address(model, page, *args):
    return reverse(f"admin:support_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def reader():
    return signed_in(*LOOKS)


@pytest.fixture
def rows():
    return {BusinessCalendar: office(), Holiday: HolidayFactory()}


def test_a_calendar_says_its_hours_in_words(rows, reader):
    CalendarVersionFactory(calendar=rows[BusinessCalendar], state="draft", in_force_from=None)
    BusinessCalendarFactory(name="Empty")
    html = reader.get(address(BusinessCalendar, "changelist")).content.decode()
    for words in (
        "Monday–Friday 06:00–18:00",
        "The customer’s own",
        "1 January 2026",
        "Draft",
        "No hours in force yet",
    ):
        assert words in html


def test_the_list_reads_as_often_for_many(reader, django_assert_max_num_queries):
    for _ in range(2):
        CalendarVersionFactory()
    with django_assert_max_num_queries(14):
        reader.get(address(BusinessCalendar, "changelist"))
    for _ in range(4):
        CalendarVersionFactory()
    with django_assert_max_num_queries(14):
        reader.get(address(BusinessCalendar, "changelist"))


def test_a_calendar_opens_on_its_own_page(rows, reader):
    answer = reader.get(address(BusinessCalendar, "change", rows[BusinessCalendar].pk))
    assert (answer.status_code, answer.headers["Location"]) == (302, url(rows[BusinessCalendar]))


def test_a_holiday_and_the_list_of_them_can_be_read(rows, reader):
    assert "King&#x27;s Day" in reader.get(address(Holiday, "changelist")).content.decode()
    assert reader.get(address(Holiday, "change", rows[Holiday].pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_no_stock_page_writes(model, rows, reader):
    row, before = rows[model], list(model.objects.values())
    assert reader.post(address(model, "add"), {}).status_code == 403
    assert reader.post(address(model, "change", row.pk), {}).status_code == 403
    assert reader.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    version = model.history.filter(id=row.pk).first()
    assert reader.post(address(model, "simple_history", row.pk, version.pk), {}).status_code == 403
    assert list(model.objects.values()) == before


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_the_permission_see_nothing(model, rows):
    assert signed_in().get(address(model, "changelist")).status_code == 403
