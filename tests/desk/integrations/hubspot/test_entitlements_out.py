"""What stands here stands there: a plan that is changed, use, and what somebody changes there in our properties."""

from datetime import timedelta
from decimal import Decimal

import pytest

from desk.actions.crm.marking import mark_changed
from desk.actions.crm.written import note_changed_there
from desk.integrations.crm.writing import write_due
from desk.models import CrmCompany, CrmFinding
from entitlements.domain.facts import Mode
from journal.domain.actor import SYSTEM
from tests.desk.integrations.crm.written_there import company_of
from tests.desk.integrations.hubspot.test_writing import records
from tests.entitlements.factories import overridden
from tests.entitlements.spent import counted
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(seconds=30)


@pytest.fixture
def ready(portal):
    with portal.open() as crm:
        crm.set_up()
    return portal


@pytest.fixture
def world(db):
    return metered()


@pytest.fixture
def acme(ready, world):
    """Linked, with use, and written once."""
    acme = customer(world)
    counted(acme, world.calls, 820)
    there = ready.fake.add("companies", name="Acme")
    company_of(acme, ready.connection, id=there.id)
    run(ready)
    return acme


def run(portal, *, at=AT):
    mark_changed(portal.connection, at=at)
    return write_due(portal.connection, at=at)


def company(portal):
    row = CrmCompany.objects.select_related("account", "connection").get()
    return row, next(one for one in portal.fake.state.alive("0-2") if one.id == row.external_id)


def record(portal, key):
    return next(one for one in records(portal) if one.values["desk_key"] == key)


def test_a_company_and_its_entitlements(ready, acme):
    _, there = company(ready)
    assert [there.values[f"desk_{name}"] for name in ("account_key", "plan", "phase", "near_limits")] == [
        "acme", "Pro", "Active", "1",
    ]  # fmt: skip
    assert there.values["desk_upsell"].startswith("82 % of API calls")
    calls = record(ready, "acme.calls").values
    assert [calls[f"desk_{name}"] for name in ("granted", "limit", "used", "used_percent")] == [
        "true", "1000", "820", "82",
    ]  # fmt: skip


def test_the_second_run_asks_nothing_of_it(ready, acme):
    before = len(ready.asked())
    assert (run(ready, at=LATER), len(ready.asked())) == (0, before)


def test_a_changed_limit_is_there_within_one_run(ready, acme, world):
    overridden(acme, world.calls, Mode.ADD, Decimal(1000), at=AT)
    assert run(ready, at=LATER) == 1
    assert record(ready, "acme.calls").values["desk_limit"] == "2000"
    assert company(ready)[1].values["desk_open_overrides"] == "1"


def told(portal):
    """What is made of the company as it is read there now."""
    row, there = company(portal)
    with portal.open() as crm:
        seen = crm.companies([there.id])[there.id]
    return note_changed_there(row=row, company=seen, by=SYSTEM, at=LATER)


def test_our_own_writing_comes_back_as_nothing(ready, acme):
    assert told(ready) == ()
    assert CrmFinding.objects.count() == 0


def test_what_somebody_changes_there_is_told_and_put_right(ready, acme):
    ready.fake.edit(company(ready)[1], desk_plan="Enterprise")
    assert told(ready) == ("Plan was changed there to “Enterprise”; the desk wrote “Pro”.",)
    run(ready, at=LATER)
    assert company(ready)[1].values["desk_plan"] == "Pro"


def test_unlinked_it_says_nothing_any_more(ready, acme):
    CrmCompany.objects.update(account=None, to_write_at=AT)
    run(ready, at=LATER)
    there = company(ready)[1]
    said = {name: value for name, value in there.values.items() if name.startswith("desk_") and value}
    assert said.keys() == {"desk_written_at", "desk_covered"}
    assert said["desk_covered"] == "false"
    assert list(records(ready)) == []
