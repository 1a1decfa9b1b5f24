"""Warranties and covers that end: their tasks, what goes on in their place, and what is announced of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from entitlements.actions.contract_endings import give_notice
from entitlements.actions.renewals.deciding import making_of, renew
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.models import Account, Contract, Renewal
from entitlements.queries.clock.ahead import ends_ahead
from entitlements.queries.renewals.one import gives
from entitlements.queries.renewals.proof import ends_without_owner
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import NotAllowed
from support.models import Cover, Warranty
from tests.conftest import actor
from tests.entitlements.ending import contract, customer, renewing, task, tasks
from tests.support.factories import AssetFactory, CoverFactory, WarrantyFactory

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
END = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def acme() -> Account:
    return customer()


def warranty(acme: Account, **more: Any) -> Warranty:
    asset = more.pop("asset", None) or AssetFactory(account=acme)
    told = {"ends_at": END, "through_on": date(2026, 4, 30), "starts_at": datetime(2025, 5, 1, tzinfo=UTC)} | more
    return WarrantyFactory(asset=asset, **told)


def cover(acme: Account, **more: Any) -> Cover:
    told = {"ends_at": END, "through_on": date(2026, 4, 30), "starts_at": datetime(2025, 5, 1, tzinfo=UTC)} | more
    return CoverFactory(account=acme, **told)


def decide(row: Renewal, *, by: Actor | None = None) -> Renewal:
    making = making_of(row)
    assert making is not None
    offer = making.offer(row.subject_key, AT)
    days = {"starts_on": offer.starts_on, "through_on": offer.through_on}
    may = frozenset({"entitlements.decide_renewal", "support.edit_asset", "support.write_cover"})
    by = by or Actor(ActorKind.STAFF, "staff:7", "Sam", permissions=may)
    return renew(renewal=row, reason="They go on", by=by, at=AT, **days)


def test_a_warranty_and_a_cover_that_end_get_their_tasks(acme: Account) -> None:
    warranty(acme)
    cover(acme)
    sweep_renewals(at=AT)
    assert sorted(tasks()) == [("cover", "open", "60"), ("warranty", "open", "60")]
    assert ends_without_owner(at=AT) == []
    assert gives(task(kind="warranty"), at=AT) == ["Parts in full"]
    assert gives(task(kind="cover"), at=AT)[0].startswith("Labour in full, on everything they have")


def test_a_warranty_is_extended_by_a_further_one_that_bears_the_same(acme: Account) -> None:
    old = warranty(acme)
    sweep_renewals(at=AT)
    row = decide(task())
    new = Warranty.objects.exclude(pk=old.pk).get()
    assert (new.parts, new.through_on, row.state) == (100, date(2027, 4, 30), "renewed")
    sweep_renewals(at=AT)
    assert task(subject_key=str(old.pk)).state == "renewed"
    assert ends_without_owner(at=AT) == []


def test_a_warranty_that_another_goes_on_from_needs_nobody_but_one_on_something_else_does(acme: Account) -> None:
    row = warranty(acme)
    later = {"ends_at": END + 400 * DAY, "through_on": date(2027, 6, 4)}
    warranty(acme, asset=row.asset, starts_at=END - DAY, parts=None, labour=100, **later)
    sweep_renewals(at=AT)
    assert task(subject_key=str(row.pk)).state == "open"
    warranty(acme, asset=row.asset, starts_at=END, parts=50, **later)
    sweep_renewals(at=AT)
    assert task(subject_key=str(row.pk)).state == "renewed"
    assert [end.sort for end in ends_ahead(account=acme, at=AT, within=90 * DAY) if not end.agreed] == []


def test_equipment_that_is_sold_on_takes_its_task_along(acme: Account) -> None:
    row = warranty(acme)
    sweep_renewals(at=AT)
    other = customer("other")
    asset = row.asset
    asset.account, asset.held_since = other, AT
    keep(asset, deed=begin(by=SYSTEM, at=AT))
    sweep_renewals(at=AT)
    assert [(one.account, one.state) for one in Renewal.objects.all()] == [(other, "open")]


@pytest.mark.parametrize("what", ["voided", "retired", "left behind"])
def test_a_warranty_that_stops_before_its_end_is_nothing_to_renew(acme: Account, what: str) -> None:
    row = warranty(acme, transferable=what != "left behind")
    sweep_renewals(at=AT)
    asset = row.asset
    if what == "voided":
        row.voided_at, row.voided_by, row.void_reason = AT, "Ada", "Tampered with"
        keep(row, deed=begin(by=SYSTEM, at=AT))
    elif what == "retired":
        asset.retired_at, asset.retire_reason = AT, "Scrapped"
        keep(asset, deed=begin(by=SYSTEM, at=AT))
    else:
        asset.account, asset.held_since = customer("other"), AT
        keep(asset, deed=begin(by=SYSTEM, at=AT))
    sweep_renewals(at=AT)
    assert [state for _, state, _ in tasks()] == ["lapsed"]


def test_a_cover_is_renewed_from_the_moment_it_ends(acme: Account) -> None:
    old = cover(acme)
    sweep_renewals(at=AT)
    decide(task())
    new = Cover.objects.get(follows=old)
    assert (new.starts_at, new.labour) == (END, 100)
    sweep_renewals(at=AT)
    assert task(subject_key=str(old.pk)).state == "renewed"


def test_a_cover_that_ends_with_its_contract_has_a_task_but_is_announced_with_the_contract(acme: Account) -> None:
    cover(acme, ends_at=None, through_on=None, contract=contract(acme))
    sweep_renewals(at=AT)
    assert sorted(tasks()) == [("contract", "open", "92"), ("cover", "open", "92")]
    assert [end.sort.value for end in ends_ahead(account=acme, at=AT, within=100 * DAY)] == ["contract"]


def test_what_ends_with_a_contract_that_was_given_notice_for_is_decided(acme: Account) -> None:
    agreed = renewing(acme)
    cover(acme, ends_at=None, through_on=None, contract=agreed)
    sweep_renewals(at=AT)
    assert tasks() == [("contract", "renewed", "92")]
    give_notice(contract=Contract.objects.get(), said_by="Bea", by=SYSTEM, at=AT)
    sweep_renewals(at=AT)
    assert task(kind="cover").reason == f"It ends with contract {agreed.key}: Bea gave notice."


def test_warranties_and_covers_are_announced(acme: Account) -> None:
    warranty(acme)
    cover(acme)
    words = [end.words for end in ends_ahead(account=acme, at=AT, within=100 * DAY)]
    assert any(said.startswith("The cover Maintenance") for said in words)
    assert any(said.startswith("The Maker’s warranty") for said in words)


def test_only_who_may_set_warranties_extends_one(acme: Account) -> None:
    warranty(acme)
    sweep_renewals(at=AT)
    with pytest.raises(NotAllowed):
        decide(task(), by=actor("finance"))


def test_a_warranty_is_not_gone_on_from_by_one_that_stopped_or_promises_no_tier(acme: Account) -> None:
    row = warranty(acme, tier="gold")
    later = {"ends_at": END + 400 * DAY, "through_on": date(2027, 6, 4)}
    warranty(acme, asset=row.asset, **later)
    sweep_renewals(at=AT)
    assert task(subject_key=str(row.pk)).state == "open"
    warranty(acme, asset=row.asset, tier="gold", transferable=False, **later)
    sweep_renewals(at=AT)
    assert task(subject_key=str(row.pk)).state == "renewed"
    asset = row.asset
    asset.account, asset.held_since = customer("other"), AT
    keep(asset, deed=begin(by=SYSTEM, at=AT))
    sweep_renewals(at=AT)
    assert task(subject_key=str(row.pk)).state == "open"


@pytest.mark.parametrize("make", [warranty, cover])
def test_an_end_that_was_written_past_the_desk_is_found(acme: Account, make: Any) -> None:
    row = make(acme, ends_at=END + 900 * DAY, through_on=None if make is cover else date(2028, 10, 17))
    assert ends_without_owner(at=AT) == []
    type(row)._base_manager.filter(pk=row.pk).update(ends_at=END)
    assert [one.end.subject_key for one in ends_without_owner(at=AT)] == [str(row.pk)]
