from datetime import UTC, date, datetime, timedelta

import pytest

from catalog.domain.window import start_of_day
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from support.actions.assets.held import AssetRetired, Borne, ProductRetired, SerialKnown
from support.actions.assets.products import retire_product
from support.actions.assets.registering import edit_dates
from support.actions.assets.replacing import replace_asset
from support.actions.assets.warranties import add_warranty
from support.domain.cover_terms import Aspect, ScopeKind, VisitState, WarrantyBasis
from support.domain.warranties import Days, together
from support.models import Asset, Warranty
from support.queries.assets.tokens import asset_token
from support.queries.assets.warranties import span_held, waits_for
from support.queries.covering import About, covering
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import SHIPPED, installed_press, press, registered
from tests.support.factories import CoverFactory, CoverScopeFactory, LocationFactory, VisitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return AccountFactory(name="Acme", key="acme")


def test_the_new_one_stands_where_the_old_one_stood_and_inherits_the_rest(acme, support_agent, at):
    plant = LocationFactory(account=acme)
    old = registered(acme, press(), name="Press A", location=plant)
    new = replace_asset(asset=old, serial="P-2", reason="Broken frame", by=support_agent, at=at)
    old.refresh_from_db()
    assert (new.replaces, new.location, new.name, new.held_since) == (old, plant, "Press A", at)
    assert (old.retired_at, old.retire_reason) == (at, "Replaced by P-2: Broken frame")
    mine, its = old.warranties.get(), new.warranties.get()
    assert (mine.voided_at, its.starts_at, its.inherited_from) == (at, at, mine)
    assert (its.ends_at, its.through_on, its.labour) == (mine.ends_at, date(2026, 12, 31), 100)
    assert together([span_held(mine), span_held(its)]) == mine.ends_at - mine.starts_at
    verbs = set(AuditEvent.objects.filter(account_key="acme").values_list("verb", flat=True))
    assert {"asset:replace", "asset:retire", "warranty:pass_on", "warranty:inherit"} <= verbs


def test_a_chain_of_replacements_lasts_no_longer_than_the_first_would_have(acme, at):
    one = registered(acme, press(), "P-0")
    whole = span_held(one.warranties.get()).lasts
    for number, days in enumerate((3, 40, 40, 300, 900), start=1):
        swap = at + timedelta(days=days)
        one = replace_asset(asset=one, serial=f"P-{number}", reason="Again", by=SYSTEM, at=swap)
    assert together(span_held(row) for row in Warranty.objects.all()) == whole
    assert not one.warranties.exists()  # the last swap came after the end


def test_without_warranty_left_nothing_is_inherited(acme):
    old = registered(acme, press())
    after = datetime(2027, 1, 1, tzinfo=UTC)  # the end is exclusive
    new = replace_asset(asset=old, serial="P-2", reason="Worn", by=SYSTEM, at=after, days=Days(shipped=after.date()))
    assert not new.warranties.exists()
    assert waits_for(new) == ""
    assert old.warranties.get().voided_at is None  # it was over by itself


def test_dates_of_the_new_one_start_no_warranty_anew(acme, at):
    new = replace_asset(asset=registered(acme, press()), serial="P-2", reason="Broken", by=SYSTEM, at=at)
    assert edit_dates(asset=new, days=Days(shipped=at.date()), by=SYSTEM, at=at) is None
    assert new.warranties.get().through_on == date(2026, 12, 31)


def test_what_hadnt_begun_goes_on_waiting_with_the_new_one(acme, at):
    old = registered(acme, installed_press())
    new = replace_asset(asset=old, serial="R-2", reason="Dead on arrival", by=SYSTEM, at=at)
    assert waits_for(new).startswith("It has no installation day yet")
    begun = edit_dates(asset=new, days=Days(installed=date(2026, 3, 1)), by=SYSTEM, at=at)
    assert begun is not None
    assert begun.through_on == date(2027, 2, 28)


def test_every_warranty_that_runs_or_comes_is_inherited(acme, at):
    old = registered(acme, press())
    told = {"borne": Borne(parts=50), "basis": WarrantyBasis.SHIPPED, "by": SYSTEM, "at": at}
    first = date(2027, 1, 1)
    add_warranty(asset=old, name="Extension", first_on=first, months=12, tier="", priority=2, **told)
    new = replace_asset(asset=old, serial="P-2", reason="Broken", by=SYSTEM, at=at)
    later = new.warranties.get(name="Extension")
    assert (later.starts_at, later.through_on, later.priority) == (
        start_of_day(first, acme.zone),
        date(2027, 12, 31),
        2,
    )


def test_covers_that_named_the_old_one_reach_the_new_one(acme, at):
    old = registered(acme, press(warranty_months=None, borne=None))
    cover = CoverFactory(account=acme, name="Maintenance", labour=80)
    over = CoverFactory(account=acme, name="Old", ends_at=at)
    for row in (cover, over):
        CoverScopeFactory(cover=row, kind=ScopeKind.ASSET, asset=old, product=None)
    new = replace_asset(asset=old, serial="P-2", reason="Broken", by=SYSTEM, at=at)
    assert covering(acme, at=at, about=About(asset=new)).choice.borne(Aspect.LABOUR) == 80
    assert set(cover.scope.values_list("asset", flat=True)) == {old.pk, new.pk}
    assert over.scope.count() == 1  # it had ended
    event = AuditEvent.objects.get(verb="cover:reach_replacement")
    assert (event.account_key, event.changes) == ("acme", {"reaches": ["Press P-1", "Press P-2"]})


def test_visits_still_to_come_are_to_the_new_one(acme, at):
    old = registered(acme, press())
    cover = CoverFactory(account=acme)
    coming = VisitFactory(cover=cover, account=acme, asset=old, number=1)
    done = VisitFactory(
        cover=cover, account=acme, asset=old, number=2, state=VisitState.DONE, settled_at=at, settled_by="Bea"
    )
    new = replace_asset(asset=old, serial="P-2", reason="Broken", by=SYSTEM, at=at)
    coming.refresh_from_db()
    done.refresh_from_db()
    assert (coming.asset, done.asset) == (new, old)


def test_another_product_may_take_its_place(acme, at):
    newer = installed_press()
    new = replace_asset(asset=registered(acme, press()), serial="P-1", product=newer, reason="x", by=SYSTEM, at=at)
    assert (new.product, new.warranties.get().through_on) == (newer, date(2026, 12, 31))


def test_a_swap_recorded_later_counts_from_its_moment(acme, at):
    swap = at - timedelta(days=3)
    new = replace_asset(asset=registered(acme, press()), serial="P-2", reason="x", swapped_at=swap, by=SYSTEM, at=at)
    assert (new.held_since, new.warranties.get().starts_at, new.recorded_at) == (swap, swap, at)


def test_what_cant_be_replaced_is_refused_beside_the_field(acme, at):
    product = press()
    old = registered(acme, product)
    registered(acme, product, "P-9")
    told = {"reason": "x", "by": SYSTEM, "at": at}
    cases = [
        ({"serial": "p-1"}, Invalid, "serial"),
        ({"serial": "p-9"}, SerialKnown, "serial"),
        ({"serial": " "}, Invalid, "serial"),
        ({"serial": "P-2", "reason": " "}, Invalid, "reason"),
        ({"serial": "P-2", "swapped_at": at + timedelta(hours=1)}, Invalid, "swapped_on"),
        ({"serial": "P-2", "swapped_at": datetime(2025, 1, 1, tzinfo=UTC)}, Invalid, "swapped_on"),
        ({"serial": "P-2", "days": Days(shipped=date(1900, 1, 1))}, Invalid, "shipped_on"),
        ({"serial": "P-2", "product": retire_product(product=installed_press(), by=SYSTEM, at=at)}, ProductRetired, "product"),
    ]  # fmt: skip
    for given, refusal, field in cases:
        with pytest.raises(refusal) as refused:
            replace_asset(asset=old, **told | given)
        assert refused.value.field == field, given
    assert Asset.objects.count() == 2


def test_once_replaced_it_isnt_again(acme, at):
    old = registered(acme, press())
    seen = asset_token(old)
    replace_asset(asset=old, serial="P-2", reason="x", by=SYSTEM, at=at, seen=seen)
    with pytest.raises(Stale):
        replace_asset(asset=old, serial="P-3", reason="x", by=SYSTEM, at=at, seen=seen)
    with pytest.raises(AssetRetired, match="Replaced by P-2"):
        replace_asset(asset=old, serial="P-3", reason="x", by=SYSTEM, at=at)


def test_who_may_not_replaces_nothing(acme, finance, at):
    old = registered(acme, press(), days=SHIPPED)
    with pytest.raises(NotAllowed):
        replace_asset(asset=old, serial="P-2", reason="x", by=finance, at=at)
