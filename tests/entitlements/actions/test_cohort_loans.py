"""Lending to a whole cohort in one act, by long work where it is large, and recalling it in one."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from django.db import transaction

from entitlements.actions import loan_proposals, loan_work, loans
from entitlements.actions.loans import lend, recall
from entitlements.actions.merging import ask_to_merge
from entitlements.domain.facts import Mode
from entitlements.domain.lending import Obstacle
from entitlements.models import Account, EntitlementChange, Loan
from entitlements.models.loan import LoanState
from entitlements.queries.loans import LENDING, TELLING, job_of, parts_of
from journal.actions import approvals, jobs
from journal.actions.working import claim, step, work_off
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Refusal
from journal.models import Approval, AuditEvent, Job, JobItem
from tests.conftest import actor
from tests.entitlements.lending import borrowing, lent, may_lend, on_free, terms
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed, value

pytestmark = pytest.mark.django_db
GATE = {"mode": Mode.REPLACE, "value": True}


@pytest.fixture
def sold(db: None) -> Catalog:
    may_lend()
    return catalog()


@pytest.fixture
def three(sold: Catalog) -> list[Account]:
    return on_free(sold, "anna", "bob", "carl")


def values(held: Sequence[Account], feature: str, at: datetime) -> list[object]:
    return [value(one, feature, at) for one in held]


def test_each_of_a_cohort_has_it_at_once(sales: Actor, sold: Catalog, three: list[Account]) -> None:
    loan = lend(terms=terms(cohort=borrowing(*three), feature=sold.sso, **GATE), by=sales, at=AT)
    assert (loan.state, len(parts_of(loan))) == (LoanState.APPROVED, 3)
    assert values(three, "sso", AT) == [True] * 3
    assert EntitlementChange.objects.filter(feature_key="sso", effective_at=AT).count() == 3
    assert AuditEvent.objects.filter(verb="loan:take_part", account_key="bob").exists()


def test_each_has_it_through_the_day_where_it_is(sales: Actor, sold: Catalog) -> None:
    east, west = account("east", zone="Pacific/Auckland"), account("west", zone="America/New_York")
    loan = lend(terms=terms(cohort=borrowing(east, west), feature=sold.sso, **GATE), by=sales, at=AT)
    ends = {part.account.key: part.row.ends_at for part in parts_of(loan)}
    assert ends == {
        "east": datetime(2026, 3, 31, 11, tzinfo=UTC),
        "west": datetime(2026, 4, 1, 4, tzinfo=UTC),
    }
    assert loan.ends_at == datetime(2026, 4, 1, 12, tzinfo=UTC)  # the last day is over everywhere


def test_who_cannot_take_part_is_left_out_and_told_why(sales: Actor, sold: Catalog, three: list[Account]) -> None:
    new = account("new")
    proposal = loans.propose_loan(terms=terms(cohort=borrowing(*three, new), plan=sold.team), by=sales, at=AT)
    assert [(found.account.key, found.obstacle) for found in proposal.borrowers if not found.takes_part] == [
        ("new", Obstacle.NO_SUBSCRIPTION)
    ]
    loan = lend(terms=terms(cohort=proposal.loan.cohort, plan=sold.team), by=sales, at=AT)
    assert [part.account.key for part in parts_of(loan)] == ["anna", "bob", "carl"]


def test_more_accounts_than_policy_allows_wait_for_somebody_else(sales: Actor, sold: Catalog) -> None:
    held = on_free(sold, *"abcdef")
    loan = lend(terms=terms(cohort=borrowing(*held), feature=sold.sso, **GATE), by=sales, at=AT)
    request = Approval.objects.get(kind="loan")
    assert (loan.state, "(6 of its 6 accounts take part)" in request.summary) == (LoanState.REQUESTED, True)
    assert values(held, "sso", AT) == [None] * 6
    approvals.approve(approval=request, by=actor("finance"), at=AT + DAY)
    assert values(held, "sso", AT + DAY) == [True] * 6


def test_beyond_policy_for_one_is_beyond_it_for_all(sales: Actor, sold: Catalog, three: list[Account]) -> None:
    subscribed(three[0], sold.team)  # 5 GB more of 100 are little; of 1 GB they are a lot
    more = {"mode": Mode.ADD, "value": 15 * GB, "typed_unit": "GB", "feature": sold.storage}
    assert lend(terms=terms(account=three[0], **more), by=sales, at=AT).state == LoanState.APPROVED
    assert lend(terms=terms(cohort=borrowing(*three), **more), by=sales, at=AT).state == LoanState.REQUESTED


def test_recalled_nobody_has_it_from_that_second(sales: Actor, sold: Catalog, three: list[Account]) -> None:
    loan = lent(sold.team, cohort=borrowing(*three))
    recall(loan=loan, reason="Over", by=sales, at=AT + DAY)
    assert values(three, "storage", AT + DAY - datetime.resolution) == [100 * GB] * 3
    assert values(three, "storage", AT + DAY) == [1 * GB] * 3
    assert AuditEvent.objects.filter(verb="loan:end_part").count() == 3


@pytest.fixture
def large(sold: Catalog, three: list[Account], monkeypatch: pytest.MonkeyPatch) -> Loan:
    """A loan to three accounts, where two are too many to do while somebody waits; it was approved."""
    for module in (loan_proposals, loans):
        monkeypatch.setattr(module, "INLINE", 2)
    monkeypatch.setattr(loan_work, "CHUNK", 2)
    return lent(sold.team, cohort=borrowing(*three))


def test_a_large_one_always_takes_two_and_is_made_by_long_work(large: Loan, three: list[Account]) -> None:
    assert "beyond 2 somebody else always approves" in Approval.objects.get(kind="loan").summary
    assert (large.state, parts_of(large)) == (LoanState.APPROVED, [])
    work_off(at=AT + DAY)
    job = job_of(large, LENDING)
    assert job is not None
    assert (job.state, job.done, job.failed) == (Job.State.DONE, 3, 0)
    assert values(three, "storage", AT + DAY) == [100 * GB] * 3


def test_killed_between_two_it_goes_on_and_lends_to_each_once(large: Loan, three: list[Account]) -> None:
    job = claim(at=AT)
    assert job is not None
    while not JobItem.objects.filter(state=JobItem.State.DONE).exists():
        step(job, at=AT)
    JobItem.objects.update(state=JobItem.State.WAITING)  # as if what was written about the unit had been lost
    work_off(at=AT + DAY)  # by another worker, once the lease is over
    assert [part.account.key for part in parts_of(large)] == ["anna", "bob", "carl"]
    assert "has its part of this loan already" in JobItem.objects.get(state=JobItem.State.SKIPPED).told


def test_killed_within_one_it_leaves_nothing(large: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("entitlements.actions.loan_parts.journal_changes", killed)
    job = claim(at=AT)
    assert job is not None
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        assert all(step(job, at=AT) for _ in range(9))
    assert parts_of(large) == []


def test_recalled_meanwhile_the_rest_is_never_lent(large: Loan, three: list[Account], sales: Actor) -> None:
    job = claim(at=AT)
    assert job is not None
    while not parts_of(large):
        step(job, at=AT)
    recall(loan=large, reason="Over", by=sales, at=AT + DAY)
    work_off(at=AT + DAY)
    assert len(parts_of(large)) == 1
    assert values(three, "storage", AT + DAY) == [1 * GB] * 3


def test_who_is_merged_meanwhile_is_lent_to_where_it_went_on(large: Loan, three: list[Account]) -> None:
    job, acme = claim(at=AT), account("acme")
    assert job is not None
    while JobItem.objects.count() < 3:
        step(job, at=AT)
    asked = ask_to_merge(duplicate=three[2], into=acme, reason="One", by=SYSTEM, at=AT)
    assert isinstance(asked, Approval)
    approvals.approve(approval=asked, by=actor("finance"), at=AT)
    work_off(at=AT + DAY)
    assert {part.account.key for part in parts_of(large)} == {"acme", "anna", "bob"}


def test_a_large_recall_ends_all_at_once_and_tells_each_later(large: Loan, three: list[Account], sales: Actor) -> None:
    work_off(at=AT)
    recall(loan=large, reason="Over", by=sales, at=AT + DAY)
    assert values(three, "storage", AT + DAY) == [1 * GB] * 3
    work_off(at=AT + 2 * DAY)
    told = EntitlementChange.objects.filter(feature_key="storage", effective_at=AT + DAY)
    assert {(row.before, row.after) for row in told} == {("100 GB", "1 GB")}
    assert (told.count(), job_of(large, TELLING).done) == (3, 3)


def test_whoever_approved_it_may_stop_it(large: Loan, finance: Actor) -> None:
    job = job_of(large, LENDING)
    assert job is not None
    jobs.stop(job=job, by=finance, at=AT)
    work_off(at=AT)
    assert parts_of(large) == []


def test_a_cohort_of_nobody_who_can_take_part_is_refused(sold: Catalog) -> None:
    with pytest.raises(Refusal, match="Nobody in Beta testers can take part: each has no running subscription"):
        lend(terms=terms(cohort=borrowing(account("new")), plan=sold.team), by=SYSTEM, at=AT)
