"""Putting bundles together, changing them, taking them off sale."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from catalog.actions.bundles import create_bundle, edit_bundle, end_bundle
from catalog.actions.publishing import retire
from catalog.models import Bundle, Plan
from catalog.queries.promotions import options_of, say_bundle, say_window
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import AddOnFactory, PlanFactory, published_version

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def add_ons(number: int = 3) -> list[Plan]:
    return [published_version(plan=AddOnFactory(name=f"Add-on {letter}")).plan for letter in "ABCDE"[:number]]


def made(by: Actor, at: datetime, **more: Any) -> Bundle:
    told = {"key": "starter", "name": "Starter", "pick": 2, "by": by, "at": at} | more
    return create_bundle(add_ons=told.pop("add_ons", None) or add_ons(), **told)


def test_it_offers_its_add_ons_in_their_order(finance: Actor, at: datetime) -> None:
    bundle = made(finance, at)
    assert say_bundle(bundle, add_ons=options_of(bundle)) == "Any 2 of Add-on A, Add-on B, Add-on C"
    assert AuditEvent.objects.get(verb="bundle:create").changes["options"] == [None, "Add-on A, Add-on B, Add-on C"]


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        ({"pick": 4}, "pick", "can't choose 4 of 3"),
        ({"pick": 0}, "pick", "can't choose 0 of 3"),
        ({"ends_at": -DAY}, "ends_at", "over already"),
        ({"starts_at": 2 * DAY, "ends_at": DAY}, "ends_at", "before the first day"),
    ],
)
def test_what_cannot_be_is_refused(finance: Actor, at: datetime, more: dict[str, Any], field: str, words: str) -> None:
    more = {name: at + value if isinstance(value, timedelta) else value for name, value in more.items()}
    with pytest.raises(Invalid, match=words) as refused:
        made(finance, at, **more)
    assert refused.value.field == field
    assert not Bundle.objects.exists()


def test_a_plan_is_no_part_of_a_bundle(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="is a plan; a bundle is made of add-ons"):
        made(finance, at, add_ons=[*add_ons(2), PlanFactory()])


def test_nothing_stands_in_it_twice(finance: Actor, at: datetime) -> None:
    one, two = add_ons(2)
    with pytest.raises(Invalid, match="stands in it twice"):
        made(finance, at, add_ons=[one, two, one])


def test_what_is_not_on_sale_is_not_offered(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="nothing of it is on sale"):
        made(finance, at, add_ons=[*add_ons(2), AddOnFactory()])


def test_a_key_is_given_once(finance: Actor, at: datetime) -> None:
    made(finance, at)
    with pytest.raises(Invalid, match="already a bundle with the key"):
        made(finance, at)


def test_a_change_is_counted_and_told(finance: Actor, at: datetime) -> None:
    bundle = made(finance, at)
    first, second, third = options_of(bundle)
    edited = edit_bundle(bundle=bundle, name="Starter", pick=1, add_ons=[third, first], by=finance, at=at + DAY)
    assert [edited.pick, edited.edits, options_of(edited)] == [1, 1, [third, first]]
    changes = AuditEvent.objects.get(verb="bundle:edit").changes
    assert changes == {
        "pick": [2, 1],
        "options": ["Add-on A, Add-on B, Add-on C", "Add-on C, Add-on A"],
    }
    assert bundle.options.model.history.filter(add_on=second, history_type="-").exists()


def test_nothing_changed_is_nothing_written(finance: Actor, at: datetime) -> None:
    bundle = made(finance, at)
    edit_bundle(bundle=bundle, name="Starter", pick=2, add_ons=options_of(bundle), by=finance, at=at + DAY)
    assert not AuditEvent.objects.filter(verb="bundle:edit").exists()
    assert bundle.history.count() == 1


def test_what_stood_in_it_may_stay_when_it_is_sold_no_more(finance: Actor, at: datetime) -> None:
    bundle = made(finance, at)
    first, *_ = options = options_of(bundle)
    retire(version=first.versions.get(), by=SYSTEM, at=at)
    edited = edit_bundle(bundle=bundle, name="Basics", pick=2, add_ons=options, by=finance, at=at + DAY)
    assert edited.name == "Basics"


def test_off_sale_it_is_over_at_once(finance: Actor, at: datetime) -> None:
    bundle = end_bundle(bundle=made(finance, at), reason="Nobody buys it", by=finance, at=at + DAY)
    assert bundle.ends_at == at + DAY
    assert say_window(bundle, zone="UTC") == "until 3 March 2026 09:00 (UTC)"
    with pytest.raises(Refusal, match="off sale already"):
        end_bundle(bundle=bundle, reason="Again", by=finance, at=at + 2 * DAY)


def test_what_has_not_begun_is_not_ended(finance: Actor, at: datetime) -> None:
    bundle = made(finance, at, starts_at=at + DAY)
    with pytest.raises(Refusal, match="isn't on sale yet"):
        end_bundle(bundle=bundle, reason="Changed our mind", by=finance, at=at)


def test_ending_one_needs_a_reason(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="Say why"):
        end_bundle(bundle=made(finance, at), reason=" ", by=finance, at=at + DAY)


def test_sales_may_not_put_bundles_together(sales: Actor, finance: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        made(sales, at)
    bundle = made(finance, at)
    for act in (
        lambda: edit_bundle(bundle=bundle, name="X", pick=1, add_ons=options_of(bundle), by=sales, at=at),
        lambda: end_bundle(bundle=bundle, reason="No", by=sales, at=at),
    ):
        with pytest.raises(NotAllowed):
            act()
