"""A package as support sees it: offered to whoever isn't covered, and covering whoever has it."""

from datetime import datetime

import pytest

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.models import Feature
from entitlements.actions.subscriptions import add_item
from journal.domain.actor import SYSTEM
from support.domain.coverage import CoverState
from support.queries.coverage import coverage_of
from tests.catalog.factories import publish_now
from tests.entitlements.gold import gold_support
from tests.support.world import START, customer, the_plans, the_promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans(db: None) -> dict[str, object]:
    """The four plans, and Gold support: premium services with the tier Priority."""
    the_promise()
    found = {**the_plans(), "gold": gold_support(publish=False).plan}
    draft = found["gold"].versions.get()
    tier = CellWrite(version=draft, subject=Feature.objects.get(key="support_tier"), text="Priority")
    write_cells(writes=[tier], tokens={draft.pk: draft.edits}, by=SYSTEM, at=START)
    publish_now(draft)
    return found


def test_whoever_is_not_covered_is_offered_the_package(plans: dict[str, object], at: datetime) -> None:
    offers = coverage_of(account=customer("acme", plan=plans["free"]), at=at).offers
    assert "Gold support" in [offer.name for offer in offers]


def test_whoever_has_the_package_is_covered_by_it(plans: dict[str, object], at: datetime) -> None:
    acme = customer("acme", plan=plans["free"])
    add_item(subscription=acme.subscriptions.get(), plan=plans["gold"], by=SYSTEM, at=START)
    answer = coverage_of(account=acme, at=at)
    assert answer.state is not CoverState.NOT_COVERED
    assert any("Gold support" in reason for reason in answer.because)


def test_a_draft_of_a_package_is_offered_to_nobody(plans: dict[str, object], at: datetime) -> None:
    open_draft(plan=plans["gold"], by=SYSTEM, at=at)
    offers = coverage_of(account=customer("acme", plan=plans["free"]), at=at).offers
    assert [offer.name for offer in offers].count("Gold support") == 1
