"""Deals and mappings as tests write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from catalog.domain.values import FeatureShape, Kind
from desk.domain.crm.mapping import DealMapping, DealTerms, Reading, Rule, Target
from desk.domain.crm.told import Deal, DealLine, DealState
from entitlements.domain.facts import Mode

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
SEATS = FeatureShape("seats", "Seats", Kind.CAPACITY, unit="seat")
STORAGE = FeatureShape("storage", "Storage", Kind.CAPACITY, unit="GB", scale=10**9)
SSO = FeatureShape("sso", "Single sign-on", Kind.GATE)
SHAPES = {one.key: one for one in (SEATS, STORAGE, SSO)}


def line(id: str = "l1", product: str = "TEAM", quantity: str = "5", **fields: str) -> DealLine:
    return DealLine(id, product, quantity=Decimal(quantity), fields=fields)


def deal(*lines: DealLine, state: DealState = DealState.WON, fields: Any = None, **more: Any) -> Deal:
    told = {"closed_on": date(2026, 3, 1), "company": "c1", "changed_at": AT} | more
    return Deal("crm", "d1", "Big one", state=state, lines=lines, fields=fields or {}, **told)


def team(**more: Any) -> Rule:
    return Rule("team", Target.PLAN, products=("TEAM", "team-yearly"), plan="team", interval="year", **more)


def storage(value: Reading, **more: Any) -> Rule:
    told: dict[str, Any] = {"products": ("DISK",), "mode": Mode.ADD} | more
    return Rule("disk", Target.FEATURE, feature="storage", value=value, **told)


def longer(**more: Any) -> Rule:
    return Rule("longer", Target.TRIAL, **more)


def mapping(*rules: Rule, **terms: Any) -> DealMapping:
    return DealMapping(rules, DealTerms(**terms))
