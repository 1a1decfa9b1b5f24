"""Changing one's own password: by the action, with an audit event."""

import pytest
from django.test import Client

from journal.models import AuditEvent, Staff

pytestmark = pytest.mark.django_db
OLD, NEW = "the-old-password-1", "a-much-better-one-2"


@pytest.fixture
def client_of_ana(db: None) -> Client:
    ana = Staff(username="ana", email="ana@desk.example", is_staff=True)
    ana.set_password(OLD)
    ana.save()
    client = Client()
    client.force_login(ana)
    return client


def test_changed_it_is_audited_and_the_session_goes_on(client_of_ana: Client) -> None:
    form = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert client_of_ana.post("/admin/password_change/", form).status_code == 302
    assert Staff.objects.get().check_password(NEW)
    assert AuditEvent.objects.get().verb == "staff:change_password"
    assert client_of_ana.get("/admin/").status_code == 200


def test_with_a_wrong_old_password_nothing_changes(client_of_ana: Client) -> None:
    form = {"old_password": "guess", "new_password1": NEW, "new_password2": NEW}
    assert client_of_ana.post("/admin/password_change/", form).status_code == 200
    assert Staff.objects.get().check_password(OLD)
    assert not AuditEvent.objects.exists()
