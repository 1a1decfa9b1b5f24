"""Terms of a first version may be counted from a day that has passed: it speaks from its signing on all the same."""

from datetime import UTC, date, datetime

import pytest

from entitlements.models.contract import Renewal
from tests.entitlements.contracts import amended, drafted, selling, signed, with_terms
from tests.entitlements.world import AT, DAY, account, catalog

pytestmark = pytest.mark.django_db
FEBRUARY = date(2026, 2, 1)


def counted(**terms):
    world = catalog()
    version = drafted(account("acme", zone="UTC"), counted_from=FEBRUARY, **terms)
    selling(version, world.team)
    return signed(version)


@pytest.mark.parametrize("renewal", [Renewal.ENDS, Renewal.RENEWS])
def test_it_ends_by_its_terms_and_speaks_from_now(renewal):
    version = counted(renewal=renewal)
    assert (version.effective_at, version.term_starts_at) == (AT, datetime(2026, 2, 1, tzinfo=UTC))
    ends = datetime(2027, 2, 1, tzinfo=UTC) if renewal is Renewal.ENDS else None
    assert version.contract.ends_at == ends
    assert version.contract.subscription.items.get().starts_at == AT


def test_an_amendment_goes_on_in_that_term():
    version = amended(counted().contract, at=AT + DAY, notice_days=60)
    assert signed(version, at=AT + DAY).term_starts_at == datetime(2026, 2, 1, tzinfo=UTC)


def test_an_amendment_may_count_a_new_term_from_another_day():
    contract = counted().contract
    version = amended(contract, at=AT + DAY)
    version = with_terms(version, at=AT + DAY, new_term=True, counted_from=date(2026, 2, 15))
    assert signed(version, at=AT + DAY).term_starts_at == datetime(2026, 2, 15, tzinfo=UTC)
