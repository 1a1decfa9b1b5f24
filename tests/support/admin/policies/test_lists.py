"""Severities, teams, policies and how accounts are doing: read by who may, written by their actions alone."""

from typing import Any

import pytest
from django.test import Client

from journal.models import AuditEvent
from support.models import AccountHealth, Severity, SlaPolicy, Team
from tests.entitlements.admin.reading import text_of
from tests.entitlements.factories import AccountFactory
from tests.support.admin.policies.conftest import SignIn
from tests.support.admin.policies.world import url
from tests.support.factories import AccountHealthFactory, TeamFactory

pytestmark = pytest.mark.django_db
MODELS = ["slapolicy", "severity", "team", "accounthealth"]


@pytest.fixture
def row_of(promise: SlaPolicy) -> dict[str, Any]:
    severity = Severity.objects.earliest("position")
    return {"slapolicy": promise, "severity": severity, "team": TeamFactory(), "accounthealth": AccountHealthFactory()}


@pytest.mark.parametrize("model", MODELS)
def test_lists_and_rows_are_shown(sign_in: SignIn, row_of: dict[str, Any], model: str) -> None:
    auditor = sign_in("auditor")
    assert auditor.get(url(f"{model}_changelist")).status_code == 200
    assert auditor.get(url(f"{model}_change", row_of[model].pk), follow=True).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_readers_write_nothing(sign_in: SignIn, row_of: dict[str, Any], model: str) -> None:
    auditor, row = sign_in("auditor"), row_of[model]
    before = AuditEvent.objects.count()
    assert auditor.post(url(f"{model}_add"), {}).status_code == 403
    assert auditor.post(url(f"{model}_change", row.pk), {}).status_code == 403
    assert auditor.post(url(f"{model}_delete", row.pk), {"post": "yes"}).status_code == 403
    assert AuditEvent.objects.count() == before


def test_the_list_says_what_is_in_force_and_what_is_being_changed(support_desk: Client, promise: SlaPolicy) -> None:
    assert "Gold gold Version 1 –" in text_of(support_desk.get(url("slapolicy_changelist")))


def test_a_policy_s_stock_address_leads_to_its_page(support_desk: Client, promise: SlaPolicy) -> None:
    assert support_desk.get(url("slapolicy_change", promise.pk)).url == url("policy", "gold")


def edited(desk: Client, model: str, row: Any, **given: str) -> Any:
    """The stock form opened, something typed over it, and sent."""
    form = desk.get(url(f"{model}_change", row.pk)).context["adminform"].form
    shown = {field.name: field.value() or "" for field in form}
    return desk.post(url(f"{model}_change", row.pk), {**shown, **given})


def test_a_severity_is_declared_and_its_words_changed(support_desk: Client, promise: SlaPolicy) -> None:
    new = {"key": "low", "name": "Low", "meaning": "A question", "position": "9"}
    assert support_desk.post(url("severity_add"), new).status_code == 302
    row = Severity.objects.get(key="low")
    assert edited(support_desk, "severity", row, meaning="A question, or an idea").status_code == 302
    row.refresh_from_db()
    assert (row.key, row.meaning) == ("low", "A question, or an idea")
    assert AuditEvent.objects.first().verb == "severity:declare"


def test_a_team_gets_an_address(support_desk: Client) -> None:
    support_desk.post(url("team_add"), {"key": "second", "name": "Second line", "email": ""})
    edited(support_desk, "team", Team.objects.get(), email="second@desk.example")
    assert Team.objects.get().email == "second@desk.example"


def test_a_form_that_is_out_of_date_overwrites_nothing(support_desk: Client) -> None:
    row = TeamFactory(name="First line")
    answer = edited(support_desk, "team", row, name="Mine", version_token="stale")
    assert "Someone else changed this" in text_of(answer)
    assert Team.objects.get().name == "First line"


def test_how_an_account_is_doing_is_said_with_why(support_desk: Client) -> None:
    acme = AccountFactory(key="acme")
    new = {"customer": "acme", "level": "at_risk", "reason": "Two escalations"}
    assert support_desk.post(url("accounthealth_add"), new).status_code == 302
    row = AccountHealth.objects.get(account=acme)
    edited(support_desk, "accounthealth", row, level="good", reason="All is well again")
    row.refresh_from_db()
    assert (row.level, row.reason) == ("good", "All is well again")
    assert "Good" in text_of(support_desk.get(url("accounthealth_changelist")))


@pytest.mark.parametrize(
    ("key", "told"), [("nobody", "No customer has this key"), ("acme", "stands on the list already")]
)
def test_a_customer_is_on_that_list_once(support_desk: Client, key: str, told: str) -> None:
    AccountHealthFactory(account=AccountFactory(key="acme"))
    answer = support_desk.post(url("accounthealth_add"), {"customer": key, "level": "good", "reason": "x"})
    assert told in text_of(answer)
    assert AccountHealth.objects.count() == 1
