"""What stands here stands there: a plan that is changed, use, and what somebody changes there in our fields."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.actions.crm.marking import mark_changed
from desk.actions.crm.written import note_changed_there
from desk.integrations.crm.writing import write_due
from desk.integrations.salesforce.names import RECORD
from desk.models import CrmCompany, CrmFinding
from entitlements.domain.facts import Mode
from entitlements.models import Account
from journal.domain.actor import SYSTEM
from tests.desk.integrations.crm.written_there import company_of
from tests.desk.integrations.salesforce.conftest import Org
from tests.entitlements.factories import overridden
from tests.entitlements.spent import counted
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(seconds=30)


@pytest.fixture
def ready(org: Org) -> Org:
    with org.open() as crm:
        crm.set_up()
    return org


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(ready: Org, world: Metered) -> Account:
    """Linked, with use, and written once."""
    acme = customer(world)
    counted(acme, world.calls, 820)
    company_of(acme, ready.connection, id=ready["acme"])
    run(ready)
    ready.asked()
    return acme


def run(org: Org, *, at: Any = AT) -> int:
    mark_changed(org.connection, at=at)
    return write_due(org.connection, at=at)


def record(org: Org, key: str) -> dict[str, Any]:
    return next(one for one in org.fake.state.rows(RECORD) if one["Key__c"] == key)


def test_an_account_and_its_entitlements(ready: Org, acme: Account) -> None:
    account, calls = ready.fake.row(ready["acme"]), record(ready, "acme.calls")
    assert [account[f"Desk_{name}__c"] for name in ("Account_Key", "Plan", "Phase", "Near_Limits")] == [
        "acme", "Pro", "Active", 1,
    ]  # fmt: skip
    assert account["Desk_Upsell__c"].startswith("82 % of API calls")
    assert [calls[f"{name}__c"] for name in ("Account", "Granted", "Limit", "Used", "Left", "Used_Percent")] == [
        ready["acme"], True, 1000, 820, 180, 82,
    ]  # fmt: skip


def test_the_second_run_asks_nothing_of_it(ready: Org, acme: Account) -> None:
    assert (run(ready, at=LATER), ready.asked()) == (0, [])


def test_a_changed_limit_is_there_within_one_run(ready: Org, acme: Account, world: Metered) -> None:
    overridden(acme, world.calls, Mode.ADD, Decimal(1000), at=AT)
    assert run(ready, at=LATER) == 1
    assert [record(ready, "acme.calls")[f"{name}__c"] for name in ("Limit", "Used_Percent")] == [2000, 41]
    assert ready.fake.row(ready["acme"])["Desk_Open_Overrides__c"] == 1
    assert len(ready.calls()) == 2  # the account, and the one record of it


def test_our_own_writing_comes_back_as_nothing(ready: Org, acme: Account) -> None:
    assert told(ready) == ()
    assert CrmFinding.objects.count() == 0


def test_what_somebody_changes_there_is_told_and_put_right(ready: Org, acme: Account) -> None:
    ready.fake.edit(ready["acme"], Desk_Plan__c="Enterprise")
    assert told(ready) == ("Plan was changed there to “Enterprise”; the desk wrote “Pro”.",)
    run(ready, at=LATER)
    assert ready.fake.row(ready["acme"])["Desk_Plan__c"] == "Pro"


def told(org: Org) -> tuple[str, ...]:
    """What is made of the account as it is read there now."""
    with org.open() as crm:
        seen = crm.companies([org["acme"]])[org["acme"]]
    row = CrmCompany.objects.select_related("account", "connection").get(external_id=org["acme"])
    return note_changed_there(row=row, company=seen, by=SYSTEM, at=LATER)


def test_unlinked_it_says_nothing_any_more(ready: Org, acme: Account) -> None:
    CrmCompany.objects.update(account=None, to_write_at=AT)
    run(ready, at=LATER)
    account = ready.fake.row(ready["acme"])
    assert [name for name, value in account.items() if name.startswith("Desk_") and value] == ["Desk_Written_At__c"]
    assert list(ready.fake.state.rows(RECORD)) == []


def test_many_are_written_in_whole_batches(ready: Org, world: Metered) -> None:
    for place in range(60):
        id = ready.fake.add("Account", Name=f"Customer {place}")
        company_of(customer(world, f"c{place}"), ready.connection, id=id)
    ready.asked()
    assert run(ready) == 60
    writes = [path for path in ready.calls() if "sobjects" in path]
    assert len(writes) == 1 + -(-60 * 7 // 200)  # 60 accounts, and seven entitlements of each
