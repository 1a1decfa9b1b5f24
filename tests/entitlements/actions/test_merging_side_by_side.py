"""A merge and something else at the same moment: one is first, the other is told so, and nothing is lost between them."""

from collections.abc import Callable
from typing import Any

import pytest

from entitlements.actions.accounts import open_account
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.loans import recall
from entitlements.actions.merging import ask_to_merge
from entitlements.domain.facts import Mode
from entitlements.models import Account, CohortMember, Override
from entitlements.queries.accounts import account_by_key
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import Approval
from tests.conftest import actor
from tests.entitlements.lending import lent, may_lend
from tests.entitlements.promising import promised
from tests.entitlements.world import AT, GB, Catalog, account, catalog, policy, subscribed, value
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def two() -> tuple[Catalog, Account, Account]:
    """Acme, and Beta, its duplicate on Team."""
    policy()
    world, acme, beta = catalog(), account("acme"), account("beta")
    subscribed(beta, world.team)
    return world, acme, beta


def asked(duplicate: Account, into: Account) -> Approval:
    request = ask_to_merge(duplicate=duplicate, into=into, reason="One customer", by=actor("sales"), at=AT)
    assert isinstance(request, Approval)
    return request


def merge(request: Approval) -> Callable[[], Any]:
    return lambda: approvals.approve(approval=request, by=actor("finance"), at=AT)


def told(*acts: Callable[[], Any]) -> list[str]:
    """What those who came second were told; anything but a refusal is a mistake."""
    found = at_once(*acts)
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, Refusal)], found
    return [one.message for one in found if isinstance(one, Refusal)]


def test_of_two_merges_of_one_account_one_is_asked_for() -> None:
    _world, acme, beta = two()
    gamma = account("gamma")
    (said,) = told(lambda: asked(beta, acme), lambda: asked(beta, gamma))
    assert "decided" in said
    assert Approval.objects.count() == 1


def test_what_is_granted_meanwhile_is_there_or_refused() -> None:
    world, acme, beta = two()
    request = asked(beta, acme)
    said = told(merge(request), lambda: promised(beta, world.storage, 5 * GB, Mode.ADD))
    assert said == [] or "was merged into Acme" in said[0]
    assert list(Override.objects.filter(account=beta)) == []
    assert value(acme, "storage", AT) == (100 if said else 105) * GB


def test_a_loan_is_recalled_while_its_account_is_merged() -> None:
    world, acme, beta = two()
    may_lend()
    loan = lent(feature=world.sso, account=beta)
    said = told(merge(asked(beta, acme)), lambda: recall(loan=loan, reason="Over", by=SYSTEM, at=AT))
    assert said == []
    loan.refresh_from_db()
    assert (loan.account, loan.recalled_at) == (acme, AT)
    assert Override.objects.get().revoked_at == AT


def test_nobody_is_left_to_belong_to_what_was_merged_meanwhile() -> None:
    _world, acme, beta = two()
    parent = Account.objects.get(pk=beta.pk)
    child = {"key": "child", "name": "Child", "zone": "UTC", "parent": parent}
    said = told(merge(asked(beta, acme)), lambda: open_account(**child, by=SYSTEM, at=AT))
    assert [one.parent for one in Account.objects.filter(key="child")] == ([] if said else [acme])


def test_a_cohort_is_never_of_what_was_merged_meanwhile() -> None:
    _world, acme, beta = two()
    chosen = {"key": "birds", "name": "Birds", "accounts": [Account.objects.get(pk=beta.pk)]}
    said = told(merge(asked(beta, acme)), lambda: create_cohort(**chosen, by=SYSTEM, at=AT))
    assert [one.account for one in CohortMember.objects.all()] == ([] if said else [acme])
    assert account_by_key("beta") == acme
