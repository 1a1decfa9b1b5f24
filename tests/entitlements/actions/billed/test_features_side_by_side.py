"""Two who look at the features of a customer at the same moment: the later asked wins, and nothing is doubled."""

from collections.abc import Callable
from typing import Any

import pytest

from entitlements.models import BilledFeature, BillingFinding, EntitlementChange, FeaturesTold
from journal.models import AuditEvent
from tests.entitlements.actions.billed.test_following_side_by_side import worked
from tests.entitlements.billed_features import acme, asked, by_billing, had, look, told
from tests.entitlements.domain.billed.told import day
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db(transaction=True)


def looking(there: Any, said: Any, **more: Any) -> Callable[[], Any]:
    return lambda: look(there, said, **more)


def test_of_two_looks_the_later_asked_wins() -> None:
    there = ConnectionFactory()
    by_billing("audit"), by_billing("export")
    acme()
    for number in range(3):
        older, newer = asked(there), asked(there)
        first = looking(there, told("audit"), ticket=older, at=day(number))
        second = looking(there, told("export"), ticket=newer, at=day(number))
        worked(first, second)
        assert had() == ["export"]
        look(there, told(), at=day(number + 0.5))


def test_the_same_look_twice_at_once_gives_once() -> None:
    there = ConnectionFactory()
    by_billing("audit")
    acme()
    worked(*[looking(there, told("audit")) for _ in range(3)])
    assert BilledFeature.objects.count() == 1
    assert AuditEvent.objects.filter(verb="account:follow_features").count() == 1
    assert EntitlementChange.objects.count() == 1


def test_tickets_taken_at_once_are_as_many() -> None:
    there = ConnectionFactory()
    assert sorted(worked(*[lambda: asked(there) for _ in range(4)])) == [1, 2, 3, 4]
    assert FeaturesTold.objects.count() == 1


def test_customers_who_have_the_same_stranger_are_one_finding() -> None:
    there = ConnectionFactory()
    names = [("cus_1", "acme"), ("cus_2", "beta"), ("cus_3", "gamma")]
    for customer, key in names:
        acme(customer, key)
    worked(*[looking(there, told("theirs", customer=customer)) for customer, _ in names])
    assert BillingFinding.objects.count() == 1
    assert AuditEvent.objects.filter(verb="billing_finding:open").count() == 1
