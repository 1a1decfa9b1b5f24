"""What software would be told of a licence, asked by staff: by the key, or by its beginning where that is all they have.

Nothing is counted: neither validations nor use.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from entitlements.domain.licences.activations import Place
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.key_text import parse_key, plainly
from entitlements.domain.licences.standing import LicenceFacts, Question, Ruling, active_at, standing_of, used_up
from entitlements.models import Licence
from entitlements.queries.account_names import Named
from entitlements.queries.licences.finding import licence_by_prefix
from entitlements.queries.licences.lists import validations_in_month
from entitlements.queries.licences.reading import facts_of
from entitlements.queries.usage.landing import Sources
from entitlements.queries.usage.standing import Question as Asked
from entitlements.queries.usage.standing import Standing
from entitlements.queries.usage.standing import standing_of as stands
from journal.domain.refusal import NotFound


@dataclass(frozen=True, slots=True)
class Tried:
    """`answer` as the API would give it; `by_prefix`: software would have had to send the whole key."""

    ruling: Ruling
    licence: Licence | None
    answer: dict[str, Any]
    by_prefix: bool = False


def prefix_in(text: str) -> str:
    """The beginning of a key, from “el_ab12cd34_…”, “el_ab12cd34”, “ab12cd34…” or a whole key."""
    plain = plainly(text).rstrip("….")
    return plain.removeprefix("el_").partition("_")[0]


def licence_typed(text: str) -> tuple[Licence | None, Code]:
    """The licence of a whole key, or of the beginning of one; else why there is none."""
    key = parse_key(text)
    try:
        row = licence_by_prefix(key.prefix if key else prefix_in(text))
    except NotFound:
        return None, Code.UNKNOWN_KEY
    if key is not None and not hmac.compare_digest(bytes.fromhex(row.digest), key.digest):
        return None, Code.UNKNOWN_KEY
    if key is None and len(plainly(text).removeprefix("el_").partition("_")[2].strip("….")) > 0:
        return None, Code.KEY_MALFORMED
    return row, Code.OK


def tried(
    *,
    key: str,
    at: datetime,
    fingerprint: str = "",
    environment: str = "",
    version: str = "",
    feature: str = "",
    quantity: int | None = None,
) -> Tried:
    """The answer to a question about the licence of this key, or of the key that begins so."""
    row, code = licence_typed(key)
    if row is None:
        ruling = Ruling(False, code, code.words)
        return Tried(ruling, None, _answer(ruling))
    facts = facts_of(row, at)
    ruling = standing_of(facts, question=Question(fingerprint, environment, version), at=at)
    told: dict[str, Any] = {"account": row.account.key, "licence": _about(row)}
    told["activation"] = _place(facts, fingerprint, at=at)
    if ruling.valid and feature:
        ruling, told["entitlement"] = _of_feature(row, ruling, Asked(feature, quantity), at=at)
    ruling = _within_cap(row, facts, ruling, at=at)
    return Tried(ruling, row, _answer(ruling, **told), by_prefix=parse_key(key) is None)


def _of_feature(row: Licence, ruling: Ruling, asked: Asked, *, at: datetime) -> tuple[Ruling, dict[str, Any]]:
    named = Named(row.account_id, row.account.key)
    standing: Standing = stands(named, [asked], sources=Sources(at), now=at)[0]
    decision, outcome = standing.decision, standing.outcome
    told = {
        "account": row.account.key,
        "feature": asked.feature,
        "allowed": decision.allowed,
        "because": decision.because,
        "why": None if standing.why is None else standing.why.value,
        "granted": standing.terms.answer.granted,
        "used": None if outcome is None else int(outcome.used),
    }
    if not decision.allowed:
        return Ruling(False, Code.FEATURE_REFUSED, decision.because), told
    return ruling, told


def _within_cap(row: Licence, facts: LicenceFacts, ruling: Ruling, *, at: datetime) -> Ruling:
    cap = facts.validations_a_month
    if not ruling.valid or cap is None or validations_in_month(row, at=at) < cap:
        return ruling
    return used_up(cap)


def _place(facts: LicenceFacts, fingerprint: str, *, at: datetime) -> dict[str, Any] | None:
    """The place asked about, where it is active."""
    active = active_at(facts, fingerprint, at=at)
    if active is None:
        return None
    found, place = active
    return {
        "fingerprint": found.fingerprint,
        "name": found.name,
        "activated_at": _utc(found.activated_at),
        "over": place is Place.OVER,
    }


def _answer(ruling: Ruling, **told: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("account", "licence", "activation", "entitlement"))
    return {"valid": ruling.valid, "code": str(ruling.code), "because": ruling.because, **nothing, **told}


def _about(row: Licence) -> dict[str, Any]:
    return {
        "prefix": row.prefix,
        "name": row.name,
        "environment": row.environment,
        "expires_at": _utc(row.expires_at),
        "maintenance_until": row.maintenance_until.isoformat() if row.maintenance_until else None,
    }


def _utc(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
