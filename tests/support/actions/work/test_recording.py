"""Work recorded: who bears it is read from the covers, and what can't be right is refused beside its input."""

from datetime import timedelta
from typing import Any

import pytest

from entitlements.models import Account
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed
from journal.models import AuditEvent, Outbound
from support.actions.work.handling import AnothersAsset, AuthorisationNeeded, WorkReused
from support.actions.work.recording import record_work
from support.domain.cover_terms import WorkKind
from support.models import Asset, WorkItem
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.journal.factories import WebhookEndpointFactory
from tests.support.factories import AssetFactory, AssetMoveFactory, CaseFactory, VisitFactory
from tests.support.worked import EURO, a_pump, maintained, recorded, warranted
from tests.support.world import kept

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def pump(db: None) -> Asset:
    return a_pump()


@pytest.fixture
def acme(pump: Asset) -> Account:
    return pump.account


def test_a_part_under_warranty_is_covered(acme: Account, pump: Asset, support_agent: Actor) -> None:
    warranty = warranted(pump)
    item = recorded(acme, support_agent, asset=pump)
    assert (item.billing, item.customer_percent, item.customer_micros) == ("covered", 0, 0)
    assert (item.warranty, item.cover) == (warranty, None)
    assert item.why.startswith("Maker’s warranty (warranty) bears 100 %.")


def test_what_nothing_bears_is_to_bill_in_full(acme: Account, pump: Asset, support_agent: Actor) -> None:
    item = recorded(acme, support_agent, asset=pump)
    assert (item.billing, item.customer_percent, item.customer_micros) == ("open", 100, 80 * EURO)
    assert item.why == "Nothing bears parts."
    assert (item.recorded_by, item.done_by) == ("Support Person", "Support Person")


def test_a_share_is_worked_out_of_the_stated_price(acme: Account, support_agent: Actor) -> None:
    cover = maintained(acme)
    item = recorded(
        acme, support_agent, kind=WorkKind.TRAVEL, description="To the plant", quantity=90, amount_micros=33_330_000
    )
    assert (item.customer_percent, item.customer_micros, item.cover) == (50, 16_670_000, cover)


def test_without_a_price_there_is_a_percent_and_no_sum(acme: Account, support_agent: Actor) -> None:
    item = recorded(acme, support_agent, amount_micros=None, currency="")
    assert (item.customer_percent, item.customer_micros, item.billing) == (100, None, "open")


def test_the_covers_of_the_day_it_was_done_decide(acme: Account, support_agent: Actor) -> None:
    maintained(acme, ends_at=AT - DAY)
    told = {"kind": WorkKind.LABOUR, "description": "Repair", "quantity": 60}
    assert recorded(acme, support_agent, done_at=AT - 2 * DAY, **told).customer_percent == 0
    assert recorded(acme, support_agent, **told).customer_percent == 100


def test_a_cover_chosen_for_the_case_decides(acme: Account, pump: Asset, support_agent: Actor) -> None:
    maintained(acme, parts=100)
    chosen = maintained(acme, name="The cheap one", parts=10)
    case = CaseFactory(account=acme, asset=pump, chosen_cover=f"cover:{chosen.pk}")
    item = recorded(acme, support_agent, case=case)
    assert (item.asset, item.customer_percent, item.cover) == (pump, 90, chosen)


def test_what_needs_authorising_names_who_did(acme: Account, support_agent: Actor) -> None:
    maintained(acme, parts=100, authorisation="The plant manager approves parts.")
    with pytest.raises(AuthorisationNeeded, match="The plant manager approves parts") as refused:
        recorded(acme, support_agent)
    assert refused.value.field == "authorised_by"
    assert recorded(acme, support_agent, authorised_by=" J. de Boer ").authorised_by == "J. de Boer"


def test_nobody_authorises_what_the_customer_pays(acme: Account, support_agent: Actor) -> None:
    maintained(acme, authorisation="The plant manager approves.")
    assert recorded(acme, support_agent).billing == "open"


def test_under_one_name_it_is_recorded_once(acme: Account, support_agent: Actor) -> None:
    first = recorded(acme, support_agent, name="job-7")
    assert recorded(acme, support_agent, name="job-7") == first
    assert WorkItem.objects.count() == 1
    with pytest.raises(WorkReused, match="other work before"):
        recorded(acme, support_agent, name="job-7", quantity=2)


def test_what_was_decided_elsewhere_is_kept(acme: Account, support_agent: Actor) -> None:
    maintained(acme, parts=100)
    item = recorded(acme, support_agent, customer_percent=100, why="More than was left of the hours.")
    assert (item.customer_percent, item.why, item.cover) == (100, "More than was left of the hours.", None)
    with pytest.raises(Invalid, match="Say what decided"):
        recorded(acme, support_agent, customer_percent=100, why=" ")
    with pytest.raises(Invalid, match="0 to 100"):
        recorded(acme, support_agent, customer_percent=101, why="So.")


def test_a_device_was_its_former_customers_until_it_moved(pump: Asset, support_agent: Actor) -> None:
    former = AccountFactory()
    pump.held_since = AT - DAY
    kept(pump)
    AssetMoveFactory(asset=pump, from_account=former, to_account=pump.account, at=AT - DAY)
    assert recorded(former, support_agent, asset=pump, done_at=AT - 2 * DAY).asset == pump
    with pytest.raises(AnothersAsset):
        recorded(former, support_agent, asset=pump)


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"quantity": 0}, "quantity", "from 1"),
        ({"quantity": -3}, "quantity", "from 1"),
        ({"currency": ""}, "currency", "which currency"),
        ({"amount_micros": None}, "amount_micros", "Say the price"),
        ({"amount_micros": -EURO}, "amount_micros", "0 or more"),
        ({"description": " "}, "description", "Say in a line"),
        ({"description": "x" * 301}, "description", "300 characters"),
        ({"done_at": AT + timedelta(hours=1)}, "done_at", "later than now"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_input(
    acme: Account, support_agent: Actor, wrong: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        recorded(acme, support_agent, **wrong)
    assert refused.value.field == field
    assert not WorkItem.objects.exists()


@pytest.mark.parametrize(
    ("field", "elsewhere"), [("asset", AssetFactory), ("case", CaseFactory), ("visit", VisitFactory)]
)
def test_what_belongs_to_another_customer_is_refused(
    acme: Account, support_agent: Actor, field: str, elsewhere: Any
) -> None:
    with pytest.raises(Invalid) as refused:
        recorded(acme, support_agent, **{field: elsewhere()})
    assert refused.value.field == field


def test_it_is_audited_and_told_once(acme: Account, support_agent: Actor) -> None:
    WebhookEndpointFactory(events=["work.billable"])
    item = recorded(acme, support_agent, name="job-1")
    recorded(acme, support_agent, name="job-1")
    event = AuditEvent.objects.get(verb="work:record")
    assert (event.account_key, event.subject_key, event.actor_name) == ("acme", str(item.pk), "Support Person")
    (told,) = Outbound.objects.filter(kind="webhook")
    assert told.payload["type"] == "work.billable"
    assert told.payload["data"]["customer_micros"] == 80 * EURO


def test_covered_work_is_nothing_to_tell_billing(acme: Account, support_agent: Actor) -> None:
    maintained(acme, parts=100)
    WebhookEndpointFactory(events=["work.billable"])
    recorded(acme, support_agent)
    assert not Outbound.objects.filter(kind="webhook").exists()


def test_it_takes_the_role_or_the_scope(acme: Account, finance: Actor, auditor: Actor) -> None:
    for by in (finance, auditor):
        with pytest.raises(NotAllowed):
            recorded(acme, by)
    program = Actor(ActorKind.API_KEY, "key:1", "Field app", permissions=frozenset({"work:write"}))
    told = record_work(account=acme, kind=WorkKind.PARTS, description="Ring", by=program, at=AT)
    assert told.recorded_by == "Field app"
