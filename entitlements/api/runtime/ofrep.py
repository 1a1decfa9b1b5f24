"""What an account has, as flags: OFREP 0.3, for every OpenFeature SDK.

`targetingKey` names the account. A gate is a boolean; a quantity a number, its limit or setting in the smallest unit; a
ranked choice or a text a string; a set of choices an object, `{"choices": […]}`. What isn't had is `false`, 0, "" and no
choices, with the reason DISABLED. No number says "unlimited": the value is then UNLIMITED_NUMBER, the largest every
reader of JSON holds exactly, and `metadata.unlimited` is true.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from catalog.domain.values import UNLIMITED, Amount, Nature, Unlimited
from entitlements.api.runtime.answers import unit_of
from entitlements.api.runtime.knowledge import account_named, sources_at
from entitlements.api.runtime.problems import UnknownAccount, UnknownFeature
from entitlements.api.runtime.standing import stands_now
from entitlements.domain.usage.terms import UseTerms
from entitlements.queries.account_names import Named
from entitlements.queries.usage.standing import Question, Standing
from entitlements.queries.usage.used_now import is_rate
from journal.api.conditional import etag_of

UNLIMITED_NUMBER = 2**53 - 1
LONGEST_NAME = 320
Flag = dict[str, Any]


class BadEvaluation(Exception):
    """It can't be evaluated; `code` is OpenFeature's."""

    def __init__(self, code: str, details: str, *, status: int = 400) -> None:
        super().__init__(details)
        self.code, self.details, self.status = code, details, status


def evaluate(key: str, body: bytes, *, now: datetime) -> Flag:
    """One flag of the account that the context names."""
    account = _account_of(body)
    if "\x00" in key:  # no text of a database
        raise BadEvaluation("FLAG_NOT_FOUND", "No feature has such a key.", status=404)
    try:
        [standing] = stands_now(account, [Question(key)], sources=sources_at(now), now=now)
    except UnknownFeature as unknown:
        raise BadEvaluation("FLAG_NOT_FOUND", unknown.message, status=404) from None
    return flag_of(standing)


def evaluate_all(body: bytes, *, now: datetime) -> tuple[bytes, str]:
    """Every flag of the account, and the strong ETag of just this text."""
    account, sources = _account_of(body), sources_at(now)
    asked = [Question(key) for key in sources.terms_for(account.id, at=now)]
    flags = [flag_of(standing) for standing in stands_now(account, asked, sources=sources, now=now)]
    told = msgspec.json.encode({"flags": flags, "metadata": {"account": account.key}})
    return told, etag_of(told)


def _account_of(body: bytes) -> Named:
    """The account of the context's targetingKey."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadEvaluation("PARSE_ERROR", "The body is no JSON in UTF-8.") from None
    context = told.get("context") if isinstance(told, dict) else None
    if not isinstance(context, dict):
        raise BadEvaluation("INVALID_CONTEXT", "Send {“context”: {“targetingKey”: an account}}.")
    key = context.get("targetingKey")
    if key is None or key == "":
        raise BadEvaluation("TARGETING_KEY_MISSING", "Name the account in context.targetingKey.")
    if not isinstance(key, str) or len(key) > LONGEST_NAME or "\x00" in key:
        raise BadEvaluation("INVALID_CONTEXT", f"context.targetingKey is a text of up to {LONGEST_NAME} characters.")
    try:
        return account_named(key)
    except UnknownAccount as unknown:
        raise BadEvaluation("INVALID_CONTEXT", unknown.message) from None


def flag_of(standing: Standing) -> Flag:
    """The feature as a flag."""
    terms = standing.terms
    value, variant = _value_and_variant(terms) if terms.answer.granted else _without_a_plan(standing)
    return {
        "key": terms.shape.key,
        "value": value,
        "reason": "TARGETING_MATCH" if standing.granted else "DISABLED",
        "variant": variant,
        "metadata": _metadata(standing),
    }


def _without_a_plan(standing: Standing) -> tuple[Any, str]:
    """Credits that were bought are had as far as the balance goes; of the rest, nothing."""
    if standing.granted and standing.outcome is not None:
        return _number(standing.outcome.limit), "limited"
    return _value_and_variant(standing.terms)


def _value_and_variant(terms: UseTerms) -> tuple[Any, str]:
    granted, value = terms.answer.granted, terms.answer.value
    match terms.shape.nature:
        case Nature.GATE:
            return granted, "on" if granted else "off"
        case Nature.QUANTITY:
            number = _number(value) if granted and isinstance(value, Decimal | Unlimited) else 0
            return number, "none" if not granted else "unlimited" if value is UNLIMITED else "limited"
        case Nature.SET:
            choices = sorted(value) if granted and isinstance(value, frozenset) else []
            return {"choices": choices}, "chosen" if granted else "none"
    return (value if granted and isinstance(value, str) else ""), (str(value) if granted else "none")


def _number(amount: Amount) -> int:
    return UNLIMITED_NUMBER if amount is UNLIMITED else min(int(amount), UNLIMITED_NUMBER)


def _metadata(standing: Standing) -> Mapping[str, Any]:
    """Flat, as OFREP wants it, without what there is nothing to say of."""
    terms, outcome = standing.terms, standing.outcome
    told: dict[str, Any] = {
        "name": terms.shape.name,
        "kind": terms.shape.kind.value,
        "granted": standing.granted,
        "allowed": standing.decision.allowed,
        "because": standing.decision.because,
        "unit": unit_of(terms) or None,
        "valid_until": _instant(terms.answer.valid_until),
    }
    if terms.shape.nature is Nature.QUANTITY and terms.answer.granted:
        told["unlimited"] = terms.answer.value is UNLIMITED
    if terms.counted and terms.limit is not UNLIMITED:
        told["limit"] = int(terms.limit)
    if standing.granted and not terms.answer.granted:
        told["limit"] = _without_a_plan(standing)[0]
    if outcome is not None:
        told |= {"used": int(outcome.used), "held": int(outcome.held)}
        # A rate that nothing is in use of would otherwise make another answer of this each second.
        if outcome.used or outcome.held or not is_rate(terms):
            told["resets_at"] = _instant(outcome.resets_at)
        told["left"] = None if outcome.left is UNLIMITED else int(outcome.left)
    return {name: value for name, value in told.items() if value is not None}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
