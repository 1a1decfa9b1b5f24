"""Long work that has to ask another system: before each step, and it waits while the other can't answer."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import connection

from journal import jobs as kinds
from journal.actions import jobs
from journal.actions.working import claim, step, work_off
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Job
from tests.journal.factories import EPOCH

pytestmark = pytest.mark.django_db
WAIT = timedelta(minutes=7)


@dataclass
class Asking:
    """Answers with what it was asked about; is away so many times."""

    away: int = 0
    asked: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    nested: set[int] = field(default_factory=set)

    def ask(self, *, job, item, cursor, at):
        self.asked.append(item.key if item else cursor or "first")
        self.nested.add(len(connection.savepoint_ids))
        if self.away:
            self.away -= 1
            raise Later("They are away", after=WAIT)
        return self.asked[-1]

    def plan(self, *, job, cursor, at, seen):
        self.told.append(f"plan {seen}")
        return [Planned(f"of {seen}", "One")], None if cursor else "second"

    def act(self, *, job, item, by, at, seen):
        self.told.append(f"act {seen}")
        return Outcome.done(seen)


@pytest.fixture
def asking(monkeypatch) -> Asking:
    kind = Asking()
    monkeypatch.setitem(
        kinds._handlers, "asking", JobHandler("Asking", "journal.steer_job", kind.plan, kind.act, ask=kind.ask)
    )
    return kind


@pytest.fixture
def job(asking: Asking) -> Job:
    return jobs.start(kind="asking", title="Ask", by=SYSTEM, at=EPOCH)


def test_each_step_is_told_what_was_asked_for_it(asking: Asking, job: Job) -> None:
    work_off(at=EPOCH)
    assert asking.asked == ["first", "second", "of first", "of second"]
    assert asking.told == ["plan first", "plan second", "act of first", "act of second"]


def test_nobody_is_asked_inside_a_transaction(asking: Asking, job: Job) -> None:
    here = len(connection.savepoint_ids)
    work_off(at=EPOCH)
    assert asking.nested == {here}


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_while_they_are_away_it_waits_and_then_goes_on(asking: Asking, job: Job, steps: int) -> None:
    work_off(at=EPOCH, most=steps)
    asking.away = 1
    work_off(at=EPOCH)
    job.refresh_from_db()
    assert (job.state, job.failed, job.lease_until) == ("queued", 0, EPOCH + WAIT)
    assert work_off(at=EPOCH + WAIT - timedelta(seconds=1)) == 0
    work_off(at=EPOCH + WAIT)
    job.refresh_from_db()
    assert (job.state, job.done, len(asking.told)) == ("done", 2, 4)


def test_paused_while_it_is_asked_it_stays_paused(asking: Asking, job: Job) -> None:
    held = claim(at=EPOCH)
    assert held is not None
    asking.away = 1
    jobs.pause(job=job, by=SYSTEM, at=EPOCH)
    assert not step(held, at=EPOCH)
    job.refresh_from_db()
    assert (job.state, job.lease_until) == ("paused", None)
