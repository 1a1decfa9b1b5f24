"""Amendments: what they leave alone goes on, what they change turns at their instant, and the past stays as it was."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entitlements.actions.contract_drafts import amend, discard, edit_line
from entitlements.actions.contract_signing import sign
from entitlements.actions.plan_changes import BelowWhatIsInUse
from entitlements.domain.facts import Mode
from entitlements.models import Override, SubscriptionItem
from entitlements.models.contract import ContractState, Renewal
from entitlements.queries.entitlements import entitlements_of
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, Refusal
from tests.conftest import EXAMPLES, actor
from tests.entitlements.contracts import (
    amended,
    another_quantity,
    drafted,
    line_of,
    promising,
    selling,
    signed,
    without_line,
)
from tests.entitlements.shop import per_unit
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, value

pytestmark = pytest.mark.django_db
APRIL = datetime(2026, 3, 31, 22, tzinfo=UTC)
FIXED = {"renewal": Renewal.ENDS, "renewal_months": None}


def in_force(world: Catalog, **terms: Any) -> Any:
    """Five addresses, Team, and 25 seats."""
    version = drafted(account(), **terms)
    selling(version, world.team)
    selling(version, per_unit("ipv4", "IPv4", world.seats, Decimal(1)), 5)
    promising(version, world.storage, 200 * GB, typed_unit="GB")
    return signed(version).contract


def test_what_an_amendment_leaves_alone_keeps_its_rows_and_the_line_that_made_them() -> None:
    contract = in_force(catalog())
    before = [list(rows.order_by("pk").values()) for rows in (SubscriptionItem.objects, Override.objects)]
    version = amended(contract, on=date(2026, 4, 1))
    version = signed(version)
    assert version.lines.get(number=1).carried_from.version.number == 1
    assert [list(rows.order_by("pk").values()) for rows in (SubscriptionItem.objects, Override.objects)] == before


def test_another_quantity_follows_the_item_at_the_instant() -> None:
    contract = in_force(catalog())
    version = amended(contract, on=date(2026, 4, 1))
    another_quantity(version, 2, 8)
    signed(version)
    was, becomes = SubscriptionItem.objects.filter(plan__key="ipv4").order_by("starts_at")
    assert (was.quantity, was.ends_at) == (5, APRIL)
    assert (becomes.quantity, becomes.starts_at, becomes.follows) == (8, APRIL, was)
    assert becomes.contract_line == line_of(version, 2)
    assert [value(contract.account, "seats", at) for at in (AT, APRIL)] == [15, 18]


def test_an_amendment_from_its_signing_takes_effect_now() -> None:
    contract = in_force(catalog())
    version = amended(contract, at=AT + DAY)
    another_quantity(version, 2, 8, at=AT + DAY)
    signed(version, at=AT + DAY)
    assert [value(contract.account, "seats", at) for at in (AT, AT + DAY)] == [15, 18]


def test_a_changed_promise_ends_and_another_begins() -> None:
    world = catalog()
    contract = in_force(world)
    version = amended(contract, on=date(2026, 4, 1))
    told = {"feature": world.storage, "mode": Mode.REPLACE, "value": 300 * GB, "typed_unit": "GB"}
    edit_line(line=line_of(version, 3), by=SYSTEM, at=AT, **told)  # type: ignore[arg-type]  # of many sorts
    signed(version)
    was, becomes = Override.objects.order_by("starts_at")
    assert (was.ends_at, was.through_on, becomes.starts_at) == (APRIL, date(2026, 3, 31), APRIL)
    assert [value(contract.account, "storage", at) for at in (AT, APRIL)] == [200 * GB, 300 * GB]


def test_a_line_left_out_ends_and_a_line_added_begins() -> None:
    world = catalog()
    contract = in_force(world)
    version = amended(contract, on=date(2026, 4, 1))
    without_line(version, 2)
    line = promising(version, world.tier, "smart", mode=Mode.AT_LEAST)
    assert line.number == 4
    signed(version)
    assert [value(contract.account, "seats", at) for at in (AT, APRIL)] == [15, 10]
    assert Override.objects.get(contract_line=line).starts_at == APRIL


def test_a_later_amendment_from_the_same_day_speaks_in_the_place_of_one_to_come() -> None:
    contract = in_force(catalog())
    first = amended(contract, on=date(2026, 4, 1))
    another_quantity(first, 2, 8)
    signed(first)
    second = amended(contract, on=date(2026, 4, 1), at=AT + DAY)
    another_quantity(second, 2, 5, at=AT + DAY)
    signed(second, at=AT + DAY)
    item = SubscriptionItem.objects.get(plan__key="ipv4")
    assert (item.quantity, item.ends_at) == (5, None)


def test_a_promise_to_come_that_is_taken_out_again_never_speaks() -> None:
    world = catalog()
    contract = in_force(world)
    first = amended(contract, on=date(2026, 4, 1))
    line = promising(first, world.tier, "smart")
    signed(first)
    second = amended(contract, on=date(2026, 4, 1), at=AT + DAY)
    without_line(second, line.number, at=AT + DAY)
    signed(second, at=AT + DAY)
    override = Override.objects.get(contract_line=line)
    assert override.window is None


def test_an_amendment_can_not_take_effect_before_the_one_agreed_last() -> None:
    contract = in_force(catalog())
    signed(amended(contract, on=date(2026, 5, 1)))
    with pytest.raises(Invalid, match="Version 2 takes effect on 1 May 2026") as refused:
        sign(version=amended(contract, on=date(2026, 4, 1)), by=SYSTEM, at=AT)
    assert refused.value.field == "effective_on"


def test_only_what_an_amendment_adds_is_judged() -> None:
    world = catalog()
    contract = in_force(world)
    policy(days=400, percent=0)
    version = amended(contract, on=date(2026, 4, 1))
    another_quantity(version, 2, 50)
    assert sign(version=version, by=actor("sales"), at=AT).state == ContractState.SIGNED
    version = amended(contract, on=date(2026, 4, 2), at=AT)
    promising(version, world.tier, "smart")
    assert sign(version=version, by=actor("sales"), at=AT).state == ContractState.REQUESTED


def test_a_longer_term_makes_promises_last_longer_and_is_judged() -> None:
    world = catalog()
    contract = in_force(world, **FIXED)
    policy(days=400, percent=500)
    version = amended(contract, on=date(2027, 3, 2), new_term=True, **FIXED)
    version = sign(version=version, by=actor("sales"), at=AT)
    assert version.state == ContractState.REQUESTED
    assert value(contract.account, "storage", datetime(2027, 3, 5, tzinfo=UTC)) is None


def test_a_new_term_goes_on_from_the_end_of_the_last() -> None:
    world = catalog()
    contract = in_force(world, **FIXED)
    contract = signed(amended(contract, on=date(2027, 3, 2), new_term=True, **FIXED)).contract
    assert contract.ends_at == contract.subscription.ends_at == datetime(2028, 3, 1, 23, tzinfo=UTC)
    assert Override.objects.get().ends_at == contract.ends_at
    assert value(contract.account, "storage", datetime(2027, 6, 1, tzinfo=UTC)) == 200 * GB


def test_without_a_new_term_a_contract_can_not_be_amended_past_its_end() -> None:
    contract = in_force(catalog(), **FIXED)
    with pytest.raises(Invalid, match="begin a new term no later than its end"):
        sign(version=amended(contract, on=date(2027, 3, 2), **FIXED), by=SYSTEM, at=AT)


def test_one_that_renews_may_be_made_to_end_with_the_term_that_runs_then() -> None:
    contract = in_force(catalog())
    version = amended(contract, on=date(2027, 6, 1), **FIXED)
    assert signed(version).contract.ends_at == datetime(2028, 3, 1, 23, tzinfo=UTC)


def test_other_months_begin_a_new_term() -> None:
    contract = in_force(catalog())
    version = signed(amended(contract, on=date(2026, 4, 1), term_months=24))
    assert version.term_starts_at == APRIL
    assert signed(amended(contract, on=date(2026, 5, 1), term_months=24)).term_starts_at == APRIL


def test_one_draft_at_a_time_and_a_discarded_one_leaves_everything_as_it_is() -> None:
    contract = in_force(catalog())
    version = amended(contract, on=date(2026, 4, 1))
    with pytest.raises(Refusal, match="Version 2 is being drafted already"):
        amend(contract=contract, by=SYSTEM, at=AT)
    discard(version=version, by=SYSTEM, at=AT)
    assert amend(contract=contract, by=SYSTEM, at=AT).number == 3


def test_what_was_never_signed_has_nothing_to_amend() -> None:
    version = drafted(account())
    discard(version=version, by=SYSTEM, at=AT)
    with pytest.raises(Refusal, match="was never signed"):
        amend(contract=version.contract, by=SYSTEM, at=AT)


def test_less_than_is_in_use_is_refused_where_the_feature_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from entitlements.actions import contract_signing

    def refuse(*_: object, **__: object) -> None:
        raise BelowWhatIsInUse("Seats: 12 in use, 11 afterwards.")

    contract = in_force(catalog())
    version = amended(contract, on=date(2026, 4, 1))
    another_quantity(version, 2, 1)
    monkeypatch.setattr(contract_signing, "refuse_below_use", refuse)
    with pytest.raises(BelowWhatIsInUse):
        sign(version=version, by=SYSTEM, at=AT)


changes = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(["quantity", "storage", "out", "in", "nothing"]), st.integers(1, 9)),
    min_size=1,
    max_size=3,
)


class ThePastStays(TestCase):
    @settings(max_examples=max(EXAMPLES // 3, 1))  # each signs up to three amendments
    @given(changes)
    def test_whatever_is_amended_what_was_so_before_it_is_so_after_it(self, drawn: list[tuple[int, str, int]]) -> None:
        world = catalog()
        contract, at = in_force(world), AT
        for later, what, number in drawn:
            at += DAY
            version = amended(contract, on=(at + later * DAY).date(), at=at)
            self._change(world, version, what, number, at=at)
            instants = [AT, at, at + 10 * DAY, at + 30 * DAY]
            was = {when: self._answers(contract, when) for when in instants}
            try:
                version = signed(version, at=at + DAY / 2)
            except Invalid:  # it would take effect before the one agreed last
                discard(version=version, by=SYSTEM, at=at)
                continue
            assert version.effective_at is not None
            for when in (when for when in instants if when < version.effective_at):
                assert self._answers(contract, when) == was[when]
            assert self._answers(contract, AT, known_at=AT) == was[AT]

    @staticmethod
    def _change(world: Catalog, version: Any, what: str, number: int, *, at: datetime) -> None:
        there = version.lines.filter(number=2).exists()
        if what == "quantity" and there:
            another_quantity(version, 2, number, at=at)
        elif what == "out" and there:
            without_line(version, 2, at=at)
        elif what == "in":
            promising(version, world.tier, "smart", mode=Mode.AT_LEAST, at=at)
        elif what == "storage":
            told: Any = {"feature": world.storage, "mode": Mode.REPLACE, "value": number * GB, "typed_unit": "GB"}
            edit_line(line=line_of(version, 3), by=SYSTEM, at=at, **told)

    @staticmethod
    def _answers(contract: Any, at: datetime, *, known_at: datetime | None = None) -> dict[str, object]:
        found = entitlements_of(account=contract.account, at=at, known_at=known_at)
        return {key: (answer.value, answer.granted) for key, answer in found.items()}
