"""Drafts: opened as copies, one at a time, and thrown away without a trace in the plan but with one in the audit."""

from datetime import datetime
from decimal import Decimal

import pytest

from catalog.actions.drafts import discard_draft, open_draft
from catalog.domain.values import TermState
from catalog.models import PlanTerm, PlanVersion, PriceLine
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import (
    PlanFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    PriceLineFactory,
    StorageFactory,
    publish_now,
    published_version,
)

pytestmark = pytest.mark.django_db


def a_published_pro() -> PlanVersion:
    draft = PlanVersionFactory(trial_days=14, grace_days=7, wind_down_days=30)
    storage = PlanTermFactory(
        version=draft, feature=StorageFactory(), amount=8 * 10**9, typed_unit="GB", source_text="8 GB included"
    )
    PriceLineFactory(term=storage, per_amount=10**9)
    PlanTermFactory(version=draft)
    PlanPriceFactory(version=draft)
    return publish_now(draft)


def test_the_first_draft_of_a_plan_is_empty(finance: Actor, at: datetime) -> None:
    draft = open_draft(plan=PlanFactory(), by=finance, at=at)
    assert (draft.number, draft.is_draft, draft.terms.count()) == (1, True, 0)


def test_a_draft_is_a_copy_of_the_newest_version(finance: Actor, at: datetime) -> None:
    pro = a_published_pro()
    draft = open_draft(plan=pro.plan, by=finance, at=at)

    copied = draft.terms.get(feature__kind="metered")
    assert (draft.number, draft.trial_days, draft.prices.get().amount_micros) == (2, 14, 25_000_000)
    assert (draft.grace_days, draft.wind_down_days) == (7, 30)
    assert (copied.value, copied.source_text) == (Decimal(8 * 10**9), "8 GB included")
    assert [line.per_amount for line in copied.price_lines.all()] == [10**9]


def test_writing_the_draft_leaves_the_published_version_alone(finance: Actor, at: datetime) -> None:
    pro = a_published_pro()
    draft = open_draft(plan=pro.plan, by=finance, at=at)
    assert PlanTerm.objects.filter(version=pro).count() == draft.terms.count() == 2
    assert PriceLine.objects.filter(term__version=pro).count() == 1


def test_a_plan_has_one_draft_at_a_time(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory()
    with pytest.raises(Refusal, match="already open as a draft"):
        open_draft(plan=draft.plan, by=finance, at=at)


def test_support_may_not_open_a_draft(support_agent: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        open_draft(plan=PlanFactory(), by=support_agent, at=at)


def test_a_discarded_draft_is_gone_but_its_history_is_not(finance: Actor, at: datetime) -> None:
    pro = a_published_pro()
    draft = open_draft(plan=pro.plan, by=finance, at=at)
    discard_draft(version=draft, edits=0, by=finance, at=at, reason="thought better of it")

    assert list(pro.plan.versions.all()) == [pro]
    assert PlanTerm.history.filter(version_id=draft.pk, history_type="-").count() == 2
    assert AuditEvent.objects.get(verb="plan:discard_draft").reason == "thought better of it"


def test_a_published_version_can_not_be_discarded(finance: Actor, at: datetime) -> None:
    version = published_version()
    with pytest.raises(Refusal, match="never changes"):
        discard_draft(version=version, edits=version.edits, by=finance, at=at)


def test_a_draft_that_someone_changed_meanwhile_is_not_discarded(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory(edits=3)
    with pytest.raises(Stale):
        discard_draft(version=draft, edits=2, by=finance, at=at)


def test_a_draft_that_someone_discarded_meanwhile_says_so(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory()
    discard_draft(version=draft, edits=0, by=finance, at=at)
    with pytest.raises(Stale, match="discarded"):
        discard_draft(version=PlanVersion(pk=10**6), edits=0, by=finance, at=at)


def test_every_copied_cell_keeps_its_state(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory()
    for state in (TermState.SET_PER_CUSTOMER, TermState.NOT_INCLUDED, TermState.UNLIMITED):
        PlanTermFactory(version=draft, feature=StorageFactory(), state=state)
    copy = open_draft(plan=publish_now(draft).plan, by=finance, at=at)
    assert set(copy.terms.values_list("state", flat=True)) == {"set_per_customer", "not_included", "unlimited"}
