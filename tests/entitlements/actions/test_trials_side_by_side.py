"""Two people at the same trial at the same moment: one of them is first, and the other is told so."""

from collections.abc import Callable
from typing import Any

import pytest

from entitlements.actions.trial_reactivation import reactivate
from entitlements.actions.trials import convert, extend, undo_extension
from entitlements.models import Subscription, SubscriptionPhase
from journal.domain.refusal import Refusal
from tests.conftest import actor
from tests.entitlements.world import AT, DAY, account, catalog, policy, subscribed
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)
END = AT + 4 * DAY


def tried(days: int) -> Subscription:
    policy()
    return subscribed(account(), catalog().team, trial_days=days)


def outcome(*acts: Callable[[], Any]) -> tuple[int, int]:
    """How many were done, and how many refused; anything else is a mistake."""
    found = at_once(*acts)
    refused = [one for one in found if isinstance(one, Refusal)]
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, Refusal)], found
    return len(found) - len(refused), len(refused)


def test_extended_by_two_who_saw_the_same_end_it_is_extended_once() -> None:
    trial = tried(14)
    told = {"subscription": trial, "days": 7, "reason": "Slow", "at": AT, "seen_end": END}
    assert outcome(*[lambda who=who: extend(by=actor("sales", who), **told) for who in ("Ann", "Ben")]) == (1, 1)
    assert SubscriptionPhase.objects.get().ends_at == END + 7 * DAY


def test_undone_by_two_it_is_undone_once() -> None:
    trial = tried(14)
    extend(subscription=trial, days=7, reason="Slow", by=actor("sales"), at=AT)
    told = {"subscription": trial, "by": actor("sales"), "at": AT}
    assert outcome(lambda: undo_extension(**told), lambda: undo_extension(**told)) == (1, 1)
    row = SubscriptionPhase.objects.get()
    assert (row.ends_at, row.extended_times) == (END, 0)


def test_converted_while_it_is_undone_it_is_a_sale() -> None:
    trial = tried(14)
    extend(subscription=trial, days=7, reason="Slow", by=actor("sales"), at=AT)
    told = {"subscription": trial, "by": actor("sales"), "at": AT}
    done, _refused = outcome(lambda: convert(**told), lambda: undo_extension(**told))
    assert done >= 1
    assert Subscription.objects.get().converted_at == AT


def test_run_again_by_two_it_runs_once() -> None:
    trial = tried(5)
    told = {"subscription": trial, "days": 7, "reason": "Back", "by": actor("sales"), "at": AT}
    assert outcome(lambda: reactivate(**told), lambda: reactivate(**told)) == (1, 1)
    assert Subscription.objects.count() == 2
