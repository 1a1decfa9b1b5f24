"""Agreement action by action: what the machine made of a ticket, and whether a person decided otherwise."""

from datetime import timedelta

import pytest

from support.domain.intake.outcomes import Outcome
from support.queries.intake.by_action import Told, by_action, rows_by_action
from support.queries.intake.figures import figures
from support.queries.intake.spans import Span
from tests.conftest import AT
from tests.support.intake_world import decision, settled

pytestmark = pytest.mark.django_db
SPAN = Span.latest(4, now=AT, zone="UTC")
SOON = timedelta(minutes=5)


def test_each_action_by_itself_and_each_number_has_its_rows(django_assert_num_queries: object) -> None:
    settled(Outcome.ACCEPT, Outcome.ACCEPT, at=AT - SOON, sampled=True)
    settled(Outcome.ACCEPT, Outcome.SUGGEST, at=AT - SOON, sampled=True)
    settled(Outcome.BLOCK, Outcome.ACCEPT, at=AT - SOON)
    decision(Outcome.REDIRECT, at=AT - SOON)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = by_action(SPAN)
    assert found == (Told(Outcome.BLOCK, 1, 1), Told(Outcome.ACCEPT, 2, 1))
    for told in found:
        assert rows_by_action("reviewed", SPAN, told.outcome).count() == told.reviewed
        assert rows_by_action("disagreed", SPAN, told.outcome).count() == told.disagreed


def test_where_nothing_was_proposed_nobody_agrees_or_disagrees() -> None:
    held = settled(Outcome.HOLD, Outcome.ACCEPT, at=AT - SOON)
    assert [told.outcome for told in by_action(SPAN)] == [Outcome.ACCEPT]
    held.parts = [{**held.parts[0], "proposed": None}]
    held.save(update_fields=["parts"])
    assert by_action(SPAN) == ()
    assert figures(SPAN).total["reviewed"] == 0
