"""A CRM and the desk beside it, for one test."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
import time_machine

from desk.integrations.hubspot import searching
from desk.integrations.salesforce import client, reading
from tests.entitlements.world import AT
from tests.fakes.hubspot import hubspot_counterpart
from tests.fakes.salesforce import salesforce_counterpart
from tests.journeys.crm import hubspot_there, salesforce_there
from tests.journeys.crm.making import Made, made_with

SEED = 11


@contextmanager
def salesforce(clock: Any) -> Iterator[Made]:
    client.close()
    with salesforce_counterpart(seed=SEED) as fake:
        there = salesforce_there.SalesforceThere(fake)
        yield made_with(there, clock, spelled=salesforce_there)
        there.heal()
        client.close()


@contextmanager
def hubspot(clock: Any) -> Iterator[Made]:
    with hubspot_counterpart(seed=SEED) as fake:
        there = hubspot_there.HubSpotThere(fake)
        yield made_with(there, clock, spelled=hubspot_there)
        there.heal()


CRMS = {"salesforce": salesforce, "hubspot": hubspot}


@pytest.fixture
def made(request: Any, db: None, monkeypatch: Any) -> Iterator[Made]:
    for module in (reading, searching):
        monkeypatch.setattr(module, "PAGE", module.PAGE)  # what a life changes is put back
    for name in ("stripe", "urllib3", "desk.crm", "journal.arrivals"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with ExitStack() as stack:
        clock = stack.enter_context(time_machine.travel(AT, tick=False))
        yield stack.enter_context(CRMS[request.param](clock))
