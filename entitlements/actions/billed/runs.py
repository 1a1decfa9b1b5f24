"""Comparing everything with what is billed, taking theirs for many, looking again at what waited: begun, as long work.

Who does it is registered by the folder of whoever bills, since it has to be asked.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from entitlements.actions.billed.findings import PERMISSION
from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BillingFinding
from entitlements.queries.billed.findings import drifted, open_drift, waiting_alike
from entitlements.queries.billed.runs import COMPARING, LOOKING, TAKING, last_nightly, running
from journal.actions import jobs
from journal.domain.actor import SYSTEM, Actor
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Refusal
from journal.models import Connection, Job

A_NIGHT = timedelta(hours=12)


@transaction.atomic
def start_drift(*, connection: Connection, by: Actor, at: datetime, nightly: bool = False) -> Job:
    """Started to compare all that is billed at a connection with what is held, one run at a time."""
    by.require(PERMISSION)
    there = Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    if there.state != ConnectionState.ACTIVE:
        raise Refusal(f"{there.name} is {ConnectionState(there.state).words.lower()}, so nobody asks it.")
    if running(connection) is not None:
        raise Refusal(f"{connection.name} is being compared already.")
    payload = {"connection": connection.pk, "nightly": nightly}
    return jobs.start(
        kind=COMPARING, title=f"Comparing all that {connection.name} bills", payload=payload, by=by, at=at
    )


def start_nightly(*, connection: Connection, at: datetime) -> Job | None:
    """The same, once a night however often it is asked; None where it has begun already."""
    last = last_nightly(connection)
    if running(connection) is not None or (last is not None and timedelta() <= at - last.asked_at < A_NIGHT):
        return None
    return start_drift(connection=connection, by=SYSTEM, at=at, nightly=True)


@transaction.atomic
def start_taking(
    *,
    by: Actor,
    at: datetime,
    findings: Collection[int] | None = None,
    connection: Connection | None = None,
    by_itself: bool = False,
) -> Job:
    """Started to take what the billing says: for these differences, or for all that are open at a connection.

    `by_itself`: no person looked at them, so that nothing ends by it that is not there any more.
    """
    by.require(PERMISSION)
    if findings is None:
        assert connection is not None, "either which, or all of a connection"
        ids = list(open_drift(connection).values_list("pk", flat=True))
    else:
        ids = [row.pk for row in drifted(findings)]
    if not ids:
        raise Refusal("No difference is open any more.")
    number = "one difference" if len(ids) == 1 else f"{len(ids)} differences"
    payload = {"findings": ids, "by_itself": by_itself}
    return jobs.start(kind=TAKING, title=f"Taking what is billed for {number}", payload=payload, by=by, at=at)


@transaction.atomic
def start_looking(*, finding: BillingFinding, by: Actor, at: datetime) -> Job:
    """Started to look again at everything that waits for the same price or the same customer."""
    by.require(PERMISSION)
    if finding.kind not in {FindingKind.UNLINKED, FindingKind.DOUBTFUL}:
        raise Refusal("Nothing else waits for the same.")
    ids = list(waiting_alike(finding).values_list("pk", flat=True))
    if not ids:
        raise Refusal("Nothing waits for it any more.")
    about = finding.about or FindingKind(finding.kind).words
    title = f"Looking again at what waits for {about}"
    return jobs.start(kind=LOOKING, title=title, payload={"findings": ids}, by=by, at=at)
