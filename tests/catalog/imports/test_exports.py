"""Records on their way out: who may, what the audit keeps, and what a file says of each kind of record."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions.exports import export
from catalog.imports.rendering import Form
from catalog.imports.tables import TABLES, table_of
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, NotFound
from journal.models import AuditEvent
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    FeatureGroupFactory,
    MarketFactory,
    PlanFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    StorageFactory,
    TierFactory,
    publish_now,
)
from tests.catalog.imports.bringing import brought, staged, text_of, wrong
from tests.conftest import AT

pytestmark = pytest.mark.django_db


def test_the_audit_remembers_what_left_the_desk(finance: Actor) -> None:
    MarketFactory()
    export(kind="markets", form=Form.XLSX, by=finance, at=AT)
    event = AuditEvent.objects.get()
    assert (event.verb, event.subject_label, event.actor_name) == (
        "catalog:export",
        "Markets, 1 rows as XLSX",
        finance.name,
    )


def test_who_may_not_see_records_may_not_export_them(support_agent: Actor, auditor: Actor) -> None:
    export(kind="codes", form=Form.CSV, by=auditor, at=AT)
    with pytest.raises(NotAllowed):
        export(kind="codes", form=Form.CSV, by=support_agent, at=AT)


def test_there_is_nothing_of_an_unknown_kind(finance: Actor) -> None:
    with pytest.raises(NotFound):
        export(kind="secrets", form=Form.CSV, by=finance, at=AT)


def test_an_import_needs_the_right_to_each_thing_it_changes(finance: Actor) -> None:
    poorer = replace(finance, permissions=finance.permissions - {"catalog.change_market"})
    run = staged("markets", "key,name,countries\nnl,Netherlands,NL\n", by=poorer)
    assert "may not change market" in wrong(run)[0]


def test_features_are_said_in_the_words_of_finance() -> None:
    group = FeatureGroupFactory(key="data")
    StorageFactory(key="storage", name="Storage", group=group)
    TierFactory(key="cdn", name="CDN", group=group)
    lines = text_of("features").split("\n", 1)[1]
    assert lines.startswith("storage,Storage,data,Usage limit,GB,average,,,,,most generous,no,\n")
    assert 'cdn,CDN,data,Configuration,,,ranked,listed,"Basic\nSmart",,most generous,no,\n' in lines


def test_prices_are_those_of_the_newest_version() -> None:
    plan = PlanFactory(key="pro")
    first = PlanVersionFactory(plan=plan)
    PlanTermFactory(version=first)
    PlanPriceFactory(version=first, amount_micros=25_000_000)
    publish_now(first)
    PlanPriceFactory(version=PlanVersionFactory(plan=plan), amount_micros=29_500_000)
    assert text_of("prices") == "Plan or add-on,Paid by the,Currency,Amount\npro,month,USD,29.5\n"


def test_add_ons_say_what_they_do_beside_a_plan() -> None:
    AddOnFactory(key="ipv4", name="IPv4", effect="replaces")
    assert "ipv4,IPv4,add-on,replaces,,,,,,\n" in text_of("plans")


@pytest.mark.parametrize("kind", list(TABLES))
def test_an_empty_catalog_is_exported_as_headings(kind: str) -> None:
    headings = [column.heading for column in table_of(kind, at=AT).columns.values()]
    assert text_of(kind).splitlines()[0].split(",")[0] == headings[0]
    assert len(text_of(kind).splitlines()) == 1


@pytest.mark.parametrize(("kind", "header"), [("markets", "key,name,countries"), ("groups", "key,name,parent")])
def test_reading_what_stands_takes_the_same_queries_for_many_as_for_few(kind: str, header: str) -> None:
    values = "NL" if kind == "markets" else ""
    brought(kind, f"{header}\none,One,{values}\n")
    with CaptureQueriesContext(connection) as few:
        table_of(kind, at=AT).standing()
    brought(kind, f"{header}\n" + "".join(f"k{n},Name {n},{values}\n" for n in range(20)))
    with CaptureQueriesContext(connection) as many:
        table_of(kind, at=AT).standing()
    assert len(many) == len(few)


def test_the_sheet_takes_the_same_queries_for_many_features_as_for_few() -> None:
    version = PlanVersionFactory()
    group = FeatureGroupFactory()
    counted = []
    for number in (2, 20):
        for _ in range(number):
            PlanTermFactory(version=version, feature=FeatureFactory(group=group))
        with CaptureQueriesContext(connection) as queries:
            table_of("sheet", at=AT).standing()
        counted.append(len(queries))
    assert counted[0] == counted[1]
