"""Two hands at the same moment: one of them renews, and two sweeps open one task."""

import pytest

from entitlements.actions.renewals.deciding import AlreadyDecided, renew
from entitlements.actions.renewals.making import offer_contract
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.models import Contract, Renewal
from journal.models import AuditEvent
from tests.conftest import actor
from tests.entitlements.ending import contract, customer, task
from tests.entitlements.world import AT
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_sweep_and_renew_at_once_one_does() -> None:
    old = contract(customer())
    at_once(lambda: sweep_renewals(at=AT), lambda: sweep_renewals(at=AT))
    assert Renewal.objects.count() == AuditEvent.objects.filter(verb="renewal:open").count() == 1
    row, first = task(), offer_contract(str(old.pk), AT).starts_on
    told = {"starts_on": first, "through_on": None, "reason": "They go on", "by": actor("sales"), "at": AT}
    outcomes = at_once(lambda: renew(renewal=row, **told), lambda: renew(renewal=row, **told))
    assert [type(one) for one in outcomes if isinstance(one, Exception)] == [AlreadyDecided]
    assert Contract.objects.count() == 2
