"""Contracts go no way round policy: amended again and again, in several lines, or by ending what holds down."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from entitlements.actions.contract_drafts import edit_line
from entitlements.actions.contract_endings import end_early
from entitlements.actions.contract_signing import sign
from entitlements.actions.policies import set_policy
from entitlements.actions.reason_codes import retire_reason_code
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession
from entitlements.models import ContractVersion, Override
from entitlements.models.account import AccountKind
from entitlements.models.contract import ContractState, Renewal
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed
from tests.conftest import actor
from tests.entitlements.contracts import amended, drafted, promising, selling, signed, with_terms, without_line
from tests.entitlements.factories import ReasonCodeFactory
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, subscribed

pytestmark = pytest.mark.django_db
FIXED = {"term_months": 2, "renewal": Renewal.ENDS, "renewal_months": None}
ALONE, ASKED = ContractState.SIGNED, ContractState.REQUESTED


@pytest.fixture
def world() -> Catalog:
    policy()  # sales alone: 90 days, 50 %
    return catalog()


def more_storage(world: Catalog, amount: Any = 20 * GB, mode: Mode = Mode.ADD) -> ContractVersion:
    """Two months of more storage, beside Team (100 GB)."""
    acme = account()
    subscribed(acme, world.team)
    version = drafted(acme, **FIXED)
    promising(version, world.storage, amount, mode=mode, typed_unit="GB")
    return version


def by_sales(version: ContractVersion, *, at: Any = AT) -> ContractVersion:
    return sign(version=version, by=actor("sales"), at=at)


def at_most(**limits: Any) -> None:
    told = {"max_days": 90, "max_percent": 50, "max_times": None} | limits
    for concession in (Concession.OVERRIDE, Concession.DENIAL):
        set_policy(role="sales", concession=concession, by=SYSTEM, at=AT, **told)


def test_a_line_said_a_little_differently_every_time_is_one_stretch_of_days(world: Catalog) -> None:
    version, at = by_sales(more_storage(world)), AT + 50 * DAY
    assert version.state == ALONE
    version = amended(version.contract, at=at, on=at.date(), new_term=True, **FIXED)
    line = version.lines.get()
    edit_line(line=line, feature=world.storage, mode=Mode.ADD, value=19 * GB, typed_unit="GB", by=SYSTEM, at=at)
    assert by_sales(version, at=at).state == ASKED  # 111 days in all


def test_a_line_said_differently_within_its_days_is_no_further_number(world: Catalog) -> None:
    at_most(max_times=1)
    version, at = by_sales(more_storage(world)), AT + 5 * DAY
    version = amended(version.contract, at=at)
    line = version.lines.get()
    edit_line(line=line, feature=world.storage, mode=Mode.ADD, value=30 * GB, typed_unit="GB", by=SYSTEM, at=at)
    assert by_sales(version, at=at).state == ALONE


def test_two_lines_of_one_feature_are_two(world: Catalog) -> None:
    at_most(max_times=1)
    version = more_storage(world)
    promising(version, world.storage, 20 * GB, mode=Mode.ADD, typed_unit="GB")
    assert by_sales(version).state == ASKED


def test_a_second_contract_after_the_first_is_the_next_number(world: Catalog) -> None:
    at_most(max_times=1)
    first = by_sales(more_storage(world)).contract
    at = AT + 61 * DAY  # the first ended the evening before
    version = drafted(first.account, at=at, **FIXED)
    promising(version, world.storage, 20 * GB, mode=Mode.ADD, typed_unit="GB", at=at)
    assert by_sales(version, at=at).state == ASKED


@pytest.mark.parametrize("mode", [Mode.DENY, Mode.AT_MOST])
def test_taking_out_what_holds_down_is_judged_as_lifting_it(world: Catalog, mode: Mode) -> None:
    version = more_storage(world, None if mode is Mode.DENY else 5 * GB, mode)
    promising(version, world.seats, Decimal(2), mode=Mode.AT_MOST)
    contract = signed(version).contract
    at_most(max_days=1)
    version = amended(contract, at=AT + DAY)
    without_line(version, 1, at=AT + DAY)
    assert by_sales(version, at=AT + DAY).state == ASKED
    assert Override.objects.get(feature=world.storage).ends_at == contract.ends_at


def test_taking_out_what_raises_is_left_to_sales(world: Catalog) -> None:
    version = more_storage(world)
    promising(version, world.seats, Decimal(2), mode=Mode.AT_MOST)
    contract = signed(version).contract
    at_most(max_days=1)
    version = amended(contract, at=AT + DAY)
    without_line(version, 1, at=AT + DAY)
    assert by_sales(version, at=AT + DAY).state == ALONE


def test_nor_is_it_lifted_by_ending_the_contract_early(world: Catalog) -> None:
    contract = signed(more_storage(world, None, Mode.DENY)).contract
    at_most(max_days=1)
    told: dict[str, Any] = {"contract": contract, "ends_at": AT + DAY, "reason": "They asked", "at": AT + DAY}
    with pytest.raises(NotAllowed, match="Line 1: Ending it gives the customer something back"):
        end_early(by=actor("sales"), **told)
    assert end_early(by=actor("finance"), **told).ends_at == AT + DAY


def test_an_amendment_takes_no_end_from_an_internal_account(world: Catalog) -> None:
    version = drafted(account(kind=AccountKind.INTERNAL), **FIXED)
    selling(version, world.team)
    contract, at = signed(version).contract, AT + timedelta(days=1)
    version = amended(contract, at=at, on=at.date())  # renews by itself
    with pytest.raises(Invalid, match="needs an end"):
        sign(version=version, by=SYSTEM, at=at)


def test_a_reason_that_was_retired_meanwhile_is_chosen_anew(world: Catalog) -> None:
    beta = ReasonCodeFactory()
    version = with_terms(more_storage(world), reason_code=beta, effective_on=date(2026, 3, 3), **FIXED)
    retire_reason_code(reason_code=beta, by=SYSTEM, at=AT)
    with pytest.raises(Invalid, match="no longer used") as refused:
        by_sales(version)
    assert refused.value.field == "reason_code"
