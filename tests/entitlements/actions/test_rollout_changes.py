"""What a rollout changed is told once for each account, by long work that may be killed, paused and tried again."""

from datetime import datetime
from typing import Any

import pytest

from catalog.domain.rollouts import Audience
from catalog.models import Rollout
from entitlements.actions import rollout_changes
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.sweep import LATE, MOMENT, sweep
from entitlements.models import Account, EntitlementChange, SubscriptionItem
from journal.actions import jobs
from journal.actions.working import LEASE, claim, step, work_off
from journal.domain.actor import SYSTEM
from journal.models import Job, JobItem, Notice, Staff
from tests.catalog.factories import publish_now
from tests.entitlements.publishing import a_draft
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def crowd(sold: Catalog) -> list[Account]:
    """Three accounts on Team, swept up to now."""
    found = [account(f"account-{number}") for number in range(3)]
    for one in found:
        subscribed(one, sold.team)
    sweep(at=AT - DAY)
    sweep(at=AT - MOMENT)
    return found


def published(sold: Catalog, *, at: datetime = AT, **more: Any) -> Rollout:
    publish_now(a_draft(sold, storage=200 * GB), at=at, **more)
    return Rollout.objects.latest("pk")


def told() -> list[tuple[str, str, str, str]]:
    rows = EntitlementChange.objects.filter(effective_at=AT).order_by("account__key")
    return [(row.account.key, row.feature_key, row.before, row.after) for row in rows]


EVERYBODY = [(f"account-{number}", "storage", "100 GB", "200 GB") for number in range(3)]


def test_the_sweep_hands_a_rollout_over_and_tells_nothing_itself(sold: Catalog, crowd: list[Account]) -> None:
    published(sold)
    sweep(at=AT)
    assert told() == []
    assert Job.objects.get(kind="rollout_changes").title == "What Team v2 changed for those it reached"


def test_the_job_tells_each_account_once_with_the_cause(sold: Catalog, crowd: list[Account]) -> None:
    published(sold)
    sweep(at=AT)
    work_off(at=AT)
    assert told() == EVERYBODY
    assert set(EntitlementChange.objects.filter(effective_at=AT).values_list("cause", flat=True)) == {
        "Team v2 was published"
    }


def test_sweeping_again_and_late_starts_no_second_job_and_tells_nothing_twice(
    sold: Catalog, crowd: list[Account]
) -> None:
    published(sold)
    for later in (AT, AT + MOMENT, AT + LATE, AT + 2 * LATE):
        sweep(at=later)
        work_off(at=later)
    assert Job.objects.count() == 1
    assert told() == EVERYBODY


def test_killed_in_the_middle_it_is_resumed_and_each_change_is_told_once(sold: Catalog, crowd: list[Account]) -> None:
    published(sold)
    sweep(at=AT)
    killed = claim(at=AT)
    assert killed is not None
    step(killed, at=AT)  # written down
    step(killed, at=AT)  # the first account; here the worker dies with the lease in its hand
    assert len(told()) == 1
    assert work_off(at=AT + LEASE / 2) == 0  # nobody knows yet that it is dead
    work_off(at=AT + 2 * LEASE)
    assert told() == EVERYBODY
    assert Job.objects.get().done == 3


def test_a_unit_that_was_done_and_not_committed_is_done_again(
    sold: Catalog, crowd: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    published(sold)
    sweep(at=AT)
    tell, broken = rollout_changes.tell_what_time_changed, [True]

    def told_then_lost(**change: Any) -> Any:
        answer = tell(**change)
        if broken.pop() if broken else False:
            raise RuntimeError("the machine lost power")
        return answer

    monkeypatch.setattr(rollout_changes, "tell_what_time_changed", told_then_lost)
    work_off(at=AT)
    assert told() == EVERYBODY


def test_what_failed_can_be_tried_again(sold: Catalog, crowd: list[Account], monkeypatch: pytest.MonkeyPatch) -> None:
    published(sold)
    sweep(at=AT)
    with monkeypatch.context() as broken:
        broken.setattr(rollout_changes, "facts_of", _fails_for(crowd[1]))
        work_off(at=AT)
    job = Job.objects.get()
    assert (job.state, job.failed, len(told())) == (Job.State.FAILED, 1, 2)
    jobs.retry_failed(job=job, by=SYSTEM, at=AT)
    work_off(at=AT)
    assert told() == EVERYBODY


def _fails_for(one: Account) -> Any:
    real = rollout_changes.facts_of

    def facts(*, account: Account, **more: Any) -> Any:
        if account.pk == one.pk:
            raise RuntimeError("unreadable")
        return real(account=account, **more)

    return facts


def test_paused_it_stands_still_and_goes_on_where_it_was(sold: Catalog, crowd: list[Account]) -> None:
    published(sold)
    sweep(at=AT)
    work_off(at=AT, most=2)
    job = Job.objects.get()
    jobs.pause(job=job, by=SYSTEM, at=AT)
    work_off(at=AT + LEASE)
    assert len(told()) == 1
    jobs.resume(job=job, by=SYSTEM, at=AT)
    work_off(at=AT + LEASE)
    assert told() == EVERYBODY


def test_a_cohort_is_all_that_is_walked(sold: Catalog, crowd: list[Account]) -> None:
    create_cohort(key="early", name="Early", accounts=crowd[:1], by=SYSTEM, at=AT)
    published(sold, audience=Audience.COHORT, cohort_key="early")
    sweep(at=AT)
    work_off(at=AT)
    assert told() == EVERYBODY[:1]
    assert Job.objects.get().total == 1


def test_at_renewal_the_sweep_tells_each_at_its_own(sold: Catalog, crowd: list[Account]) -> None:
    published(sold, audience=Audience.AT_RENEWAL)
    sweep(at=AT)
    assert not Job.objects.exists()
    sweep(at=AT + 60 * DAY)
    cause = "Team v2 was published, and reached it at its renewal"
    assert EntitlementChange.objects.filter(cause=cause).count() == 3


def test_for_new_customers_there_is_nothing_to_tell(sold: Catalog, crowd: list[Account]) -> None:
    published(sold, audience=Audience.NEW_CUSTOMERS)
    sweep(at=AT)
    assert not Job.objects.exists()


def test_who_bought_just_before_and_was_committed_late_is_told_by_the_sweep(
    sold: Catalog, crowd: list[Account]
) -> None:
    rollout = published(sold)
    sweep(at=AT)
    work_off(at=AT)
    late = account("late", at=AT - DAY)
    subscribed(late, sold.team, at=AT - MOMENT)  # recorded before the publication, in the database only after the job
    assert SubscriptionItem.objects.get(subscription__account=late).version_id in rollout.moves_from
    sweep(at=AT + LATE)
    sweep(at=AT + 2 * LATE)
    assert told() == [*EVERYBODY, ("late", "storage", "100 GB", "200 GB")]


def test_each_account_manager_is_told_once_how_many_of_theirs_changed(sold: Catalog, crowd: list[Account]) -> None:
    owner = Staff.objects.create(username="ana", email="ana@desk.example", is_staff=True)
    for one in crowd[:2]:
        Account.objects.filter(pk=one.pk).update(owner=owner)
    published(sold)
    sweep(at=AT)
    work_off(at=AT)
    notice = Notice.objects.get(kind="rollout")
    assert (notice.recipient, notice.subject) == ("ana@desk.example", "Team v2: 2 of your accounts changed")


def test_who_has_nothing_otherwise_is_passed_over_in_words(sold: Catalog, crowd: list[Account]) -> None:
    publish_now(a_draft(sold), at=AT)  # the same as before
    sweep(at=AT)
    work_off(at=AT)
    assert {item.told for item in JobItem.objects.all()} == {"Nothing changed for it."}
