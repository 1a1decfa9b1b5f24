"""What products asked and were told, what agents may use and hold: as a month of checks would have left it."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from catalog.domain.values import Kind
from catalog.models import Feature
from desk.demo.customers import SEED, Customer, Fate
from desk.demo.purchases import holding
from entitlements.actions.usage.recording import record
from entitlements.actions.usage.subjects import set_subject_limit
from entitlements.domain.decision import Asked
from entitlements.domain.telling import tell
from entitlements.domain.usage.charging import REFUSED
from entitlements.domain.usage.operations import Act, Operation
from entitlements.models import AccessCount, Account, DecisionTrace
from entitlements.queries.usage.terms import terms_of
from journal.domain.actor import SYSTEM, Actor

HOUR = timedelta(hours=1)
HOURS = 30 * 24
MOST_FEATURES = 6
POINTS = ("POST /v1/generate", "GET /v1/files", "export button", "nightly job")
AGENTS = (("agent:writer", 60), ("agent:reviewer", 30))  # percent of the allowance
ASKED_BY = "Key “Storefront”"


def ask_things(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Counts of thirty days at a few enforcement points, refusals of small customers, and agents at work."""
    features = list(Feature.objects.exclude(kind=Kind.CONFIG)[:MOST_FEATURES])
    counts = _counts(features, at=at)
    refused = holding(customers, "free", fate=Fate.FREE)[:4]
    traces = [row for account in refused for row in _refusals(account, at=at)]
    AccessCount.objects.bulk_create(counts)
    DecisionTrace.objects.bulk_create(traces)
    for account in holding(customers, "pro")[:2]:
        _agents(account, by=by, at=at)


def _counts(features: Sequence[Feature], *, at: datetime) -> Iterator[AccessCount]:
    draw = random.Random(f"{SEED}:asked")  # noqa: S311 - not for secrets
    begun = at.replace(minute=0, second=0, microsecond=0)
    for number, point in enumerate(POINTS):
        for feature in features[number : number + 2]:
            for back in range(HOURS):
                hour = begun - back * HOUR
                busy = (40 if 7 <= hour.hour <= 18 else 6) * (0.3 if hour.weekday() > 4 else 1)
                asked = int(busy * (len(POINTS) - number) * draw.lognormvariate(0, 0.3))
                denied = int(asked * draw.random() * 0.12 * (number % 2 + 0.2))
                yield AccessCount(point=point, feature=feature, hour=hour, granted=asked - denied, denied=denied)


def _refusals(account: Account, *, at: datetime) -> Iterator[DecisionTrace]:
    """What the plan of a small customer doesn't give, asked for all the same."""
    ids = dict(Feature.objects.values_list("key", "pk"))
    absent = [(key, terms) for key, terms in terms_of(account.pk, at=at).items() if not terms.answer.granted]
    for number, (key, terms) in enumerate(absent[:4]):
        told = tell(terms.answer, asked=Asked(Decimal(1)) if terms.counted else Asked(), zone=account.zone)
        question = {"feature": key, "quantity": 1 if terms.counted else None, "subject": "", "choice": "", "value": ""}
        yield DecisionTrace(
            account=account, feature_id=ids[key], point=POINTS[number % len(POINTS)], allowed=False,
            at=at - (number * 5 + 1) * HOUR, asked_by=ASKED_BY, question=question,
            answer={"why": "not_entitled", "because": list(told.lines)},
        )  # fmt: skip


def _agents(account: Account, *, by: Actor, at: datetime) -> None:
    """Two agents share an allowance, each with a limit of its own; one of them has begun something."""
    terms = terms_of(account.pk, at=at)
    shared = (key for key, one in terms.items() if one.shape.kind is Kind.METERED and one.aggregation in REFUSED)
    key = next((key for key in shared if isinstance(most := terms[key].limit, Decimal) and most > 100), None)
    if key is None:
        return
    feature, limit = Feature.objects.get(key=key), terms[key].limit
    assert isinstance(limit, Decimal)  # as it was chosen
    for subject, percent in AGENTS:
        set_subject_limit(
            account=account, feature=feature, subject=subject, amount=limit * percent // 100,
            reason="One of them alone must not use it up", by=by, at=at,
        )  # fmt: skip
    hold = Operation(
        Act.RESERVE, source="studio", id=f"job-{account.pk}", account_id=account.pk, feature=key,
        quantity=limit * 2 // 100, at=at, subject=AGENTS[0][0], until=at + 6 * HOUR, digest="demo",
    )  # fmt: skip
    record([hold], by=SYSTEM, at=at)
