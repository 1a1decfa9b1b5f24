"""Very many accounts are counted as long work; at its end it publishes, if the figures are those that were read."""

from typing import Any

import pytest

from catalog.actions.drafts import discard_draft
from catalog.actions.terms import set_term
from catalog.models import PlanVersion, Rollout
from entitlements.actions import counting
from entitlements.actions.publications import release, request_publication, start_count
from entitlements.domain.figures import Figures
from entitlements.models import Account
from entitlements.queries.publishing import publications as asked
from entitlements.queries.publishing.publications import counted_at
from journal.actions import approvals, jobs
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM, Actor
from journal.models import Approval, Job
from tests.conftest import actor
from tests.entitlements.publishing import a_draft, asked_for, counted
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def crowd(sold: Catalog, monkeypatch: pytest.MonkeyPatch) -> list[Account]:
    """Five accounts, where three are too many to count while somebody waits, in units of two."""
    monkeypatch.setattr(asked, "INLINE", 3)
    monkeypatch.setattr(counting, "BATCH", 2)
    monkeypatch.setattr(counting, "batches", lambda ids: [ids[n : n + 2] for n in range(0, len(ids), 2)])
    found = [account(f"account-{number}") for number in range(5)]
    for one in found:
        subscribed(one, sold.team)
    return found


def figures_of(version: PlanVersion) -> Figures:
    return counted(version, asked_for(version)).figures


def begin(version: PlanVersion, *, by: Actor = SYSTEM, **more: Any) -> Any:
    given = {"seen": figures_of(version), "reason": "Agreed"} | more
    return release(version=version, publication=asked_for(version), by=by, at=AT, **given)


def test_the_counts_of_all_units_add_up(sold: Catalog, crowd: list[Account], finance: Actor) -> None:
    draft = a_draft(sold, storage=200 * GB)
    job = start_count(version=draft, publication=asked_for(draft), by=SYSTEM, at=AT)
    assert counted_at(draft, asked_for(draft), at=AT) is None
    work_off(at=AT)
    job.refresh_from_db()
    assert (job.state, job.total) == (Job.State.DONE, 3)
    found = counted_at(draft, asked_for(draft), at=AT)
    assert found is not None
    assert (found.figures, found.lines) == (figures_of(draft), counted(draft, asked_for(draft)).lines)
    assert not Rollout.objects.filter(version=draft).exists()


def test_publishing_begins_as_long_work_and_happens_at_its_end(sold: Catalog, crowd: list[Account]) -> None:
    draft = a_draft(sold, storage=200 * GB)
    assert isinstance(begin(draft), Job)
    assert value(crowd[0], "storage", AT) == 100 * GB
    work_off(at=AT)
    assert value(crowd[0], "storage", AT) == 200 * GB


def test_figures_that_are_off_by_then_stop_it(sold: Catalog, crowd: list[Account]) -> None:
    draft = a_draft(sold, storage=200 * GB)
    seen = figures_of(draft)
    subscribed(account("late"), sold.team)
    job = begin(draft, seen=seen)
    work_off(at=AT)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "Then: 5 accounts: 5 gain. Now: 6 accounts: 6 gain" in job.error
    assert not Rollout.objects.filter(version=draft).exists()


def test_a_draft_edited_meanwhile_is_not_published(sold: Catalog, crowd: list[Account]) -> None:
    job = begin(draft := a_draft(sold, storage=200 * GB))
    set_term(version=draft, feature=sold.storage, reading="300 GB", edits=draft.edits, by=SYSTEM, at=AT)
    work_off(at=AT)
    job.refresh_from_db()
    assert "changed this since" in job.error
    assert value(crowd[0], "storage", AT) == 100 * GB


def test_an_approval_is_checked_by_long_work_too(sold: Catalog, crowd: list[Account], finance: Actor) -> None:
    draft = a_draft(sold, sso=None)
    publication = asked_for(draft)
    request = request_publication(
        version=draft, publication=publication, counted=counted(draft, publication), reason="x", by=finance, at=AT
    )
    approvals.approve(approval=request, by=actor("finance", "Second Person"), at=AT)
    assert value(crowd[0], "sso", AT) is True
    work_off(at=AT + DAY / 48)
    assert Rollout.objects.get(version=draft).approval == Approval.objects.get(pk=request.pk)
    assert value(crowd[0], "sso", AT + DAY) is None


def test_work_that_was_paused_goes_on_where_it_was(sold: Catalog, crowd: list[Account]) -> None:
    job = begin(draft := a_draft(sold, storage=200 * GB))
    work_off(at=AT, most=2)  # written down, and one unit done
    job.refresh_from_db()
    jobs.pause(job=job, by=SYSTEM, at=AT)
    work_off(at=AT)
    assert not Rollout.objects.filter(version=draft).exists()
    jobs.resume(job=job, by=SYSTEM, at=AT)
    work_off(at=AT)
    assert Rollout.objects.filter(version=draft).exists()


def test_a_draft_discarded_meanwhile_ends_it_in_words(sold: Catalog, crowd: list[Account]) -> None:
    job = begin(draft := a_draft(sold, storage=200 * GB))
    discard_draft(version=draft, edits=draft.edits, by=SYSTEM, at=AT)
    work_off(at=AT)
    job.refresh_from_db()
    assert job.error == "The draft was discarded meanwhile."
