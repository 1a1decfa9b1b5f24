"""What was told of a deal or a company, and what it became, as it is kept: plain texts and numbers, read back exactly."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from catalog.domain.values import UNLIMITED, Value
from desk.domain.crm.told import Company, Deal, DealLine, DealState
from desk.domain.crm.wanted import UNSAID, Agreed, Extension, FeaturePromise, PlanPromise, Promise
from entitlements.domain.facts import Mode

Kept = dict[str, Any]


def keep_deal(deal: Deal) -> Kept:
    return {
        "system": deal.system,
        "id": deal.id,
        "name": deal.name,
        "company": deal.company,
        "state": deal.state.value,
        "changed_at": deal.changed_at.isoformat(),
        "closed_on": _day(deal.closed_on),
        "link": deal.link,
        "lines": [
            {
                "id": line.id,
                "product": line.product,
                "name": line.name,
                "quantity": str(line.quantity),
                "fields": dict(line.fields),
            }
            for line in deal.lines
        ],
        "fields": dict(deal.fields),
        "owner": deal.owner,
    }


def kept_deal(kept: Kept) -> Deal | None:
    """The deal as it was told; None where nothing was kept."""
    if not kept:
        return None
    lines = (
        DealLine(one["id"], one["product"], one["name"], Decimal(one["quantity"]), one["fields"])
        for one in kept["lines"]
    )
    return Deal(
        kept["system"],
        kept["id"],
        kept["name"],
        kept["company"],
        DealState(kept["state"]),
        datetime.fromisoformat(kept["changed_at"]),
        _read_day(kept["closed_on"]),
        kept["link"],
        tuple(lines),
        kept["fields"],
        owner=kept.get("owner", ""),
    )


def keep_company(company: Company) -> Kept:
    return {
        "name": company.name,
        "domain": company.domain,
        "own_key": company.own_key,
        "country": company.country,
        "owner": company.owner,
        "gone": company.gone,
        "into": company.into,
        "ours": dict(company.ours),
        "fields": dict(company.fields),
    }


def keep_promise(promise: Promise) -> Kept:
    what = promise.what
    said: Kept = (
        {"plan": what.plan, "quantity": what.quantity, "interval": what.interval}
        if isinstance(what, PlanPromise)
        else {
            "feature": what.feature,
            "mode": what.mode.value,
            "value": keep_value(what.value),
            "unit": what.typed_unit,
        }
    )
    days = {"starts_on": _day(promise.starts_on), "through_on": _day(promise.through_on)}
    return {"key": promise.key, "note": promise.note, **said, **days}


def kept_promise(kept: Kept) -> Promise:
    what: PlanPromise | FeaturePromise = (
        PlanPromise(kept["plan"], kept["quantity"], kept["interval"])
        if "plan" in kept
        else FeaturePromise(kept["feature"], Mode(kept["mode"]), kept_value(kept["value"]), kept["unit"])
    )
    starts_on, through_on = _read_day(kept["starts_on"]), _read_day(kept["through_on"])
    return Promise(kept["key"], what, starts_on, through_on, kept["note"])


def keep_value(value: Value | None) -> Any:
    """Amounts are texts with their name before them, so that they are told from choices."""
    if value is UNLIMITED:
        return {"unlimited": True}
    if isinstance(value, Decimal):
        return {"amount": str(value)}
    if isinstance(value, frozenset):
        return sorted(value)
    return value


def kept_value(kept: Any) -> Value | None:
    if isinstance(kept, Mapping):
        return UNLIMITED if "unlimited" in kept else Decimal(kept["amount"])
    if isinstance(kept, list):
        return frozenset(kept)
    found: Value | None = kept
    return found


def keep_agreed(agreed: Agreed) -> Kept:
    told = {"months": agreed.months, "renews": agreed.renews, "notice_days": agreed.notice_days}
    return {"first_day": _day(agreed.first_day), **told}


def kept_agreed(kept: Kept | None) -> Agreed:
    if not kept:
        return UNSAID
    return Agreed(_read_day(kept["first_day"]), kept["months"], kept["renews"], kept["notice_days"])


def keep_extension(extension: Extension) -> Kept:
    return {"key": extension.key, "days": extension.days, "through": _day(extension.through)}


def kept_extension(kept: Kept) -> Extension:
    return Extension(kept["key"], kept["days"], _read_day(kept["through"]))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
