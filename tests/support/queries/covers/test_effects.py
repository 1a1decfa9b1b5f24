"""What a change of covers does to whom, and a cover's versions on a line of time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from catalog.domain.window import start_of_day
from support.actions.covers.amending import amend_cover
from support.domain.cover_draft import CoverDraft, CoverPlace
from support.domain.cover_terms import Aspect
from support.models import Cover
from support.queries.covers.effects import MOST_ASKED, Effects, effects_of, reached_by
from support.queries.covers.reading import draft_of, named_for
from support.queries.covers.versions import WIDTH, chain_of, line_of
from tests.conftest import AT
from tests.support.cover_world import SALES, ZONE, CoverWorld, a_draft, agreed, cover_world
from tests.support.factories import AssetFactory, WarrantyFactory
from tests.support.world import customer, kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> CoverWorld:
    return cover_world()


def done(world: CoverWorld, before: CoverDraft | None, after: CoverDraft, *, key: str = "new") -> Effects:
    return effects_of(world.acme, before=before, after=after, key=key, named=named_for(after), at=AT)


def told(effects: Effects) -> list[tuple[str, str, str, str]]:
    return [(one.whom, one.label, one.before, one.after) for one in effects.found]


def test_each_device_it_reaches_is_asked_about(world: CoverWorld) -> None:
    draft = a_draft(tier="", shares={Aspect.LABOUR: 100}, locations={world.graz.pk})
    found = done(world, None, draft)
    assert told(found) == [
        ("Pump SN-1", "Labour", "nothing", "in full by Maintenance"),
        ("Pump SN-2", "Labour", "nothing", "in full by Maintenance"),
    ]
    assert (found.asked, found.more, found.lowers) == (2, 0, False)


def test_what_another_gives_already_changes_nothing(world: CoverWorld) -> None:
    WarrantyFactory(asset=world.assets[0], labour=100, parts=None)
    found = done(world, None, a_draft(tier="", shares={Aspect.LABOUR: 50}, assets={world.assets[0].pk}))
    assert told(found) == []


def test_less_is_named_for_whom_it_is_less(world: CoverWorld) -> None:
    cover = agreed(world, tier="", shares={Aspect.LABOUR: 100}, locations={world.linz.pk})
    found = done(world, draft_of(cover), replace(draft_of(cover), shares={Aspect.LABOUR: 30}), key=f"cover:{cover.pk}")
    assert told(found) == [("Pump SN-3", "Labour", "in full by Maintenance", "30 % by Maintenance")]
    assert found.lowers


def test_devices_of_child_accounts_are_asked_about_where_it_reaches_them(world: CoverWorld) -> None:
    child = customer("acme-spain", plan=None)
    child.parent = world.acme
    kept(child)
    asset = AssetFactory(account=child, product=world.pump, serial="ES-1")
    draft = a_draft(tier="", shares={Aspect.TRAVEL: 100})
    assert asset not in reached_by(draft, account=world.acme)
    reaching = replace(draft, children=True)
    assert asset in reached_by(reaching, account=world.acme)
    assert ("Pump ES-1", "Travel", "nothing", "in full by Maintenance") in told(done(world, None, reaching))


def test_of_very_many_the_first_are_asked_about(world: CoverWorld) -> None:
    for number in range(MOST_ASKED):
        AssetFactory(account=world.acme, product=world.pump, serial=f"X-{number}")
    found = done(world, None, a_draft())
    assert (found.asked, found.more) == (MOST_ASKED, 3)


def test_versions_follow_each_other_on_the_line(world: CoverWorld) -> None:
    old = agreed(world)
    middle = start_of_day(date(2026, 8, 1), ZONE)
    draft = replace(draft_of(old), starts_at=middle, tier="priority_plus")
    new = amend_cover(cover=old, draft=draft, by=SALES, at=AT).cover
    assert chain_of(Cover.objects.get(pk=new.pk)) == [old, new] == chain_of(Cover.objects.get(pk=old.pk))
    line = line_of(new, at=AT)
    first, second = line.stretches
    assert (first.x, first.x + first.width, second.x + second.width) == (0, second.x, WIDTH)
    assert [one.place for one in line.stretches] == [CoverPlace.IN_FORCE, CoverPlace.TO_COME]
    assert (line.now, line.begins, line.ends) == (
        5, "1 March 2026 (Amsterdam)", "through 31 December 2026 (Amsterdam)"
    )  # fmt: skip


def test_without_an_end_it_is_drawn_for_a_year_ahead(world: CoverWorld) -> None:
    line = line_of(agreed(world, ends_at=None), at=AT + timedelta(days=400))
    assert (line.ends, line.stretches[0].open_ended, line.stretches[0].width) == ("", True, WIDTH)
