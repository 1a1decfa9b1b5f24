"""The flows of a connection: switched on, paused, let go on, run at once, and what failed tried again.

Workers write to the same rows all the time, so a person's word is one UPDATE that says how the row has to stand.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from desk.actions.crm.written import try_again
from desk.domain.crm.flows import Flow, FlowState
from desk.models import CrmCompany, CrmDeal, CrmFlow
from desk.queries.crm.mapping import in_force
from journal.actions.deeds import begin, record
from journal.domain.actor import Actor
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Connection, ConnectionHealth

PERMISSION = "desk.set_up_crm"
LONGEST_REASON = 500


@transaction.atomic
def switch_on(*, connection: Connection, flow: Flow, by: Actor, at: datetime) -> CrmFlow:
    """Switched a flow on for the first time: everything there is read, page by page, then what changes."""
    by.require(PERMISSION)
    row = flow_of(connection, flow)
    if row.state != FlowState.NEW:
        raise Stale(f"“{flow.words}” was switched on before. Look again.")
    _refuse_unready(connection, flow)
    return _stand(row, FlowState.ACTIVE, "crm_flow:switch_on", by=by, at=at)


@transaction.atomic
def pause(*, connection: Connection, flow: Flow, reason: str, by: Actor, at: datetime) -> CrmFlow:
    """Paused a flow: what changes meanwhile waits, and is taken in once somebody lets it go on."""
    by.require(PERMISSION)
    if not reason.strip():
        raise Invalid("Say why; it stands on the page of the connection until it goes on.", field="reason")
    row = flow_of(connection, flow)
    if row.state != FlowState.ACTIVE:
        raise Stale(f"“{flow.words}” is not on, so there is nothing to pause. Look again.")
    return _stand(row, FlowState.PAUSED, "crm_flow:pause", reason=reason.strip()[:LONGEST_REASON], by=by, at=at)


@transaction.atomic
def resume(*, connection: Connection, flow: Flow, by: Actor, at: datetime) -> CrmFlow:
    """Let a flow go on where it was: what changed meanwhile is read now."""
    by.require(PERMISSION)
    row = flow_of(connection, flow)
    if row.state != FlowState.PAUSED:
        raise Stale(f"“{flow.words}” is not paused. Look again.")
    _refuse_unready(connection, flow)
    return _stand(row, FlowState.ACTIVE, "crm_flow:resume", by=by, at=at)


@transaction.atomic
def run_now(*, connection: Connection, flow: Flow, by: Actor, at: datetime) -> CrmFlow:
    """Asked for the next run at once rather than by the clock."""
    by.require(PERMISSION)
    row = flow_of(connection, flow)
    _refuse_resting(connection, row, at=at)
    _due_now(row, at=at)
    record(begin(by=by, at=at), "crm_flow:run_now", subject=row)
    return row


@transaction.atomic
def retry(*, connection: Connection, flow: Flow, by: Actor, at: datetime, ids: Collection[int] | None = None) -> int:
    """Had what failed tried again now, all of it or these rows; of how many records."""
    by.require(PERMISSION)
    row = flow_of(connection, flow)
    _refuse_resting(connection, row, at=at)
    number = _tried_again(connection, flow, ids, at=at)
    if not number:
        raise Stale("Nothing of it waits to be tried again any more. Look again.")
    _due_now(row, at=at)
    record(begin(by=by, at=at), "crm_flow:retry", subject=row, changes={"records": [None, number]})
    return number


def flow_of(connection: Connection, flow: Flow) -> CrmFlow:
    """The row of a flow, made where it is missing."""
    return CrmFlow.objects.get_or_create(connection=connection, flow=flow)[0]


def _stand(row: CrmFlow, state: FlowState, verb: str, *, by: Actor, at: datetime, reason: str = "") -> CrmFlow:
    """Whoever has its turn loses it; who is let go on begins at once, without the troubles of before."""
    told: dict[str, Any] = {"state": state, "state_reason": reason, "state_at": at}
    told |= {"lease_until": None, "lease_token": None, "told_behind_at": None}
    if state is FlowState.ACTIVE:
        told |= {"next_run_at": at, "trouble": "", "trouble_since": None}
    was = row.state
    if not CrmFlow.objects.filter(pk=row.pk, state=was).update(**told):
        raise Stale()
    row.refresh_from_db()
    words = [FlowState(was).words, state.words]
    record(begin(by=by, at=at), verb, subject=row, reason=reason, changes={"state": words})
    return row


def _refuse_unready(connection: Connection, flow: Flow) -> None:
    _refuse_off(connection)
    companies = CrmFlow.objects.filter(connection=connection, flow=Flow.COMPANIES, state=FlowState.ACTIVE)
    if flow is not Flow.COMPANIES and not companies.exists():
        raise Refusal(
            f"Switch on “{Flow.COMPANIES.words}” first: whose a deal is, and where entitlements are written, is "
            "known by its company."
        )
    if flow is Flow.DEALS and in_force(connection) is None:
        raise Refusal(
            "No mapping is in force, so nobody knows what a won deal becomes. Write one, try it on real deals, and "
            "switch it on first."
        )


def _refuse_off(connection: Connection) -> None:
    if connection.state != ConnectionState.ACTIVE:
        words = ConnectionState(connection.state).words.lower()
        raise Refusal(f"{connection.name} is {words}, so nobody asks it. Let it go on first.")


def _refuse_resting(connection: Connection, row: CrmFlow, *, at: datetime) -> None:
    _refuse_off(connection)
    if row.state != FlowState.ACTIVE:
        raise Refusal(f"“{Flow(row.flow).words}” is {FlowState(row.state).words.lower()}. Let it go on first.")
    until = ConnectionHealth.objects.filter(connection=connection).values_list("resume_at", flat=True).first()
    if until is not None and until > at:
        raise Refusal(
            f"{connection.name} can’t be asked before {until:%H:%M} UTC: {row.trouble or 'it asked to be left alone'}. "
            "It goes on by itself then."
        )


def _due_now(row: CrmFlow, *, at: datetime) -> None:
    """A worker looks for what is due every other second."""
    CrmFlow.objects.filter(pk=row.pk).update(next_run_at=at)
    row.next_run_at = at


def _tried_again(connection: Connection, flow: Flow, ids: Collection[int] | None, *, at: datetime) -> int:
    chosen = {} if ids is None else {"pk__in": list(ids)}
    if flow is Flow.DEALS:
        deals = CrmDeal.objects.filter(connection=connection, **chosen)
        return deals.exclude(failed="").update(due_at=at, tries=0)
    companies = CrmCompany.objects.filter(connection=connection, **chosen)
    if flow is Flow.COMPANIES:
        return companies.exclude(failed="").update(due_at=at, tries=0)
    return try_again(companies.exclude(write_failed=""), at=at)
