"""Comparing everything with Stripe, as long work: a page of a hundred is one question, and who may differ is asked again.

A page may be older than a message that came meanwhile. So what differs by it is only suspected: it is asked for by
itself, with a ticket, and noted where it differs still. What we hold and no page listed is asked for in the same way.
Only what differs costs a question of its own.

The cursor says what is next: what Stripe told and never came, a page of its list, what we hold from a number on. The ids
of a page are kept with its unit, so that a run that was killed goes on and knows what was listed.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic

from django.db.models import Count, Q

from entitlements.actions.billed.after_runs import after_run
from entitlements.actions.billed.findings import PERMISSION
from entitlements.actions.billed.runs import start_nightly
from entitlements.domain.billed.findings import FindingKind
from entitlements.domain.billed.told import BilledState
from entitlements.integrations.stripe.client import Declined, KeyRefused, connections
from entitlements.integrations.stripe.drift import Seen, looked, seen
from entitlements.integrations.stripe.missed import fetch_missed_of
from entitlements.integrations.stripe.pages import page_of_subscriptions
from entitlements.integrations.stripe.parsing import Unheard
from entitlements.queries.billed.suspects import Suspect, held_there, suspects, unlisted
from journal.domain.actor import Actor
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Refusal
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Connection, Job, JobItem
from journal.queries.connections import SecretMissing

PAGE, ONE = "page:", "one:"  # what the key of a unit begins with: a page that was compared, one that is looked at
LISTED, HELD = "listed:", "held:"  # what the cursor begins with
HELD_AT_ONCE = 1000
MOST_ON_MISSED = timedelta(seconds=45)  # of the lease; the rest is fetched by the clock


@dataclass(frozen=True, slots=True)
class Step:
    """What was seen in one step of the plan."""

    next: str | None
    suspects: tuple[Suspect, ...] = ()
    ids: tuple[str, ...] = ()
    counted: dict[str, int] = field(default_factory=dict)


def ask(*, job: Job, item: JobItem | None, cursor: str, at: datetime) -> Step | Seen | None:
    """What Stripe is asked in this step, and what is compared with it: nothing is written but tickets and arrivals."""
    connection = connection_of(job)
    with in_words():
        if item is not None:
            return seen(connection, item.payload["id"], at=at) if item.key.startswith(ONE) else None
        if not cursor:
            return _missed(connection, at=at)
        if cursor.startswith(HELD):
            return _held(job, connection, int(cursor.removeprefix(HELD)), at=at)
        return _page(connection, cursor.removeprefix(LISTED), at=at)


def _missed(connection: Connection, *, at: datetime) -> Step:
    end = monotonic() + MOST_ON_MISSED.total_seconds()
    missed = fetch_missed_of(connection, at=at, whole=True, enough=lambda: monotonic() > end)
    return Step(LISTED, counted={"missed": missed})


def _page(connection: Connection, after: str, *, at: datetime) -> Step:
    page = page_of_subscriptions(connection, at=at, after=after)
    found = suspects(connection, page.billed, at=at)
    read = {billed.id for billed in page.billed}
    unread = tuple(Suspect(id, id, missing=False) for id in page.ids if id not in read)
    next = LISTED + page.after if page.after else f"{HELD}0"
    ended = sum(billed.state is BilledState.ENDED for billed in page.billed)
    counted = {"looked": len(page.ids), "going_on": len(page.ids) - ended, "kept": found.kept}
    return Step(next, (*found.found, *unread), page.ids, counted)


def _held(job: Job, connection: Connection, after: int, *, at: datetime) -> Step:
    rows = held_there(connection, at=at, after=after, most=HELD_AT_ONCE)
    here = {row.billing_id for row in rows}
    lists = job.items.filter(key__startswith=PAGE).order_by().values_list("payload", flat=True)
    listed = {id for payload in lists.iterator(chunk_size=100) for id in payload["ids"] if id in here}
    found = tuple(unlisted(rows, listed))
    return Step(
        f"{HELD}{rows[-1].pk}" if len(rows) == HELD_AT_ONCE else None,
        found,
        counted={"looked": len(found), "going_on": len(found)},
    )


def plan(*, job: Job, cursor: str, at: datetime, seen: Step) -> tuple[Sequence[Planned], str | None]:
    """Write down the page, and whom to look at again."""
    job.result |= {name: job.result.get(name, 0) + number for name, number in seen.counted.items()}
    return list(_units(seen)), seen.next


def _units(step: Step) -> Iterator[Planned]:
    for one in step.suspects:
        told = {"id": one.billing_id, "missing": one.missing}
        yield Planned(f"{ONE}{one.billing_id}", one.label, told)
    if step.ids:
        label = f"{len(step.ids)} subscriptions, from {step.ids[0]} on"
        told = {"ids": step.ids, "suspects": len(step.suspects)}
        yield Planned(f"{PAGE}{step.ids[0]}", label, told)


def act(*, job: Job, item: JobItem, by: Actor, at: datetime, seen: Seen | None) -> Outcome:
    """Look at one that may differ, and note what does; nothing that is held changes."""
    if seen is None:
        return Outcome.done(f"Compared; {item.payload['suspects']} looked at again.")
    finding = looked(seen, at=at)
    if finding is None:
        return Outcome.passed_over("It doesn’t differ, or not any more.")
    if finding.kind == FindingKind.DRIFT:
        item.payload |= {"differs": True, "gone": seen.gone, "new": finding.first_at >= job.asked_at}
        item.save(update_fields=["payload"])
    return Outcome.done(finding.words)


def finish(*, job: Job, by: Actor, at: datetime) -> None:
    """Add up what was found, tell people of what is new, and mend it where the connection says so."""
    differ = Q(payload__differs=True)
    job.result |= job.items.filter(differ).aggregate(
        differ=Count("pk"),
        gone=Count("pk", filter=Q(payload__gone=True)),
        missing=Count("pk", filter=Q(payload__missing=True)),
        new=Count("pk", filter=Q(payload__new=True)),
    )
    job.result |= {name: job.result.get(name, 0) for name in ("looked", "kept", "missed")}
    after_run(job, connection_of(job), at=at)


HANDLER = JobHandler("Comparing with what is billed", PERMISSION, plan, act, finish, ask)


def compare_nightly(*, at: datetime) -> int:
    """Begin the night's comparison of every connection that is at work; how many began."""
    return sum(start_nightly(connection=connection, at=at) is not None for connection in connections())


def connection_of(job: Job) -> Connection:
    found = Connection.objects.get(pk=job.payload["connection"])
    if found.state != ConnectionState.ACTIVE:
        raise Refusal(f"{found.name} is {ConnectionState(found.state).words.lower()}, so nobody asks Stripe.")
    return found


@contextmanager
def in_words() -> Iterator[None]:
    """What trying again doesn't change is a Refusal that says what to do."""
    try:
        yield
    except (KeyRefused, Declined, SecretMissing, Unheard) as error:
        raise Refusal(str(error)) from None
