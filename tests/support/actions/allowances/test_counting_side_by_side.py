"""Several cases want the last incident at one moment: one has it, and the others aren't covered by it."""

import pytest

from entitlements.actions.subscriptions import start
from entitlements.models import CreditEntry
from journal.domain.actor import SYSTEM
from support.actions.allowances.exempting import count_case, exempt_case
from support.models import Case, CaseCount
from tests.conftest import actor
from tests.entitlements.crediting import Credited, adds_up
from tests.journal.side_by_side import at_once
from tests.support.casework import holder
from tests.support.counting_world import (
    AT,
    HOUR,
    MINUTE,
    RESOLVING,
    a_case,
    comes_to,
    incidents,
    left,
    plan_of_incidents,
    promised,
    supported,
)

pytestmark = pytest.mark.django_db(transaction=True)
BEN = actor("support", "Ben")


def test_the_last_incident_is_taken_by_one_of_two() -> None:
    acme, pack = supported(1)
    told = at_once(*(lambda n=n: a_case(acme, subject=f"Case {n}").pk for n in range(2)))
    assert not [one for one in told if isinstance(one, Exception)], told
    assert (left(acme, pack), CaseCount.objects.count()) == (0, 1)
    assert sorted(Case.objects.values_list("tier", flat=True)) == ["", "standard"]


def test_heard_of_late_side_by_side_too() -> None:
    acme, pack = supported(2)
    told = at_once(*(lambda n=n: a_case(acme, at=AT + 9 * HOUR, opened_at=AT + n * MINUTE).pk for n in range(4)))
    assert not [one for one in told if isinstance(one, Exception)], told
    assert (left(acme, pack), CaseCount.objects.count()) == (0, 2)
    assert sorted(Case.objects.values_list("tier", flat=True)) == ["", "", "standard", "standard"]


def test_counted_after_all_beside_cases_that_are_opened_in_a_trial() -> None:
    """The first use in a trial is noted under the account, which whoever opens a case has first."""
    promised()
    acme, pack = holder("acme", "standard"), incidents()
    start(account=acme, plan=plan_of_incidents(pack.feature, 10, {}), by=SYSTEM, at=AT - HOUR, trial_days=14)
    cases = [a_case(acme, subject=f"Case {n}") for n in range(3)]
    for case in cases:
        exempt_case(case=case, reason="Ours", by=BEN, at=AT)
    told = at_once(
        *(lambda case=case: count_case(case=case, reason="Theirs", by=BEN, at=AT + HOUR).pk for case in cases),
        *(lambda n=n: a_case(acme, subject=f"New {n}", at=AT + HOUR).pk for n in range(3)),
    )
    assert not [one for one in told if isinstance(one, Exception)], told
    assert left(acme, pack, at=AT + HOUR) == 4


def test_resolved_and_cancelled_side_by_side_the_ledger_adds_up() -> None:
    acme, pack = supported(5, counted_on=RESOLVING)
    cases = [a_case(acme, subject=f"Case {n}") for n in range(3)]
    told = at_once(*(lambda case=case: comes_to(case, "resolved").pk for case in cases))
    assert not [one for one in told if isinstance(one, Exception)], told
    told = at_once(
        lambda: comes_to(cases[0], "open", at=AT + 2 * HOUR).pk,
        lambda: comes_to(cases[1], "cancelled", at=AT + 2 * HOUR).pk,
        lambda: comes_to(cases[2], "closed", at=AT + 2 * HOUR).pk,
    )
    assert not [one for one in told if isinstance(one, Exception)], told
    assert left(acme, pack) == 4
    assert CreditEntry.objects.filter(kind="given_back").count() == 2
    assert adds_up(Credited(acme, pack.feature, None))  # type: ignore[arg-type]
