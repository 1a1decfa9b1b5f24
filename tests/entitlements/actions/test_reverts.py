"""What an auditor's page may take back, each by an action with its own guards."""

from datetime import date

import pytest

from entitlements.actions.accounts import set_standing
from entitlements.actions.overrides import grant
from entitlements.domain.facts import Mode, Standing
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import AuditEvent
from journal.reverts import inverse_of
from tests.entitlements.world import AT, DAY, GB, account, answer, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db


def revert(verb: str, by: Actor, *, days: int = 1) -> None:
    inverse = inverse_of(verb)
    assert inverse is not None
    by.require(inverse.permission)
    inverse.act(event=AuditEvent.objects.get(verb=verb), by=by, at=AT + days * DAY)


def test_a_granted_override_is_revoked(sales: Actor) -> None:
    world = catalog()
    acme = account()
    subscribed(acme, world.team)
    policy()
    day = date(2026, 3, 31)
    grant(account=acme, feature=world.storage, mode=Mode.ADD, value=GB, through_on=day, reason="More", by=sales, at=AT)
    revert("override:grant", sales)
    assert value(acme, "storage", AT + DAY) == 100 * GB
    with pytest.raises(Refusal, match="has revoked or changed it already"):
        revert("override:grant", sales, days=2)


def test_a_closed_account_is_reopened_once(finance: Actor, sales: Actor) -> None:
    acme = account()
    subscribed(acme, catalog().team)
    set_standing(account=acme, standing=Standing.CLOSED, reason="Gone", by=finance, at=AT)
    with pytest.raises(NotAllowed):
        revert("account:close", sales)
    revert("account:close", finance)
    assert answer(acme, "storage", AT + DAY).granted
    with pytest.raises(Refusal, match="open already"):
        revert("account:close", finance, days=2)


@pytest.mark.parametrize("verb", ["plan:publish", "approval:approve", "staff:create"])
def test_what_is_published_or_decided_has_no_inverse(verb: str) -> None:
    assert inverse_of(verb) is None
