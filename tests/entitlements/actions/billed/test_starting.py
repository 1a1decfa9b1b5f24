"""A purchase that was made elsewhere begins here."""

from dataclasses import replace

import pytest

from catalog.models import Rollout
from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Phase, Standing
from entitlements.models import Account, BillingFinding, EntitlementChange, Subscription
from entitlements.queries.accounts import account_by_key
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import PlanFactory
from tests.entitlements.billing import BEA, NOW, bought, holds, linked, look, says, shop, verbs
from tests.entitlements.domain.billed.told import ENDED, NOT_BEGUN, TRIAL, day, item
from tests.entitlements.world import GB, value

pytestmark = pytest.mark.django_db


def test_it_is_held_from_now_on() -> None:
    followed = look(shop(), says(item(quantity=2), item("extra", id="si_2")))
    account = account_by_key("acme-bv")
    assert (followed.applied, followed.account_key, followed.findings) == (True, "acme-bv", ())
    assert holds() == ["2 × team", "1 × extra"]
    assert bought().starts_at == NOW
    assert value(account, "sso", NOW) is True
    assert [row.billing_id for row in bought().items.order_by("pk")] == ["si_1", "si_2"]


def test_it_is_told_once_and_in_the_words_of_a_sale() -> None:
    world = shop()
    so_far = len(verbs())
    look(world, says())
    assert verbs()[so_far:] == ["account:open", "contact:add", "subscription:start"]
    told = EntitlementChange.objects.filter(cause="The billing says so")
    assert told.count() == told.values("feature_key").distinct().count() > 0


def test_its_trial_ends_when_it_ends_there() -> None:
    look(shop(), says(state=TRIAL, trial_ends_at=day(9), with_card=True))
    trial = bought().phases.get(phase=Phase.TRIAL)
    assert (trial.starts_at, trial.ends_at, trial.with_card) == (NOW, day(9), True)


@pytest.mark.parametrize("state", [NOT_BEGUN, ENDED])
def test_nothing_is_opened_before_the_first_payment_nor_after_the_end(state: str) -> None:
    followed = look(shop(), says(state=state))
    assert (followed.applied, followed.account_key) == (True, "")
    assert (Account.objects.count(), Subscription.objects.count()) == (0, 0)


def test_a_price_nobody_linked_gives_nothing_and_says_so() -> None:
    world = shop()
    followed = look(world, says(item(), item("mystery", 3, id="si_2")))
    assert holds() == ["1 × team"]
    finding = BillingFinding.objects.get()
    assert (finding.kind, finding.about, finding.account) == ("unlinked", "price_mystery", bought().account)
    assert followed.findings == ("3 × the price price_mystery is billed, and stands for nothing here",)
    linked(world.pro, external_id="prod_mystery")
    look(world, says(item(), item("mystery", 3, id="si_2")), at=day(1))
    finding.refresh_from_db()
    assert (holds(day(1)), finding.state) == (["1 × team", "3 × pro"], "mended")


def test_of_an_unlinked_price_alone_nothing_begins() -> None:
    look(shop(), says(item("mystery")))
    assert (Subscription.objects.count(), Account.objects.count(), BillingFinding.objects.count()) == (0, 0, 1)


def test_what_is_not_on_sale_any_more_is_given_and_said() -> None:
    world = shop()
    rollout = Rollout.objects.get(version__plan=world.pro)
    version = rollout.version
    version.state, version.retired_at = "retired", NOW
    keep(version, deed=begin(by=SYSTEM, at=NOW))
    look(world, says(item("pro")), at=day(1))
    assert value(account_by_key("acme-bv"), "storage", day(1)) == 500 * GB
    assert BillingFinding.objects.get().kind == "not_sold"


def test_a_plan_without_any_version_can_not_be_given() -> None:
    world = shop()
    linked(PlanFactory(key="new", name="New"), interval="month", external_id="price_new")
    followed = look(world, says(item("new")))
    assert followed.findings == ("New is not on sale: publish a version of it first.",)
    assert (Subscription.objects.count(), BillingFinding.objects.get().kind) == (0, "refused")


def test_what_is_over_here_and_goes_on_there_begins_anew() -> None:
    world = shop()
    look(world, says())
    look(world, says(state=ENDED, ended_at=day(1)), at=day(1))
    former = Subscription.objects.get()
    look(world, says(), at=day(3))
    former.refresh_from_db()
    assert (former.ends_at, former.billing_id) == (day(1), "")
    assert (bought().number, bought().starts_at, holds(day(3))) == (2, day(3), ["1 × team"])
    assert BEA.name == bought().account.name


def test_whoever_pays_for_a_closed_account_is_not_left_with_nothing_unseen() -> None:
    world, followed = shop(), None
    look(world, says(), at=day(-9))
    acme = account_by_key("acme-bv")
    for standing, number in ((Standing.CLOSED, -5), (Standing.OPEN, 1)):
        set_standing(account=acme, standing=standing, reason="Asked for", by=SYSTEM, at=day(number))
        followed = look(world, replace(says(), id="sub_2"), at=day(number + 1))
        assert BillingFinding.objects.filter(kind="refused", state="open").count() == (standing is Standing.CLOSED)
    assert followed is not None
    assert (followed.findings, holds(day(2), "sub_2")) == ((), ["1 × team"])


def test_who_is_closed_and_charged_all_the_same_is_seen_until_it_is_settled() -> None:
    world = shop()
    look(world, says(), at=day(-9))
    acme = account_by_key("acme-bv")
    set_standing(account=acme, standing=Standing.CLOSED, reason="Asked for", by=SYSTEM, at=day(-5))
    followed = look(world, says(), at=day(-4))
    assert followed.findings == ("Acme BV is closed, and sub_1 is charged all the same",)
    assert (look(world, says(ends_at=day(9)), at=day(-3)).findings, open_findings()) == ((), 0)  # it is leaving
    look(world, says(), at=day(-2))
    set_standing(account=acme, standing=Standing.OPEN, reason="Came back", by=SYSTEM, at=day(-1))
    assert (look(world, says(), at=day(0)).findings, open_findings()) == ((), 0)


def open_findings() -> int:
    return BillingFinding.objects.filter(state="open").count()
