"""While an amendment waits, or was rejected, what was signed before is still the deal's: its lines, and its terms."""

from collections.abc import Callable
from datetime import datetime

import pytest

from desk.domain.crm.told import DealLine, DealState
from desk.models import DealMapping
from entitlements.actions.contract_drafts import discard
from entitlements.models import Contract
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.conftest import actor
from tests.desk.crm import AT, MINUTE, World, crm, deal, hear, holds, line, open_findings, row_of, ruled
from tests.entitlements.contracts import amended, selling, signed
from tests.entitlements.world import DAY, value

pytestmark = pytest.mark.django_db


def seats(number: int) -> DealLine:
    return line("l2", "SEATS", "1", Seats=str(number))


def decided(decide: Callable[..., object], *, at: datetime, note: str = "") -> None:
    decide(approval=Approval.objects.get(state=Approval.State.PENDING), by=actor("finance"), at=at, note=note)


def thrown_away(number: int, *, at: datetime) -> None:
    discard(version=Contract.objects.get().versions.get(number=number), by=SYSTEM, at=at)


def taking_a_line_out_waits() -> World:
    world = crm()
    hear(world, deal(line(), line("l9", quantity="2")))
    hear(world, deal(line(), seats(7)), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team", "2 × team"]
    return world


def test_a_lost_deal_ends_the_line_that_it_had_asked_to_take_out():
    world = taking_a_line_out_waits()
    hear(world, deal(line(), seats(7), state=DealState.LOST), at=AT + 2 * DAY)
    assert (holds(AT + 2 * DAY), open_findings()) == ([], [])


def test_a_lost_deal_ends_the_line_that_it_took_out_and_in_again():
    world = taking_a_line_out_waits()
    hear(world, deal(line(), line("l9", quantity="3"), seats(7)), at=AT + DAY + MINUTE)
    hear(world, deal(line(), seats(7), state=DealState.LOST), at=AT + 2 * DAY)
    assert (holds(AT + 2 * DAY), open_findings()) == ([], [])


def test_a_line_that_is_not_taken_out_after_all_goes_on_as_it_was_signed():
    world = taking_a_line_out_waits()
    hear(world, deal(line(), line("l9", quantity="2"), seats(7)), at=AT + DAY + MINUTE)
    decided(approvals.approve, at=AT + 2 * DAY)
    assert holds(AT + 2 * DAY) == ["5 × team", "2 × team"]
    assert row_of().lines["team:l9"] == 2


def test_back_to_what_was_signed_after_the_rejected_draft_was_thrown_away():
    world = taking_a_line_out_waits()
    decided(approvals.reject, at=AT + DAY, note="No")
    thrown_away(2, at=AT + DAY)
    hear(world, deal(line(), line("l9", quantity="2")), at=AT + 2 * DAY)
    assert (holds(AT + 2 * DAY), open_findings()) == (["5 × team", "2 × team"], [])
    assert Contract.objects.get().versions.filter(state="signed").count() == 1


def test_other_terms_that_were_thrown_away_with_the_draft_are_asked_for_with_the_next():
    world = crm()
    DealMapping.objects.update(months={"deal_field": "Months"})
    hear(world, deal(line(), fields={"Months": "12"}))
    hear(world, deal(line(), seats(7), fields={"Months": "24"}), at=AT + DAY)
    decided(approvals.reject, at=AT + DAY, note="Fewer seats")
    thrown_away(2, at=AT + DAY)
    hear(world, deal(line(), seats(3), fields={"Months": "24"}), at=AT + 2 * DAY)
    decided(approvals.approve, at=AT + 2 * DAY)
    assert Contract.objects.get().versions.get(number=3).term_months == 24
    assert value(world.acme, "seats", AT + 2 * DAY) == 13


def test_what_nobody_takes_out_alone_is_told_instead_of_being_called_ended():
    world = crm()
    denied = {"products": ["NOSSO"], "feature": world.catalog.sso, "mode": "deny", "position": 9}
    ruled(DealMapping.objects.get(), "no-sso", "feature", **denied)
    sold = (line(), line("l2", "NOSSO"))
    hear(world, deal(*sold))
    decided(approvals.approve, at=AT)
    version = amended(Contract.objects.get(), at=AT + MINUTE)
    selling(version, world.catalog.team, 2, at=AT + MINUTE)
    signed(version, by=SYSTEM, at=AT + MINUTE)
    for days in (1, 2):
        heard = hear(world, deal(*sold, state=DealState.LOST), at=AT + days * DAY)
        assert not heard.moved
    ((kind, words),) = open_findings()
    assert (kind, "Ask someone who may approve concessions" in words) == ("refused", True)
