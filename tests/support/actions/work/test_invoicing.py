"""Work that is handed over comes on the next invoice of whoever bills the customer; anything else stays by hand, and says why."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from entitlements.models import Account, BilledSubscription
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed
from journal.models import Connection, Outbound
from support.actions.work.billing import hand_over, withdraw_work
from support.actions.work.handling import NothingToBill, OwnWork
from support.models import WorkItem
from support.queries.work.invoicing import invoicing_of, say_foreseen
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.journal.factories import ConnectionFactory
from tests.support.worked import EURO, maintained, recorded

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def acme(db: None) -> Account:
    return AccountFactory(key="acme", name="Acme", zone="UTC")


@pytest.fixture
def biller(db: None) -> Connection:
    return ConnectionFactory(vendor="biller", name="Biller", settings={"work": "yes"})


def billed(account: Account, connection: Connection, customer: str = "c1", **more: Any) -> BilledSubscription:
    told = {"billing_id": f"s_{customer}_{account.key}", "state": "active", "told_at": AT, **more}
    return BilledSubscription.objects.create(connection=connection, customer=customer, account=account, **told)


def promised() -> list[Outbound]:
    return list(Outbound.objects.filter(kind="billing").order_by("seq"))


def test_it_is_promised_with_its_sum_and_in_words(acme: Account, biller: Connection, support_agent: Actor, finance: Actor) -> None:  # fmt: skip
    billed(acme, biller)
    maintained(acme, parts=75)
    item = recorded(acme, support_agent, part_number="SR-9")
    (done,) = hand_over(items=[item], by=finance, at=LATER)
    (row,) = promised()
    told = {name: row.payload[name] for name in ("do", "customer", "amount_micros", "currency", "name", "account")}
    assert told == {
        "do": "add_invoice_item", "customer": "c1", "amount_micros": 20 * EURO, "currency": "EUR",
        "name": f"work:{item.pk}", "account": "acme",
    }  # fmt: skip
    assert row.payload["description"] == "Part: Seal ring SR-9, 1 piece, 2 March 2026 (25 % of it)"
    assert (done.billed_by, done.settle_reason) == ("biller", "")
    assert hand_over(items=[item], by=finance, at=LATER) == []
    assert len(promised()) == 1


def by_hand(item: WorkItem, finance: Actor) -> str:
    (done,) = hand_over(items=[item], by=finance, at=LATER)
    assert done.billed_by == ""
    assert not promised()
    return done.settle_reason


def test_where_no_system_takes_work_it_is_as_ever(acme: Account, support_agent: Actor, finance: Actor) -> None:
    billed(acme, ConnectionFactory(vendor="biller", name="Biller", settings={"work": "no"}))
    assert by_hand(recorded(acme, support_agent), finance) == ""


def test_a_customer_who_is_billed_nothing(acme: Account, biller: Connection, support_agent: Actor, finance: Actor) -> None:  # fmt: skip
    billed(acme, biller, state="ended")
    assert "Biller bills nothing of Acme’s" in by_hand(recorded(acme, support_agent), finance)


def test_several_customers_are_not_guessed(acme: Account, biller: Connection, support_agent: Actor, finance: Actor) -> None:  # fmt: skip
    billed(acme, biller, "c1")
    billed(acme, biller, "c2")
    assert "several customers (c1 at Biller, c2 at Biller)" in by_hand(recorded(acme, support_agent), finance)


def test_a_live_customer_is_meant_and_not_one_for_trying_out(acme: Account, biller: Connection, support_agent: Actor, finance: Actor) -> None:  # fmt: skip
    Connection.objects.filter(pk=biller.pk).update(mode="test")
    billed(acme, biller, "tried")
    live = ConnectionFactory(vendor="biller", name="Biller live", mode="live", settings={"work": "yes"})
    billed(acme, live, "real")
    hand_over(items=[recorded(acme, support_agent)], by=finance, at=LATER)
    assert [row.payload["customer"] for row in promised()] == ["real"]


@pytest.mark.parametrize(
    ("told", "why"), [({"amount_micros": None, "currency": ""}, "no price was stated"), ({"amount_micros": 0}, "comes to nothing")]
)  # fmt: skip
def test_without_a_sum_nothing_is_sent(
    acme: Account, biller: Connection, support_agent: Actor, finance: Actor, told: Any, why: str
) -> None:
    billed(acme, biller)
    assert why in by_hand(recorded(acme, support_agent, **told), finance)


def test_taken_back_it_is_taken_off_after_it_was_put_on(acme: Account, biller: Connection, support_agent: Actor, finance: Actor) -> None:  # fmt: skip
    billed(acme, biller)
    item = recorded(acme, support_agent)
    hand_over(items=[item], by=finance, at=LATER)
    Outbound.objects.update(state="dead")
    gone = withdraw_work(item=item, reason="The wrong pump.", by=finance, at=LATER)
    add, off = promised()
    assert (gone.billing, gone.settle_reason, gone.billed_by) == ("withdrawn", "The wrong pump.", "biller")
    assert (off.payload["do"], off.payload["item"]) == ("remove_invoice_item", str(add.message_id))
    assert (off.destination, off.account_key) == (add.destination, add.account_key), "one stream, so in order"
    assert (add.state, add.attempts) == ("pending", 0), "given up, it would hold its taking off up for good"


def test_who_takes_it_back(acme: Account, biller: Connection, support_agent: Actor, finance: Actor) -> None:
    billed(acme, biller)
    both = replace(finance, permissions=finance.permissions | {"support.record_work"})
    item = recorded(acme, both)
    hand_over(items=[item], by=finance, at=LATER)
    with pytest.raises(OwnWork):
        withdraw_work(item=item, reason="So.", by=both, at=LATER)
    colleague = replace(support_agent, key="user:colleague")
    with pytest.raises(NotAllowed):
        withdraw_work(item=item, reason="So.", by=colleague, at=LATER)


def test_what_is_billed_by_hand_is_not_taken_back(acme: Account, support_agent: Actor, finance: Actor) -> None:
    item = recorded(acme, support_agent)
    hand_over(items=[item], by=finance, at=LATER)
    with pytest.raises(NothingToBill):
        withdraw_work(item=item, reason="So.", by=finance, at=LATER)


def test_one_refused_holds_up_nothing_else_of_the_account(acme: Account, biller: Connection, support_agent: Actor, finance: Actor) -> None:  # fmt: skip
    billed(acme, biller)
    hand_over(items=[recorded(acme, support_agent) for _ in range(2)], by=finance, at=LATER)
    assert len({row.destination for row in promised()}) == 2


def test_what_would_become_of_them_is_said_before(acme: Account, biller: Connection, support_agent: Actor) -> None:
    billed(acme, biller)
    other = AccountFactory(key="other", name="Other")
    items = [recorded(acme, support_agent), recorded(acme, support_agent), recorded(other, support_agent)]
    assert say_foreseen(items) == [
        "2 on the next invoice of Biller",
        "1 by hand: Biller bills nothing of Other’s at the moment, so no invoice is to come.",
    ]


@pytest.mark.parametrize(
    ("state", "error", "words", "detail"),
    [("pending", "", "Waits to be told to Biller", ""), ("sent", "", "On the next invoice of Biller", ""),
     ("pending", "Declined: No.", "Not taken by Biller yet; tried again", "No."),
     ("dead", "Declined: No.", "Not on an invoice: Biller refused it", "No.")],
)  # fmt: skip
def test_how_it_stands(
    acme: Account, biller: Connection, support_agent: Actor, finance: Actor, state: str, error: str, words: str, detail: str
) -> None:  # fmt: skip
    billed(acme, biller)
    (item,) = hand_over(items=[recorded(acme, support_agent)], by=finance, at=LATER)
    Outbound.objects.update(state=state, last_error=error, sent_at=LATER if state == "sent" else None)
    standing = invoicing_of([item])[item.pk]
    assert (standing.words, standing.detail) == (words, detail)
