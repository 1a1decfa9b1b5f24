"""A plan that carries everything of a lower one, by a pinned version; and the drafts that follow a newer one."""

from datetime import datetime

import pytest

from catalog.actions.drafts import discard_draft, open_draft, open_drafts_above, set_includes
from catalog.actions.terms import set_term
from catalog.models import PlanVersion, SubLimit
from catalog.queries.includes import including_older
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.calls import api_calls
from tests.catalog.factories import (
    AddOnFactory,
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    publish_now,
    published_version,
)

pytestmark = pytest.mark.django_db


def including(lower: PlanVersion) -> PlanVersion:
    """A published version of another plan that carries everything of this one."""
    draft = PlanVersionFactory(includes=lower)
    PlanTermFactory(version=draft)
    return publish_now(draft)


def test_a_draft_includes_a_version_of_another_plan(finance: Actor, at: datetime) -> None:
    lower, draft = published_version(), PlanVersionFactory()
    set_includes(version=draft, includes=lower, edits=0, reason="as sold", by=finance, at=at)
    draft.refresh_from_db()
    assert (draft.includes, draft.edits) == (lower, 1)
    event = AuditEvent.objects.get(verb="plan_version:set_includes")
    assert (event.changes, event.reason) == ({"includes": [None, str(lower)]}, "as sold")
    set_includes(version=draft, includes=None, edits=1, by=finance, at=at)
    draft.refresh_from_db()
    assert draft.includes is None


def test_only_what_is_on_sale_of_another_plan_of_its_kind_is_included(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory(plan=published_version().plan)
    bad = {
        "is a draft": PlanVersionFactory(),
        "A plan includes plans": published_version(plan=AddOnFactory()),
        "can't include itself": draft.plan.versions.get(number=1),
    }
    for words, version in bad.items():
        with pytest.raises(Invalid, match=words) as refused:
            set_includes(version=draft, includes=version, edits=0, by=finance, at=at)
        assert refused.value.field == "includes"


def test_a_circle_through_another_plan_is_refused(finance: Actor, at: datetime) -> None:
    lower = published_version()
    upper = including(lower)
    draft = PlanVersionFactory(plan=lower.plan)
    with pytest.raises(Invalid, match=f"can't include itself, because {upper} includes {lower}"):
        set_includes(version=draft, includes=upper, edits=0, by=finance, at=at)


def test_the_same_again_an_old_form_and_support_are_refused(finance: Actor, support_agent: Actor, at: datetime) -> None:
    lower = published_version()
    draft = PlanVersionFactory(includes=lower)
    with pytest.raises(Refusal, match="Nothing would change"):
        set_includes(version=draft, includes=lower, edits=0, by=finance, at=at)
    with pytest.raises(Stale):
        set_includes(version=draft, includes=None, edits=1, by=finance, at=at)
    with pytest.raises(NotAllowed):
        set_includes(version=draft, includes=None, edits=0, by=support_agent, at=at)


def test_publishing_a_lower_plan_offers_drafts_for_those_above(finance: Actor, at: datetime) -> None:
    first = published_version()
    above, drafted = including(first), including(first)
    started = open_draft(plan=drafted.plan, by=finance, at=at)
    assert including_older(first) == []
    second = published_version(plan=first.plan)
    assert including_older(second) == [above, started]

    drafts = open_drafts_above(lower=second, by=finance, at=at)
    assert [draft.plan for draft in drafts] == [above.plan, drafted.plan]
    assert {draft.includes for draft in drafts} == {second}
    assert drafts[1] == started
    assert including_older(second) == []


def test_support_may_not_open_them(support_agent: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        open_drafts_above(lower=published_version(), by=support_agent, at=at)


def test_a_draft_may_be_a_copy_of_a_former_version(finance: Actor, at: datetime) -> None:
    first = published_version(feature=SeatsFactory(), amount=5)
    published_version(plan=first.plan, feature=first.terms.get().feature, amount=9)
    draft = open_draft(plan=first.plan, copy_of=first, by=finance, at=at)
    assert (draft.number, draft.terms.get().amount) == (3, 5)
    assert AuditEvent.objects.latest("seq").changes == {"copied_from": [None, str(first)]}


def test_a_copy_of_another_plan_s_version_is_refused(finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="is no version of"):
        open_draft(plan=PlanFactory(), copy_of=published_version(), by=finance, at=at)


def test_parts_of_amounts_are_copied_and_thrown_away_with_a_draft(finance: Actor, at: datetime) -> None:
    draft = PlanVersionFactory()
    set_term(version=draft, feature=api_calls(), reading="9; of which Large model: 5", edits=0, by=finance, at=at)
    publish_now(draft)
    copy = open_draft(plan=draft.plan, by=finance, at=at)
    assert SubLimit.objects.get(term__version=copy).amount == 5
    discard_draft(version=copy, edits=0, by=finance, at=at)
    assert SubLimit.objects.get().term.version == draft
