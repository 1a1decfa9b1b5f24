"""Writing covers on the screen: what it does is shown before it is asked for, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from journal.models import Approval
from support.models import Cover
from support.queries.covers.reading import cover_token, draft_of
from tests.support.admin.covers.desk import address, page, reader, typed
from tests.support.cover_world import CoverWorld, agreed, cover_world
from tests.support.factories import AssetFactory
from tests.support.world import customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> CoverWorld:
    return cover_world()


def running(world: CoverWorld, **said: object) -> Cover:
    """In force today, whenever that is."""
    begun = timezone.now() - timedelta(days=5)
    return agreed(world, **{"starts_at": begun, "ends_at": begun + timedelta(days=300), **said})


def test_whose_it_is_is_found_first(world: CoverWorld) -> None:
    sales = reader("sales")
    assert "With whom?" in page(sales, "_new")
    assert "Agree on a cover with Acme" in page(sales, "_new", account="acme")
    assert "Agree on a cover with Acme" in page(sales, "_new", contract=world.contract.pk, line=2)


def test_what_it_says_and_does_is_shown_then_agreed(world: CoverWorld) -> None:
    sales, url = reader("sales"), f"{address('_new')}?account=acme"
    form = typed(contract=world.contract.pk, line=3, locations=[world.graz.pk], channels=["phone", "email"])
    shown = sales.post(url, {**form, "step": "show"}).content.decode()
    assert "Priority, labour in full, in Plant Graz, by e-mail and phone, through 31 December 2099" in shown
    assert "under line 3 of C-2026-0012" in shown
    assert "it reaches 2 devices" in shown
    assert "in full by Maintenance" in shown  # what it does for Pump SN-1
    assert not Cover.objects.exists()
    again = sales.post(url, {**form, "step": "change"}).content.decode()
    assert 'value="Maintenance"' in again
    answer = sales.post(url, {**form, "step": "save", "reason": "As agreed"})
    cover = Cover.objects.get()
    assert answer.headers["Location"] == address("", cover.pk)
    assert (cover.line, cover.reason, sorted(cover.channels)) == (3, "As agreed", ["email", "phone"])


def test_what_is_wrong_stands_beside_its_field_and_in_the_summary(world: CoverWorld) -> None:
    theirs = AssetFactory(account=customer("bolt", plan=None))
    form = typed(labour="300", contract=world.contract.pk, line=9, assets=[theirs.pk, world.assets[0].pk])
    answer = reader("sales").post(f"{address('_new')}?account=acme", {**form, "step": "show"})
    html = answer.content.decode()
    assert answer.status_code == 422
    for link, words in (
        ('<a href="#id_labour">', "from 0 to 100 percent"),
        ('<a href="#id_line">', "has no line 9"),
        ('<a href="#id_assets', "isn’t this customer’s"),
    ):
        assert link in html
        assert html.count(words) == 2  # beside the field, and in the summary
    assert 'value="300"' in html
    assert str(theirs) not in html  # another customer's things aren't named


def test_things_are_found_without_scripts_and_by_them(world: CoverWorld) -> None:
    for number in range(20):
        AssetFactory(account=world.acme, serial=f"QX-{number:03}")
    sales = reader("sales")
    html = sales.post(
        f"{address('_new')}?account=acme",
        {**typed(assets=[world.assets[0].pk]), "step": "find", "find_assets": "qx 01"},
    ).content.decode()
    assert "QX-013" in html
    assert "Pump SN-1" in html  # what was ticked stays
    assert "QX-005" not in html
    found = sales.get(address("_pick"), {"account": "acme", "kind": "asset", "q": "qx-019"}).json()["found"]
    assert [one["words"] for one in found] == [str(world.acme.assets.get(serial="QX-019"))]
    assert sales.get(address("_pick"), {"account": "acme", "kind": "asset", "q": " "}).json() == {"found": []}


def amend_form(cover: Cover, **said: object) -> dict[str, object]:
    html = {"seen": cover_token(cover), "name": cover.name, "tier": cover.tier, "labour": "100", "parts": "50"}
    zone_day = draft_of(cover).through_on
    return {**html, "through": "" if zone_day is None else zone_day.isoformat(), **said}


def test_more_is_amended_at_once(world: CoverWorld) -> None:
    cover, sales = running(world), reader("sales")
    url = address("_amend", cover.pk)
    shown = sales.post(url, {**amend_form(cover, parts="80"), "step": "show"}).content.decode()
    assert "Parts: 50 % becomes 80 %." in shown
    assert "A second person decides" not in shown
    sales.post(url, {**amend_form(cover, parts="80"), "step": "save"})
    assert Cover.objects.get(follows=cover).parts == 80


def test_less_is_asked_for_and_reviewed(world: CoverWorld) -> None:
    cover, sales = running(world), reader("sales")
    url, form = address("_amend", cover.pk), amend_form(cover, parts="10")
    shown = sales.post(url, {**form, "step": "show"}).content.decode()
    assert "A second person decides" in shown
    assert "That is less." in shown
    bare = sales.post(url, {**form, "step": "save"})
    assert (bare.status_code, "Say why" in bare.content.decode()) == (422, True)
    answer = sales.post(url, {**form, "step": "save", "reason": "A lower fee"})
    approval = Approval.objects.get(kind="cover_change")
    assert answer.headers["Location"] == address("_request", approval.pk)
    mine = page(sales, "_request", approval.pk)
    assert "Withdraw the request" in mine
    assert ">Approve<" not in mine
    review = page(reader("support"), "_request", approval.pk)
    assert "By this the customer has less." in review
    assert "Pump SN-1" in review
    reader("support").post(address("_request", approval.pk), {"step": "approve", "note": "Fine"})
    assert Cover.objects.get(follows=cover).parts == 10
    assert "Approved" in page(sales, "_request", approval.pk)


def test_while_a_change_waits_nothing_else_is_written(world: CoverWorld) -> None:
    cover, sales = running(world), reader("sales")
    form = amend_form(cover, parts="10", step="save", reason="Why")
    sales.post(address("_amend", cover.pk), form)
    answer = sales.get(address("_amend", cover.pk))
    assert answer.headers["Location"] == address("", cover.pk)
    assert "A change waits for a second person" in page(sales, "", cover.pk)


def test_another_hand_is_not_overwritten(world: CoverWorld) -> None:
    cover, sales = agreed(world, starts_at=timezone.now() + timedelta(days=9), ends_at=None), reader("sales")
    html = page(sales, "_amend", cover.pk)
    seen = html.partition('name="seen" value="')[2].partition('"')[0]
    form = amend_form(cover, seen=seen, starts=(timezone.now() + timedelta(days=9)).date().isoformat(), step="save")
    sales.post(address("_amend", cover.pk), {**form, "parts": "80"})
    late = sales.post(address("_amend", cover.pk), {**form, "parts": "90"})
    assert (late.status_code, "Someone else changed this" in late.content.decode()) == (422, True)


def test_it_is_renewed_from_where_it_ends(world: CoverWorld) -> None:
    cover, sales = running(world), reader("sales")
    html = page(sales, "_renew", cover.pk)
    assert "the renewal begins right there" in html
    form = {**amend_form(cover), "through": "2098-12-31"}
    assert "It will say" in sales.post(address("_renew", cover.pk), {**form, "step": "show"}).content.decode()
    sales.post(address("_renew", cover.pk), {**form, "step": "save"})
    assert Cover.objects.get(follows=cover).starts_at == cover.ends_at


def test_ending_early_is_shown_then_asked_for(world: CoverWorld) -> None:
    cover, sales = running(world), reader("sales")
    url, form = address("_end", cover.pk), {"seen": cover_token(cover), "through": "", "reason": "They sold the plant"}
    shown = sales.post(url, {**form, "step": "show"}).content.decode()
    assert "It ends sooner." in shown
    assert "Ask for the end" in shown
    sales.post(url, {**form, "step": "save"})
    approval = Approval.objects.get()
    reader("support").post(address("_request", approval.pk), {"step": "approve"})
    cover.refresh_from_db()
    assert cover.end_reason == "They sold the plant"


def test_what_is_to_come_is_called_off(world: CoverWorld) -> None:
    cover, sales = agreed(world, starts_at=timezone.now() + timedelta(days=9), ends_at=None), reader("sales")
    assert "Call off Maintenance?" in page(sales, "_end", cover.pk)
    sales.post(address("_end", cover.pk), {"seen": cover_token(cover), "reason": "Not wanted", "step": "save"})
    assert "Called off" in page(sales, "", cover.pk)


def test_its_place_beside_others_is_set(world: CoverWorld) -> None:
    cover, sales = running(world), reader("sales")
    assert "the smallest number decides" in page(sales, "_priority", cover.pk)
    form = {"seen": cover_token(cover), "priority": "1", "reason": "As the contract says", "step": "save"}
    sales.post(address("_priority", cover.pk), form)
    new = Cover.objects.get(follows=cover)
    assert "Staff have set it to come first" in page(sales, "", new.pk)


def test_only_who_may_decide_decides(world: CoverWorld) -> None:
    cover, sales = running(world), reader("sales")
    sales.post(address("_amend", cover.pk), amend_form(cover, parts="10", step="save", reason="Why"))
    approval = Approval.objects.get()
    assert sales.post(address("_request", approval.pk), {"step": "approve"}).status_code == 403
    assert reader("auditor").post(address("_request", approval.pk), {"step": "reject"}).status_code == 403
    assert reader("support").post(address("_request", approval.pk), {"step": "sneeze"}).status_code == 422
    sales.post(address("_request", approval.pk), {"step": "withdraw"})
    assert Approval.objects.get().state == Approval.State.WITHDRAWN
