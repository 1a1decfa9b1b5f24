"""Many cells written at once: all or none, one event a version, and the text alone decides."""

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.actions.cells import BadCells, CellWrite, write_cells
from catalog.domain.cases import GENERAL, Case
from catalog.domain.values import TermState
from catalog.models import Feature, PlanTerm, PlanVersion
from catalog.queries.terms import case_of, cell_text, own_term, terms_of
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.calls import api_calls
from tests.catalog.factories import (
    EPOCH,
    AddOnFactory,
    FeatureFactory,
    MarketFactory,
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    published_version,
)
from tests.conftest import EXAMPLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db: None) -> PlanVersion:
    return PlanVersionFactory()


def write(draft: PlanVersion, *cells: tuple, by: Actor = SYSTEM, at: datetime = EPOCH) -> dict[int, int]:
    draft.refresh_from_db()
    writes = [CellWrite(draft, *cell) for cell in cells]
    return write_cells(writes=writes, tokens={draft.pk: draft.edits}, by=by, at=at)


def test_a_paste_over_two_drafts_is_one_act_with_one_event_each(finance: Actor, at: datetime) -> None:
    one, two = PlanVersionFactory(), PlanVersionFactory()
    storage, seats = StorageFactory(), SeatsFactory()
    cells = [(one, storage, "8 GB"), (one, seats, "5"), (two, storage, "Unlimited"), (two, seats, "no")]
    tokens = {one.pk: 0, two.pk: 0}
    assert write_cells(writes=[CellWrite(*cell) for cell in cells], tokens=tokens, by=finance, at=at) == {
        one.pk: 1,
        two.pk: 1,
    }
    assert [own_term(version=v, subject=f).state for v, f, _ in cells] == [
        "value",
        "value",
        "unlimited",
        "not_included",
    ]
    first, second = AuditEvent.objects.filter(verb="plan_version:write_cells").order_by("seq")
    assert first.changes == {storage.key: [None, "8 GB"], seats.key: [None, "5"]}
    assert second.subject_label == str(two)


def test_one_bad_cell_keeps_all_the_others_from_being_written(draft: PlanVersion) -> None:
    storage, seats = StorageFactory(), SeatsFactory()
    with pytest.raises(BadCells) as bad:
        write(draft, (storage, "8 GB"), (seats, "fifty"), (storage, "10 apples", Case("trial")))
    assert [(cell.text, sentence[:30]) for cell, sentence in bad.value.cells] == [
        ("fifty", "'fifty' is not an amount; writ"),
        ("10 apples", "'10' needs its unit for Featur"),
    ]
    assert "And 1 more cells" in bad.value.message
    assert not PlanTerm.objects.exists()
    assert not AuditEvent.objects.exists()


def test_the_empty_text_clears_a_cell_with_all_that_hangs_on_it(draft: PlanVersion) -> None:
    calls = api_calls()
    write(draft, (calls, "100, then $1 per call; of which Large model: 5"))
    write(draft, (calls, " "))
    assert not PlanTerm.objects.exists()
    assert AuditEvent.objects.latest("seq").changes == {
        "calls": ["100, then $1 per call; of which Large model: 5", None]
    }


def test_what_says_the_same_already_is_passed_over_silently(draft: PlanVersion) -> None:
    storage = StorageFactory()
    write(draft, (storage, "8 GB"))
    assert write(draft, (storage, "8 GB included"), (SeatsFactory(), "")) == {draft.pk: 1}
    assert AuditEvent.objects.count() == 1


def test_of_a_cell_written_twice_the_last_text_counts(draft: PlanVersion) -> None:
    seats = SeatsFactory()
    write(draft, (seats, "5"), (seats, "6"))
    assert draft.terms.get().amount == 6


def test_the_text_alone_decides_so_that_the_former_text_undoes(draft: PlanVersion) -> None:
    storage = StorageFactory()
    write(draft, (storage, "8 GB a month, soft limit, up to 20 % beyond"))
    write(draft, (storage, "10 GB"))
    term = draft.terms.get()
    assert (term.reset, term.enforcement, term.overage_percent) == ("", "hard", None)


def test_a_seller_is_named_by_its_key_and_forgotten_by_the_next_text(draft: PlanVersion) -> None:
    AddOnFactory(key="ipv4", name="IPv4")
    feature = FeatureFactory()
    write(draft, (feature, "sold as an add-on: ipv4; $4 per month"))
    assert (draft.terms.get().sold_as.key, draft.terms.get().price_lines.count()) == ("ipv4", 1)
    write(draft, (feature, "sold as an add-on"))
    assert (draft.terms.get().sold_as, draft.terms.get().price_lines.count()) == (None, 0)


def test_groups_and_cases_are_cells_too(draft: PlanVersion) -> None:
    storage, market = StorageFactory(), MarketFactory(key="eu", name="Europe")
    write(
        draft,
        (storage.group, "Unlimited"),
        (storage, "1 GB", Case("trial", "eu", "year")),
        (storage, "8 GB", GENERAL),
    )
    group, general, special = sorted(terms_of(draft), key=lambda term: (term.group is None, term.phase))
    assert (group.group, group.state) == (storage.group, TermState.UNLIMITED)
    assert (special.phase, special.market, special.interval) == ("trial", market, "year")
    changes = AuditEvent.objects.get().changes
    assert changes[f"{storage.key} (during a trial, in Europe, paid yearly)"] == [None, "1 GB"]
    assert general.value == Decimal(8 * 10**9)


def test_a_cell_may_be_left_open_only_in_so_many_words(draft: PlanVersion) -> None:
    feature = FeatureFactory()
    with pytest.raises(BadCells, match="doesn't say what"):
        write(draft, (feature, "Coming soon"))
    write(draft, (feature, "to be settled: Coming soon"))
    assert (draft.terms.get().state, draft.terms.get().source_text) == ("unsettled", "Coming soon")


def test_a_market_nobody_knows_is_told(draft: PlanVersion) -> None:
    with pytest.raises(BadCells, match="no market with the key mars"):
        write(draft, (FeatureFactory(), "yes", Case(market="mars")))


def test_an_old_token_of_one_draft_stops_all(finance: Actor, at: datetime) -> None:
    one, two, seats = PlanVersionFactory(), PlanVersionFactory(edits=3), SeatsFactory()
    writes = [CellWrite(one, seats, "5"), CellWrite(two, seats, "5")]
    with pytest.raises(Stale):
        write_cells(writes=writes, tokens={one.pk: 0, two.pk: 2}, by=finance, at=at)
    with pytest.raises(Stale, match="was not open on the sheet"):
        write_cells(writes=writes, tokens={one.pk: 0}, by=finance, at=at)
    assert not PlanTerm.objects.exists()


def test_a_published_version_is_never_written(finance: Actor, at: datetime) -> None:
    version = published_version()
    with pytest.raises(Refusal, match="never changes"):
        write(version, (SeatsFactory(), "5"), by=finance, at=at)


def test_support_may_not_write_cells(draft: PlanVersion, support_agent: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        write(draft, (SeatsFactory(), "5"), by=support_agent, at=at)


CELLS = [
    "8 GB", "8 GB a month, then $0.125 per GB, up to 20 % beyond", "Unlimited a day", "no", "Custom", "0 GB",
    "pay as you go a month: $1 per GB", "1 GB per seat of seats, pooled, soft limit", "2 GB for each seat of seats",
    "3 GB per unit, tracked only", "sold as an add-on: ipv4; $4 per month", "to be settled: Coming soon", "",
    "8 GB, kept 7 days after a trial", "Unlimited, kept after a trial if used",
]  # fmt: skip


@settings(max_examples=2 * EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.sampled_from(CELLS), text=st.sampled_from(CELLS))
def test_the_text_of_a_cell_written_into_any_other_gives_an_equal_term(before: str, text: str) -> None:
    storage = Feature.objects.filter(key="storage").first() or StorageFactory(key="storage")
    if not Feature.objects.filter(key="seats").exists():
        SeatsFactory(key="seats")
        AddOnFactory(key="ipv4")
    one, two = PlanVersionFactory(plan=PlanFactory()), PlanVersionFactory(plan=PlanFactory())
    write(one, (storage, before))
    write(one, (storage, text))
    said = "".join(cell_text(term) for term in terms_of(one))
    write(two, (storage, said))
    assert "".join(cell_text(term) for term in terms_of(two)) == said
    columns = ["state", "amount", "reset", "enforcement", "overage_percent", "scaling", "seats_of", "sold_as"]
    columns += ["at_trial_end", "kept_days"]
    assert list(one.terms.values(*columns)) == list(two.terms.values(*columns))


def test_a_copy_of_a_case_keeps_its_case(draft: PlanVersion) -> None:
    term = PlanTermFactory(version=draft, phase="grace", market=MarketFactory(key="eu"))
    assert case_of(term) == Case("grace", "eu")
