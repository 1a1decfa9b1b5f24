"""Renewing what was promised: the same again, from the end of the old one, and no more often than policy allows."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from entitlements.actions.override_changes import edit, propose_renewal, renew
from entitlements.actions.overrides import revoke
from entitlements.actions.policies import set_policy
from entitlements.domain.policy import Concession
from entitlements.models import Account, Override
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import chain_of, number_in_chain, token_of
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from tests.conftest import actor
from tests.entitlements.factories import LoanFactory, OverrideFactory, ReasonCodeFactory
from tests.entitlements.promising import APRIL, LONG, MARCH, approved, promised, request_of
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db
APPROVED, REQUESTED = OverrideState.APPROVED, OverrideState.REQUESTED
END = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # the first instant of 1 April in Amsterdam
MOMENT = datetime.resolution
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 15)


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
def march(acme: Account, world: Catalog) -> Override:
    return promised(acme, world.storage, 20 * GB, through_on=MARCH)


def renewed(override: Override, through_on: date = MAY, by: str = "sales", **more: Any) -> Override:
    terms = {"reason": "They asked again", "by": actor(by), "at": AT + DAY}
    return renew(override=override, through_on=through_on, **(terms | more))


def at_most_times(times: int) -> None:
    limits = {"max_days": 90, "max_percent": None, "max_times": times, "by": SYSTEM, "at": AT - DAY}
    set_policy(role="sales", concession=Concession.OVERRIDE, **limits)


def test_it_goes_on_without_a_gap_and_without_an_overlap(march: Override) -> None:
    again = renewed(march)
    assert (again.state, again.follows, again.starts_at, again.value) == (APPROVED, march, END, 20 * GB)
    assert [value(march.account, "storage", END + d) for d in (-MOMENT, 0 * DAY, 60 * DAY)] == [
        120 * GB,
        120 * GB,
        120 * GB,
    ]
    assert value(march.account, "storage", again.ends_at) == 100 * GB


def test_the_story_says_what_was_renewed(march: Override) -> None:
    renewed(march)
    event = AuditEvent.objects.get(verb="override:renew")
    was, becomes = event.changes["Storage"]
    assert "through 31 March 2026" in was
    assert "through 31 May 2026" in becomes


def test_after_its_end_it_begins_now(march: Override) -> None:
    late = END + 3 * DAY
    assert renewed(march, at=late).starts_at == late
    assert [value(march.account, "storage", t) for t in (late - MOMENT, late)] == [100 * GB, 120 * GB]


def test_renewing_back_to_back_is_as_often_as_policy_allows(march: Override) -> None:
    at_most_times(2)
    second = renewed(march)
    third = renewed(second, JUNE)
    assert (second.state, third.state) == (APPROVED, REQUESTED)
    assert "it is number 3, where 2 times may be given" in request_of(third).summary


def test_the_chain_counts_also_when_the_first_ones_are_over(march: Override) -> None:
    at_most_times(2)
    third = renewed(renewed(march), JUNE, at=datetime(2026, 6, 2, tzinfo=UTC))
    assert (third.state, number_in_chain(third)) == (REQUESTED, 3)


def test_an_edit_is_no_further_number_in_the_chain(march: Override) -> None:
    at_most_times(2)
    edited = edit(override=march, value=10 * GB, reason="Less", by=actor("sales"), at=AT + DAY)
    again = renewed(edited)
    assert (again.state, number_in_chain(again)) == (APPROVED, 2)
    assert [one.pk for one in chain_of(again)] == [march.pk, edited.pk, again.pk]


def test_one_that_was_approved_is_renewed_by_approval(acme: Account, world: Catalog) -> None:
    big = approved(promised(acme, world.storage, 900 * GB, through_on=MARCH))
    again = renewed(big)
    assert (again.state, value(acme, "storage", END)) == (REQUESTED, 100 * GB)
    assert "after + 900 GB through 31 March 2026" in request_of(again).summary
    approved(again, at=END + DAY)
    big.refresh_from_db()
    assert (big.revoked_at, value(acme, "storage", END + DAY)) == (None, 1000 * GB)


def test_approved_before_the_end_it_still_begins_at_it(acme: Account, world: Catalog) -> None:
    again = renewed(approved(promised(acme, world.storage, 900 * GB, through_on=MARCH)))
    assert approved(again, at=AT + 2 * DAY).starts_at == END


def test_it_is_renewed_once(march: Override) -> None:
    renewed(march)
    with pytest.raises(Refusal, match="renewed already, through 31 May 2026"):
        renewed(march, JUNE)


def test_a_revoked_renewal_may_be_given_again(march: Override) -> None:
    revoke(override=renewed(march), reason="Wrong day", by=actor("sales"), at=AT + DAY)
    assert renewed(march, JUNE).state == APPROVED


def test_a_renewal_of_what_was_revoked_meanwhile_cannot_be_approved(acme: Account, world: Catalog) -> None:
    big = approved(promised(acme, world.storage, 900 * GB, through_on=MARCH))
    again = renewed(big)
    revoke(override=big, reason="Gone", by=actor("sales"), at=AT + 2 * DAY)
    with pytest.raises(Stale, match="the override it renews"):
        approvals.approve(approval=request_of(again), by=actor("finance"), at=AT + 3 * DAY)


def test_withdrawn_by_the_one_who_asked_it_never_begins(acme: Account, world: Catalog) -> None:
    again = renewed(approved(promised(acme, world.storage, 900 * GB, through_on=MARCH)))
    with pytest.raises(NotAllowed, match="Only the one who asked"):
        approvals.withdraw(approval=request_of(again), by=actor("sales", "Ben"), at=AT + 2 * DAY)
    approvals.withdraw(approval=request_of(again), by=actor("sales"), at=AT + 2 * DAY)
    again.refresh_from_db()
    assert (again.state, value(acme, "storage", END + DAY)) == (OverrideState.WITHDRAWN, 100 * GB)
    assert AuditEvent.objects.filter(verb="override:withdraw").exists()


def test_it_keeps_its_reason_from_the_list(acme: Account, world: Catalog) -> None:
    deal = ReasonCodeFactory()
    first = promised(acme, world.storage, 20 * GB, through_on=MARCH, reason_code=deal)
    ReasonCodeFactory()
    assert renewed(first).reason_code == deal


@pytest.mark.parametrize(
    ("through_on", "said"),
    [(MARCH, "through 31 March 2026"), (date(2026, 3, 20), "already"), (date(9999, 1, 1), "can't be meant")],
)
def test_a_day_that_is_not_later_is_refused_beside_its_field(march: Override, through_on: date, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        renewed(march, through_on)
    assert refused.value.field == "through_on"
    assert Override.objects.count() == 1


def test_what_has_no_end_has_nothing_to_renew(acme: Account, world: Catalog) -> None:
    endless = approved(promised(acme, world.storage, 20 * GB, through_on=None, review_on=APRIL))
    with pytest.raises(Refusal, match="has no end"):
        renewed(endless)


def test_what_was_revoked_or_only_asked_for_is_not_renewed(acme: Account, world: Catalog, march: Override) -> None:
    revoke(override=march, reason="x", by=actor("sales"), at=AT)
    with pytest.raises(Stale, match="Sales Person has revoked"):
        renewed(march)
    with pytest.raises(Refusal, match="Only an override that is in force"):
        renewed(promised(acme, world.storage, 900 * GB), LONG)


def test_what_a_loan_lends_is_not_renewed(acme: Account) -> None:
    with pytest.raises(Refusal, match="Recall the loan"):
        renewed(OverrideFactory(account=acme, loan=LoanFactory(account=acme)))


def test_support_may_not_renew(march: Override) -> None:
    with pytest.raises(NotAllowed):
        renewed(march, by="support")


def test_an_older_version_is_found_out(march: Override) -> None:
    with pytest.raises(Stale):
        renewed(march, seen="older")
    assert renewed(march, seen=token_of(march)).state == APPROVED


def test_a_proposal_writes_nothing(march: Override) -> None:
    proposal = propose_renewal(override=march, through_on=MAY, reason="x", by=actor("sales"), at=AT + DAY)
    assert (proposal.judged.within, proposal.override.starts_at) == (True, END)
    assert (Override.objects.count(), Approval.objects.count()) == (1, 0)


def test_no_reason_is_refused(march: Override) -> None:
    with pytest.raises(Refusal, match="Give a reason"):
        renewed(march, reason="")
