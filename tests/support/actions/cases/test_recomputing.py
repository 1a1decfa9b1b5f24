"""Recomputing moves precisely what the preview said, once, however often the work is killed."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal.actions.working import LEASE, claim, step, work_off
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import NeedsSecondPerson, NotAllowed, Refusal
from journal.models import AuditEvent, Job
from support.actions.cases import recomputing
from support.actions.cases.alerting import tell_alerts
from support.actions.cases.recomputing import start_preview, start_recompute
from support.actions.holidays import add_holiday, import_holidays
from support.domain.case_events import CaseState, EventKind
from support.domain.impact import Impact
from support.models import Case, CasePromise, Clock, SlaPolicyVersion
from support.queries.cases.impact import impact_of
from tests.conftest import actor
from tests.journal.factories import StaffFactory
from tests.support.alarms import ESCALATES, WARNS, alarmed, alerts, case_of, in_force, mails, promise
from tests.support.casework import happened, hour

pytestmark = pytest.mark.django_db
AT = hour(1)
Due = dict[tuple[int, str, int], tuple[str, datetime | None, datetime | None]]


def due() -> Due:
    return {
        (row.case_id, row.milestone, row.run): (row.state, row.due_at, row.breached_at) for row in Clock.objects.all()
    }


def shorter(minutes: tuple[int, int, int] = (10, 30, 200), **more: Any) -> SlaPolicyVersion:
    return in_force(promise({"first_response": minutes}, **more), AT)


def three_cases(steps: Any = ()) -> list[Case]:
    account = alarmed(list(steps))
    return [case_of(account, severity=severity) for severity in ("high", "low", "low")]


def done(job: Job, at: datetime = AT) -> Impact:
    work_off(at=at)
    job.refresh_from_db()
    assert job.state == "done", (job.error, list(job.items.values_list("told", flat=True)))
    return Impact.from_json(job.result["impact"])


def test_a_recompute_moves_what_the_preview_said(support_agent: Any) -> None:
    three_cases()
    version = shorter()
    foreseen = impact_of(at=AT, policy=version)
    preview = start_preview(policy=version, by=support_agent, at=AT)
    before = due()
    assert done(preview) == foreseen
    assert due() == before
    job = start_recompute(policy=version, by=support_agent, at=AT)
    assert done(job) == foreseen
    moved = {key for key, value in due().items() if value[1] != before[key][1]}
    late = {key for key, value in due().items() if value[2] and not before[key][2]}
    assert (len(moved), len(late)) == (foreseen.moved, foreseen.would_breach) == (3, 1)
    assert impact_of(at=AT, policy=version).affected == 0


def test_the_job_says_in_words_what_it_did() -> None:
    three_cases()
    ana = StaffFactory(permissions=[recomputing.RECOMPUTES]).as_actor()
    job = start_recompute(policy=shorter(), by=ana, at=AT)
    done(job)
    words = "3 cases were promised anew: 3 clocks moved (3 earlier), 1 was late at once."
    assert job.result["words"] == words == job.items.get().told
    event = AuditEvent.objects.get(verb="case:recompute")
    assert (event.actor_key, event.changes["clocks"]) == (ana.key, [None, 3])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cases=st.lists(
        st.tuples(
            st.sampled_from(["urgent", "high", "low"]),
            st.integers(0, 90),
            st.sampled_from(["", "waiting", "resolved", "public_reply"]),
        ),
        min_size=1,
        max_size=4,
    ),
    first=st.tuples(*[st.integers(0, 300)] * 3),
    resolution=st.tuples(*[st.integers(0, 300)] * 3),
)
def test_whatever_the_cases_preview_and_recompute_agree(
    cases: list[tuple[str, int, str]], first: tuple[int, ...], resolution: tuple[int, ...]
) -> None:
    account = alarmed([]) if not Case.objects.exists() else Case.objects.earliest("pk").account
    for severity, minutes, happens in cases:
        case = case_of(account, severity=severity, at=hour(0) + timedelta(minutes=minutes))
        if happens == "public_reply":
            happened(case, EventKind.PUBLIC_REPLY, hour(1.6))
        elif happens:
            happened(case, EventKind.STATE, hour(1.6), happens)
    version = in_force(promise({"first_response": first, "resolution": resolution}), hour(2))
    foreseen, before = impact_of(at=hour(2), policy=version, most=10_000), due()
    assert done(start_recompute(policy=version, by=SYSTEM, at=hour(2)), at=hour(2)) == foreseen
    assert foreseen.moved == foreseen.later + foreseen.earlier + foreseen.stopped + foreseen.started
    assert changed_rows(before) == foreseen.moved


def changed_rows(before: Due) -> int:
    """Clocks that are open, or were, and are due otherwise, as the rows have it; none of these is ever paused."""
    after, moved = due(), 0
    for key in before.keys() | after.keys():
        was, becomes = before.get(key), after.get(key)
        ran = was is not None and was[0] == "running"
        runs = becomes is not None and becomes[0] == "running"
        moved += (ran or runs) and (was and was[:2]) != (becomes and becomes[:2])
    return moved


def test_killed_in_the_middle_it_goes_on_and_ends_as_if_nothing_had_been(
    support_agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "BATCH", 1)
    three_cases()
    version = shorter()
    foreseen = impact_of(at=AT, policy=version)
    job = start_recompute(policy=version, by=support_agent, at=AT)
    killed = claim(at=AT)
    assert killed is not None
    step(killed, at=AT)
    step(killed, at=AT)
    record = recomputing._counted
    monkeypatch.setattr(recomputing, "_counted", _struck)
    with pytest.raises(KeyboardInterrupt):
        step(killed, at=AT)
    monkeypatch.setattr(recomputing, "_counted", record)
    assert CasePromise.objects.filter(policy_version=version).count() == 1
    later = AT + LEASE + timedelta(minutes=1)
    assert {**done(job, at=later).as_json(), "rows": []} == {**foreseen.as_json(), "rows": []}
    made = CasePromise.objects.filter(policy_version=version)
    assert set(made.values_list("starts_at", flat=True)) == {AT}
    assert sorted(made.values_list("case", flat=True)) == sorted(Case.objects.values_list("pk", flat=True))
    assert step(killed, at=later) is False


def _struck(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


def test_a_case_that_is_closed_or_promised_anew_meanwhile_is_left_alone(
    support_agent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recomputing, "BATCH", 1)
    first, second, third = three_cases()
    version = shorter()
    job = start_recompute(policy=version, by=support_agent, at=AT)
    held = claim(at=AT)
    assert held is not None
    step(held, at=AT)
    happened(second, EventKind.STATE, AT, CaseState.CLOSED)
    Job.objects.filter(pk=job.pk).update(lease_until=None)
    work_off(at=AT)
    job.refresh_from_db()
    assert (job.done, job.skipped, job.state) == (2, 1, "done")
    assert {row.pk: row.promises.count() for row in (first, second, third)} == {first.pk: 2, second.pk: 1, third.pk: 2}


def test_clocks_that_are_late_at_once_are_told_once(support_agent: Any) -> None:
    three_cases()
    done(start_recompute(policy=shorter(), by=support_agent, at=AT))
    for minutes in (1, 2):
        tell_alerts(at=AT + timedelta(minutes=minutes))
    assert [(kind, at) for kind, at, _ in alerts()] == [("breach", 1)]
    assert len(mails()) == 2


def test_asked_to_be_quiet_it_tells_nobody_of_them_and_of_others_it_does(support_agent: Any) -> None:
    high, *_ = three_cases([WARNS, ESCALATES])
    version = shorter((1, 2, 70), steps=[WARNS, {**ESCALATES, "amount": 10}])
    done(start_recompute(policy=version, by=support_agent, at=AT, quiet=True))
    told = AT + timedelta(minutes=1)
    tell_alerts(at=told)
    assert {kind for kind, _, _ in alerts(high)} == {"warning", "breach", "escalation"}
    assert [to for _, _, to in alerts(high)] == [[], [], []]
    high.refresh_from_db()
    assert high.severity.key == "high"
    tell_alerts(at=hour(1.5))  # the two others come to their own end
    assert [recipient for recipient, _ in mails()].count("frontline@desk.example") == 4
    assert not high.alerts.exclude(told_to=[]).exists()


def test_what_is_not_in_force_is_not_recomputed_by(support_agent: Any) -> None:
    three_cases()
    draft = promise({"first_response": (10, 30, 200)})
    assert start_preview(policy=draft, by=support_agent, at=AT).kind == "support_preview"
    with pytest.raises(Refusal, match="put it in force first"):
        start_recompute(policy=draft, by=support_agent, at=AT)
    old = SlaPolicyVersion.objects.earliest("pk")
    in_force(draft, AT)
    with pytest.raises(Refusal, match="put it in force first"):
        start_recompute(policy=old, by=support_agent, at=AT)


def test_who_may_not_is_told_so(sales: Any, auditor: Any) -> None:
    three_cases()
    version = shorter()
    for by in (sales, auditor):
        with pytest.raises(NotAllowed):
            start_preview(policy=version, by=by, at=AT)
        with pytest.raises(NotAllowed):
            start_recompute(policy=version, by=by, at=AT)


def test_a_draft_that_was_dropped_meanwhile_stops_the_count_with_a_word(support_agent: Any) -> None:
    three_cases()
    draft = promise({"first_response": (10, 30, 200)})
    job = start_preview(policy=draft, by=support_agent, at=AT)
    Job.objects.filter(pk=job.pk).update(payload={**job.payload, "policy": 1})
    work_off(at=AT)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The draft was discarded meanwhile.")


def test_whoever_changed_the_holidays_last_lets_no_open_case_follow(support_agent: Actor) -> None:
    import_holidays(country="NL", years=[2026], by=SYSTEM, at=AT)
    start_recompute(country="NL", by=support_agent, at=AT)
    add_holiday(country="NL", on=date(2026, 3, 4), name="Mended roof", by=support_agent, at=AT)
    with pytest.raises(NeedsSecondPerson, match="ask somebody else"):
        start_recompute(country="NL", by=support_agent, at=AT)
    start_recompute(country="NL", by=actor("support", "bo"), at=AT)
