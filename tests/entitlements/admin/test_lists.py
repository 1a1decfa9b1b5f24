"""The lists of overrides, policies and changes."""

import pytest
from django.test import Client

from entitlements.domain.facts import Mode
from entitlements.models import ConcessionPolicy, EntitlementChange
from journal.models import AuditEvent
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, policy

pytestmark = pytest.mark.django_db
LIMITS = {"max_days": "30", "max_percent": "", "max_times": ""}


def test_an_override_is_listed_with_what_it_does_and_where_it_stands(sales_desk: Client, acme: Customer) -> None:
    override = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    said = text_of(sales_desk.get(url("override_changelist"), {"q": "acme"}))
    assert "Storage: + 20 GB through 31 December 2026" in said
    assert "In force" in said
    detail = sales_desk.get(url("override_change", override.pk))
    assert url("override_revoke", override.pk) in detail.content.decode()


def test_who_may_not_revoke_gets_no_button(support_desk: Client, acme: Customer) -> None:
    override = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    detail = support_desk.get(url("override_change", override.pk))
    assert url("override_revoke", override.pk) not in detail.content.decode()


def test_changes_for_customers_are_listed_in_their_zone(support_desk: Client, acme: Customer) -> None:
    said = text_of(support_desk.get(url("entitlementchange_changelist"), {"q": "acme", "feature": "storage"}))
    assert "Storage not included 100 GB" in said
    assert "(Amsterdam)" in said


@pytest.mark.parametrize("model", ["account", "override", "entitlementchange"])
def test_no_stock_form_writes(sales_desk: Client, acme: Customer, model: str) -> None:
    override = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    row = {"account": acme.account, "override": override, "entitlementchange": EntitlementChange.objects.first()}[model]
    pages = [url(f"{model}_add"), url(f"{model}_change", row.pk), url(f"{model}_delete", row.pk)]
    assert [sales_desk.post(page, {"post": "yes"}).status_code for page in pages] == [403, 403, 403]
    bulk = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    sales_desk.post(url(f"{model}_changelist"), bulk)
    assert type(row).objects.filter(pk=row.pk).exists()


# What each role may concede alone


def form_of(desk: Client, page: str, **given: str) -> dict[str, str]:
    shown = desk.get(page).context["adminform"].form
    return {"version_token": shown["version_token"].value() or "", **LIMITS, **given}


def test_finance_sets_a_limit_and_the_audit_knows(finance_desk: Client) -> None:
    policy()
    row = ConcessionPolicy.objects.get(concession="override")
    page = url("concessionpolicy_change", row.pk)
    finance_desk.post(page, form_of(finance_desk, page))
    row.refresh_from_db()
    assert (row.max_days, row.max_percent) == (30, None)
    assert AuditEvent.objects.filter(verb="policy:set", actor_name="Finance").exists()


def test_a_line_changed_meanwhile_is_not_overwritten(finance_desk: Client) -> None:
    policy()
    page = url("concessionpolicy_change", ConcessionPolicy.objects.get(concession="override").pk)
    first = form_of(finance_desk, page)
    finance_desk.post(page, form_of(finance_desk, page, max_days="60"))
    response = finance_desk.post(page, first)
    assert "Someone else changed this" in response.content.decode()
    assert ConcessionPolicy.objects.get(concession="override").max_days == 60


def test_a_new_line_is_added_once(finance_desk: Client) -> None:
    page = url("concessionpolicy_add")
    given = form_of(finance_desk, page, role="support", concession="override")
    finance_desk.post(page, given)
    response = finance_desk.post(page, given)
    assert ConcessionPolicy.objects.get().role == "support"
    form = response.context["adminform"].form
    assert "a line for this role" in form.errors["role"][0]


def test_a_limit_that_is_no_number_is_said_beside_it(finance_desk: Client) -> None:
    page = url("concessionpolicy_add")
    response = finance_desk.post(page, form_of(finance_desk, page, role="sales", concession="denial", max_days="many"))
    assert "max_days" in response.context["adminform"].form.errors


def test_sales_may_read_its_limits_and_not_change_them(sales_desk: Client) -> None:
    policy()
    assert "Grant an override 90 days 50 %" in text_of(sales_desk.get(url("concessionpolicy_changelist")))
    row = ConcessionPolicy.objects.get(concession="override")
    assert sales_desk.post(url("concessionpolicy_change", row.pk), LIMITS).status_code == 403
    assert sales_desk.get(url("concessionpolicy_add")).status_code == 403
