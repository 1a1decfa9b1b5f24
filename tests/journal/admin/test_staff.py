import pytest
from django.contrib.auth.models import Group

from journal.actions.staff import PERMISSION
from journal.models import AuditEvent, Staff
from tests.journal.admin.pages import text, told, url
from tests.journal.factories import StaffFactory

NEW = {"username": "bob", "first_name": "Bob", "last_name": "", "email": "bob@example.com", "zone": "Asia/Tokyo"}


@pytest.fixture
def page(signed_in):
    Group.objects.get_or_create(name="clerk")
    return signed_in(PERMISSION)


def form_of(page, staff, **changes):
    shown = page.get(url("staff_change", staff.pk)).context["adminform"].form
    told = {name: shown.initial.get(name) or shown.fields[name].initial or "" for name in shown.fields}
    return {**told, "roles": list(staff.groups.values_list("name", flat=True)), **changes}


def test_staff_are_added_through_the_action_and_audited(page):
    response = page.post(url("staff_add"), NEW | {"roles": ["clerk"], "password": "correct horse battery"})
    assert response.status_code == 302
    bob = Staff.objects.get(username="bob")
    assert (bob.zone, bob.as_actor().roles) == ("Asia/Tokyo", {"clerk"})
    assert AuditEvent.objects.get().verb == "staff:create"


def test_a_refusal_stands_beside_its_field_and_nothing_is_written(page):
    response = page.post(url("staff_add"), NEW | {"password": "123"})
    assert "too short" in str(response.context["adminform"].form.errors["password"])
    assert "too short" in text(response)
    assert not Staff.objects.filter(username="bob").exists()
    assert not AuditEvent.objects.exists()


def test_details_and_roles_are_changed_through_actions(page):
    bob = StaffFactory(username="bob", last_name="")
    response = page.post(url("staff_change", bob.pk), form_of(page, bob, first_name="Rob", roles=["clerk"]))
    assert response.status_code == 302, response.context["errors"]
    bob.refresh_from_db()
    assert (bob.first_name, bob.as_actor().roles) == ("Rob", {"clerk"})
    verbs = AuditEvent.objects.order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["staff:change_details", "staff:assign_roles"]


def test_what_someone_else_changed_meanwhile_is_not_overwritten(page):
    bob = StaffFactory(username="bob")
    old = form_of(page, bob, first_name="Rob")
    Staff.objects.filter(pk=bob.pk).update(email="new@example.com")
    response = page.post(url("staff_change", bob.pk), old)
    assert "Someone else changed this since you opened it" in text(response)
    assert Staff.objects.get(pk=bob.pk).email == "new@example.com"


def test_a_form_without_its_version_is_stale(page):
    bob = StaffFactory(username="bob")
    response = page.post(url("staff_change", bob.pk), form_of(page, bob, version_token=""))
    assert "Someone else changed this" in text(response)


def test_ones_own_roles_are_refused_beside_the_roles(page):
    me = Staff.objects.get()
    response = page.post(url("staff_change", me.pk), form_of(page, me, roles=["clerk"]))
    assert "Someone else has to change your roles" in str(response.context["adminform"].form.errors["roles"])


def test_a_person_is_deactivated_after_a_question(page):
    bob = StaffFactory(first_name="Bob", last_name="Noyce")
    asked = text(page.get(url("staff_deactivate", bob.pk)))
    assert "Bob Noyce" in asked
    assert "can no longer sign in" in asked
    assert Staff.objects.get(pk=bob.pk).is_active
    response = page.post(url("staff_deactivate", bob.pk))
    assert told(response) == ["Done for Bob Noyce."]
    assert not Staff.objects.get(pk=bob.pk).is_active


def test_a_password_is_set_or_refused_beside_its_field(page):
    bob = StaffFactory()
    refused = page.post(url("staff_password", bob.pk), {"password": "123"})
    assert "too short" in str(refused.context["form"].errors["password"])
    page.post(url("staff_password", bob.pk), {"password": "correct horse battery"})
    assert Staff.objects.get(pk=bob.pk).check_password("correct horse battery")


def test_who_may_only_look_cannot_write(signed_in):
    page, bob = signed_in("journal.view_staff"), StaffFactory(username="bob")
    assert "bob" in text(page.get(url("staff_changelist")))
    assert "bob@example.com" in text(page.get(url("staff_change", bob.pk)))
    assert page.post(url("staff_change", bob.pk), NEW).status_code == 403
    assert page.get(url("staff_add")).status_code == 403
    for name in ("deactivate", "reactivate", "password"):
        assert page.post(url(f"staff_{name}", bob.pk)).status_code == 403


def test_nobody_is_deleted(page):
    bob = StaffFactory()
    assert page.post(url("staff_delete", bob.pk), {"post": "yes"}).status_code == 403
    page.post(url("staff_changelist"), {"action": "delete_selected", "_selected_action": [bob.pk], "post": "yes"})
    assert Staff.objects.filter(pk=bob.pk).exists()


def test_what_was_done_to_a_person_is_shown(page):
    bob = StaffFactory()
    assert "Nothing was done to it yet" in text(page.get(url("staff_history", bob.pk)))
    page.post(url("staff_deactivate", bob.pk))
    assert "Deactivate staff" in text(page.get(url("staff_history", bob.pk)))
    assert page.get(url("staff_history", 999_999)).status_code == 404
