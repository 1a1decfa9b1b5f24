"""What a look at the features of a customer costs, when nothing differs: it is done for everybody, every night."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.entitlements.billed_features import acme, asked, by_billing, look, told
from tests.entitlements.domain.billed.told import day
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db
MOST = 36


@pytest.mark.parametrize("number", [1, 12])
def test_it_costs_the_same_however_many_features_there_are(number: int) -> None:
    there = ConnectionFactory()
    acme()
    keys = [by_billing(f"f{place}").key for place in range(number)]
    look(there, told(*keys))
    ticket = asked(there)
    with CaptureQueriesContext(
        connection,
    ) as asked_for:
        look(there, told(*keys), ticket=ticket, at=day(1))
    assert len(asked_for) <= MOST
