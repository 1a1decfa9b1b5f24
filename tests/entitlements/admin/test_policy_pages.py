"""What each role may concede alone, as finance keeps it and everybody reads it."""

import pytest
from django.test import Client

from entitlements.models import ConcessionPolicy
from journal.models import AuditEvent
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import ConcessionPolicyFactory, ReasonCodeFactory
from tests.entitlements.world import policy

pytestmark = pytest.mark.django_db
LIMITS = {"max_days": "30", "max_percent": "", "max_times": "", "approver_role": "", "reason": "The new year"}


def form_of(desk: Client, page: str, **given: str) -> dict[str, str]:
    shown = desk.get(page).context["adminform"].form
    return {"version_token": shown["version_token"].value() or "", **LIMITS, **given}


def general() -> ConcessionPolicy:
    policy()
    return ConcessionPolicy.objects.get(concession="override")


def test_finance_sets_a_limit_and_the_audit_knows_why(finance_desk: Client) -> None:
    row = general()
    page = url("concessionpolicy_change", row.pk)
    finance_desk.post(page, form_of(finance_desk, page, approver_role="finance"))
    row.refresh_from_db()
    assert (row.max_days, row.max_percent, row.approver_role) == (30, None, "finance")
    assert AuditEvent.objects.get(verb="policy:set", actor_name="Finance").reason == "The new year"


def test_without_a_why_nothing_is_set(finance_desk: Client) -> None:
    row = general()
    page = url("concessionpolicy_change", row.pk)
    response = finance_desk.post(page, form_of(finance_desk, page, reason=""))
    assert "Give a reason" in response.context["adminform"].form.errors["reason"][0]


def test_a_line_changed_meanwhile_is_not_overwritten(finance_desk: Client) -> None:
    page = url("concessionpolicy_change", general().pk)
    first = form_of(finance_desk, page)
    finance_desk.post(page, form_of(finance_desk, page, max_days="60"))
    response = finance_desk.post(page, first)
    assert "Someone else changed this" in response.content.decode()
    assert ConcessionPolicy.objects.get(concession="override").max_days == 60


def test_a_new_line_is_added_once(finance_desk: Client) -> None:
    page = url("concessionpolicy_add")
    given = form_of(finance_desk, page, role="support", concession="override", reason_code="")
    finance_desk.post(page, given)
    response = finance_desk.post(page, given)
    assert ConcessionPolicy.objects.get().role == "support"
    assert "a line for this role" in response.context["adminform"].form.errors["role"][0]


def test_a_line_by_reason_stands_beside_the_general_one_in_words(finance_desk: Client) -> None:
    general()
    page, deal = url("concessionpolicy_add"), ReasonCodeFactory(name="Negotiated deal")
    asked = {"role": "sales", "concession": "override", "reason_code": str(deal.pk), "max_times": "2"}
    finance_desk.post(page, form_of(finance_desk, page, **asked, approver_role="finance"))
    said = text_of(finance_desk.get(url("concessionpolicy_changelist")))
    assert "Grant an override Negotiated deal up to 30 days, twice Finance" in said
    row = ConcessionPolicy.objects.get(reason_code=deal)
    told = "Sales, Negotiated deal: up to 30 days, twice; beyond it finance approves"
    assert told in text_of(finance_desk.get(url("concessionpolicy_change", row.pk)))


def test_a_retired_reason_is_not_offered(finance_desk: Client) -> None:
    ReasonCodeFactory(name="Fair 2019", retired_at="2026-01-01T00:00Z")
    assert "Fair 2019" not in finance_desk.get(url("concessionpolicy_add")).content.decode()


def test_a_limit_that_is_no_number_is_said_beside_it(finance_desk: Client) -> None:
    page = url("concessionpolicy_add")
    response = finance_desk.post(page, form_of(finance_desk, page, role="sales", concession="denial", max_days="many"))
    assert "max_days" in response.context["adminform"].form.errors


def test_finance_widens_nothing_of_its_own(finance_desk: Client) -> None:
    page = url("concessionpolicy_add")
    response = finance_desk.post(page, form_of(finance_desk, page, role="finance", concession="override"))
    assert "Someone of another role has to change what you may give alone" in response.content.decode()
    assert not ConcessionPolicy.objects.exists()


def test_a_line_is_removed_with_a_why(finance_desk: Client) -> None:
    row = ConcessionPolicyFactory()
    page = url("concessionpolicy_remove", row.pk)
    asked = text_of(finance_desk.get(page))
    assert "Sales, grant an override: up to 90 days; beyond it whoever may approve concessions approves" in asked
    finance_desk.post(page, {"reason": ""})
    assert ConcessionPolicy.objects.exists()
    finance_desk.post(page, {"reason": "Ask first"})
    assert not ConcessionPolicy.objects.exists()


def test_sales_may_read_its_limits_and_not_change_them(sales_desk: Client) -> None:
    row = general()
    assert "Grant an override Every other reason up to 90 days, 50 % more" in text_of(
        sales_desk.get(url("concessionpolicy_changelist"))
    )
    assert "up to 90 days, 50 % more" in text_of(sales_desk.get(url("concessionpolicy_change", row.pk)))
    assert sales_desk.post(url("concessionpolicy_change", row.pk), LIMITS).status_code == 403
    assert sales_desk.get(url("concessionpolicy_add")).status_code == 403
    assert sales_desk.post(url("concessionpolicy_remove", row.pk), {"reason": "x"}).status_code == 403
