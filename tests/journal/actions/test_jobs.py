from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.actions import jobs
from journal.actions.working import LEASE, MOST_ATTEMPTS, WENT_WRONG, claim, step, work, work_off
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import AuditEvent, Job, JobItem, Notice
from tests.journal.counting import Counting, registered
from tests.journal.factories import EPOCH, StaffFactory, person
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db
LATER = EPOCH + LEASE + timedelta(seconds=1)


@pytest.fixture
def counting(monkeypatch):
    kind = Counting()
    registered(kind, monkeypatch)
    return kind


@pytest.fixture
def ada(db):
    return StaffFactory(permissions=[jobs.STEER]).as_actor()


def begun(by, up_to=6):
    return jobs.start(kind="counting", title="Count", payload={"up_to": up_to}, by=by, at=EPOCH)


def told() -> list[str]:
    return sorted(Notice.objects.values_list("subject", flat=True), key=int)


def test_all_of_it_is_done_once_and_in_order(counting, ada):
    job = begun(ada)
    work_off(at=EPOCH)
    job.refresh_from_db()
    assert (job.state, job.total, job.done, job.failed) == ("done", 6, 6, 0)
    assert counting.seen == ["1", "2", "3", "4", "5", "6"]
    assert counting.finished == ["Count"]


def test_starting_is_written_in_the_audit(counting, ada):
    job = begun(ada)
    assert AuditEvent.objects.get(verb="job:start").subject_key == str(job.pk)


def test_who_may_not_start_it_is_told_so(counting):
    with pytest.raises(NotAllowed):
        begun(person("Bob"))


def test_a_kind_nobody_knows_is_a_mistake_of_ours(ada):
    with pytest.raises(LookupError):
        jobs.start(kind="nothing", title="Nothing", by=ada, at=EPOCH)


def test_a_refusal_fails_one_unit_with_its_sentence_and_undoes_what_it_wrote(counting, ada):
    counting.refuses = {"2"}
    job = begun(ada)
    work_off(at=EPOCH)
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == ("failed", 5, 1)
    assert job.items.get(key="2").told == "Number 2 can't be counted."
    assert told() == ["1", "3", "4", "5", "6"]


def test_what_breaks_is_tried_again_after_the_others(counting, ada, caplog):
    counting.breaks = {"1": 2}
    job = begun(ada)
    work_off(at=EPOCH)
    job.refresh_from_db()
    assert (job.state, job.done, job.items.get(key="1").attempts) == ("done", 6, 2)
    assert told() == ["1", "2", "3", "4", "5", "6"]


def test_what_breaks_each_time_fails_in_the_end(counting, ada, caplog):
    counting.breaks = {"1": MOST_ATTEMPTS}
    job = begun(ada)
    work_off(at=EPOCH)
    item = job.items.get(key="1")
    assert (item.state, item.told, item.attempts) == ("failed", WENT_WRONG, MOST_ATTEMPTS)
    assert "a wire broke" in caplog.text


def test_what_there_is_nothing_to_do_for_is_counted_apart(counting, ada):
    counting.odd = {"1", "3"}
    job = begun(ada)
    work_off(at=EPOCH)
    job.refresh_from_db()
    assert (job.done, job.skipped, job.state) == (4, 2, "done")


def test_only_what_failed_is_tried_again(counting, ada):
    counting.refuses = {"2"}
    job = begun(ada)
    work_off(at=EPOCH)
    counting.refuses = set()
    jobs.retry_failed(job=job, by=ada, at=LATER)
    work_off(at=LATER)
    job.refresh_from_db()
    assert (job.state, job.done, job.failed) == ("done", 6, 0)
    assert counting.seen.count("1") == 1


def test_paused_work_stands_still_and_goes_on_where_it_was(counting, ada):
    job = begun(ada)
    held = claim(at=EPOCH)
    for _ in range(3):
        step(held, at=EPOCH)
    jobs.pause(job=job, by=ada, at=EPOCH)
    assert step(held, at=EPOCH) is False
    assert claim(at=LATER) is None
    jobs.resume(job=job, by=ada, at=LATER)
    work_off(at=LATER)
    assert counting.seen == ["1", "2", "3", "4", "5", "6"]


def test_stopped_work_never_goes_on(counting, ada):
    job = begun(ada)
    jobs.stop(job=job, by=ada, at=EPOCH)
    assert claim(at=LATER) is None
    with pytest.raises(Refusal, match="stopped by now"):
        jobs.resume(job=job, by=ada, at=LATER)


def test_only_the_one_who_asked_or_a_steerer_can_pause(counting, ada):
    with pytest.raises(NotAllowed, match="started by"):
        jobs.pause(job=begun(ada), by=person("Bob"), at=EPOCH)


def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(counting, ada):
    begun(ada)
    dead = claim(at=EPOCH)
    step(dead, at=EPOCH)
    step(dead, at=EPOCH)
    assert claim(at=EPOCH) is None
    work_off(at=LATER)
    assert told() == ["1", "2", "3", "4", "5", "6"]
    assert counting.seen.count("1") == 1


def test_a_worker_given_up_for_dead_leaves_no_trace_when_it_comes_back(counting, ada):
    begun(ada)
    slow = claim(at=EPOCH)
    step(slow, at=EPOCH)
    work_off(at=LATER)
    assert step(slow, at=LATER) is False
    assert told() == ["1", "2", "3", "4", "5", "6"]
    assert JobItem.objects.filter(state="done").count() == 6


def test_planning_goes_on_where_it_was_lost(counting, ada):
    begun(ada, up_to=10)
    lost = claim(at=EPOCH)
    step(lost, at=EPOCH)
    work_off(at=LATER)
    assert Job.objects.get().total == 10
    assert told() == [str(number) for number in range(1, 11)]


def test_a_finish_that_is_refused_says_why_and_can_be_tried_again(counting, ada):
    counting.finishing = Refusal("The figures moved.")
    job = begun(ada)
    work_off(at=EPOCH)
    job.refresh_from_db()
    assert (job.state, job.error, job.done) == ("failed", "The figures moved.", 6)
    counting.finishing = None
    jobs.retry_failed(job=job, by=ada, at=LATER)
    work_off(at=LATER)
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert counting.seen.count("1") == 1


def test_the_work_is_done_with_what_the_asker_may_do_today(counting, ada):
    begun(ada)
    work_off(at=EPOCH)
    assert set(Notice.objects.values_list("recipient", flat=True)) == {ada.name}


def test_a_tick_ends_with_its_budget(counting, ada):
    begun(ada)
    instants = iter(EPOCH + timedelta(seconds=n) for n in range(100))
    work(clock=lambda: next(instants), budget=timedelta(seconds=12))
    assert Job.objects.get().state == "running"
    assert 0 < len(counting.seen) < 6
    assert Job.objects.get().lease_until is None


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_gets_the_job(counting):
    begun(StaffFactory(permissions=[jobs.STEER]).as_actor())
    taken = at_once(lambda: claim(at=EPOCH), lambda: claim(at=EPOCH))
    assert sum(job is not None for job in taken) == 1


class Life:
    """A job and the one worker that has it, at an instant that only moves when a worker dies."""

    def __init__(self, by):
        self.by, self.at = by, EPOCH
        self.job = begun(by)
        self.held = claim(at=EPOCH)

    def step(self, times):
        for _ in range(times):
            if self.held is not None:
                step(self.held, at=self.at)

    def die(self, _):
        self.at += LEASE + timedelta(seconds=1)
        self.held = claim(at=self.at) or self.held

    def pause(self, _=0):
        if self.state() in {"queued", "running"}:
            jobs.pause(job=self.job, by=self.by, at=self.at)

    def resume(self, _=0):
        if self.state() == "paused":
            jobs.resume(job=self.job, by=self.by, at=self.at)

    def state(self):
        self.job.refresh_from_db()
        return self.job.state


@given(st.lists(st.tuples(st.sampled_from(["step", "die", "pause", "resume"]), st.integers(1, 4)), max_size=25))
def test_whatever_befalls_it_each_number_is_told_once(moves):
    """Steps, deaths of workers, pauses and resumptions in any order; then it is left to run."""
    with pytest.MonkeyPatch.context() as patch:
        registered(Counting(breaks={"3": 1}), patch)
        Job.objects.all().delete()
        Notice.objects.all().delete()
        life = Life(StaffFactory(permissions=[jobs.STEER]).as_actor())
        for move, times in moves:
            getattr(life, move)(times)
        life.resume()
        work_off(at=life.at + LEASE + timedelta(seconds=1))
        assert (life.state(), life.job.done, told()) == ("done", 6, ["1", "2", "3", "4", "5", "6"])
