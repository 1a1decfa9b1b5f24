"""The demo's own CRMs: connected once, brought up to date, really asked, and never in production."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.actions.crm.mappings import _stored
from desk.integrations.crm.demo import prepare
from desk.integrations.crm.opening import opened
from desk.integrations.crm.port import Kind, NeedState
from desk.integrations.hubspot import demo as hubspot_demo
from desk.integrations.salesforce import demo as salesforce_demo
from desk.models import CrmFlow, DealMapping
from journal.actions.connections import pause
from journal.domain.actor import SYSTEM
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Refusal
from journal.models import Connection
from journal.queries.connections import opened as opened_secrets
from tests.catalog.factories import PlanFactory, published_version
from tests.fakes.hubspot import hubspot_counterpart
from tests.fakes.salesforce import salesforce_counterpart
from tests.fakes.salesforce.__main__ import locked

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEMOS = pytest.mark.parametrize("demo", [hubspot_demo, salesforce_demo], ids=["hubspot", "salesforce"])
OPENS, PUSHES = "opens-" * 8, "pushes-" * 8


def connect(demo: Any, **more: Any) -> Connection:
    given = {"key": "crm-demo", "base": "http://127.0.0.1:1", "opens": OPENS, "pushes": PUSHES, "at": AT}
    return demo.connect(**given | more)


@contextmanager
def pretended(demo: Any) -> Iterator[Any]:
    if demo is hubspot_demo:
        with hubspot_counterpart(1, token=OPENS) as fake:
            fake.add("companies", name="Acme")
            yield fake
    else:
        with salesforce_counterpart(1) as fake:
            locked(fake, OPENS)
            fake.add("Account", Name="Acme")
            yield fake


@DEMOS
def test_the_desk_gets_in_by_what_it_is_connected_with(demo: Any) -> None:
    with pretended(demo) as fake, opened(connect(demo, base=fake.base), at=AT) as crm:
        assert crm.count(Kind.COMPANY) == 1


@DEMOS
def test_the_same_again_is_no_second_connection(demo: Any) -> None:
    assert connect(demo) == connect(demo)
    assert Connection.objects.count() == 1


@DEMOS
def test_another_address_and_other_keys_are_taken_up_and_a_pause_is_left_alone(demo: Any) -> None:
    pause(connection=connect(demo), by=SYSTEM, at=AT)
    there = connect(demo, base="http://127.0.0.1:2", opens="other-" * 8)
    assert there.settings["base"] == "http://127.0.0.1:2"
    assert there.state == ConnectionState.PAUSED
    secrets = {
        one for purpose in ("access_token", "consumer_secret") for one in opened_secrets(there, [purpose], at=AT)
    }
    assert "other-" * 8 in secrets


@DEMOS
def test_production_is_connected_with_none(demo: Any, settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Refusal, match="DESK_ENV is production"):
        connect(demo)
    assert not Connection.objects.exists()


def test_what_is_pretended_bears_the_ids_that_the_desk_expects() -> None:
    with salesforce_counterpart(1) as fake:
        told = {"00D01000002R3FB", "demo-dev-ed.my.salesforce.com", "3MVG9counterpart1"}
        assert {fake.state.org["Id"][:15], fake.state.host, fake.state.access.consumer_key} == told
        assert set(salesforce_demo.PRETENDED.values()) == told
    with hubspot_counterpart(1) as fake:
        assert str(fake.settings.portal) == hubspot_demo.PRETENDED


@DEMOS
def test_the_fields_are_made_the_flows_begin_and_the_mapping_waits_as_a_draft(demo: Any) -> None:
    published_version(plan=PlanFactory(key="ai_pack", name="AI pack"))
    with pretended(demo) as fake:
        for code in ("AI-PACK", "TRAINING", "ELSEWHERE"):
            sold(fake, demo, code)
        connection = connect(demo, base=fake.base)
        for _ in range(2):
            prepare(connection, months=demo.MONTHS, at=AT)
        with opened(connection, at=AT) as crm:
            assert {one.state for one in crm.needs() if not one.optional} == {NeedState.THERE}
    mapping = DealMapping.objects.get()
    assert (mapping.state, mapping.months) == ("draft", _stored(demo.MONTHS))
    said = {(rule.target, *rule.products, rule.plan and rule.plan.key) for rule in mapping.rules.all()}
    assert said == {("plan", "AI-PACK", "ai_pack"), ("nothing", "TRAINING", None)}
    assert set(CrmFlow.objects.values_list("flow", "state")) == {("companies", "active"), ("entitlements", "active")}


def sold(fake: Any, demo: Any, code: str) -> None:
    if demo is hubspot_demo:
        fake.add("products", name=code, hs_sku=code)
    else:
        fake.add("Product2", Name=code, ProductCode=code, IsActive=True)
