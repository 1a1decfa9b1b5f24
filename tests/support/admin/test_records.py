"""Calendars, severities, promises and holidays are there to look at; one target may be edited, by its action."""

import pytest
from django.urls import reverse

from journal.models import AuditEvent
from support.models import BusinessCalendar, Holiday, Severity, SlaPolicy, SlaTarget
from tests.journal.factories import StaffFactory
from tests.support.world import dutch_holidays, the_promise

pytestmark = pytest.mark.django_db

MODELS = [BusinessCalendar, Holiday, Severity, SlaPolicy, SlaTarget]
VIEWS = [f"support.view_{model._meta.model_name}" for model in MODELS]
VIEWS += ["support.view_calendarwindow"]


def address(model, page, *args):
    return reverse(f"admin:support_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def promise(db):
    the_promise()
    dutch_holidays()


@pytest.fixture
def reader(client, db):
    client.force_login(StaffFactory(permissions=VIEWS))
    return client


@pytest.fixture
def editor(client, db):
    client.force_login(StaffFactory(permissions=[*VIEWS, "support.edit_sla"]))
    return client


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_rows_are_shown(model, promise, reader):
    assert reader.get(address(model, "changelist")).status_code == 200
    assert reader.get(address(model, "change", model.objects.first().pk)).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_no_stock_page_writes(model, promise, reader):
    row = model.objects.first()
    before = model.objects.count()
    assert reader.post(address(model, "add"), {}).status_code == 403
    assert reader.post(address(model, "change", row.pk), {}).status_code == 403
    assert reader.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    reader.post(address(model, "changelist"), chosen)
    assert model.objects.count() == before


@pytest.mark.parametrize("model", MODELS)
def test_no_old_version_is_restored_by_a_form(model, promise, editor):
    row = model.objects.first()
    version = model.history.filter(id=row.pk).first()
    assert editor.post(address(model, "simple_history", row.pk, version.pk), {}).status_code == 403


@pytest.mark.parametrize("model", MODELS)
def test_staff_without_the_permission_see_nothing(model, client, db):
    client.force_login(StaffFactory())
    assert client.get(address(model, "changelist")).status_code == 403


def test_the_calendar_shows_its_hours_in_words(promise, reader):
    html = reader.get(address(BusinessCalendar, "changelist")).content.decode()
    assert "Monday–Friday 06:00–18:00" in html
    assert "The customer&#x27;s own" in html


def test_the_promise_shows_its_targets_in_words(promise, reader):
    html = reader.get(address(SlaPolicy, "change", SlaPolicy.objects.get(tier="standard").pk)).content.decode()
    assert "within 4 business hours" in html


def high():
    return SlaTarget.objects.get(policy__tier="standard", severity__key="high")


def edit(client, **changed):
    target = high()
    form = client.get(address(SlaTarget, "change", target.pk)).context["adminform"].form
    shown = {
        "promise": target.source_text,
        "calendar": target.calendar_id,
        "version_token": form["version_token"].value(),
    }
    return client.post(address(SlaTarget, "change", target.pk), shown | changed)


def test_a_target_is_edited_in_words(promise, editor):
    assert edit(editor, promise="3 business hours, Monday - Friday").status_code == 302
    assert high().amount == 180
    assert AuditEvent.objects.first().changes == {"High": ["within 4 business hours", "within 3 business hours"]}


def test_an_unreadable_promise_is_refused_beside_the_field(promise, editor):
    response = edit(editor, promise="soon")
    assert "is not a response target" in response.context["adminform"].form.errors["promise"][0]
    assert high().amount == 240


def test_business_time_asks_for_its_calendar(promise, editor):
    response = edit(editor, calendar="")
    assert "Choose the calendar" in response.context["adminform"].form.errors["calendar"][0]


def test_a_target_someone_else_changed_is_not_overwritten(promise, editor):
    response = edit(editor, promise="3 business hours, Monday - Friday", version_token="stale")
    assert "Someone else changed this" in response.content.decode()
    assert high().amount == 240


def test_readers_may_not_edit_a_target(promise, reader):
    target = high()
    posted = reader.post(address(SlaTarget, "change", target.pk), {"promise": "3 business hours, Monday - Friday"})
    assert posted.status_code == 403
    assert high().amount == 240
