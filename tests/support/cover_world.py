"""A customer in Amsterdam with a signed contract of three lines, two plants and three pumps; and what is agreed with them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from catalog.domain.window import end_through, start_of_day
from entitlements.models import Account, Contract
from entitlements.models.contract import ContractState
from journal.domain.actor import Actor
from support.actions.covers.agreeing import agree_cover
from support.domain.cover_draft import CoverDraft
from support.domain.cover_terms import Aspect
from support.domain.covers import Scope
from support.models import Asset, Cover, Location, Product
from tests.conftest import AT, actor
from tests.entitlements.factories import ContractFactory, ContractLineFactory, ContractVersionFactory
from tests.support.factories import AssetFactory, LocationFactory, ProductFactory
from tests.support.world import START, customer, kept, the_plans

ZONE = "Europe/Amsterdam"
LATER = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
SALES, SALES2, SUPPORT = actor("sales"), actor("sales", "Sal Two"), actor("support")


@dataclass(frozen=True)
class CoverWorld:
    acme: Account
    contract: Contract
    pump: Product
    graz: Location
    linz: Location
    assets: tuple[Asset, Asset, Asset]  # two in Graz, one in Linz


def cover_world(*, plan: str | None = None) -> CoverWorld:
    plans = the_plans()
    acme = customer("acme", plan=plans[plan] if plan else None)
    pump = ProductFactory(key="pump", name="Pump")
    graz, linz = (LocationFactory(account=acme, name=name) for name in ("Plant Graz", "Plant Linz"))
    assets = tuple(
        AssetFactory(account=acme, product=pump, serial=f"SN-{number}", location=place)
        for number, place in ((1, graz), (2, graz), (3, linz))
    )
    return CoverWorld(acme, signed(acme), pump, graz, linz, assets)  # type: ignore[arg-type]


def signed(
    account: Account,
    *,
    key: str = "C-2026-0012",
    lines: int = 3,
    ends_on: date | None = None,
    through: Mapping[int, date] | None = None,
) -> Contract:
    """Signed at the beginning of the year, with so many lines; some through a day of their own, by number."""
    ends = None if ends_on is None else end_through(ends_on, ZONE)
    contract = ContractFactory(account=account, key=key, name="Maintenance", ends_at=ends)
    version = ContractVersionFactory(contract=contract)
    for number in range(1, lines + 1):
        ContractLineFactory(version=version, through_on=(through or {}).get(number))
    version.state, version.effective_at, version.term_starts_at = ContractState.SIGNED, START, START
    version.signed_at, version.signed_by = START, "Sal Sales"
    kept(version)
    return contract


def a_draft(**said: Any) -> CoverDraft:
    """Priority with labour in full from the beginning of March through the end of the year."""
    draft = CoverDraft(
        name="Maintenance",
        starts_at=start_of_day(date(2026, 3, 1), ZONE),
        ends_at=end_through(date(2026, 12, 31), ZONE),
        zone=ZONE,
        tier="priority",
        shares={Aspect.LABOUR: 100, Aspect.PARTS: 50},
    )
    scope = {name: frozenset(said.pop(name)) for name in tuple(said) if name in Scope.__dataclass_fields__}
    return replace(draft, **said, **({"scope": Scope(**scope)} if scope else {}))


def agreed(world: CoverWorld, *, by: Actor = SALES, at: datetime = AT, **said: Any) -> Cover:
    return agree_cover(account=world.acme, draft=a_draft(**said), by=by, at=at, reason="As agreed on the phone")
