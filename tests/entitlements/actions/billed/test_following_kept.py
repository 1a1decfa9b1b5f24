"""What a look leaves behind: what was told, whose it is, what changed for the customer, each once; and what it costs."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entitlements.actions.billed import following
from entitlements.models import BilledSubscription, BillingFinding, EntitlementChange, Subscription
from entitlements.queries.billed.customers import Whose
from journal.domain.refusal import Stale
from tests.catalog.factories import PlanFactory
from tests.entitlements.billing import asked, holds, linked, look, says, shop, verbs
from tests.entitlements.domain.billed.told import ENDED, NOW, day, item
from tests.entitlements.world import account, subscribed

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 22  # of a look that finds nothing to do, which most looks are


def test_a_look_that_finds_nothing_asks_little() -> None:
    world = shop()
    look(world, says())
    ticket = asked(world, says(), at=day(1))
    with CaptureQueriesContext(connection) as asked_for:
        look(world, says(), at=day(1), ticket=ticket)
    assert len(asked_for) <= MOST_STATEMENTS
    assert not [one for one in asked_for.captured_queries if 'FROM "catalog_planterm"' in one["sql"]], (
        "nobody needs answers"
    )


def test_an_older_look_changes_nothing_and_notes_nothing() -> None:
    world = shop()
    older, newer = asked(world, says()), asked(world, says())
    look(world, says(item("pro")), ticket=newer)
    so_far = len(verbs())
    followed = look(world, says(item("mystery"), state=ENDED), ticket=older, at=day(1))
    assert (followed.applied, followed.words, holds(day(1))) == (False, following.PASSED_OVER, ["1 × pro"])
    assert (len(verbs()), BillingFinding.objects.count()) == (so_far, 0)
    row = BilledSubscription.objects.get()
    assert (row.applied, row.state) == (newer, "active")


def test_a_newer_look_that_was_followed_while_the_account_was_waited_for_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    world = shop()
    look(world, says())
    older, newer = asked(world, says()), asked(world, says())
    waited_for = following._whose

    def waits(*which: Any, **told: Any) -> Whose:
        monkeypatch.setattr(following, "_whose", waited_for)
        assert look(world, says(item("pro")), ticket=newer, at=day(1)).applied
        return waited_for(*which, **told)

    monkeypatch.setattr(following, "_whose", waits)
    followed = look(world, says(item("mystery")), ticket=older, at=day(1))
    assert (followed.applied, followed.words, holds(day(1))) == (False, following.PASSED_OVER, ["1 × pro"])
    assert BilledSubscription.objects.get().applied == newer


def test_one_that_moved_to_another_account_meanwhile_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world, other = shop(), account("other")
    look(world, says())
    monkeypatch.setattr(following, "_whose", lambda *which, **told: Whose(other))
    with pytest.raises(Stale):
        look(world, says(item("pro")), at=day(1))
    assert holds(day(1)) == ["1 × team"]


def test_what_was_sold_here_before_bears_its_name_there_from_the_first_look_on() -> None:
    world = shop()
    sub = subscribed(account(), world.catalog.team, billed_by="console", billing_id="sub_1", interval="month")
    assert look(world, says(), at=day(1)).words == "An item is known by its id there"
    assert (sub.items.get().billing_id, verbs()[-1]) == ("si_1", "subscription:name_item")
    assert look(world, says(), at=day(2)).words == following.NOTHING


def test_what_changed_for_the_customer_is_told_once() -> None:
    world = shop()
    look(world, says())
    began = EntitlementChange.objects.count()
    assert began
    look(world, says(), at=day(1))
    assert EntitlementChange.objects.count() == began
    look(world, says(item("pro")), at=day(2))
    [change] = EntitlementChange.objects.filter(effective_at=day(2), feature_key="storage")
    assert (change.before, change.cause) == ("100 GB", "The billing says so")


def test_a_first_purchase_that_is_refused_leaves_a_finding_and_no_subscription() -> None:
    world = shop()
    linked(PlanFactory(key="new", name="New"), interval="month", external_id="price_new")
    look(world, says(item("new")))
    row = BilledSubscription.objects.get()
    assert (row.subscription, Subscription.objects.count(), row.applied) == (None, 0, 1)
    assert BillingFinding.objects.get().kind == "refused"


def test_what_can_not_be_made_agree_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the steps don't do what they say, a person is told what still differs, until it doesn't."""
    world = shop()
    look(world, says())
    with monkeypatch.context() as broken:
        broken.setattr(following, "carry_out", lambda steps, work: None)
        look(world, says(item("pro")), at=day(1))
    assert [(row.kind, row.state) for row in BillingFinding.objects.all()] == [("drift", "open")]
    look(world, says(item("pro")), at=day(2))
    assert [row.state for row in BillingFinding.objects.all()] == ["mended"], NOW
