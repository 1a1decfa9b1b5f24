"""A check while the database can't be asked: what the feature's fallback says, with `source: fallback`."""

from datetime import UTC, datetime
from decimal import Decimal

from django.db import InterfaceError, OperationalError

from entitlements.api.runtime.answers import CheckAnswer, head_of, whole
from entitlements.api.runtime.requests import CheckRequest
from entitlements.domain.relying import UNREACHABLE
from entitlements.queries.check.answers import Checked
from entitlements.queries.check.holding import FOREVER, CutOff
from entitlements.queries.check.lasts import relied
from entitlements.queries.check.reading import instant
from entitlements.queries.usage.standing import Question, decided
from journal.domain.refusal import NotFound

AWAY = (OperationalError, InterfaceError)
WHY = {"limit_reached": "limit_reached", "not_as_set": "limit_reached"}


def relied_on(request: CheckRequest, *, now: datetime) -> tuple[CheckAnswer, Checked]:
    """CutOff where that can't be told: another moment, the rows themselves, or what isn't known here."""
    if request.at or request.known_at or request.consistent or request.explain:
        raise CutOff("The desk's database can't be reached.")
    question = Question(request.feature, request.quantity, request.subject, request.choice, request.value)
    try:
        checked = relied(request.account, question, now=now.timestamp())
    except NotFound:
        raise CutOff("The desk's database can't be reached, and the feature isn't known here.") from None
    return _answer(request, question, checked, now), checked


def _answer(request: CheckRequest, question: Question, checked: Checked, now: datetime) -> CheckAnswer:
    terms, because = checked.terms, checked.relied
    if checked.why != UNREACHABLE:
        used = None if checked.used is None else Decimal(checked.used)
        because = f"{because}: {decided(terms, question, used=used).because}"
    head = head_of(terms) | {"valid_until": None if checked.until == FOREVER else instant(checked.until)}
    return CheckAnswer(
        account=request.account,
        allowed=checked.allowed,
        because=because,
        why=None if checked.allowed else WHY.get(checked.why, checked.why),
        certain=checked.certain,
        **head,
        limit=whole(terms.limit) if terms.counted else None,
        used=checked.used,
        left=checked.left if isinstance(checked.left, int) and checked.used is not None else None,
        at=now.astimezone(UTC),
        as_of=instant(checked.as_of),
        source="fallback",
    )
