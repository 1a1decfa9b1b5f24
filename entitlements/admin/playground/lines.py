"""The same question as a program asks it, ready to be pasted."""

import json
import shlex
from datetime import UTC
from typing import Any

from django.conf import settings
from django.urls import reverse

from catalog.models import Feature
from entitlements.admin.moments import AskedMoment
from entitlements.models import Account
from entitlements.queries.usage.standing import Question

KEY = '-H "Authorization: Bearer $DESK_KEY"'


def check_line(account: Account, question: Question, moment: AskedMoment) -> str:
    """Amounts in the smallest unit, as the API takes them."""
    asked: dict[str, Any] = {"account": account.key, "feature": question.feature}
    if question.quantity is not None:
        asked["quantity"] = question.quantity
    for name in ("subject", "choice", "value"):
        if getattr(question, name):
            asked[name] = getattr(question, name)
    if not moment.now:
        asked["at"] = moment.at.astimezone(UTC).isoformat()
        if moment.known_at is not None:
            asked["known_at"] = moment.known_at.astimezone(UTC).isoformat()
    return _curl(f"{settings.DESK_URL}{reverse('api:check')}", asked)


def ofrep_line(account: Account, feature: Feature) -> str:
    """OpenFeature SDKs ask so: the account is the targeting key."""
    return _curl(
        f"{settings.DESK_URL}{reverse('ofrep:flag', args=[feature.key])}", {"context": {"targetingKey": account.key}}
    )


def _curl(url: str, body: dict[str, Any]) -> str:
    told = shlex.quote(json.dumps(body, ensure_ascii=False))
    return f"curl -X POST {url} \\\n  {KEY} -H 'Content-Type: application/json' \\\n  -d {told}"
