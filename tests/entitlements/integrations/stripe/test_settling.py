"""Theirs is taken, and what waited is looked at: nothing ends, and nothing is asked for, that nobody meant."""

from typing import Any

import pytest

from entitlements.actions.billed.after_runs import MEND
from entitlements.actions.billed.findings import PERMISSION, keep_ours
from entitlements.actions.billed.runs import start_drift, start_looking, start_taking
from entitlements.integrations.stripe.asked import look_again, take_theirs
from entitlements.integrations.stripe.drift import look_only
from entitlements.integrations.stripe.following import follow_subscription
from entitlements.models import BilledSubscription, BillingFinding, Subscription, SubscriptionItem
from entitlements.queries.billed.findings import standing
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Refusal
from journal.models import Connection, Job, JobItem
from tests.entitlements.factories import BillingFindingFactory
from tests.entitlements.integrations.stripe.conftest import Shop
from tests.entitlements.world import AT
from tests.journal.factories import StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> Actor:
    return StaffFactory(permissions=[PERMISSION]).as_actor()


@pytest.fixture
def bought(shop: Shop) -> str:
    id = str(shop.buy(shop.customer(), 2).id)
    follow_subscription(shop.connection, id, at=AT)
    return id


@pytest.fixture
def differing(shop: Shop, bought: str) -> BillingFinding:
    SubscriptionItem.objects.update(quantity=9)
    found = look_only(shop.connection, bought, at=AT)
    assert found is not None
    return found


def lose(shop: Shop, id: str) -> None:
    """As with the key of another account: there is no such subscription."""
    del shop.fake.state.tables["subscription"][id]


def worked(job: Job) -> list[tuple[str, str]]:
    work_off(at=AT)
    return list(JobItem.objects.filter(job=job).values_list("state", "told"))


def still_had() -> bool:
    return Subscription.objects.get().ends_at is None


def test_nothing_ends_because_it_is_gone_unless_that_was_shown(shop: Shop, differing: Any, ada: Actor) -> None:
    lose(shop, differing.billing_id)
    with pytest.raises(Refusal, match="isn’t what this was found for"):
        take_theirs(finding=differing, by=ada, at=AT)
    assert still_had()
    look_again(finding=differing, by=ada, at=AT)
    found = standing(shop.connection, differing.billing_id)
    assert found is not None
    assert found.evidence["gone"]
    take_theirs(finding=found, by=ada, at=AT)
    assert not still_had()


def test_nor_does_it_for_one_of_many(shop: Shop, differing: BillingFinding, ada: Actor) -> None:
    lose(shop, differing.billing_id)
    ((state, words),) = worked(start_taking(findings=[differing.pk], by=ada, at=AT))
    assert (state, still_had()) == ("skipped", True)
    assert "Look again, and decide" in words


def test_nor_for_what_waited_for_a_price(shop: Shop, bought: str, ada: Actor) -> None:
    row = BillingFindingFactory(connection=shop.connection, kind="unlinked", billing_id=bought, about="price_x")
    lose(shop, bought)
    ((state, _words),) = worked(start_looking(finding=row, by=ada, at=AT))
    assert (state, still_had()) == ("skipped", True)


def test_a_customer_that_waits_is_no_subscription(shop: Shop, ada: Actor) -> None:
    customer = shop.customer()
    row = BillingFindingFactory(connection=shop.connection, kind="doubtful", billing_id=customer, about=customer)
    ((state, _words),) = worked(start_looking(finding=row, by=ada, at=AT))
    row.refresh_from_db()
    assert (state, row.state) == ("done", "mended")
    assert not BilledSubscription.objects.exists()


def test_what_somebody_asks_to_keep_meanwhile_is_not_mended_by_itself(
    shop: Shop, differing: BillingFinding, ada: Actor
) -> None:
    job = start_taking(findings=[differing.pk], by=ada, at=AT, by_itself=True)
    keep_ours(finding=differing, reason="Agreed on the phone", by=ada, at=AT)
    ((state, words),) = worked(job)
    assert (state, words) == ("skipped", "Somebody has asked to keep what the desk has.")
    assert SubscriptionItem.objects.get().quantity == 9


def test_what_has_ended_lets_no_more_be_mended(shop: Shop, differing: BillingFinding, monkeypatch: Any) -> None:
    """One of one that goes on, though it is one of five that were ever sold."""
    monkeypatch.setattr("entitlements.domain.billed.mending.MOST_NUMBER", 0)
    monkeypatch.setattr("entitlements.domain.billed.mending.MOST_SHARE", 0.3)
    Connection.objects.update(settings=shop.connection.settings | {MEND: "yes"})
    for number in range(4):
        id = str(shop.buy(shop.customer(f"{number}@ended.example", f"Ended {number}")).id)
        shop.stripe.v1.subscriptions.cancel(id)
        follow_subscription(shop.connection, id, at=AT)
    job = start_drift(connection=shop.connection, by=SYSTEM, at=AT, nightly=True)
    work_off(at=AT)
    job.refresh_from_db()
    differing.refresh_from_db()
    assert (job.result["looked"], job.result["differ"], differing.state) == (5, 1, "open")
