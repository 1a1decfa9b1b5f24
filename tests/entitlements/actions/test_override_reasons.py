"""Which reason of the list an override bears, who has to approve what is beyond, and who asked for it as what."""

from decimal import Decimal
from typing import Any

import pytest

from entitlements.actions.override_drafts import drafted
from entitlements.actions.overrides import grant
from entitlements.actions.policies import set_policy
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession
from entitlements.models import Account, Override, ReasonCode
from entitlements.models.account import AccountKind
from entitlements.models.override import OverrideState
from entitlements.queries.reasons import reason_code_by_key, reason_codes
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from tests.conftest import actor
from tests.entitlements.factories import ContractLineFactory, ReasonCodeFactory
from tests.entitlements.promising import APRIL, LONG, promised, request_of
from tests.entitlements.world import AT, GB, Catalog, account, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db
APPROVED, REQUESTED = OverrideState.APPROVED, OverrideState.REQUESTED


@pytest.fixture
def world() -> Catalog:
    policy()  # sales alone: 90 days, 50 %
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    acme = account()
    subscribed(acme, world.team)  # 100 GB
    return acme


@pytest.fixture
def deal() -> ReasonCode:
    return ReasonCodeFactory(key="deal", name="Negotiated deal")


def by_reason(code: ReasonCode, **limits: Any) -> None:
    terms = {"max_days": None, "max_percent": None, "max_times": None, "by": SYSTEM, "at": AT} | limits
    set_policy(role="sales", concession=Concession.OVERRIDE, reason_code=code, **terms)


def test_the_reason_is_borne_and_who_asked_as_what(acme: Account, world: Catalog, deal: ReasonCode) -> None:
    override = promised(acme, world.storage, 20 * GB, reason_code=deal)
    assert (override.reason_code, override.requested_by_key, override.requested_as) == (
        deal,
        "sales-Sales Person",
        "sales",
    )


def test_while_the_list_has_a_reason_people_choose_one(acme: Account, world: Catalog, deal: ReasonCode) -> None:
    with pytest.raises(Invalid, match="Choose a reason") as refused:
        promised(acme, world.storage, 20 * GB)
    assert refused.value.field == "reason_code"
    ReasonCode.objects.update(retired_at=AT)
    assert promised(acme, world.storage, 20 * GB).reason_code is None


def test_programs_choose_one_too_and_the_desk_itself_need_not(acme: Account, world: Catalog, deal: ReasonCode) -> None:
    key = Actor(ActorKind.API_KEY, "key:1", "CRM", permissions=frozenset({"overrides:write"}))
    with pytest.raises(Invalid, match="Choose a reason"):
        promised(acme, world.storage, 20 * GB, by=key)
    assert promised(acme, world.storage, 20 * GB, by=key, reason_code=deal).state == REQUESTED
    assert promised(acme, world.seats, Decimal(2), by=SYSTEM).reason_code is None


def test_a_contract_needs_none(acme: Account, world: Catalog, deal: ReasonCode) -> None:
    terms = {"account": acme, "feature": world.storage, "mode": Mode.ADD, "value": 20 * GB, "through_on": APRIL}
    line = ContractLineFactory()
    assert drafted(**terms, reason="C-1", by=actor("sales"), at=AT, contract_line=line).reason_code is None


def test_a_retired_reason_cannot_be_chosen(acme: Account, world: Catalog) -> None:
    gone = ReasonCodeFactory(name="Fair", retired_at=AT)
    with pytest.raises(Invalid, match="Fair is no longer used"):
        promised(acme, world.storage, 20 * GB, reason_code=gone)


def test_policy_differs_by_reason(acme: Account, world: Catalog, deal: ReasonCode) -> None:
    other = ReasonCodeFactory()
    by_reason(deal, max_percent=10)
    assert promised(acme, world.storage, 50 * GB, reason_code=deal).state == REQUESTED
    assert promised(acme, world.seats, Decimal(5), reason_code=other).state == APPROVED


def test_who_must_approve_beyond_is_said_and_kept_to(acme: Account, world: Catalog, deal: ReasonCode) -> None:
    by_reason(deal, max_days=9, approver_role="finance")
    request = request_of(promised(acme, world.storage, 20 * GB, reason_code=deal))
    assert request.approver_role == "finance"
    helper = Actor(ActorKind.STAFF, "h", "Helper", frozenset({"support"}), actor("finance").permissions)
    with pytest.raises(NotAllowed, match="Finance has to decide this one"):
        approvals.approve(approval=request, by=helper, at=AT)
    approvals.approve(approval=request, by=actor("finance"), at=AT)
    assert value(acme, "storage", AT) == 120 * GB


def test_nobody_approves_their_own_whatever_they_may(acme: Account, world: Catalog) -> None:
    both = Actor(
        ActorKind.STAFF, "b", "Both", frozenset({"sales"}), actor("sales").permissions | actor("finance").permissions
    )
    request = request_of(promised(acme, world.storage, 900 * GB, by=both))
    with pytest.raises(NotAllowed, match="someone else has to approve"):
        approvals.approve(approval=request, by=both, at=AT)


def test_an_internal_account_holds_nothing_without_an_end(world: Catalog) -> None:
    ours = account("ours", kind=AccountKind.INTERNAL)
    with pytest.raises(Invalid, match="needs an end") as refused:
        promised(ours, world.storage, GB, through_on=None, review_on=LONG)
    assert refused.value.field == "through_on"
    assert not Override.objects.exists()


def test_an_override_without_a_reason_in_words_is_refused_too(acme: Account, world: Catalog, deal: ReasonCode) -> None:
    terms = {"account": acme, "feature": world.storage, "mode": Mode.ADD, "value": GB, "through_on": APRIL}
    with pytest.raises(Refusal, match="Give a reason"):
        grant(**terms, reason="  ", reason_code=deal, by=actor("sales"), at=AT)


def test_the_list_holds_what_can_be_chosen(deal: ReasonCode) -> None:
    gone = ReasonCodeFactory(key="fair", retired_at=AT)
    assert list(reason_codes()) == [deal]
    assert (reason_code_by_key("deal"), reason_code_by_key("fair")) == (deal, gone)
    with pytest.raises(Invalid) as refused:
        reason_code_by_key("nonsense")
    assert refused.value.field == "reason_code"
