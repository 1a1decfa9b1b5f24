"""What a CRM's deals become, and whose its companies are, settled in a real browser: from a rule to what is in force."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from desk.domain.crm.told import DealLine, DealState
from desk.integrations.crm import offering
from desk.integrations.crm.port import Offered
from desk.models import CrmCompany, CrmFinding
from desk.queries.crm.mapping import in_force, read_mapping
from journal.actions.working import work_off
from journal.models import Connection
from tests.desk.integrations.crm.memory import Line, Memory, connected, registered
from tests.desk.mapped import drafted, team
from tests.desk.synced import company, finding
from tests.entitlements.world import account, catalog
from tests.permissions import FINANCE, SALES

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def crm(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Memory]:
    install()  # the flush of the test before took the roles along
    offering.forget_offers()
    monkeypatch.setattr(Line, "products", lambda self: [Offered("TEAM-SEAT", "Team seat"), Offered("FEE", "A fee")])
    with registered(Memory(clock=timezone.now)) as memory:
        yield memory
    offering.forget_offers()


@pytest.fixture
def shop(crm: Memory) -> Connection:
    """Acme is linked; five days ago it bought five seats and a fee, of which no rule speaks yet."""
    connection = connected(name="Our CRM")
    catalog()
    CrmCompany.objects.create(
        connection=connection, external_id="c1", account=account("acme"), told_at=timezone.now(), name="Acme"
    )
    lines = (DealLine("1-1", "TEAM-SEAT", "Team seat", Decimal(5)), DealLine("1-2", "FEE", "A fee"))
    crm.skew = timedelta(days=-5)
    closed = (timezone.now() - timedelta(days=5)).date()
    crm.deal("1", name="Five seats", company="c1", state=DealState.WON, lines=lines, closed_on=closed)
    crm.skew = timedelta()
    drafted(connection, team())
    return connection


def is_whole(page: Any, width: int) -> bool:
    """Nothing stands beyond the edge of the screen, and nothing went wrong."""
    return page.evaluate("document.documentElement.scrollWidth") <= width and page.faults == []


def test_a_rule_is_added_tried_on_real_deals_and_switched_on(shop: Connection, signed_in: Any) -> None:
    page = signed_in(FINANCE, width=390)
    page.goto(reverse("admin:desk_crm_mapping_of", args=[shop.pk]))
    page.get_by_role("link", name="Add a rule").click()
    page.get_by_label("A fee (FEE)").check()
    page.get_by_label("Nothing, on purpose").check()
    page.locator("#id_plan").wait_for(state="hidden")  # it asks for nothing more
    page.get_by_role("button", name="Add the rule").click()
    page.get_by_role("link", name="Try on real deals").click()
    page.get_by_role("button", name="Try it").click()
    page.locator("#job-progress").wait_for()
    work_off(at=timezone.now())
    page.get_by_text("It would create 1.").wait_for()  # the page looks again by itself
    assert is_whole(page, 390)
    page.get_by_role("link", name="Switch it on").click()
    page.get_by_label("Why").fill("As agreed with sales")
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_text("In force").first.wait_for()
    mapping = in_force(shop)
    assert mapping is not None
    assert [rule.products for rule in read_mapping(mapping).rules] == [("TEAM-SEAT",), ("FEE",)]


def test_sales_says_whose_a_company_is_on_a_telephone(crm: Memory, signed_in: Any) -> None:
    connection, beta = connected(name="Our CRM"), account("beta")
    row = company(connection, name="Beta Holding")
    found = finding(connection, words="No account fits Beta Holding.", last_at=timezone.now())
    page = signed_in(SALES, width=390, dark=True)
    page.goto(reverse("admin:desk_crmfinding_changelist"))
    page.get_by_role("link", name="No account fits Beta Holding.").click()
    page.get_by_role("link", name="Say whose it is").click()
    page.get_by_label("Find another account").fill("beta")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_label("This one: Beta").check()
    page.get_by_label("Why").fill("Their CFO said so")
    page.get_by_role("button", name="It is theirs").click()
    page.get_by_text("It is Beta’s from now on").wait_for()
    row.refresh_from_db()
    assert row.account == beta
    assert CrmFinding.objects.get(pk=found.pk).state == "mended"
    assert page.locator("dl").first.get_by_role("link", name="Beta", exact=True).is_visible()
    assert is_whole(page, 390)
