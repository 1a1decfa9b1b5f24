"""What a cell says of the end of a trial, written, refused, copied, and shown."""

from datetime import datetime

import pytest

from catalog.actions.cells import BadCells, CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.actions.terms import Rules, set_term
from catalog.domain.cases import Case
from catalog.domain.values import AtTrialEnd
from catalog.models import PlanTerm, PlanVersion
from catalog.queries.terms import cell_text, own_term
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from journal.models import AuditEvent
from tests.catalog.factories import FeatureFactory, PlanVersionFactory, SeatsFactory, StorageFactory, publish_now

pytestmark = pytest.mark.django_db
KEPT_FOR, KEPT_IF_USED = AtTrialEnd.KEPT_FOR, AtTrialEnd.KEPT_IF_USED


@pytest.fixture
def draft(db: None) -> PlanVersion:
    return PlanVersionFactory()


def kept(term: PlanTerm) -> tuple[str, int | None]:
    return term.at_trial_end, term.kept_days


def test_the_words_of_a_cell_say_it(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    text = "10 GB, kept 7 days after a trial"
    term = set_term(version=draft, feature=StorageFactory(), reading=text, edits=0, by=finance, at=at)
    assert kept(term) == (KEPT_FOR, 7)
    assert cell_text(term) == text
    assert list(AuditEvent.objects.get().changes.values()) == [[None, text]]


def test_a_rule_beside_the_words_overrules_them(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    sso, asked = FeatureFactory(), {"version": draft, "by": finance, "at": at}
    rules = Rules(at_trial_end=KEPT_FOR, kept_days=30)
    term = set_term(feature=sso, reading="yes, kept after a trial if used", rules=rules, edits=0, **asked)
    assert kept(term) == (KEPT_FOR, 30)
    term = set_term(feature=sso, reading="yes", rules=Rules(at_trial_end=KEPT_IF_USED), edits=1, **asked)
    assert kept(term) == (KEPT_IF_USED, None)
    term = set_term(feature=sso, reading="yes", edits=2, **asked)
    assert kept(term) == (AtTrialEnd.ENDS, None)


def test_what_gives_nothing_keeps_nothing(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    rules = Rules(at_trial_end=KEPT_IF_USED)
    term = set_term(version=draft, feature=SeatsFactory(), reading="no", rules=rules, edits=0, by=finance, at=at)
    assert kept(term) == (AtTrialEnd.ENDS, None)


@pytest.mark.parametrize("days", [None, 0, 3_651])
def test_some_days_are_a_number_of_days(draft: PlanVersion, finance: Actor, at: datetime, days: int | None) -> None:
    rules = Rules(at_trial_end=KEPT_FOR, kept_days=days)
    with pytest.raises(Invalid) as refused:
        set_term(version=draft, feature=SeatsFactory(), reading="5", rules=rules, edits=0, by=finance, at=at)
    assert refused.value.field == "kept_days"


@pytest.mark.parametrize("phase", ["grace", "paused", "winding_down"])
def test_what_does_not_speak_in_a_trial_keeps_nothing_after_it(
    draft: PlanVersion, finance: Actor, at: datetime, phase: str
) -> None:
    seats, text, case = SeatsFactory(), "5, kept 7 days after a trial", Case(phase)
    with pytest.raises(Invalid, match="has no say at the end of a trial"):
        set_term(version=draft, feature=seats, reading=text, case=case, edits=0, by=finance, at=at)
    with pytest.raises(BadCells, match="has no say at the end of a trial"):
        write_cells(writes=[CellWrite(draft, seats, text, case)], tokens={draft.pk: 0}, by=finance, at=at)


def test_a_term_for_trials_may_keep_what_it_gives(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    seats, case = SeatsFactory(), Case("trial")
    text = "5, kept after a trial if used"
    write_cells(writes=[CellWrite(draft, seats, text, case)], tokens={draft.pk: 0}, by=finance, at=at)
    term = own_term(version=draft, subject=seats, case=case)
    assert term is not None
    assert kept(term) == (KEPT_IF_USED, None)


def test_the_next_draft_keeps_it(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    text = "yes, kept 7 days after a trial"
    set_term(version=draft, feature=FeatureFactory(), reading=text, edits=0, by=finance, at=at)
    following = open_draft(plan=publish_now(draft).plan, by=finance, at=at)
    assert kept(following.terms.get()) == (KEPT_FOR, 7)


def test_the_former_text_undoes_it(draft: PlanVersion, finance: Actor, at: datetime) -> None:
    seats = SeatsFactory()
    for edits, text in enumerate(("5", "5, kept 7 days after a trial", "5")):
        write_cells(writes=[CellWrite(draft, seats, text)], tokens={draft.pk: edits}, by=finance, at=at)
    assert kept(draft.terms.get()) == (AtTrialEnd.ENDS, None)
    assert AuditEvent.objects.count() == 3
