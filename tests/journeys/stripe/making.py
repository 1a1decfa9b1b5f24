"""The shop and the desk beside it, made once; and the counterpart put back to where it stood, to begin another life."""

import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import time_machine

from catalog.models.billing import Mode as LinkMode
from entitlements.actions.sweep import sweep
from journal.actions.connections import set_up
from journal.domain.actor import SYSTEM
from journal.domain.connection import Mode
from journal.models import Connection
from tests.catalog.factories import BillingLinkFactory, PlanFactory
from tests.entitlements.world import AT, GB, add_on, catalog, publish_plan
from tests.fakes.stripe import Counterpart
from tests.fakes.stripe.clock import Clock
from tests.fakes.stripe.counterpart import BEGAN
from tests.fakes.stripe.ids import Ids
from tests.journal.factories import StaffFactory, WebhookEndpointFactory
from tests.journeys.stripe.mail import SECRET, SECRET_THIN, Mail, Manners
from tests.journeys.stripe.world import World

PRICES = (("team", "month", 1000), ("team", "year", 10_000), ("pro", "month", 3000), ("extra", "month", 300))


@dataclass
class Made:
    """What every life begins with."""

    fake: Counterpart
    stripe: Any
    connection: Connection
    prices: dict[str, str]
    clock: Any
    tables: Any

    def world(self, manners: Manners, turn: bool, *, takers: int = 1) -> World:
        """The counterpart as it was when the shop was made; a server is dearer than its rows."""
        state = self.fake.state
        state.tables, state.deliveries = copy.deepcopy(self.tables), []
        state.clock, state.ids = Clock(lambda: BEGAN), Ids(state.seed + 1)
        state.failing.clear()
        self.fake.requests.clear()
        self.fake.settings.after_retries = "cancel"
        self.clock.move_to(AT)
        mail = Mail(self.fake, self.connection, manners, len(self.fake.events), takers=takers)
        return World(self.fake, self.stripe, self.prices, self.clock, mail, turn)


def made_at(fake: Counterpart, clock: Any) -> Made:
    """Team by the month and the year, Pro with days of grace, and an add-on; somebody who listens to all of it."""
    sold = catalog()
    pro = PlanFactory(key="pro", name="Pro")
    publish_plan(pro, {sold.storage: 500 * GB, sold.sso: True}, grace_days=20)
    plans = {"team": sold.team, "pro": pro, "extra": add_on("extra", {sold.storage: 50 * GB})}
    there, prices = fake.client(max_network_retries=0), {}
    products = {key: there.v1.products.create({"name": key}).id for key in plans}
    for key, each, amount in PRICES:
        told = {"product": products[key], "currency": "eur", "unit_amount": amount, "recurring": {"interval": each}}
        prices[f"{key} {each}"] = made = str(there.v1.prices.create(told).id)
        link = {"mode": LinkMode.TEST, "feature": None, "plan": plans[key], "currency": "EUR"}
        BillingLinkFactory(**link, interval=each, external_id=made)
    WebhookEndpointFactory()
    StaffFactory(username="owner", email="owner@desk.example")
    sweep(at=AT)
    return Made(fake, there, _connected(fake), prices, clock, copy.deepcopy(fake.state.tables))


def _connected(fake: Counterpart) -> Connection:
    return set_up(
        vendor="stripe",
        name="Stripe",
        mode=Mode.TEST,
        settings={"account": "acct_counterpart", "base": fake.base},
        secrets={"api_key": fake.api_key, "signing": SECRET, "signing_thin": SECRET_THIN},
        by=SYSTEM,
        at=AT - timedelta(days=1),
    )


def clock_at_start() -> Any:
    return time_machine.travel(AT, tick=False)
