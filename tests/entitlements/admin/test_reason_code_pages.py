"""The list of reasons to choose from, as finance keeps it."""

import pytest
from django.test import Client

from entitlements.models import ReasonCode
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import OverrideFactory, ReasonCodeFactory

pytestmark = pytest.mark.django_db


def form_of(desk: Client, page: str, **given: str) -> dict[str, str]:
    shown = desk.get(page).context["adminform"].form
    return {"version_token": shown["version_token"].value() or "", **given}


def test_a_reason_is_added_and_listed(finance_desk: Client) -> None:
    page = url("reasoncode_add")
    finance_desk.post(page, form_of(finance_desk, page, key="deal", name="Negotiated deal", note="Agreed in writing."))
    OverrideFactory(reason_code=ReasonCode.objects.get())
    said = text_of(finance_desk.get(url("reasoncode_changelist")))
    assert "Negotiated deal Agreed in writing. Can be chosen 1 override" in said


def test_a_name_in_use_is_said_beside_it(finance_desk: Client) -> None:
    ReasonCodeFactory(name="Beta")
    page = url("reasoncode_add")
    response = finance_desk.post(page, form_of(finance_desk, page, key="b", name="beta", note=""))
    assert "already a reason called beta" in response.context["adminform"].form.errors["name"][0]


def test_it_is_renamed_and_its_key_stays(finance_desk: Client) -> None:
    row = ReasonCodeFactory(key="beta")
    page = url("reasoncode_change", row.pk)
    finance_desk.post(page, form_of(finance_desk, page, name="Beta programme", note="", key="other"))
    row.refresh_from_db()
    assert (row.key, row.name) == ("beta", "Beta programme")


def test_it_is_retired_and_brought_back(finance_desk: Client) -> None:
    row = ReasonCodeFactory(name="Beta")
    assert url("reasoncode_retire", row.pk) in finance_desk.get(url("reasoncode_change", row.pk)).content.decode()
    asked = text_of(finance_desk.get(url("reasoncode_retire", row.pk)))
    assert "Nobody can choose it from now on" in asked
    finance_desk.post(url("reasoncode_retire", row.pk))
    assert "Beta Retired" in text_of(finance_desk.get(url("reasoncode_changelist"))).replace("- ", "")
    finance_desk.post(url("reasoncode_bring_back", row.pk))
    row.refresh_from_db()
    assert row.retired_at is None


def test_sales_reads_the_list_and_keeps_nothing(sales_desk: Client) -> None:
    row = ReasonCodeFactory(name="Beta")
    assert "Beta" in text_of(sales_desk.get(url("reasoncode_changelist")))
    assert "Retire" not in text_of(sales_desk.get(url("reasoncode_change", row.pk)))
    for page in ("retire", "bring_back"):
        assert sales_desk.post(url(f"reasoncode_{page}", row.pk)).status_code == 403
