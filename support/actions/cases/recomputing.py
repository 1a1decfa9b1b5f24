"""Recomputing open cases by what is in force now, and counting beforehand what that does: long work.

Both go through the same stretches of cases and count by the same comparison, so what was foreseen is what is done; what
happens to a case in between is counted as it is then. A case is promised anew from the instant at which the recompute
was asked for, whenever its turn comes: killed and taken up again, the work ends the same.

A clock that is late by it at once is told like any breach, once. Asked to be quiet, what such a clock calls for by then
is recorded and told to nobody, and what its steps would have raised stays as it is.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from entitlements.snapshots.batch import batches
from journal.actions.deeds import begin, record
from journal.actions.jobs import start
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import NeedsSecondPerson, Refusal, Stale
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Job, JobItem
from support.actions.cases.alert_messages import QUIET, record_alert
from support.actions.cases.alerts_due import due_of
from support.actions.cases.promising import promise_many_anew
from support.actions.cases.reckoning import reckon_many
from support.domain.impact import Impact, newly_late, say_impact
from support.models import CalendarVersion, Case, SlaPolicyVersion
from support.queries.calendars.holidays import last_hand_on
from support.queries.cases.anew import Newer
from support.queries.cases.impact import BATCH, Comparison, compared, open_cases, promised_anew, reached_by
from support.snapshots.cases import snapshot_cases

PREVIEW, RECOMPUTE = "support_preview", "support_recompute"
EDITS, RECOMPUTES = "support.edit_sla", "support.recompute_cases"
AHEAD = 20  # so many units are written down in one step


def start_preview(
    *,
    by: Actor,
    at: datetime,
    calendar: CalendarVersion | None = None,
    policy: SlaPolicyVersion | None = None,
    country: str | None = None,
) -> Job:
    """Counting what a recompute would do was begun; also by a draft. `result` of the job holds it once it is done."""
    newer = Newer(at, calendar=calendar, policy=policy, country=country)
    return start(kind=PREVIEW, title=f"What recomputing by {newer} would do", payload=newer.payload, by=by, at=at)


def start_recompute(
    *,
    by: Actor,
    at: datetime,
    calendar: CalendarVersion | None = None,
    policy: SlaPolicyVersion | None = None,
    country: str | None = None,
    quiet: bool = False,
) -> Job:
    """Promising open cases anew by what is in force was begun; `quiet`: nobody is told of clocks late by it at once."""
    by.require(RECOMPUTES)
    newer = Newer(at, calendar=calendar, policy=policy, country=country)
    if not newer.in_force:
        raise Refusal(f"New cases aren't promised by {newer} now; put it in force first, or choose the one that is.")
    if country is not None and by != SYSTEM and last_hand_on(country) == by.key:
        raise NeedsSecondPerson(
            "You changed these public holidays last, and customers’ due times move by two people: "
            "ask somebody else who may recompute to let the open cases follow."
        )
    payload = {**newer.payload, "quiet": quiet}
    return start(kind=RECOMPUTE, title=f"Recomputing open cases by {newer}", payload=payload, by=by, at=at)


def plan(*, job: Job, cursor: str, at: datetime) -> tuple[Sequence[Planned], str | None]:
    """Stretches of cases by their ids."""
    most = BATCH * AHEAD
    found = list(islice(reached_by(_newer(job), after=int(cursor or 0)), most))
    units = [
        Planned(
            str(chunk[0]),
            f"{len(chunk)} case{'' if len(chunk) == 1 else 's'} from C-{chunk[0]} on",
            {"first": chunk[0], "last": chunk[-1]},
        )
        for chunk in batches(found, BATCH)
    ]
    return units, str(found[-1]) if len(found) == most else None


def count(*, job: Job, item: JobItem, by: Actor, at: datetime) -> Outcome:
    """Count one stretch as of the instant at which it was asked for, and keep the count with the unit."""
    newer = _newer(job)
    promises = promised_anew(_stretch(item, newer), newer=newer)
    return _counted(item, compared(promises, now=job.asked_at), done=False)


def recompute(*, job: Job, item: JobItem, by: Actor, at: datetime) -> Outcome:
    """Promise one stretch anew: those cases that are open still, and promised something older still."""
    newer = _newer(job)
    held = Case.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=_stretch(item, newer))
    mine = set(held.order_by("pk").values_list("pk", flat=True))
    promises = promised_anew([pk for pk in _stretch(item, newer) if pk in mine], newer=newer)
    comparison = compared(promises, now=at)
    if not comparison.cases:
        return Outcome.passed_over("All of them were closed or promised anew meanwhile.")
    promise_many_anew(list(promises.values()), at=at, deed=begin(by=by, at=at))
    if job.payload["quiet"]:
        _keep_quiet(comparison, at=at)
    return _counted(item, comparison, done=True)


def finish_preview(*, job: Job, by: Actor, at: datetime) -> None:
    """Add the counts up."""
    if job.failed:
        raise Refusal("Some cases could not be counted, so the figures would be too low. Try them again.")
    _add_up(job, done=False)


def finish_recompute(*, job: Job, by: Actor, at: datetime) -> None:
    """Add up what was done, and write it into the audit."""
    impact = _add_up(job, done=True)
    changes = {"cases": [None, impact.affected], "clocks": [None, impact.moved], "late": [None, impact.would_breach]}
    record(begin(by=by, at=at), "case:recompute", subject=job, label=job.title, changes=changes)


def _newer(job: Job) -> Newer:
    try:
        return Newer.from_payload(job.payload, at=job.asked_at)
    except (CalendarVersion.DoesNotExist, SlaPolicyVersion.DoesNotExist):
        raise Stale("The draft was discarded meanwhile.") from None


def _stretch(item: JobItem, newer: Newer) -> list[int]:
    return list(reached_by(newer, after=item.payload["first"] - 1, until=item.payload["last"]))


def _keep_quiet(comparison: Comparison, *, at: datetime) -> None:
    """Of clocks that are late only now, everything that is due is recorded as told to nobody."""
    late = {pk: newly_late(comparison.before[pk], after) for pk, after in comparison.after.items()}
    hushed = [case for case in comparison.cases if late[case.pk]]
    facts = snapshot_cases(hushed)
    for case in hushed:
        for due in list(due_of(case, facts[case.pk], comparison.after[case.pk], at=at)):
            if due.run in late[case.pk]:
                record_alert(case, due, at=at, silence=QUIET)
    reckon_many(hushed, at=at)


def _counted(item: JobItem, comparison: Comparison, *, done: bool) -> Outcome:
    impact = comparison.impact
    item.payload |= {"impact": impact.as_json()}
    item.save(update_fields=["payload"])
    return Outcome.done(say_impact(impact, done=done))


def _add_up(job: Job, *, done: bool) -> Impact:
    total = Impact(open=open_cases())
    for payload in job.items.order_by("position").values_list("payload", flat=True).iterator(chunk_size=BATCH):
        if "impact" in payload:
            total.add(Impact.from_json(payload["impact"]))
    job.result = {"impact": total.as_json(), "words": say_impact(total, done=done)}
    return total


HANDLERS = {
    PREVIEW: JobHandler("Counting what a recompute does", EDITS, plan, count, finish_preview),
    RECOMPUTE: JobHandler("Recomputing open cases", RECOMPUTES, plan, recompute, finish_recompute),
}
