"""Reading covers: the page of one, the list, what hangs on a contract, and the customer's tab."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from entitlements.queries.contracts.ending import ends_with
from support.actions.covers.agreeing import renew_cover
from support.actions.covers.amending import amend_cover, end_cover
from support.models import Cover
from support.queries.covers.reading import draft_of
from tests.support.admin.covers.desk import address, page, reader
from tests.support.cover_world import SALES, CoverWorld, agreed, cover_world
from tests.support.factories import AssetFactory, WarrantyFactory
from tests.support.world import customer, kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> CoverWorld:
    return cover_world(plan="team")


def running(world: CoverWorld, **said: Any) -> Cover:
    begun = timezone.now() - timedelta(days=5)
    return agreed(world, **{"starts_at": begun, "ends_at": begun + timedelta(days=60), **said})


def test_it_reads_as_sentences_with_what_it_reaches_and_competes_with(world: CoverWorld) -> None:
    cover = running(world, locations={world.graz.pk}, authorisation="Ask the plant")
    WarrantyFactory(asset=world.assets[1], ends_at=timezone.now() + timedelta(days=900))
    html = page(reader("sales"), "", cover.pk, asset=world.assets[1].pk)
    assert "Priority, labour in full, parts 50 %, in Plant Graz" in html
    assert "Before work begins: Ask the plant" in html
    assert "Who decides for Pump SN-2 now" in html
    assert "Maker’s warranty" in html
    assert "Pump SN-3" not in html.partition("What it reaches")[2].partition("</ul>")[0]
    assert "the red line is today" in html


def test_its_versions_stand_below_each_other(world: CoverWorld) -> None:
    old, at = running(world), timezone.now()
    amend_cover(cover=old, draft=_more(old, at), by=SALES, at=at, reason="After the second broken seal")
    html = page(reader("auditor"), "", old.pk)
    assert "It goes on as" in html
    assert "After the second broken seal" in html
    assert html.count("<rect") == 2
    assert ">Amend<" not in html


def _more(cover: Cover, at: Any) -> Any:
    from dataclasses import replace

    return replace(draft_of(cover), starts_at=at, tier="priority_plus")


def test_whoever_only_reads_is_offered_nothing(world: CoverWorld) -> None:
    cover = running(world)
    assert "End early" in page(reader("sales"), "", cover.pk)
    assert "End early" not in page(reader("support"), "", cover.pk)


def listed(**asked: str) -> str:
    answer = reader("sales").get(reverse("admin:support_cover_changelist"), asked)
    assert answer.status_code == 200
    return answer.content.decode().partition("result_list")[2]


def test_the_list_keeps_its_state_in_the_address(world: CoverWorld) -> None:
    now = timezone.now()
    running(world, name="Ends soon", contract=world.contract.pk, line=1)
    running(world, name="Goes on", tier="standard", ends_at=now + timedelta(days=400))
    running(world, name="Is over", starts_at=now - timedelta(days=90), ends_at=now - timedelta(days=9))
    coming = running(world, name="Comes later", starts_at=now + timedelta(days=9), ends_at=None)
    for state, shown, hidden in (
        ("in_force", "Goes on", "Is over"),
        ("ending", "Ends soon", "Goes on"),
        ("ended", "Is over", "Ends soon"),
        ("to_come", "Comes later", "Goes on"),
    ):
        html = listed(state=state)
        assert shown in html, state
        assert hidden not in html, state
    assert "Ends soon" not in listed(tier="standard")
    assert "Goes on" not in listed(contract="C-2026-0012")
    assert "Goes on" in listed(account="acme")
    assert "Goes on" not in listed(account=customer("bolt", plan=None).key)
    end_cover(cover=coming, ends_at=now, by=SALES, at=now, reason="Not wanted")
    assert "Comes later" in listed(state="called_off")
    assert "Comes later" not in listed(state="to_come")


def test_what_another_version_goes_on_from_is_no_end(world: CoverWorld) -> None:
    old, at = running(world), timezone.now()
    amend_cover(cover=old, draft=_more(old, at), by=SALES, at=at)
    assert listed(state="ending").count('class="text-link"') == 2  # the version in force, with its customer


def test_a_contract_shows_the_covers_on_its_lines_and_offers_another(world: CoverWorld) -> None:
    cover = running(world, contract=world.contract.pk, line=2)
    html = reader("sales").get(reverse("admin:entitlements_contract_page", args=[world.contract.pk])).content.decode()
    assert address("", cover.pk) in html
    assert f"{address('_new')}?contract={world.contract.pk}&amp;line=3" in html
    read_only = reader("support").get(reverse("admin:entitlements_contract_page", args=[world.contract.pk]))
    assert "Add a cover under line" not in read_only.content.decode()


def test_a_contract_that_ends_warns_of_the_covers_that_end_with_it(world: CoverWorld) -> None:
    cover = running(world, contract=world.contract.pk, line=2, ends_at=None)
    words = f"cover {cover.name}, which nothing renews yet"
    assert words in ends_with(world.contract, at=timezone.now())
    shown = reverse("admin:entitlements_contract_page", args=[world.contract.pk])
    assert words not in reader("sales").get(shown).content.decode()
    world.contract.ends_at = timezone.now() + timedelta(days=30)
    kept(world.contract)
    assert f"With it ends {words}." in reader("sales").get(shown).content.decode()
    draft = replace(draft_of(cover), contract=None, line=None, contract_ends_at=None)
    renew_cover(cover=cover, draft=draft, by=SALES, at=timezone.now())
    assert words not in reader("sales").get(shown).content.decode()
    assert ends_with(world.contract, at=timezone.now()) == ()


def test_what_ends_by_itself_before_the_contract_does_not_end_with_it(world: CoverWorld) -> None:
    now = timezone.now()
    running(world, name="Pumps", contract=world.contract.pk, line=2, ends_at=now + timedelta(days=20))
    told = ends_with(world.contract, at=now)
    assert "cover Pumps (until " in told[0]  # nobody has said when the contract ends
    assert "in any case), which nothing renews yet" in told[0]
    world.contract.ends_at = now + timedelta(days=30)
    kept(world.contract)
    assert ends_with(world.contract, at=now) == ()


def test_the_customers_tab_has_everything_about_help(world: CoverWorld) -> None:
    cover = running(world)
    running(world, name="Is over", ends_at=timezone.now() - timedelta(days=1))
    html = reader("finance").get(reverse("admin:desk_account_coverage", args=["acme"])).content.decode()
    for words in (cover.name, "Before: 1", "Pump SN-1", "Prepaid help", "Work and visits", "What ends"):
        assert words in html


def test_a_childs_tab_names_the_covers_it_has_from_above(world: CoverWorld) -> None:
    child = customer("acme-spain", plan=None)
    child.parent = world.acme
    kept(child)
    AssetFactory(account=child)
    running(world, name="For all of us", children=True)
    running(world, name="For headquarters")
    html = reader("sales").get(reverse("admin:desk_account_coverage", args=["acme-spain"])).content.decode()
    assert "For all of us" in html
    assert "by Acme" in html
    assert "For headquarters" not in html


def test_the_reads_of_the_list_do_not_grow(world: CoverWorld, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        running(world, name=f"Cover {number}", locations={world.graz.pk})
    client = reader("sales")
    with django_assert_max_num_queries(25):
        client.get(reverse("admin:support_cover_changelist"))
