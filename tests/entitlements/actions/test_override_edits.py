"""Editing what was promised: another override takes its place, at once or once someone else approves it."""

from datetime import date
from typing import Any

import pytest

from entitlements.actions.override_changes import edit, propose_edit
from entitlements.actions.overrides import revoke
from entitlements.domain.facts import Mode
from entitlements.models import Account, EntitlementChange, Override
from entitlements.models.override import OverrideState
from entitlements.queries.concessions import token_of
from journal.actions import approvals
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent
from tests.conftest import actor
from tests.entitlements.factories import LoanFactory, OverrideFactory, ReasonCodeFactory
from tests.entitlements.promising import APRIL, LONG, MARCH, approved, promised, request_of
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, subscribed, value

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


def edited(override: Override, by: str = "sales", **what: Any) -> Override:
    terms = {"reason": "They grew", "by": actor(by), "at": AT + DAY}
    return edit(override=override, **(terms | what))


def test_within_policy_the_new_one_takes_the_place_of_the_old_that_second(acme: Account, world: Catalog) -> None:
    old = promised(acme, world.storage, 20 * GB)
    new = edited(old, value=40 * GB)
    old.refresh_from_db()
    assert (new.state, new.follows, old.revoked_at, new.starts_at) == (APPROVED, old, AT + DAY, AT + DAY)
    assert [value(acme, "storage", AT + hours) for hours in (DAY / 2, DAY)] == [120 * GB, 140 * GB]


def test_it_is_one_deed_and_told_as_one_change(acme: Account, world: Catalog) -> None:
    edited(promised(acme, world.storage, 20 * GB), value=40 * GB)
    event = AuditEvent.objects.get(verb="override:edit")
    was, becomes = event.changes["Storage"]
    assert (was[:7], becomes[:7], event.reason) == ("+ 20 GB", "+ 40 GB", "They grew")
    change = EntitlementChange.objects.get(audit_id=event.pk)
    assert (change.before, change.after) == ("120 GB", "140 GB")


def test_beyond_policy_the_old_one_stays_until_someone_else_approves(acme: Account, world: Catalog) -> None:
    old = promised(acme, world.storage, 20 * GB)
    new = edited(old, value=90 * GB)
    assert (new.state, value(acme, "storage", AT + DAY)) == (REQUESTED, 120 * GB)
    assert "instead of + 20 GB" in request_of(new).summary
    approved(new, at=AT + 2 * DAY)
    old.refresh_from_db()
    assert old.revoked_at == AT + 2 * DAY
    assert [value(acme, "storage", AT + n * DAY) for n in (1, 2)] == [120 * GB, 190 * GB]


def test_rejected_the_old_one_goes_on(acme: Account, world: Catalog) -> None:
    new = edited(promised(acme, world.storage, 20 * GB), value=90 * GB)
    approvals.reject(approval=request_of(new), by=actor("finance"), at=AT + 2 * DAY)
    assert value(acme, "storage", AT + 3 * DAY) == 120 * GB


def test_what_was_approved_needs_approval_again_where_it_is_still_beyond(acme: Account, world: Catalog) -> None:
    old = approved(promised(acme, world.storage, 900 * GB))
    assert edited(old, value=800 * GB).state == REQUESTED
    assert value(acme, "storage", AT + DAY) == 1000 * GB


def test_the_days_of_an_edit_count_from_the_start_of_what_it_edits(acme: Account, world: Catalog) -> None:
    old = promised(acme, world.storage, 20 * GB)  # since 2 March
    late = AT + 50 * DAY
    assert edited(old, through_on=date(2026, 5, 30), at=late).state == APPROVED
    again = Override.objects.get(follows=old)
    assert edited(again, through_on=date(2026, 6, 10), at=late + DAY).state == REQUESTED


def test_the_edited_one_is_out_of_the_measure(acme: Account, world: Catalog) -> None:
    assert edited(promised(acme, world.storage, 40 * GB), value=50 * GB).state == APPROVED


def test_a_denial_someone_approved_is_not_lifted_by_editing_it(acme: Account, world: Catalog) -> None:
    denial = approved(promised(acme, world.storage, None, Mode.DENY, through_on=LONG))
    softer = edited(denial, mode=Mode.AT_MOST, value=90 * GB, through_on=APRIL)
    assert softer.state == REQUESTED
    assert value(acme, "storage", AT + DAY) == 0


def test_another_link_or_day_of_review_is_written_in_place(acme: Account, world: Catalog) -> None:
    old = approved(promised(acme, world.storage, 900 * GB))
    link = "https://crm.example/deal/7"
    assert edited(old, link=link, review_on=MARCH) == old
    assert (Override.objects.get().link, Override.objects.get().revoked_at) == (link, None)
    assert AuditEvent.objects.get(verb="override:edit").changes == {
        "link": ["", link],
        "review_on": [None, "2026-03-31"],
    }


def test_an_edit_before_it_begins_begins_with_it(acme: Account, world: Catalog) -> None:
    old = promised(acme, world.storage, 20 * GB, starts_at=AT + 9 * DAY)
    assert edited(old, value=30 * GB).starts_at == AT + 9 * DAY
    assert [value(acme, "storage", AT + n * DAY) for n in (1, 8, 9)] == [100 * GB, 100 * GB, 130 * GB]


def test_editing_ones_own_request_withdraws_it_and_asks_anew(acme: Account, world: Catalog) -> None:
    first = promised(acme, world.storage, 90 * GB)
    second = edited(first, value=80 * GB)
    first.refresh_from_db()
    assert (first.state, request_of(first).state, second.state) == (OverrideState.WITHDRAWN, "withdrawn", REQUESTED)
    third = edited(second, value=30 * GB)
    assert (third.state, value(acme, "storage", AT + DAY)) == (APPROVED, 130 * GB)


def test_the_request_of_someone_else_is_left_to_them(acme: Account, world: Catalog) -> None:
    waiting = promised(acme, world.storage, 90 * GB)
    with pytest.raises(NotAllowed, match="Sales Person asked for this"):
        edit(override=waiting, value=1 * GB, reason="Less", by=actor("sales", "Ben"), at=AT + DAY)
    assert request_of(waiting).state == "pending"


def test_a_program_asks_and_someone_approves(acme: Account, world: Catalog) -> None:
    key = Actor(ActorKind.API_KEY, "key:1", "CRM", permissions=frozenset({"overrides:write"}))
    new = edit(override=promised(acme, world.storage, 20 * GB), value=10 * GB, reason="Deal", by=key, at=AT + DAY)
    assert (new.state, new.requested_by_key, new.requested_as) == (REQUESTED, "key:1", "")


def test_who_saw_an_older_version_is_told_who_was_faster(acme: Account, world: Catalog) -> None:
    old = promised(acme, world.storage, 20 * GB)
    seen = token_of(old)
    edit(override=old, value=30 * GB, reason="First", by=actor("sales", "Ann"), at=AT + DAY, seen=seen)
    with pytest.raises(Stale, match="Ann has decided on this override, or changed it"):
        edited(old, value=40 * GB, seen=seen)
    with pytest.raises(Stale, match="Ann has revoked Override #"):
        edited(old, value=40 * GB)
    assert value(acme, "storage", AT + DAY) == 130 * GB


def test_a_request_for_what_was_revoked_meanwhile_cannot_be_approved(acme: Account, world: Catalog) -> None:
    old = promised(acme, world.storage, 20 * GB)
    request = request_of(edited(old, value=90 * GB))
    revoke(override=old, reason="Gone", by=actor("sales"), at=AT + 2 * DAY)
    with pytest.raises(Stale, match="Sales Person has changed or revoked the override it edits"):
        approvals.approve(approval=request, by=actor("finance"), at=AT + 3 * DAY)
    assert value(acme, "storage", AT + 3 * DAY) == 100 * GB
    assert Approval.objects.get(pk=request.pk).state == "pending"


def test_nor_once_it_has_ended(acme: Account, world: Catalog) -> None:
    request = request_of(edited(promised(acme, world.storage, 20 * GB, through_on=MARCH), value=90 * GB))
    with pytest.raises(Refusal, match="has ended while this waited"):
        approvals.approve(approval=request, by=actor("finance"), at=AT + 40 * DAY)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        pytest.param({}, "Nothing would change", id="nothing"),
        pytest.param({"value": None}, "Say what Storage becomes", id="no value"),
        pytest.param({"through_on": date(2026, 3, 1)}, "over already", id="a day that is over"),
        pytest.param({"value": 30 * GB, "reason": " "}, "Give a reason", id="no reason"),
        pytest.param({"value": 30 * GB, "at": AT + 100 * DAY}, "has ended", id="ended"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    acme: Account, world: Catalog, what: dict[str, Any], said: str
) -> None:
    override = promised(acme, world.storage, 20 * GB)
    with pytest.raises(Refusal, match=said):
        edited(override, **what)
    assert Override.objects.count() == 1


def test_support_may_not_edit(acme: Account, world: Catalog) -> None:
    override = promised(acme, world.storage, 20 * GB)
    with pytest.raises(NotAllowed):
        edited(override, by="support", value=30 * GB)


def test_a_decided_request_is_not_edited(acme: Account, world: Catalog) -> None:
    waiting = promised(acme, world.storage, 90 * GB)
    approvals.reject(approval=request_of(waiting), by=actor("finance"), at=AT)
    with pytest.raises(Stale, match="decided or withdrawn"):
        edited(waiting, value=30 * GB)


def test_what_a_loan_lends_is_recalled_not_edited(acme: Account, world: Catalog) -> None:
    lent = OverrideFactory(account=acme, loan=LoanFactory(account=acme, name="Summer beta"))
    with pytest.raises(Refusal, match="Summer beta"):
        edited(lent, through_on=APRIL)


def test_a_retired_reason_stays_and_is_not_chosen_anew(acme: Account, world: Catalog) -> None:
    deal, old = ReasonCodeFactory(), ReasonCodeFactory(retired_at=AT, name="Fair")
    override = promised(acme, world.storage, 20 * GB, reason_code=deal)
    with pytest.raises(Invalid, match="Fair is no longer used") as refused:
        edited(override, reason_code=old)
    assert refused.value.field == "reason_code"
    Override.objects.update(reason_code=old)
    override.refresh_from_db()
    assert edited(override, value=30 * GB).reason_code == old


def test_a_proposal_says_the_same_and_writes_nothing(acme: Account, world: Catalog) -> None:
    override = promised(acme, world.storage, 20 * GB)
    terms = {"override": override, "reason": "x", "by": actor("sales"), "at": AT + DAY}
    assert propose_edit(**terms, value=40 * GB).judged.within
    assert not propose_edit(**terms, value=90 * GB).judged.within
    assert propose_edit(**terms, link="https://crm.example/1").judged.because == "The promise itself stays as it is."
    assert Override.objects.get().revoked_at is None
