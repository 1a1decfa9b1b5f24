"""Links to the billing system: all or nothing, one id for one thing, nobody overwritten unseen."""

from datetime import datetime

import pytest

from catalog.actions.billing_links import Named, set_links
from catalog.models import BillingLink
from catalog.models.billing import Mode
from catalog.queries.billing import Slot, links_token
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import FeatureFactory, PlanFactory

pytestmark = pytest.mark.django_db


def save(by: Actor, at: datetime, *named: Named, mode: Mode = Mode.LIVE, seen: str = "", reason: str = "") -> None:
    set_links(mode=mode, named=named, seen=seen or links_token(mode=mode), reason=reason, by=by, at=at)


def ids(mode: Mode = Mode.LIVE) -> set[str]:
    return set(BillingLink.objects.filter(mode=mode).values_list("external_id", flat=True))


def test_a_plan_its_price_and_a_feature_are_linked_at_once(finance: Actor, at: datetime) -> None:
    plan, feature = PlanFactory(name="Team"), FeatureFactory(name="SSO")
    product, price, gate = Slot(plan.pk), Slot(plan.pk, "month", "USD"), Slot(feature_id=feature.pk)
    save(finance, at, Named(product, "prod_1"), Named(price, " price_1 ", "team_monthly"), Named(gate, "feat_1"))

    assert ids() == {"prod_1", "price_1", "feat_1"}
    event = AuditEvent.objects.get()
    assert (event.verb, event.subject_label) == ("billing_link:set", "Billing system, live")
    assert event.changes["Team, monthly in USD"] == [None, "price_1 (team_monthly)"]
    assert event.changes["SSO"] == [None, "feat_1"]


def test_the_two_modes_know_nothing_of_each_other(finance: Actor, at: datetime) -> None:
    slot = Slot(PlanFactory().pk)
    save(finance, at, Named(slot, "prod_1"))
    save(finance, at, Named(slot, "prod_1"), mode=Mode.TEST)
    assert (ids(), ids(Mode.TEST)) == ({"prod_1"}, {"prod_1"})


def test_what_is_the_same_is_passed_over(finance: Actor, at: datetime) -> None:
    one, other = Slot(PlanFactory().pk), Slot(PlanFactory().pk)
    save(finance, at, Named(one, "prod_1"))
    save(finance, at, Named(one, "prod_1"), Named(other, "prod_2"))
    assert BillingLink.history.filter(external_id="prod_1").count() == 1


def test_an_id_is_changed_and_its_row_remembers(finance: Actor, at: datetime) -> None:
    slot = Slot(PlanFactory().pk)
    save(finance, at, Named(slot, "prod_1"))
    save(finance, at, Named(slot, "prod_2"), reason="Moved")
    assert [row.external_id for row in BillingLink.objects.get().history.all()] == ["prod_2", "prod_1"]


def test_an_empty_id_takes_the_link_away(finance: Actor, at: datetime) -> None:
    slot = Slot(PlanFactory(name="Team").pk)
    save(finance, at, Named(slot, "prod_1"))
    save(finance, at, Named(slot, "  "))
    assert ids() == set()
    assert AuditEvent.objects.latest("seq").changes == {"Team": ["prod_1", None]}


def test_two_plans_swap_their_ids(finance: Actor, at: datetime) -> None:
    one, other = Slot(PlanFactory().pk), Slot(PlanFactory().pk)
    save(finance, at, Named(one, "prod_1"), Named(other, "prod_2"))
    save(finance, at, Named(one, "prod_2"), Named(other, "prod_1"))
    assert BillingLink.objects.get(plan=one.plan_id).external_id == "prod_2"
    assert BillingLink.objects.get(plan=other.plan_id).external_id == "prod_1"


def test_a_plan_takes_the_id_another_gives_up(finance: Actor, at: datetime) -> None:
    one, other = Slot(PlanFactory().pk), Slot(PlanFactory().pk)
    save(finance, at, Named(one, "prod_1"))
    save(finance, at, Named(other, "prod_1"), Named(one, ""))
    assert BillingLink.objects.get().plan_id == other.plan_id


def test_one_id_never_stands_for_two_things_and_then_nothing_is_written(finance: Actor, at: datetime) -> None:
    one, other, third = (Slot(PlanFactory().pk) for _ in range(3))
    save(finance, at, Named(one, "prod_1"))
    with pytest.raises(Invalid, match="stands for one thing") as refused:
        save(finance, at, Named(other, "prod_1"), Named(third, "prod_3"))
    assert (refused.value.field, ids()) == (other.name, {"prod_1"})


def test_the_same_thing_named_twice_is_told_and_nothing_is_written(finance: Actor, at: datetime) -> None:
    slot = Slot(PlanFactory(name="Team").pk)
    with pytest.raises(Invalid, match="Team is named twice") as refused:
        save(finance, at, Named(slot, "prod_1"), Named(slot, "prod_2"))
    assert (refused.value.field, ids()) == (slot.name, set())


def test_a_lookup_key_needs_an_id(finance: Actor, at: datetime) -> None:
    slot = Slot(PlanFactory().pk, "month", "USD")
    with pytest.raises(Invalid) as refused:
        save(finance, at, Named(slot, "", "team_monthly"))
    assert refused.value.field == slot.name


def test_a_form_that_was_overtaken_overwrites_nothing(finance: Actor, at: datetime) -> None:
    slot = Slot(PlanFactory().pk)
    opened = links_token(mode=Mode.LIVE)
    save(finance, at, Named(slot, "prod_1"))
    with pytest.raises(Stale):
        save(finance, at, Named(slot, "prod_2"), seen=opened)
    assert ids() == {"prod_1"}


def test_a_plan_that_went_away_meanwhile_is_told(finance: Actor, at: datetime) -> None:
    with pytest.raises(Stale, match="no longer there"):
        save(finance, at, Named(Slot(4711), "prod_1"))
    assert ids() == set()


def test_to_change_nothing_is_refused(finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="Nothing would change"):
        save(finance, at, Named(Slot(PlanFactory().pk), ""))


def test_sales_may_not(sales: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        save(sales, at, Named(Slot(PlanFactory().pk), "prod_1"))
