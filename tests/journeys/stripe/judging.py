"""What must hold: nothing after the end, the same as at Stripe, nothing told twice, nothing told that never was."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entitlements.models import Account, BilledSubscription, EntitlementChange, Subscription, SubscriptionItem
from entitlements.queries.entitlements import entitlements_of
from journal.models import AuditEvent, Inbound, Notice, Outbound

OVER = ("ended", "not_begun")
CHANGED = "entitlements.changed"
BY_DEED, BY_TIME, NOTICED = "subscription:end", "subscription.ended", "subscription_ended"
OF_ONE_ANEW = {BY_TIME: 1, "subscription.started": 1, "subscription.renewed": 1, CHANGED: 2}


@dataclass
class Told:
    """What others heard of one life, and what stands in the audit, by sort and how often."""

    verbs: Counter[str]
    events: Counter[str]
    notices: Counter[str]
    anew: int = 0  # ended here as announced, before word came that the customer had stayed; then it began anew

    @classmethod
    def now(cls) -> "Told":
        sent = Outbound.objects.filter(kind="webhook").values_list("payload__type", flat=True)
        verbs = AuditEvent.objects.exclude(verb__startswith="billing_finding").values_list("verb", flat=True)
        taken_over = Subscription.objects.exclude(billed_by="").filter(billing_id="").count()
        return cls(Counter(verbs), Counter(sent), Counter(Notice.objects.values_list("kind", flat=True)), taken_over)

    def beyond(self, straight: "Told") -> list[str]:
        """What is there more often than where every message came at once and in order."""
        more = [
            mine - theirs - Counter({name: count * self.anew for name, count in also.items()})
            for mine, theirs, also in (
                (self.verbs, straight.verbs, {"subscription:start": 1, "period:record": 1}),
                (self.events, straight.events, OF_ONE_ANEW),
                (self.notices, straight.notices, {NOTICED: 1}),
            )
        ]
        found = {name: count for one in more for name, count in one.items()}
        if self.ends - self.anew <= straight.ends:
            found = {name: count for name, count in found.items() if name not in (BY_DEED, BY_TIME, NOTICED)}
        return [f"{count} × {name} more than happened" for name, count in found.items()]

    @property
    def ends(self) -> int:
        """However it came: where word of an end at once is late, the end that was announced comes by itself."""
        return self.verbs[BY_DEED] + self.events[BY_TIME]


def told_twice() -> Iterator[str]:
    """Each change of a feature begins where the one before it ended, and is one; each thing that time brought is told once."""
    last: dict[tuple[int, str], str] = {}
    for row in EntitlementChange.objects.order_by("recorded_at", "pk"):
        feature = (row.account_id, row.feature_key)
        if row.before == row.after or last.get(feature, row.before) != row.before:
            yield f"{row} was told though it was {last.get(feature)}"
        last[feature] = row.after
    about: Counter[Any] = Counter()
    for row in Outbound.objects.filter(kind="webhook", payload__data__verb=None):
        about[row.payload["type"], str(row.payload["data"])] += 1
    yield from (f"{one} was told {count} times" for one, count in about.items() if count > 1)
    said = Counter(Notice.objects.values_list("kind", "recipient", "subject", "body"))
    yield from (f"{one} was mailed {count} times" for one, count in said.items() if count > 1)


def needless() -> Iterator[str]:
    """Stripe is told of nothing that it said itself; nothing that came is left lying."""
    for row in Outbound.objects.filter(kind="billing"):
        yield f"Stripe would be told: {row.payload['subject']}"
    for row in Inbound.objects.exclude(state__in=("done", "set_aside")):
        yield f"{row.type} is {row.state}: {row.last_error}"


def held(at: datetime) -> set[str]:
    """Every feature that any account has at the instant."""
    return {
        feature
        for account in Account.objects.all()
        for feature, answer in entitlements_of(account=account, at=at).items()
        if answer.granted
    }


def ours(billing_id: str, at: datetime) -> Counter[tuple[str, str, int]]:
    rows = SubscriptionItem.objects.filter(subscription__billing_id=billing_id)
    return Counter(
        (row.plan.key, row.interval, row.quantity)
        for row in rows.select_related("subscription", "plan")
        if row.window.contains(at) and row.subscription.window.contains(at)
    )


def ended_and_running(at: datetime) -> tuple[set[str], set[str]]:
    """What has ended here; and what is known to be over where it is billed, and gives something all the same."""
    rows = (
        BilledSubscription.objects.exclude(subscription=None)
        .order_by()
        .values_list("billing_id", "state", "subscription__starts_at", "subscription__ends_at")
    )
    lives = [(name, state in OVER, starts <= at and (ends is None or at < ends)) for name, state, starts, ends in rows]
    return {name for name, _, runs in lives if not runs}, {name for name, over, runs in lives if over and runs}


def nothing_runs(at: datetime) -> bool:
    return not Subscription.objects.exclude(billing_id="").exclude(ends_at__lte=at).exists()
