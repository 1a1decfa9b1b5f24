"""Messages promised, claimed, sent, failed. Actions only write rows; the delivery loop carries them out.

Within one stream (destination and account) only the oldest unfinished message may be claimed, so order holds. A
message given up holds its stream until a person releases it, except for e-mail: there neither one given up nor
a doubtful one stops the next, because the order of e-mails is not vital. Webhooks wait for nothing and are carried by
a loop of their own (`journal.actions.webhooks.carrying`).
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.delivery import WEBHOOK, DeliveryState, delay_after, is_dead
from journal.domain.receiving import Later
from journal.domain.refusal import Stale
from journal.models import Outbound

LEASE = timedelta(minutes=2)  # longer than any one send may take
PERMISSION = "journal.resend_outbound"
EMAIL = "email"
PERHAPS = "perhaps_since"  # in a payload: since when it may have gone out without anybody having heard so
SEALED = "sealed"  # in a payload: a secret (journal/vault.py) that stands where the body has its mark


class SecretGone(Stale):
    """The message held a secret, which was taken out once it had been sent."""

    def __init__(self) -> None:
        super().__init__(
            "It held a secret, which was taken out once it had been sent: it can't be sent again. Make a new one instead."
        )


def promise(
    *, kind: str, destination: str, payload: dict[str, Any], once_key: str, at: datetime, account_key: str = ""
) -> Outbound | None:
    """Promised a message, or None if the same promise stands already, made a moment ago by another hand included."""
    if Outbound.objects.filter(once_key=once_key).exists():
        return None
    row = Outbound(
        kind=kind,
        destination=destination,
        account_key=account_key,
        payload=payload,
        once_key=once_key,
        due_at=at,
        created_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if Outbound.objects.filter(once_key=once_key).exists():
            return None
        raise
    return row


def claim_next(*, at: datetime) -> Outbound | None:
    """Take the message that has waited longest, under a lease; None when nothing is due.

    Each try is one conditional UPDATE, so of two workers exactly one gets the row, on either database.
    """
    for seq in _claimable(at).order_by("due_at", "seq").values_list("seq", flat=True)[:20]:
        token = uuid4()
        taken = _claimable(at).filter(seq=seq)
        if taken.update(
            state=DeliveryState.SENDING, lease_until=at + LEASE, lease_token=token, attempts=F("attempts") + 1
        ):
            return Outbound.objects.get(seq=seq)
    return None


def mark_sent(row: Outbound, *, at: datetime) -> bool:
    """The message went out. Told even after the lease lapsed, as long as nobody else took the message since.

    A secret that was in it is kept no longer.
    """
    return bool(
        _leased(row, DeliveryState.SENDING, DeliveryState.DOUBTFUL).update(
            state=DeliveryState.SENT, sent_at=at, lease_until=None, lease_token=None, last_error="", **_without(row)
        )
    )


def mark_failed(row: Outbound, *, error: str, jitter: float, at: datetime) -> bool:
    """The message did not go out: it is tried again later, or given up after the last try.

    Like `mark_sent` it is told even after the lease lapsed.
    """
    dead = is_dead(row.attempts)
    return bool(
        _leased(row, DeliveryState.SENDING, DeliveryState.DOUBTFUL).update(
            state=DeliveryState.DEAD if dead else DeliveryState.PENDING,
            due_at=at if dead else at + delay_after(row.attempts, jitter=jitter),
            lease_until=None,
            lease_token=None,
            last_error=error,
        )
    )


def mark_later(row: Outbound, later: Later, *, at: datetime) -> bool:
    """Whoever it goes to asked to be left alone, or is away: it waits, and this counts as no try."""
    return bool(
        _leased(row, DeliveryState.SENDING, DeliveryState.DOUBTFUL).update(
            state=DeliveryState.PENDING,
            due_at=at + later.after,
            attempts=max(row.attempts - 1, 0),
            lease_until=None,
            lease_token=None,
            last_error=later.why,
        )
    )


def mark_doubtful(row: Outbound, *, error: str) -> bool:
    """The line broke in the middle: the message may have gone out, so a person decides whether to send it again."""
    return bool(
        _leased(row, DeliveryState.SENDING).update(state=DeliveryState.DOUBTFUL, lease_until=None, last_error=error)
    )


def doubt(row: Outbound, since: datetime | None) -> bool:
    """Note since when a message may be there without an answer having come; None: it certainly isn't. Whether it is
    still this worker's to send. For senders whose destination knows a repeat for some time only."""
    kept = {name: value for name, value in row.payload.items() if name != PERHAPS}
    row.payload = kept | ({PERHAPS: since.isoformat()} if since else {})
    return bool(_leased(row, DeliveryState.SENDING).update(payload=row.payload))


def expire_leases(*, at: datetime) -> int:
    """Take back what was claimed by workers that are gone; an e-mail may have gone out, so it becomes doubtful.

    The token stays on a doubtful row: should its worker live after all, its word that the e-mail went out counts.
    """
    lapsed = Outbound.objects.filter(state=DeliveryState.SENDING, lease_until__lte=at).exclude(kind=WEBHOOK)
    doubtful = lapsed.filter(kind=EMAIL).update(
        state=DeliveryState.DOUBTFUL, lease_until=None, last_error="The worker that was sending it ended unexpectedly."
    )
    again = lapsed.exclude(kind=EMAIL).update(
        state=DeliveryState.PENDING, due_at=at, lease_until=None, lease_token=None
    )
    return doubtful + again


def try_again(once_key: str, *, at: datetime) -> bool:
    """A message that was given up goes out again, because something has changed that it depends on."""
    given_up = Outbound.objects.filter(once_key=once_key, state=DeliveryState.DEAD)
    return bool(given_up.update(state=DeliveryState.PENDING, due_at=at, attempts=0))


@transaction.atomic
def resend(*, outbound: Outbound, by: Actor, at: datetime) -> Outbound:
    """Released a message that was doubtful or given up, to be sent again."""
    by.require(PERMISSION)
    if secret_gone(outbound):
        raise SecretGone
    payload = {name: value for name, value in outbound.payload.items() if name != PERHAPS}  # whoever sends it knows
    _settle_as(
        outbound, (DeliveryState.DOUBTFUL, DeliveryState.DEAD), state=DeliveryState.PENDING, due_at=at, attempts=0,
        payload=payload,
    )  # fmt: skip
    return _recorded(outbound, "outbound:resend", by=by, at=at)


@transaction.atomic
def settle(*, outbound: Outbound, by: Actor, at: datetime) -> Outbound:
    """Settled a doubtful message as sent, after asking the one who should have got it."""
    by.require(PERMISSION)
    _settle_as(outbound, (DeliveryState.DOUBTFUL,), state=DeliveryState.SENT, sent_at=at, **_without(outbound))
    return _recorded(outbound, "outbound:settle", by=by, at=at)


def secret_gone(row: Outbound) -> bool:
    """Whether it held a secret that is kept no longer."""
    return row.payload.get(SEALED, "") is None


def _without(row: Outbound) -> dict[str, Any]:
    """What becomes of the payload once it is sent: that it held a secret is kept, the secret isn't."""
    return {"payload": {**row.payload, SEALED: None}} if SEALED in row.payload else {}


def _claimable(at: datetime) -> QuerySet[Outbound]:
    unfinished = Q(state__in=[DeliveryState.PENDING, DeliveryState.SENDING])
    given_up = Q(state=DeliveryState.DEAD) & ~Q(kind=EMAIL)
    earlier = Outbound.objects.filter(
        unfinished | given_up,
        destination=OuterRef("destination"),
        account_key=OuterRef("account_key"),
        seq__lt=OuterRef("seq"),
    )
    due = Outbound.objects.filter(~Exists(earlier), state=DeliveryState.PENDING, due_at__lte=at)
    return due.exclude(kind=WEBHOOK)


def _leased(row: Outbound, *states: DeliveryState) -> QuerySet[Outbound]:
    token: UUID | None = row.lease_token
    return Outbound.objects.filter(seq=row.seq, lease_token=token, lease_token__isnull=False, state__in=states)


def _settle_as(outbound: Outbound, states: tuple[DeliveryState, ...], **values: Any) -> None:
    found = Outbound.objects.filter(seq=outbound.seq, state__in=states)
    if not found.update(lease_until=None, lease_token=None, **values):
        raise Stale("This message no longer waits for a person: it was sent, or someone else dealt with it.")


def _recorded(outbound: Outbound, verb: str, *, by: Actor, at: datetime) -> Outbound:
    was = outbound.state
    outbound.refresh_from_db()
    record(
        begin(by=by, at=at),
        verb,
        subject=outbound,
        account_key=outbound.account_key,
        changes={"state": [was, outbound.state]},
        label=f"{outbound.kind} to {outbound.destination}",
    )
    return outbound
