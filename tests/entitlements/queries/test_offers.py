"""What an account could upgrade to: what its market sells, and what each would change for it."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions.retiring import retire
from catalog.domain.rollouts import Audience
from catalog.domain.values import AddOnEffect
from catalog.models import Plan
from catalog.models.market import MarketUse
from entitlements.actions.accounts import set_standing
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.subscriptions import add_item
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.selling.offers import Offer, offers, to_get
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    FeatureFactory,
    MarketFactory,
    MarketWindowFactory,
    PlanFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, add_on, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Catalog:
    return catalog()


def offered(to: Account, **more: Any) -> dict[str, Offer]:
    return {offer.version.plan: offer for offer in offers(account=to, at=AT, **more).offers}


def said(effects: Any) -> list[str]:
    return [f"{effect.name}: {effect.before} → {effect.after}" for effect in effects]


def test_a_higher_plan_is_offered_with_what_it_would_give(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.free)
    found = offered(acme)
    assert list(found) == ["team"]
    bought = found["team"].upgrade
    assert bought.instead_of == "Free v1"
    assert said(bought.gains) == [
        "Storage: 1 GB → 100 GB",
        "Seats: 2 → 10",
        "Single sign-on: not included → on",
        "Tier: not included → Smart",
    ]
    assert not bought.losses


def test_a_lower_plan_is_offered_with_what_it_would_take(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.team)
    bought = offered(acme)["free"].upgrade
    assert said(bought.losses)[:2] == ["Storage: 100 GB → 1 GB", "Seats: 10 → 2"]
    assert not bought.gains


def test_without_any_plan_every_plan_comes_as_the_first(world: Catalog) -> None:
    found = offered(account())
    assert list(found) == ["free", "team"]
    assert found["team"].upgrade.instead_of == ""
    assert found["team"].upgrade.answers["storage"].value == 100 * GB


def test_an_add_on_comes_beside_what_there_is(world: Catalog) -> None:
    add_on("storage_pack", {world.storage: 50 * GB})
    acme = account()
    subscribed(acme, world.free)
    bought = offered(acme)["storage_pack"].upgrade
    assert said(bought.effects) == ["Storage: 1 GB → 51 GB"]


def test_an_add_on_held_already_is_offered_once_more(world: Catalog) -> None:
    pack = add_on("storage_pack", {world.storage: 50 * GB})
    acme = account()
    add_item(subscription=subscribed(acme, world.free), plan=pack, by=SYSTEM, at=AT - DAY)
    bought = offered(acme)["storage_pack"].upgrade
    assert (bought.held, said(bought.effects)) == (1, ["Storage: 51 GB → 101 GB"])


def test_an_add_on_that_replaces_may_also_take_away(world: Catalog) -> None:
    add_on("small", {world.storage: 50 * GB}, effect=AddOnEffect.REPLACES)
    acme = account()
    subscribed(acme, world.team)
    assert said(offered(acme)["small"].upgrade.losses) == ["Storage: 100 GB → 50 GB"]


def test_a_trial_is_offered_its_own_plan_to_keep(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.team, trial_days=14)
    assert list(offered(acme)) == ["free", "team"]
    subscribed(account("bought"), world.team)
    assert "team" not in offered(Account.objects.get(key="bought"))


def test_a_former_version_is_offered_the_one_on_sale(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.free)
    more = {world.storage: 2 * GB, world.seats: Decimal(2)}
    publish_plan(world.free, more, at=AT - DAY, audience=Audience.NEW_CUSTOMERS)
    bought = offered(acme)["free"].upgrade
    assert (bought.version.number, bought.instead_of) == (2, "Free v1")
    assert said(bought.gains) == ["Storage: 1 GB → 2 GB"]


def test_overrides_are_counted_in(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.free)
    overridden(acme, world.storage, Mode.REPLACE, 500 * GB, at=AT - DAY)
    assert "Storage" not in str(said(offered(acme)["team"].upgrade.effects))


def test_a_plan_is_offered_only_where_and_while_it_is_sold(world: Catalog) -> None:
    here, there = MarketFactory(), MarketFactory()
    MarketWindowFactory(plan=world.team, market=here, starts_at=AT, ends_at=AT + DAY)
    mine, elsewhere, nowhere = account("mine", market=here), account("elsewhere", market=there), account("nowhere")
    assert [list(offered(one)) for one in (mine, elsewhere, nowhere)] == [["free", "team"], ["free"], ["free"]]
    assert [o.version.plan for o in offers(account=mine, at=AT + DAY).offers] == ["free"]
    assert [o.version.plan for o in offers(account=mine, at=AT - DAY).offers] == ["free"]


def test_what_isnt_provided_in_the_market_is_no_gain_there(world: Catalog) -> None:
    here = MarketFactory()
    MarketWindowFactory(plan=None, feature=world.sso, use=MarketUse.PROVIDED, market=here)
    assert "sso" in {effect.feature for effect in offered(account("mine", market=here))["team"].upgrade.gains}
    assert "sso" not in {effect.feature for effect in offered(account("other"))["team"].upgrade.gains}


def test_what_is_retired_is_not_offered(world: Catalog) -> None:
    retire(version=world.team.versions.get(), by=SYSTEM, at=AT - DAY, reason="gone")
    assert list(offered(account())) == ["free"]


@pytest.mark.parametrize("standing", [Standing.SUSPENDED, Standing.CLOSED])
def test_an_account_that_isnt_open_is_offered_nothing(world: Catalog, standing: Standing) -> None:
    acme = account()
    set_standing(account=acme, standing=standing, reason="x", by=SYSTEM, at=AT - DAY)
    found = offers(account=acme, at=AT)
    assert (found.standing, found.offers) == (standing, ())


def test_every_price_is_told_once(world: Catalog) -> None:
    draft = PlanVersionFactory(plan=PlanFactory(key="pro", name="Pro"))
    PlanTermFactory(version=draft, feature=world.sso)
    PlanPriceFactory(version=draft)
    PlanPriceFactory(version=draft, interval="year", amount_micros=250_000_000)
    publish_now(draft)
    assert offered(account())["pro"].prices == ("$25 a month", "$250 a year")


def test_what_gives_more_of_one_feature_is_found(world: Catalog) -> None:
    pack = add_on("storage_pack", {world.storage: 50 * GB})
    add_on("sign_on", {world.sso: True})
    acme = account()
    subscribed(acme, world.free)
    found = to_get(account=acme, feature=world.storage, at=AT)
    assert [offer.version.plan for offer in found.offers] == ["team", pack.key]
    wanted = to_get(account=acme, feature=world.storage, at=AT, wanted=60 * GB)
    assert [offer.version.plan for offer in wanted.offers] == ["team"]
    assert to_get(account=acme, feature=world.storage, at=AT, wanted=200 * GB).offers == ()


def test_a_gate_that_is_on_already_needs_nothing_more(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.team)
    assert to_get(account=acme, feature=world.sso, at=AT).offers == ()


def test_what_isnt_sold_in_the_market_is_not_to_be_got_there(world: Catalog) -> None:
    MarketWindowFactory(plan=None, feature=world.sso, use=MarketUse.SOLD)
    assert to_get(account=account(), feature=world.sso, at=AT).offers == ()


@pytest.mark.parametrize("had", ["free", "team"])
def test_what_is_offered_is_what_one_gets(world: Catalog, had: str) -> None:
    add_on("storage_pack", {world.storage: 50 * GB})
    add_on("big", {world.storage: 500 * GB}, effect=AddOnEffect.REPLACES)
    for number, key in enumerate(["free", "team", "storage_pack", "big"]):
        acme = account(f"acme-{number}")
        held = subscribed(acme, getattr(world, had))
        if key not in (found := offered(acme)):
            assert key == had
            continue
        buy = {"subscription": held, "plan": Plan.objects.get(key=key), "by": SYSTEM, "at": AT}
        change_plan(**buy) if key in {"free", "team"} else add_item(**buy)
        got = entitlements_of(account=acme, at=AT)
        promised = found[key].upgrade.answers
        assert {k: a.value for k, a in got.items()} == {k: a.value for k, a in promised.items()}


def test_what_a_publication_to_come_makes_of_a_plan_is_no_trouble(world: Catalog) -> None:
    acme, later = account(), {"audience": Audience.ON_DATE, "effective_at": AT + DAY}
    subscribed(acme, world.free)
    publish_plan(world.team, {world.storage: 200 * GB}, at=AT - DAY, **later)
    assert "team" in {offer.version.plan for offer in offers(account=acme, at=AT).offers}


def test_the_number_of_reads_doesnt_grow_with_what_is_on_sale(world: Catalog) -> None:
    acme = account()
    subscribed(acme, world.free)
    with CaptureQueriesContext(connection) as few:
        offers(account=acme, at=AT)
    for number in range(5):
        add_on(f"pack_{number}", {world.storage: 50 * GB})
        publish_plan(PlanFactory(key=f"plan_{number}"), {FeatureFactory(): True})
    with CaptureQueriesContext(connection) as many:
        found = offers(account=acme, at=AT)
    assert len(found.offers) == 11
    assert len(many) == len(few) <= 25
