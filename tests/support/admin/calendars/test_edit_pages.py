"""Making a calendar, naming it, and writing its hours as a draft."""

from datetime import date

import pytest
from django.urls import reverse

from support.models import BusinessCalendar, ZoneMode
from support.queries.calendars.versions import in_force, open_version
from tests.support.admin.calendars.desk import LOOKS, WRITES, office, signed_in, url

pytestmark = pytest.mark.django_db

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def typed(client, calendar, **changed):
    """What the form would post as it is shown, with changes."""
    form = client.get(url(calendar, "edit")).context["form"]
    shown = {name: form[name].value() or "" for name in form.fields}
    shown["keeps_holidays"] = "on" if form["keeps_holidays"].value() else ""
    for each in [form.days.management_form, *form.days]:
        shown |= {each.add_prefix(name): each[name].value() for name in each.fields}
    given = {**shown, "note": "Fewer people", **changed}
    return {name: value for name, value in given.items() if value not in {"", None}}


@pytest.fixture
def writer():
    return signed_in(*WRITES)


def save(client, calendar, **changed):
    return client.post(url(calendar, "edit"), typed(client, calendar, **changed))


def test_hours_in_words_become_a_draft(writer):
    calendar = office()
    answer = save(writer, calendar, monday="9-12, 13:00-17:30", saturday="22:00-06:00", friday="closed")
    assert (answer.status_code, answer.headers["Location"]) == (302, url(calendar, "preview"))
    draft = open_version(calendar)
    assert draft.week[0] == [[540, 720], [780, 1050]]
    assert (draft.week[4], draft.week[5], draft.note) == ([], [[1320, 1800]], "Fewer people")
    assert in_force(calendar).number == 1


def test_other_days_are_written_with_them(writer):
    calendar = office()
    lines = {"day-0-on": "2026-12-24", "day-0-name": "Eve", "day-0-hours": "9-12", "day-1-on": "2026-12-25"}
    save(writer, calendar, **lines)
    assert open_version(calendar).days == [
        {"on": "2026-12-24", "name": "Eve", "hours": [[540, 720]]},
        {"on": "2026-12-25", "name": "", "hours": []},
    ]


def test_an_emptied_line_is_left_out(writer):
    calendar = office(days=[{"on": "2026-12-24", "name": "Eve", "hours": []}])
    save(writer, calendar, **{"day-0-on": "", "day-0-name": "", "day-0-hours": ""})
    assert open_version(calendar).days == []


def test_our_own_zone_and_country(writer):
    calendar = office()
    save(writer, calendar, zone_mode=ZoneMode.FIXED.value, zone="Europe/Paris", country="FR")
    draft = open_version(calendar)
    assert (draft.zone_mode, draft.zone, draft.country) == ("fixed", "Europe/Paris", "FR")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"monday": "9-5"}, "would run until 05:00 the next morning"),
        ({"tuesday": "sometime"}, "is no opening time"),
        ({"monday": "22:00-08:00", "tuesday": "06:00-18:00"}, "overlap those from"),
        (dict.fromkeys(DAYS, "closed"), "never open"),
        ({"zone_mode": "fixed", "zone": "Moon/Tycho", "country": "FR"}, "Choose a time zone from the list"),
        ({"zone_mode": "fixed", "zone": "Europe/Paris"}, "Say of which country"),
        ({"note": ""}, "Say why"),
        ({"day-0-name": "Eve"}, "Say which day"),
        ({"day-0-on": "2026-12-24", "day-0-hours": "soon"}, "is no opening time"),
        ({"day-0-on": "2026-12-24", "day-1-on": "2026-12-24"}, "is there twice"),
        ({"seen": "0" * 32}, "Someone else changed this"),
    ],
)
def test_what_cannot_be_is_refused_and_everything_typed_stays(changed, words, writer):
    calendar = office()
    answer = save(writer, calendar, **changed)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert words in html
    assert open_version(calendar) is None
    assert 'value="06:00-18:00"' in html or changed.keys() >= set(DAYS)


def test_an_overlap_stands_beside_its_day(writer):
    answer = save(writer, office(), monday="22:00-08:00", tuesday="06:00-18:00")
    assert "overlap" in answer.context["form"].errors["monday"][0]


def test_more_lines_come_without_a_script_and_nothing_is_lost(writer):
    calendar = office()
    answer = writer.post(
        url(calendar, "edit"), typed(writer, calendar, more="1", **{"day-1-name": "Eve", "monday": "9-5"})
    )
    form = answer.context["form"]
    assert (answer.status_code, len(form.days.forms)) == (200, 4)
    assert (form.days[1]["name"].value(), form["monday"].value(), form.errors) == ("Eve", "9-5", {})


def test_a_draft_is_edited_on_and_not_by_two(writer):
    calendar = office()
    first = typed(writer, calendar, monday="8-12")
    save(writer, calendar, monday="9-12")
    assert writer.get(url(calendar, "edit")).context["form"]["monday"].value() == "09:00-12:00"
    assert "Someone else changed this" in writer.post(url(calendar, "edit"), first).content.decode()
    assert open_version(calendar).week[0] == [[540, 720]]


def test_a_calendar_is_made_and_named(writer):
    answer = writer.post(reverse("admin:support_calendar_new"), {"name": "Night desk", "key": "night_desk"})
    calendar = BusinessCalendar.objects.get(key="night_desk")
    assert answer.headers["Location"] == url(calendar, "edit")
    assert writer.get(url(calendar, "edit")).context["form"]["monday"].value() == "09:00-17:00"
    seen = writer.get(url(calendar, "name")).context["form"]["seen"].value()
    writer.post(url(calendar, "name"), {"name": "Nights", "note": "", "seen": seen})
    calendar.refresh_from_db()
    assert calendar.name == "Nights"


def test_a_key_is_taken_once(writer):
    office()
    answer = writer.post(reverse("admin:support_calendar_new"), {"name": "Other", "key": "office"})
    assert answer.status_code == 422


def test_readers_write_nothing():
    calendar, reader = office(), signed_in(*LOOKS)
    for page in ("edit", "name", "drop"):
        assert reader.get(url(calendar, page)).status_code == 403
        assert reader.post(url(calendar, page), {}).status_code == 403
    assert reader.get(reverse("admin:support_calendar_new")).status_code == 403


def test_days_long_past_are_shown_again(writer):
    calendar = office(days=[{"on": date(2020, 5, 5).isoformat(), "name": "Old", "hours": []}])
    assert writer.get(url(calendar, "edit")).context["form"].days[0]["name"].value() == "Old"
