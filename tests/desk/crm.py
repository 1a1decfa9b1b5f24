"""A CRM whose companies and deals are taken in: the vendor Console, what it tells, and who looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from desk.actions.crm.applied import NEEDS, Applied
from desk.actions.crm.companies import apply_company
from desk.actions.crm.deals import apply_deal
from desk.actions.crm.tickets import take_tickets
from desk.domain.crm.told import Company, Deal, DealLine, DealState
from desk.models import CrmCompany, CrmDeal, CrmFinding, CrmSetup, DealMapping, DealRule, MappingState
from entitlements.models import Account, SubscriptionItem
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.models import AuditEvent, Connection
from tests.entitlements.world import AT, Catalog, account, add_on, catalog
from tests.journal.factories import ConnectionFactory
from tests.remembered import remembered

SYSTEM_THERE = "console"
TODAY = AT.date()
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class World:
    """Team by product TEAM, 50 GB more by EXTRA, seats by SEATS, a longer trial by the field TrialDays; Acme is c1."""

    connection: Connection
    catalog: Catalog
    acme: Account

    @property
    def by(self) -> Actor:
        key = f"connection:{self.connection.key}"
        return Actor(kind=ActorKind.CONNECTION, key=key, name=self.connection.name, permissions=NEEDS)


@remembered
def crm() -> World:
    shop = catalog()
    add_on("extra", {shop.storage: Decimal(50 * 10**9)})
    connection, acme = ConnectionFactory(), account("acme")
    world = World(connection, shop, acme)
    mapped(connection, shop)
    CrmCompany.objects.create(
        connection=connection, external_id="c1", account=acme, name="Acme", told={"name": "Acme"}, told_at=AT
    )
    return world


def mapped(connection: Connection, shop: Catalog, *, number: int = 1, **more: Any) -> DealMapping:
    """In force from before the year, twelve months that renew."""
    told: dict[str, Any] = {
        "state": MappingState.IN_FORCE,
        "months": {"written": "12"},
        "renews": True,
        "in_force_at": AT - timedelta(days=20),
        "drafted_at": AT - timedelta(days=30),
        "drafted_by": "Sal",
    } | more
    row = kept(DealMapping(connection=connection, number=number, **told))
    ruled(row, "team", "plan", products=["TEAM"], plan=shop.team, position=1)
    ruled(row, "seats", "feature", products=["SEATS"], feature=shop.seats, mode="add", position=2,
          readings={"value": {"line_field": "Seats"}})  # fmt: skip
    ruled(row, "longer", "trial", where=[{"field": "Kind", "values": ["trial"]}], position=3,
          readings={"days": {"deal_field": "TrialDays"}})  # fmt: skip
    ruled(row, "fee", "nothing", products=["FEE"], position=4)
    return row


def ruled(mapping: DealMapping, key: str, target: str, **more: Any) -> DealRule:
    return kept(DealRule(mapping=mapping, key=key, target=target, **more))


def kept(row: Any) -> Any:
    return keep(row, deed=begin(by=SYSTEM, at=AT))


def chosen(world: World, **told: Any) -> None:
    kept(CrmSetup(connection=world.connection, **told))


def company(id: str = "c2", name: str = "Beta BV", **more: Any) -> Company:
    return Company(SYSTEM_THERE, id, name, more.pop("changed_at", AT), **more)


def line(id: str = "l1", product: str = "TEAM", quantity: str = "5", **fields: str) -> DealLine:
    return DealLine(id, product, quantity=Decimal(quantity), fields=fields)


def deal(*lines: DealLine, id: str = "d1", state: DealState = DealState.WON, **more: Any) -> Deal:
    told: dict[str, Any] = {
        "name": "Big one",
        "company": "c1",
        "changed_at": AT,
        "closed_on": TODAY,
        "lines": lines,
        "fields": {},
    } | more
    return Deal(system=SYSTEM_THERE, id=id, state=state, **told)


def hear(world: World, said: Deal | Company, *, at: datetime = AT, ticket: int | None = None) -> Applied:
    """Somebody looks, is told this, and it is taken in."""
    ticket = ticket or asked(world, said, at=at)
    if isinstance(said, Deal):
        return apply_deal(connection=world.connection, deal=said, ticket=ticket, by=world.by, at=at)
    return apply_company(connection=world.connection, company=said, ticket=ticket, by=world.by, at=at)


def asked(world: World, said: Deal | Company, *, at: datetime = AT) -> int:
    kind = CrmDeal if isinstance(said, Deal) else CrmCompany
    return take_tickets(connection=world.connection, kind=kind, ids=[said.id], at=at)[said.id]


def row_of(id: str = "d1") -> CrmDeal:
    return CrmDeal.objects.select_related("contract", "account", "trial").get(external_id=id)


def linked(id: str = "c2") -> CrmCompany:
    return CrmCompany.objects.select_related("account", "connection").get(external_id=id)


def holds(at: datetime = AT) -> list[str]:
    """What contracts give at the instant: ["5 × team"]."""
    rows = SubscriptionItem.objects.filter(contract_line__isnull=False).select_related("plan", "subscription")
    live = [row for row in rows.order_by("pk") if row.window.contains(at) and row.subscription.window.contains(at)]
    return [f"{row.quantity} × {row.plan.key}" for row in live]


def open_findings() -> list[tuple[str, str]]:
    return list(CrmFinding.objects.filter(state="open").order_by("pk").values_list("kind", "words"))


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("seq").values_list("verb", flat=True))
