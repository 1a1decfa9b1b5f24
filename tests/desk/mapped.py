"""Mappings of deals as tests write them: a connection to a CRM, and a draft with rules."""

from datetime import datetime
from typing import Any

from desk.actions.crm.mapping_switch import keep_tried, start_trying, switch_on
from desk.actions.crm.mappings import add_rule, draft
from desk.domain.crm.mapping import Reading, Rule, Target
from desk.models import DealMapping
from desk.queries.crm.mapping_versions import mapping_token
from entitlements.domain.facts import Mode
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.entitlements.world import AT
from tests.journal.factories import ConnectionFactory


def crm(**more: Any) -> Connection:
    return ConnectionFactory(vendor="memory", **more)


def team(*products: str, **more: Any) -> Rule:
    return Rule("", Target.PLAN, products=products or ("TEAM-SEAT",), plan="team", **more)


def disk(value: str = "500 GB", **more: Any) -> Rule:
    told: dict[str, Any] = {"products": ("DISK",), "mode": Mode.ADD, "value": Reading(value)} | more
    return Rule("", Target.FEATURE, feature="storage", **told)


def longer(days: str = "14", **more: Any) -> Rule:
    return Rule("", Target.TRIAL, days=Reading(days), **more)


def drafted(connection: Connection, *rules: Rule) -> DealMapping:
    mapping = draft(connection=connection, by=SYSTEM, at=AT)
    for rule in rules:
        add_rule(mapping=mapping, rule=rule, by=SYSTEM, at=AT)
    return mapping


def tried(mapping: DealMapping, **more: Any) -> DealMapping:
    told = {"summary": "would create 2", "counts": {"create": 2}, "first_day": "2025-12-02", **more}
    return keep_tried(mapping=mapping, tried=told, tried_as=mapping_token(mapping), by=SYSTEM, at=AT)


def switched_on(connection: Connection, *rules: Rule, **more: Any) -> DealMapping:
    mapping = tried(drafted(connection, *rules))
    return switch_on(mapping=mapping, **({"reason": "As agreed with sales", "by": SYSTEM, "at": AT} | more))


def one_of_each_mapping(*, at: datetime) -> dict[str, object]:
    """A connection with a version in force, and a draft of the next that is being tried; nobody can be asked there."""
    connection = ConnectionFactory(vendor="hubspot", name="CRM of the mappings")
    former = tried(drafted(connection, team()))
    switch_on(mapping=former, reason="To begin with", by=SYSTEM, at=at)
    mapping = draft(connection=connection, by=SYSTEM, at=at)
    return {
        "mapped_connection": connection.pk,
        "desk_dealmapping": mapping.pk,
        "mapping_rule": "team-seat",
        "mapping_run": start_trying(mapping=mapping, by=SYSTEM, at=at).pk,
        "mapping_number": former.number,
    }
