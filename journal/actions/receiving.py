"""What arrives is stored, claimed and settled (docs/adr/0030). The loop that takes it is `journal.integrations.receiving`.

Of one subject at one connection one is taken at a time, in the order of arrival. Where the vendor's arrivals are hints,
one that failed steps aside until its next try, and one that was given up holds nothing up; where they are strict, both
hold their subject.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from journal.actions.arrival_mail import tell_keepers
from journal.domain.arrival import MOST_TRIES, ArrivalState, delay_after
from journal.domain.connection import ConnectionState, Mode
from journal.domain.receiving import Forged, Later, Message, Outcome, Reason, Received
from journal.models import Connection, ConnectionHealth, ConnectionRefusal, Inbound, InboundAttempt
from journal.vendors import Vendor, strict_vendors

LEASE = timedelta(minutes=2)  # longer than any one arrival may take
CANDIDATES = 20
NEW_COUNT_AFTER = timedelta(days=7)  # without a refusal; then they are counted anew
ENDED = "The worker that took it ended unexpectedly."


def require_ours(connection: Connection, vendor: Vendor, received: Iterable[Received]) -> None:
    """Forged where a message is of the other mode, or about another account than the one connected."""
    accounts = {connection.settings.get(one.name, "") for one in vendor.fields if one.is_account} - {""}
    for one in received:
        if one.live is not None and one.live is not (connection.mode == Mode.LIVE):
            raise Forged(Reason.MODE)
        if one.of_account and accounts and one.of_account not in accounts:
            raise Forged(Reason.ACCOUNT)


@transaction.atomic
def receive(
    *, connection: Connection, vendor: Vendor, message: Message, received: Sequence[Received], at: datetime
) -> list[Inbound]:
    """Stored what a message brings, all of it or nothing; what is new. What stands already is left as it is."""
    ids = [one.external_id for one in received]
    here = Inbound.objects.filter(connection=connection, external_id__in=ids)
    seen = set(here.values_list("external_id", flat=True))
    headers = {name: message.headers[name] for name in vendor.headers if name in message.headers}
    stored = []
    for one in received:
        if one.external_id in seen:
            continue
        seen.add(one.external_id)
        row = _row(connection, one, body=message.body if one.body is None else one.body, headers=headers, at=at)
        if _stored(row):
            stored.append(row)
    return stored


def note_refused(*, connection: Connection, reason: Reason, at: datetime) -> None:
    """Counted a message that was refused; nothing of it is kept."""
    rows = ConnectionRefusal.objects.filter(connection=connection, reason=reason)
    long_ago = Q(last_at__lt=at - NEW_COUNT_AFTER)
    again = {
        "count": Case(When(long_ago, then=Value(1)), default=F("count") + 1),
        "first_at": Case(When(long_ago, then=Value(at)), default=F("first_at")),
        "last_at": at,
    }
    if rows.update(**again):
        return
    try:
        with transaction.atomic():
            ConnectionRefusal.objects.create(connection=connection, reason=reason, first_at=at, last_at=at)
    except IntegrityError:  # another request was the first a moment ago
        rows.update(**again)


def claim_next(*, at: datetime) -> Inbound | None:
    """Take the arrival that has waited longest, under a lease; None when nothing may be taken.

    Each try is one conditional UPDATE, so of two workers exactly one gets the row, on either database. That of one
    subject only one is being taken, whatever two workers see at the same moment, is a unique index.
    """
    ids, strict = _open_connections(at)
    rows = {pk: _claimable([pk], strict, at=at) for pk in ids}
    due = [
        (due_at, seq, pk)
        for pk, claimable in rows.items()
        for due_at, seq in claimable.order_by("due_at", "seq").values_list("due_at", "seq")[:CANDIDATES]
    ]
    for _due_at, seq, pk in sorted(due):
        claimed = rows[pk].filter(seq=seq)
        try:
            with transaction.atomic():
                taken = claimed.update(
                    state=ArrivalState.WORKING, lease_until=at + LEASE, lease_token=uuid4(), attempts=F("attempts") + 1
                )
        except IntegrityError:
            continue
        if taken:
            return Inbound.objects.select_related("connection").get(seq=seq)
    return None


@transaction.atomic
def mark_done(row: Inbound, outcome: Outcome, *, took_ms: int, at: datetime) -> bool:
    """It was taken. Believed only while nobody else has taken it since, as is everything that is said of a try."""
    told = {"outcome": outcome.words, "account_key": outcome.account_key or row.account_key, "last_error": ""}
    if not _settled(row, ArrivalState.DONE, done_at=at, **told):
        return False
    _note(row, ArrivalState.DONE, outcome.words, took_ms=took_ms, at=at)
    if row.subject:
        _cover(row, outcome, at=at)
    ConnectionHealth.objects.filter(connection=row.connection_id).update(
        failing_since=None, failures=0, resume_at=None, last_ok_at=at
    )
    return True


def _cover(row: Inbound, outcome: Outcome, *, at: datetime) -> None:
    """Settle the others of its subject that it speaks for. Nobody is at one of those: the subject is still this worker's."""
    same = Inbound.objects.filter(connection=row.connection_id, subject=row.subject)
    if outcome.covers_earlier:
        words = f"Passed over by the desk: {row.external_id}, which came later, covers it."
        earlier = same.filter(seq__lt=row.seq, state=ArrivalState.GIVEN_UP)
        earlier.update(state=ArrivalState.PASSED_OVER, done_at=at, outcome=words)
    if outcome.covers_waiting:
        words = (
            f"Done together with {row.external_id}: when that was looked into, this had come already. {outcome.words}"
        )
        whose = {"account_key": outcome.account_key} if outcome.account_key else {}
        waiting = same.filter(seq__in=outcome.covers_waiting, state=ArrivalState.WAITING)
        waiting.update(state=ArrivalState.DONE, done_at=at, outcome=words, last_error="", **whose)


@transaction.atomic
def mark_failed(row: Inbound, *, error: str, jitter: float, took_ms: int, at: datetime) -> bool:
    """It could not be taken: it is tried again later, or given up after the last try, of which people are told."""
    delay = delay_after(row.attempts, jitter=jitter)
    state = ArrivalState.GIVEN_UP if delay is None else ArrivalState.WAITING
    if not _settled(row, state, due_at=at + (delay or timedelta(0)), last_error=error):
        return False
    _note(row, state, error, took_ms=took_ms, at=at)
    _settle_failure(row, error=error, at=at)
    if delay is None:
        tell_keepers(row, error=error, at=at)
    return True


@transaction.atomic
def mark_later(row: Inbound, later: Later, *, took_ms: int, at: datetime) -> bool:
    """The vendor asked to be left alone: nothing of the connection is taken until then, and this counted as no try."""
    until = at + later.after
    if not _settled(row, ArrivalState.WAITING, due_at=until, last_error=later.why, attempts=max(row.attempts - 1, 0)):
        return False
    _note(row, ArrivalState.WAITING, later.why, took_ms=took_ms, at=at)
    let_rest(row.connection, later, at=at)
    return True


@transaction.atomic
def let_rest(connection: Connection, later: Later, *, at: datetime) -> None:
    """Let a connection rest until its vendor may be asked again."""
    health, until = ConnectionHealth.objects.select_for_update().get(connection=connection), at + later.after
    health.failing_since, health.last_error = health.failing_since or at, later.why
    health.resume_at = max(health.resume_at or until, until)
    health.save()


def end_rest(connection: Connection) -> None:
    """The vendor answered again. Where arrivals themselves have failed since, the next one that is done says so."""
    resting = ConnectionHealth.objects.filter(connection=connection, resume_at__isnull=False, failures=0)
    if resting.exists():
        resting.update(failing_since=None, resume_at=None)


@transaction.atomic
def mark_set_aside(row: Inbound, *, words: str, at: datetime) -> bool:
    """Nobody handles its type: it is kept, and can be taken once somebody does."""
    if not _settled(row, ArrivalState.SET_ASIDE, done_at=at, outcome=words, last_error=""):
        return False
    _note(row, ArrivalState.SET_ASIDE, words, took_ms=0, at=at)
    return True


@transaction.atomic
def expire_leases(*, at: datetime) -> int:
    """Take back what was claimed by workers that are gone; one that has ended worker after worker is given up."""
    lapsed = Inbound.objects.filter(state=ArrivalState.WORKING, lease_until__lte=at).select_related("connection")
    taken_back = 0
    for row in lapsed.defer("body").order_by("seq")[:CANDIDATES]:
        dead = row.attempts >= MOST_TRIES
        state = ArrivalState.GIVEN_UP if dead else ArrivalState.WAITING
        if not _settled(row, state, due_at=at, last_error=ENDED):
            continue
        taken_back += 1
        _note(row, state, ENDED, took_ms=0, at=at)
        if dead:
            tell_keepers(row, error=ENDED, at=at)
    return taken_back


def _row(connection: Connection, one: Received, *, body: bytes, headers: dict[str, str], at: datetime) -> Inbound:
    return Inbound(
        connection=connection,
        external_id=one.external_id,
        type=one.type,
        subject=one.subject,
        body=body,
        headers=headers,
        received_at=at,
        occurred_at=one.occurred_at,
        due_at=at,
    )


def _stored(row: Inbound) -> bool:
    """False where the same was stored by another hand a moment ago."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        if Inbound.objects.filter(connection=row.connection_id, external_id=row.external_id).exists():
            return False
        raise
    return True


def _open_connections(at: datetime) -> tuple[list[int], list[int]]:
    """Those that take what arrived, and those of them in which one builds on another."""
    rested = Q(health__resume_at=None) | Q(health__resume_at__lte=at)
    found = dict(
        Connection.objects.filter(rested, state=ConnectionState.ACTIVE).order_by("pk").values_list("pk", "vendor")
    )
    strict = strict_vendors()
    return list(found), [pk for pk, vendor in found.items() if vendor in strict]


def _claimable(ids: Sequence[int], strict: Sequence[int], *, at: datetime) -> QuerySet[Inbound]:
    """No join in it: an UPDATE looks at each of these conditions once more when it has waited for another one's.

    Each state is asked for by itself, so that each is one look into the index of a subject.
    """
    same = Inbound.objects.filter(connection=OuterRef("connection"), subject=OuterRef("subject"))
    earlier = same.filter(seq__lt=OuterRef("seq"))
    waits = earlier.filter(state=ArrivalState.WAITING)
    free = ~Exists(same.filter(state=ArrivalState.WORKING)) & ~Exists(waits.filter(due_at__lte=at))
    if strict:
        held = Exists(waits) | Exists(earlier.filter(state=ArrivalState.GIVEN_UP))
        free &= ~Q(connection__in=strict) | ~held
    return Inbound.objects.filter(Q(subject="") | free, connection__in=ids, state=ArrivalState.WAITING, due_at__lte=at)


def _settled(row: Inbound, state: ArrivalState, **told: object) -> bool:
    """Whether the row was still this worker's, and is as told now."""
    leased = Inbound.objects.filter(seq=row.seq, state=ArrivalState.WORKING, lease_token=row.lease_token)
    return bool(leased.update(state=state, lease_until=None, lease_token=None, **told))


def _note(row: Inbound, state: ArrivalState, words: str, *, took_ms: int, at: datetime) -> None:
    InboundAttempt.objects.create(
        inbound_id=row.seq, number=row.attempts, at=at, took_ms=took_ms, state=state, words=words
    )


def _settle_failure(row: Inbound, *, error: str, at: datetime) -> None:
    health = ConnectionHealth.objects.select_for_update().get(connection=row.connection_id)
    health.failing_since, health.failures, health.last_error = health.failing_since or at, health.failures + 1, error
    health.save()
