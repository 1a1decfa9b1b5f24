"""Agreeing on covers and renewing them: what is written, and what is refused by name, beside its field."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalog.domain.window import end_through, start_of_day
from entitlements.actions.contacts import remove_contact
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from support.actions.covers.agreeing import agree_cover, renew_cover
from support.actions.covers.refusals import CoverPast
from support.domain.cover_terms import Aspect
from support.models import Cover, CoverScope
from support.queries.covers.reading import cover_token, draft_of, read_cover
from tests.conftest import AT, actor
from tests.entitlements.factories import ContactFactory, ContractFactory
from tests.support.cover_world import SALES, ZONE, CoverWorld, a_draft, agreed, cover_world, signed
from tests.support.factories import AssetFactory, LocationFactory
from tests.support.world import customer, kept

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> CoverWorld:
    return cover_world()


def test_a_cover_is_agreed_under_a_line_with_its_audit_history_and_scope(world: CoverWorld) -> None:
    row = agreed(
        world, contract=world.contract.pk, line=3, locations={world.graz.pk}, channels={"phone", "email"}, counted=True
    )
    assert (row.contract, row.line, row.through_on, row.zone) == (world.contract, 3, date(2026, 12, 31), ZONE)
    assert [one.location for one in row.scope.all()] == [world.graz]
    assert read_cover(row).words == (
        "Priority, labour in full, parts 50 %, in Plant Graz, by e-mail and phone, "
        "through 31 December 2026 (Amsterdam); under line 3 of C-2026-0012."
    )
    event = AuditEvent.objects.get(verb="cover:agree")
    assert (event.account_key, event.actor_name, event.reason) == ("acme", SALES.name, "As agreed on the phone")
    assert str(row.history.get().history_change_reason) == str(event.id)
    assert CoverScope.history.count() == 1


def test_what_is_read_back_is_what_was_said(world: CoverWorld) -> None:
    draft = a_draft(assets={world.assets[0].pk}, channels={"phone"}, visits_a_year=2, priority=4, children=True)
    row = agree_cover(account=world.acme, draft=draft, by=SALES, at=AT)
    assert draft_of(Cover.objects.get(pk=row.pk)) == draft


def refused(world: CoverWorld, **said: Any) -> Invalid:
    with pytest.raises(Invalid) as raised:
        agreed(world, **said)
    assert Cover.objects.filter(account=world.acme).count() <= 1
    return raised.value


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"contract": "its", "line": 4}, "no_such_line", "line"),
        ({"line": 1}, "no_such_line", "contract"),
        ({"contract": "unsigned"}, "contract_not_in_force", "contract"),
        ({"contract": "ended"}, "contract_not_in_force", "contract"),
        ({"contract": "theirs"}, "not_theirs", "contract"),
        ({"contract": "its", "starts_at": datetime(2025, 12, 1, tzinfo=UTC)}, "before_contract", "starts"),
        ({"assets": "theirs"}, "not_theirs", "assets"),
        ({"locations": "theirs"}, "not_theirs", "locations"),
        ({"contacts": "theirs"}, "not_theirs", "contacts"),
        ({"products": {987654}}, "not_theirs", "products"),
        ({"channels": {"fax"}}, "unknown_channel", "channels"),
        ({"shares": {Aspect.PARTS: 101}}, "percent_out_of_range", "parts"),
        ({"shares": {Aspect.TRAVEL: -1}}, "percent_out_of_range", "travel"),
        ({"ends_at": end_through(date(2026, 2, 27), ZONE)}, "ends_before_start", "through"),
        ({"tier": "diamond"}, "unknown_tier", "tier"),
        ({"tier": "", "shares": {}}, "cover_says_nothing", "tier"),
        ({"name": "  "}, "invalid", "name"),
        ({"priority": 0}, "invalid", "priority"),
        ({"visits_a_year": 400}, "invalid", "visits_a_year"),
    ],
)
def test_what_cannot_be_is_refused_by_name_beside_its_field(
    world: CoverWorld, said: dict[str, Any], code: str, field: str
) -> None:
    other = customer("bolt", plan=None)
    rows: dict[str, Any] = {
        "its": world.contract.pk,
        "unsigned": ContractFactory(account=world.acme).pk,
        "ended": signed(world.acme, key="C-1", ends_on=date(2026, 1, 31)).pk,
        "theirs": {
            "contract": signed(other, key="C-2").pk,
            "assets": {AssetFactory(account=other).pk},
            "locations": {LocationFactory(account=other).pk},
            "contacts": {ContactFactory(account=other).pk},
        },
    }
    for name, value in said.items():
        if isinstance(value, str) and value in rows:
            said = said | {name: rows["theirs"][name] if value == "theirs" else rows[value]}
    refusal = refused(world, **said)
    assert (refusal.code, refusal.field) == (code, field)
    assert refusal.message.endswith(".")


def test_every_fault_is_told_at_once(world: CoverWorld) -> None:
    errors = refused(world, name="", tier="diamond", channels={"fax"}, shares={Aspect.PARTS: 300}).errors
    assert set(errors) == {"name", "tier", "channels", "parts"}


def test_the_same_line_never_covers_the_same_twice_at_once(world: CoverWorld) -> None:
    line = {"contract": world.contract.pk, "line": 3}
    agreed(world, locations={world.graz.pk}, **line)
    refusal = refused(world, name="Again", locations={world.graz.pk, world.linz.pk}, **line)
    assert (refusal.code, refusal.field) == ("cover_overlaps", "line")
    agreed(world, name="Elsewhere", locations={world.linz.pk}, **line)
    agreed(world, name="A device", assets={world.assets[0].pk}, **line)
    afterwards = {"starts_at": end_through(date(2026, 12, 31), ZONE), "ends_at": None}
    agreed(world, name="Next year", locations={world.graz.pk}, **line, **afterwards)


def test_two_of_one_name_never_cover_the_same_at_once(world: CoverWorld) -> None:
    agreed(world, channels={"phone"})
    refusal = refused(world, name="maintenance ", channels={"phone", "chat"})
    assert (refusal.code, refusal.field) == ("cover_overlaps", "name")
    agreed(world, channels={"chat"})
    agreed(world, name="Another name")


def test_things_of_child_accounts_are_reached_where_it_says_so(world: CoverWorld) -> None:
    child = customer("acme-spain", plan=None)
    child.parent = world.acme
    kept(child)
    asset = AssetFactory(account=child)
    refusal = refused(world, assets={asset.pk})
    assert (refusal.code, "child account" in refusal.message) == ("not_theirs", True)
    assert agreed(world, assets={asset.pk}, children=True).scope.get().asset == asset


def test_who_may_not_is_refused(world: CoverWorld) -> None:
    with pytest.raises(NotAllowed):
        agreed(world, by=actor("auditor"))


def test_a_renewal_begins_where_the_old_one_ends(world: CoverWorld) -> None:
    old = agreed(world)
    draft = a_draft(ends_at=end_through(date(2027, 12, 31), ZONE), tier="standard")
    new = renew_cover(cover=old, draft=draft, by=SALES, at=AT, reason="Another year")
    assert (new.follows, new.starts_at, new.through_on) == (old, old.ends_at, date(2027, 12, 31))
    old.refresh_from_db()
    assert old.through_on == date(2026, 12, 31)
    assert AuditEvent.objects.get(verb="cover:renew").changes["begins"][1] == "1 January 2027 (Amsterdam)"


def test_what_ends_with_its_contract_goes_on_under_the_next(world: CoverWorld) -> None:
    first = signed(world.acme, key="C-1", ends_on=date(2026, 6, 30))
    old = agreed(world, contract=first.pk, line=1, ends_at=None)
    draft = a_draft(contract=first.pk, line=1)
    with pytest.raises(Invalid) as raised:
        renew_cover(cover=old, draft=draft, by=SALES, at=AT)
    assert raised.value.code == "contract_not_in_force"
    new = renew_cover(cover=old, draft=replace(draft, contract=world.contract.pk), by=SALES, at=AT)
    assert new.starts_at == start_of_day(date(2026, 7, 1), ZONE)


def test_a_renewal_happens_once_and_needs_an_end(world: CoverWorld) -> None:
    endless, old = agreed(world, name="For good", ends_at=None), agreed(world)
    draft = a_draft(ends_at=end_through(date(2027, 12, 31), ZONE))
    with pytest.raises(Refusal, match="Nobody has said an end"):
        renew_cover(cover=endless, draft=draft, by=SALES, at=AT)
    seen = cover_token(old)
    renew_cover(cover=old, draft=draft, by=SALES, at=AT, seen=seen)
    with pytest.raises(CoverPast, match="renewed or amended already"):
        renew_cover(cover=old, draft=draft, by=SALES, at=AT)
    with pytest.raises(Stale):
        renew_cover(cover=old, draft=draft, by=SALES, at=AT, seen=seen)


def test_a_cover_lasts_no_longer_than_its_line(world: CoverWorld) -> None:
    short = signed(world.acme, key="C-3", through={2: date(2026, 5, 31)})
    cover = agreed(world, contract=short.pk, line=2, ends_at=None)
    assert read_cover(cover).named.until == "through 31 May 2026 (Amsterdam)"
    refusal = refused(world, name="Later", contract=short.pk, line=2, starts_at=start_of_day(date(2026, 7, 1), ZONE))
    assert (refusal.code, refusal.field) == ("contract_not_in_force", "contract")


def test_who_may_ask_under_a_cover_stays_a_contact_and_that_is_said(world: CoverWorld) -> None:
    jo, ana = (ContactFactory(account=world.acme, email=f"{name}@acme.example") for name in ("jo", "ana"))
    cover = agreed(world, contacts={jo.pk})
    with pytest.raises(Refusal, match="names them among those who may ask"):
        remove_contact(contact=jo, reason="Left", by=SALES, at=AT)
    assert [one.contact for one in cover.scope.all()] == [jo]
    remove_contact(contact=ana, reason="Left", by=SALES, at=AT)
