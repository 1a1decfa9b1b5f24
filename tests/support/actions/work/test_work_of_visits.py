"""What goes with a visit is what was done on it: not what is done months later, and not on another device."""

from datetime import timedelta

import pytest

from entitlements.models import Account
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid
from support.actions.work.planning import plan_visits
from support.actions.work.visits import complete
from support.domain.cover_terms import WorkKind
from support.models import Asset, Visit
from tests.conftest import AT
from tests.support.factories import AssetFactory
from tests.support.worked import a_pump, maintained, narrowed, recorded

pytestmark = pytest.mark.django_db
LABOUR = {"kind": WorkKind.LABOUR, "description": "Maintenance", "quantity": 60, "amount_micros": None, "currency": ""}
LATER = AT + timedelta(days=90)


@pytest.fixture
def pump(db: None) -> Asset:
    return a_pump()


@pytest.fixture
def done(pump: Asset, support_agent: Actor) -> Visit:
    plan_visits(narrowed(maintained(pump.account), pump), at=AT)
    return complete(visit=Visit.objects.get(number=1), by=support_agent, at=AT)


def test_labour_of_the_visit_is_borne_with_it_however_late_it_is_told(done: Visit, support_agent: Actor) -> None:
    told = recorded(done.account, support_agent, at=LATER, visit=done, **LABOUR)
    assert (told.customer_percent, told.done_at) == (0, done.settled_at)
    same_day = recorded(done.account, support_agent, at=LATER, visit=done, done_at=AT + timedelta(hours=2), **LABOUR)
    assert same_day.customer_percent == 0


def test_what_was_done_long_after_the_visit_is_no_part_of_it(done: Visit, support_agent: Actor) -> None:
    with pytest.raises(Invalid, match="without the visit") as refused:
        recorded(done.account, support_agent, at=LATER, visit=done, done_at=LATER, **LABOUR)
    assert refused.value.field == "done_at"


def test_another_device_is_no_part_of_it(done: Visit, support_agent: Actor) -> None:
    other: Account = done.account
    with pytest.raises(Invalid, match="without the visit") as refused:
        recorded(other, support_agent, visit=done, asset=AssetFactory(account=other, serial="NP-2"), **LABOUR)
    assert refused.value.field == "asset"
