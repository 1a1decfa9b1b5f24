"""Signing contracts: lines become items and overrides, and beyond policy the whole version waits."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from entitlements.actions.contract_drafts import amend, edit_line
from entitlements.actions.contract_signing import sign
from entitlements.actions.policies import set_policy
from entitlements.domain.facts import Mode
from entitlements.models import ContractVersion, Override, Subscription, SubscriptionItem
from entitlements.models.account import AccountKind
from entitlements.models.contract import ContractState, Renewal
from entitlements.queries.contracts.ready import ContractOver, NotADraft
from entitlements.queries.contracts.token import draft_token
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import MarketFactory, MarketWindowFactory, PlanFactory
from tests.conftest import actor
from tests.entitlements.contracts import drafted, promising, request_for, selling, signed, with_terms
from tests.entitlements.world import AT, DAY, account, catalog, policy, publish_plan, value

pytestmark = pytest.mark.django_db
PRODUCT = Actor(kind=ActorKind.API_KEY, key="key:1", name="CRM", permissions=frozenset({"contracts:write"}))
FIXED = {"renewal": Renewal.ENDS, "renewal_months": None}


def test_a_line_with_a_plan_becomes_an_item_of_the_contracts_own_subscription() -> None:
    world, acme = catalog(), account()
    version = drafted(acme)
    line = selling(version, world.team, 5, interval="year")
    contract = signed(version).contract
    item = SubscriptionItem.objects.get(contract_line=line)
    assert (item.plan, item.quantity, item.interval, item.starts_at) == (world.team, 5, "year", AT)
    assert (contract.subscription, contract.ends_at) == (item.subscription, None)
    assert value(acme, "seats", AT) == 10


def test_a_line_with_a_feature_becomes_an_override_that_says_where_it_comes_from() -> None:
    world, acme = catalog(), account()
    version = drafted(acme, **FIXED)
    selling(version, world.team)
    line = promising(version, world.seats, Decimal(25))
    contract = signed(version).contract
    override = Override.objects.get(contract_line=line)
    assert (override.reason, override.subscription) == (f"Contract {contract.key}, line 2", contract.subscription)
    assert (override.ends_at, override.through_on) == (contract.ends_at, date(2027, 3, 1))
    assert value(acme, "seats", AT) == 25


def test_without_items_an_override_is_for_the_account_and_is_looked_at_when_the_contract_renews() -> None:
    world, acme = catalog(), account()
    version = drafted(acme)
    line = promising(version, world.sso, True)
    assert signed(version).contract.subscription is None
    override = Override.objects.get(contract_line=line)
    assert (override.subscription, override.ends_at, override.review_on) == (None, None, date(2027, 3, 2))


def test_a_contract_of_fixed_term_ends_by_itself_with_its_subscription() -> None:
    world, acme = catalog(), account()
    version = drafted(acme, **FIXED)
    selling(version, world.team)
    contract = signed(version).contract
    assert contract.ends_at == contract.subscription.ends_at == datetime(2027, 3, 1, 23, tzinfo=UTC)
    assert value(acme, "seats", contract.ends_at) is None


def test_it_may_begin_on_a_day_to_come_and_its_lines_on_later_ones() -> None:
    world, acme = catalog(), account()
    version = drafted(acme, effective_on=date(2026, 4, 1))
    selling(version, world.team)
    promising(version, world.seats, Decimal(25), starts_on=date(2026, 5, 1), through_on=date(2026, 5, 31))
    signed(version)
    assert value(acme, "seats", datetime(2026, 3, 31, 21, 59, tzinfo=UTC)) is None
    assert value(acme, "seats", datetime(2026, 3, 31, 22, tzinfo=UTC)) == 10
    assert value(acme, "seats", datetime(2026, 5, 1, tzinfo=UTC)) == 25
    assert value(acme, "seats", datetime(2026, 5, 31, 22, tzinfo=UTC)) == 10


def test_what_it_changed_is_told_with_the_act() -> None:
    world, acme = catalog(), account()
    version = drafted(acme)
    selling(version, world.team)
    version = signed(version)
    event = AuditEvent.objects.get(verb="contract:sign")
    assert (event.subject_label, event.reason) == (str(version), "The deal")
    assert event.changes["lines"] == [None, "Line 1: 1 × Team"]
    assert acme.changes.filter(audit_id=event.pk, feature_key="seats", cause=f"{version} was signed").exists()


def test_within_policy_sales_signs_alone() -> None:
    policy(days=400, percent=150)
    world, acme = catalog(), account()
    version = drafted(acme, **FIXED)
    selling(version, world.team)
    promising(version, world.seats, Decimal(25))  # 150 % more than the 10 that the same contract sells
    assert sign(version=version, by=actor("sales"), at=AT).state == ContractState.SIGNED


def test_beyond_policy_for_one_line_the_whole_version_waits() -> None:
    policy(days=400, percent=100)
    world, acme = catalog(), account()
    version = drafted(acme, **FIXED)
    selling(version, world.team)
    promising(version, world.seats, Decimal(25))
    version = sign(version=version, by=actor("sales"), at=AT)
    assert version.state == ContractState.REQUESTED
    assert "Line 2: Beyond what sales may concede alone: it is 150 % better" in request_for(version).summary
    assert not Subscription.objects.exists()
    assert not Override.objects.exists()


def test_an_approval_puts_all_of_it_in_force_in_the_name_of_both() -> None:
    world, acme = catalog(), account()
    version = drafted(acme, **FIXED)
    selling(version, world.team)
    line = promising(version, world.seats, Decimal(25))
    version = sign(version=version, by=actor("sales"), at=AT)
    approvals.approve(approval=request_for(version), by=actor("finance"), at=AT + DAY)
    override = Override.objects.get(contract_line=line)
    assert (override.requested_by, override.approved_by) == (actor("sales").name, actor("finance").name)
    assert (value(acme, "seats", AT), value(acme, "seats", AT + DAY)) == (None, 25)


def test_approved_after_its_first_day_it_speaks_from_then_but_counts_from_that_day() -> None:
    world, acme = catalog(), account()
    version = drafted(acme, effective_on=date(2026, 3, 2), **FIXED)
    promising(version, world.sso, True)
    version = sign(version=version, by=actor("sales"), at=AT)
    approvals.approve(approval=request_for(version), by=actor("finance"), at=AT + 5 * DAY)
    version = ContractVersion.objects.select_related("contract").get(pk=version.pk)
    assert version.effective_at == AT + 5 * DAY
    assert version.contract.ends_at == datetime(2027, 3, 1, 23, tzinfo=UTC)


@pytest.mark.parametrize("decide", [approvals.reject, approvals.withdraw])
def test_rejected_or_withdrawn_it_is_a_draft_again(decide) -> None:  # type: ignore[no-untyped-def]  # either action
    world, acme = catalog(), account()
    version, asks = drafted(acme), actor("sales")
    promising(version, world.sso, True)
    version = sign(version=version, by=asks, at=AT)
    who = asks if decide is approvals.withdraw else actor("finance")
    decide(approval=request_for(version), by=who, at=AT)
    version.refresh_from_db()
    assert (version.state, version.requested_by) == (ContractState.DRAFT, "")
    assert with_terms(version, effective_on=date(2026, 4, 1)).effective_on == date(2026, 4, 1)


def test_the_role_that_policy_names_decides() -> None:
    limits = {"max_days": 30, "max_percent": None, "max_times": None, "approver_role": "finance"}
    set_policy(role="sales", concession="override", by=SYSTEM, at=AT, **limits)
    world, acme = catalog(), account()
    version = drafted(acme)
    promising(version, world.sso, True)
    version = sign(version=version, by=actor("sales"), at=AT)
    assert request_for(version).approver_role == "finance"


def test_what_a_program_signs_waits_for_a_person() -> None:
    world, acme = catalog(), account()
    version = drafted(acme, by=PRODUCT)
    selling(version, world.team)
    assert sign(version=version, by=PRODUCT, at=AT).state == ContractState.REQUESTED
    assert "A program can't sign alone" in request_for(version).summary


def test_what_has_become_impossible_while_it_waited_is_refused_in_words_and_nothing_is_written() -> None:
    world, acme = catalog(), account()
    version = drafted(acme)
    selling(version, world.team)
    selling(version, world.free)
    version = sign(version=version, by=PRODUCT, at=AT)
    MarketWindowFactory(plan=world.free, market=MarketFactory(name="Asia"))
    with pytest.raises(Invalid, match="Line 2: Free is not sold to customers without a market"):
        approvals.approve(approval=request_for(version), by=actor("finance"), at=AT + DAY)
    assert not Subscription.objects.exists()


def test_a_plan_that_is_not_on_sale_is_refused_with_its_line() -> None:
    version = drafted(account())
    selling(version, PlanFactory(key="later", name="Later"))
    with pytest.raises(Invalid, match="Line 1: Later is not on sale") as refused:
        sign(version=version, by=actor("sales"), at=AT)
    assert refused.value.field == "line_1"


def test_a_first_day_that_has_passed_is_refused() -> None:
    world = catalog()
    version = drafted(account(), effective_on=date(2026, 3, 1))
    selling(version, world.team)
    with pytest.raises(Invalid, match="what was answered until now stays true") as refused:
        sign(version=version, by=actor("sales"), at=AT)
    assert refused.value.field == "effective_on"


def test_a_draft_without_lines_promises_nothing() -> None:
    with pytest.raises(Refusal, match="Add a line first"):
        sign(version=drafted(account()), by=actor("sales"), at=AT)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"starts_on": date(2027, 3, 2)}, "the contract has ended by then"),
        ({"through_on": date(2026, 3, 1)}, "is over before it begins"),
    ],
)
def test_a_line_that_would_never_speak_is_refused(days: dict[str, date], said: str) -> None:
    world = catalog()
    version = drafted(account(), **FIXED)
    promising(version, world.sso, True, **days)
    with pytest.raises(Invalid, match=said):
        sign(version=version, by=actor("sales"), at=AT)


def test_what_was_signed_is_never_changed() -> None:
    world = catalog()
    version = drafted(account())
    line = selling(version, world.team)
    version = signed(version)
    with pytest.raises(NotADraft, match="amend the contract"):
        sign(version=version, by=SYSTEM, at=AT)
    with pytest.raises(NotADraft):
        edit_line(line=line, plan=world.free, by=SYSTEM, at=AT)
    with pytest.raises(NotADraft):
        with_terms(version, notice_days=0)


def test_a_form_that_showed_another_draft_is_refused() -> None:
    world = catalog()
    version = drafted(account())
    selling(version, world.team)
    seen = draft_token(version)
    promising(version, world.sso, True)
    with pytest.raises(Stale):
        sign(version=version, by=SYSTEM, at=AT, seen=seen)


def test_support_may_not_sign() -> None:
    with pytest.raises(NotAllowed):
        sign(version=drafted(account()), by=actor("support"), at=AT)


def test_an_internal_account_holds_nothing_without_an_end() -> None:
    world, ours = catalog(), account(kind=AccountKind.INTERNAL)
    version = drafted(ours)
    selling(version, world.team)
    with pytest.raises(Invalid, match="needs an end"):
        sign(version=version, by=SYSTEM, at=AT)
    assert signed(with_terms(version, **FIXED)).state == ContractState.SIGNED


def test_a_version_pins_what_is_on_sale_when_it_is_signed() -> None:
    world, acme = catalog(), account()
    version = drafted(acme, effective_on=date(2026, 4, 1))
    line = selling(version, world.team)
    newer = publish_plan(world.team, {world.seats: Decimal(12)}, at=AT - DAY)
    signed(version)
    assert SubscriptionItem.objects.get(contract_line=line).version == newer


def test_an_ended_contract_signs_nothing_more() -> None:
    world = catalog()
    version = drafted(account(), term_months=1, **FIXED)
    promising(version, world.sso, True, mode=Mode.REPLACE)
    contract = signed(version).contract
    with pytest.raises(ContractOver, match="has ended"):
        amend(contract=contract, by=SYSTEM, at=AT + 40 * DAY)
