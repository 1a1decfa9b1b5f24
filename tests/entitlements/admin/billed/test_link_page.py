"""Saying what a price stands for, on the finding's own page: what waited for it is looked at."""

import pytest
from django.test import Client

from catalog.models import BillingLink, Plan
from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BillingFinding
from journal.models import Job
from tests.catalog.factories import BillingLinkFactory
from tests.entitlements.admin.billed.finds import found, page, send
from tests.entitlements.admin.reading import complaints, text_of
from tests.entitlements.world import catalog
from tests.fakes.billing_console import AWAY, Asked
from tests.journal.admin.pages import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(db: None) -> BillingFinding:
    """Team has a price in euros here, and price_1 of prod_1 is billed."""
    catalog()
    return found(FindingKind.UNLINKED, billing_id="sub_7")


def form_of(desk: Client, row: BillingFinding) -> dict[str, str]:
    form = desk.get(page(row, "link")).context["form"]
    return {"links": form["links"].value(), "seen": form["seen"].value()}


def slots(desk: Client, row: BillingFinding) -> dict[str, str]:
    return {words: name for name, words in desk.get(page(row, "link")).context["form"].fields["slot"].choices if name}


def test_it_offers_what_has_no_link_yet(finance_desk: Client, row: BillingFinding) -> None:
    assert "Team: all prices of this product" in slots(finance_desk, row)
    assert "Lookup key team-monthly" in text_of(finance_desk.get(page(row, "link")))


def test_it_is_linked_and_looked_at_again(finance_desk: Client, row: BillingFinding, system: Asked) -> None:
    slot = slots(finance_desk, row)["Team: all prices of this product"]
    response = send(finance_desk, row, "link", **form_of(finance_desk, row), slot=slot)
    assert told(response) == ["prod_1 stands for Team from now on. Started."]
    link = BillingLink.objects.get()
    assert (link.plan.key, link.external_id, link.mode, link.interval) == ("team", "prod_1", "test", "")
    assert system.done == [("look again", "sub_7")]


def test_while_the_billing_is_away_the_link_stands(finance_desk: Client, row: BillingFinding, system: Asked) -> None:
    slot, system.away = slots(finance_desk, row)["Team: all prices of this product"], True
    response = send(finance_desk, row, "link", **form_of(finance_desk, row), slot=slot)
    assert AWAY in told(response)[0]
    assert BillingLink.objects.exists()


def test_several_that_wait_for_it_become_long_work(finance_desk: Client, row: BillingFinding) -> None:
    found(FindingKind.UNLINKED, connection=row.connection)
    slot = slots(finance_desk, row)["Team: all prices of this product"]
    send(finance_desk, row, "link", **form_of(finance_desk, row), slot=slot)
    assert len(Job.objects.get().payload["findings"]) == 2


def test_what_has_a_link_isnt_offered(finance_desk: Client, row: BillingFinding) -> None:
    BillingLinkFactory(mode="test", feature=None, plan=Plan.objects.get(key="team"), external_id="prod_9")
    assert "Team: all prices of this product" not in slots(finance_desk, row)


def test_nothing_chosen_is_said_beside_the_field(finance_desk: Client, row: BillingFinding) -> None:
    response = send(finance_desk, row, "link", **form_of(finance_desk, row))
    assert complaints(response)["slot"] == ["Choose what it stands for."]


def test_links_that_changed_meanwhile_are_not_overwritten(finance_desk: Client, row: BillingFinding) -> None:
    given, slot = form_of(finance_desk, row), slots(finance_desk, row)["Team: all prices of this product"]
    BillingLinkFactory(mode="test", external_id="feat_9")
    response = send(finance_desk, row, "link", **given, slot=slot)
    assert "Someone else changed this" in complaints(response)[""][0]


def test_without_the_right_to_link_the_page_is_closed_and_not_offered(sign_in, row: BillingFinding) -> None:
    assert sign_in("sales").get(page(row, "link")).status_code == 403
