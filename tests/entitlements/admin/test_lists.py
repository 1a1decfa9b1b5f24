"""The lists of overrides and changes."""

import pytest
from django.test import Client

from entitlements.domain.facts import Mode
from entitlements.models import EntitlementChange
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB

pytestmark = pytest.mark.django_db


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
