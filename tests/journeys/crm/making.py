"""The desk and a counterpart of a CRM's beside it, made once; and both put back, to begin another life."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from desk.domain.crm.flows import Flow, FlowState
from desk.integrations.crm.opening import opened
from desk.models import CrmFlow, DealMapping, DealRule, MappingState
from entitlements.actions.identifiers import add_identifier
from entitlements.models.account import IdentifierKind
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.entitlements.world import AT, DAY, Catalog, account, add_on, catalog, subscribed
from tests.journeys.crm.lives import ACME, BETA
from tests.journeys.crm.world import Manners, World

GB = 10**9
TRIAL = 14


@dataclass
class Made:
    """What every life begins with."""

    there: Any
    connection: Connection
    clock: Any
    troubles: tuple[str, ...]
    trial_ends: datetime

    def world(self, manners: Manners) -> World:
        """The counterpart as it was when all was made; a server is dearer than its rows."""
        self.there.reset()
        self.there.page(manners.page)
        self.there.skew(manners.skew)
        self.clock.move_to(AT)
        return World(self.there, self.connection, manners, self.clock, AT, self.troubles)


def made_with(there: Any, clock: Any, *, spelled: Any) -> Made:
    """Two customers known by their domains, one of them trying; a mapping in force, and everything switched on.

    `spelled` says how the CRM spells what the mapping reads, and what may go wrong there.
    """
    shop = catalog()
    add_on("extra", {shop.storage: Decimal(50 * GB)})
    trial = None
    for key, domain in (("acme", ACME), ("beta", BETA)):
        held_by = account(key, name=key.capitalize())
        add_identifier(account=held_by, kind=IdentifierKind.DOMAIN, value=domain, by=SYSTEM, at=AT - DAY)
        if key == "acme":
            trial = subscribed(held_by, shop.team, at=AT - DAY, trial_days=TRIAL)
    connection = there.connect()
    with opened(connection, at=AT) as crm:
        crm.set_up()
    _mapped(connection, shop, spelled)
    for flow in Flow:
        _kept(CrmFlow(connection=connection, flow=flow, state=FlowState.ACTIVE, state_at=AT))
    there.keep()
    assert trial is not None
    ends = trial.phases.get(phase="trial").ends_at
    return Made(there, connection, clock, tuple(spelled.TROUBLES), ends)


def _mapped(connection: Connection, shop: Catalog, spelled: Any) -> None:
    told = {"months": {"written": "12"}, "drafted_at": AT - DAY, "drafted_by": "Sal", "in_force_at": AT - DAY}
    mapping = _kept(DealMapping(connection=connection, number=1, state=MappingState.IN_FORCE, renews=True, **told))
    extra = type(shop.team).objects.get(key="extra")
    rules: tuple[dict[str, Any], ...] = (
        {"key": "team", "target": "plan", "products": ["TEAM"], "plan": shop.team},
        {"key": "extra", "target": "plan", "products": ["EXTRA"], "plan": extra},
        {"key": "seats", "target": "feature", "products": ["SEATS"], "feature": shop.seats, "mode": "add",
         "readings": {"value": {"line_field": spelled.QUANTITY_FIELD}}},
        {"key": "fee", "target": "nothing", "products": ["FEE"]},
        {"key": "longer", "target": "trial", "readings": {"days": {"deal_field": spelled.DAYS_FIELD}},
         "where": [{"field": spelled.KIND_FIELD, "values": [spelled.TRIAL]}]},
    )  # fmt: skip
    for position, rule in enumerate(rules, start=1):
        _kept(DealRule(mapping=mapping, position=position, **rule))


def _kept(row: Any) -> Any:
    if isinstance(row, CrmFlow):
        row.save()
        return row
    return keep(row, deed=begin(by=SYSTEM, at=AT))
