"""Two people at the same override at the same moment: one of them is first, and the other is told so."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from catalog.models import Feature
from entitlements.actions.override_changes import edit, renew
from entitlements.actions.overrides import revoke
from entitlements.domain.facts import Mode
from entitlements.models import Account, Override
from entitlements.models.override import OverrideState
from journal.actions import approvals
from journal.domain.refusal import Refusal
from journal.models import Approval
from tests.conftest import actor
from tests.entitlements.promising import promised, request_of
from tests.entitlements.world import AT, DAY, GB, account, catalog, policy, subscribed, value
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ANN, BEN, FINN = actor("sales", "Ann"), actor("sales", "Ben"), actor("finance")


def customer() -> tuple[Account, Feature]:
    policy()
    world, acme = catalog(), account()
    subscribed(acme, world.team)
    return acme, world.storage


def told(*acts: Callable[[], Any]) -> list[str]:
    """What those who came second were told; anything but a refusal is a mistake."""
    found = at_once(*acts)
    refused = [one for one in found if isinstance(one, Refusal)]
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, Refusal)], found
    return [refusal.message for refusal in refused]


def test_approved_and_rejected_at_once_it_is_decided_once() -> None:
    acme, storage = customer()
    request = request_of(promised(acme, storage, 90 * GB, by=ANN))
    other = Approval.objects.get(pk=request.pk)
    (said,) = told(
        lambda: approvals.approve(approval=request, by=FINN, at=AT),
        lambda: approvals.reject(approval=other, by=actor("finance", "Fay"), at=AT),
    )
    assert "has decided it already" in said
    row = Override.objects.get()
    assert value(acme, "storage", AT) == (190 if row.state == OverrideState.APPROVED else 100) * GB


def test_edited_by_two_one_edit_stands() -> None:
    acme, storage = customer()
    old = promised(acme, storage, 20 * GB, by=ANN)
    terms = {"override": old, "reason": "They grew", "at": AT + DAY}
    (said,) = told(
        lambda: edit(by=ANN, value=30 * GB, **terms),
        lambda: edit(by=BEN, value=40 * GB, **terms),
    )
    assert "put another in its place" in said
    standing = Override.objects.get(revoked_at=None)
    assert value(acme, "storage", AT + DAY) == 100 * GB + (standing.value or 0)


def test_edited_while_it_is_approved_it_is_one_or_the_other() -> None:
    acme, storage = customer()
    waiting = promised(acme, storage, 90 * GB, by=ANN)
    request = request_of(waiting)
    told(
        lambda: approvals.approve(approval=request, by=FINN, at=AT),
        lambda: edit(override=waiting, by=ANN, value=30 * GB, reason="Less", at=AT),
    )
    (standing,) = Override.objects.filter(state=OverrideState.APPROVED, revoked_at=None)
    assert value(acme, "storage", AT + DAY) == 100 * GB + (standing.value or 0)


def test_revoked_while_its_edit_is_approved_nothing_is_left_over() -> None:
    acme, storage = customer()
    old = promised(acme, storage, 20 * GB, by=ANN)
    request = request_of(edit(override=old, by=ANN, value=90 * GB, reason="More", at=AT))
    (said,) = told(
        lambda: approvals.approve(approval=request, by=FINN, at=AT),
        lambda: revoke(override=old, by=BEN, reason="Gone", at=AT),
    )
    assert "revoked" in said
    live = Override.objects.filter(state=OverrideState.APPROVED, revoked_at=None).count()
    assert value(acme, "storage", AT + DAY) == (190 if live else 100) * GB


def test_renewed_by_two_it_is_renewed_once() -> None:
    acme, storage = customer()
    old = promised(acme, storage, 20 * GB, Mode.ADD, by=ANN)
    terms = {"override": old, "reason": "Again", "at": AT, "through_on": date(2026, 5, 31)}
    (said,) = told(lambda: renew(by=ANN, **terms), lambda: renew(by=BEN, **terms))
    assert "renewed already" in said
    assert Override.objects.count() == 2
