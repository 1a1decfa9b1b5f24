"""A sum comes on the customer's next invoice once, whatever breaks; taken back, it goes while it can, else a person is told."""

from datetime import timedelta

import pytest

from entitlements.actions.invoice_items import promise_invoice_item, take_off_invoice
from entitlements.integrations.stripe.client import Declined
from entitlements.integrations.stripe.invoice_items import smallest
from entitlements.models import BillingFinding
from entitlements.queries.billed.invoice_items import standings
from entitlements.queries.billed.payers import Payer
from journal.actions.connections import turn_off
from journal.domain.actor import SYSTEM
from journal.integrations.delivery import deliver
from journal.models import Outbound
from tests.entitlements.integrations.stripe.conftest import only_account
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def bought(shop):
    made = shop.buy(shop.customer())
    shop.deliver()
    return made


def promised(shop, bought, **more):
    told = {"name": "work:17", "description": "Seal ring", "micros": 80_000_000, "currency": "EUR", **more}
    payer = Payer(shop.connection, told.pop("customer", bought.customer))
    return promise_invoice_item(payer=payer, account=only_account(), at=AT, **told)


def take_off(at=AT):
    return take_off_invoice(name="work:17", reason="The wrong pump", at=at)


def go(clock, at=AT):
    clock.move_to(at)
    return deliver(clock=lambda: at, jitter=lambda: 0.0)


def there(shop):
    return shop.stripe.v1.invoice_items.list().data


def asked(shop, method, path="/v1/invoiceitems"):
    return [one for one in shop.fake.requests if one.method == method and one.path == path]


def stands():
    return standings(["work:17"])["work:17"].words


def test_it_waits_for_the_next_invoice_under_our_name(shop, bought, clock):
    row = promised(shop, bought)
    assert stands() == "Waits to be told to Stripe"
    go(clock)
    (item,) = there(shop)
    assert (item.amount, item.currency, item.description, item.customer) == (8000, "eur", "Seal ring", bought.customer)
    assert (item.metadata["desk_item"], item.metadata["desk_name"]) == (str(row.message_id), "work:17")
    assert stands() == "On the next invoice of Stripe"
    assert not BillingFinding.objects.exists()


@pytest.mark.parametrize("kind", ["500_after", "timeout", "reset"])
@pytest.mark.parametrize("later", [MINUTE, 2 * DAY])
def test_broken_off_it_is_there_once_however_late_it_is_tried_again(shop, bought, clock, kind, later):
    promised(shop, bought)
    shop.fake.inject(kind, next=1, path="/v1/invoiceitems", method="POST", seconds=0.0)
    go(clock)
    assert stands() == "Not taken by Stripe yet; tried again"
    shop.fake.advance(seconds=later.total_seconds())
    go(clock, AT + later)
    assert len(there(shop)) == 1
    assert stands() == "On the next invoice of Stripe"
    assert len(asked(shop, "POST")) == (2 if kind == "reset" else 1), "it looked, and wrote no second time"


def test_sent_again_by_a_person_it_is_there_once(shop, bought, clock):
    promised(shop, bought)
    go(clock)
    shop.fake.advance(days=2)
    Outbound.objects.filter(kind="billing").update(state="pending", sent_at=None)
    go(clock, AT + 2 * DAY)
    assert len(there(shop)) == 1


def test_who_looked_at_the_same_time_writes_under_the_same_key(shop, bought, clock):
    promised(shop, bought)
    shop.fake.inject("slow", next=1, path="/v1/invoiceitems", method="GET", seconds=0.0)
    go(clock)
    (first,) = asked(shop, "POST")
    assert first.headers["idempotency-key"] == f"desk-{Outbound.objects.get(kind='billing').message_id}-0"


def test_a_key_that_a_refusal_used_up_is_followed_by_the_next(shop, bought, clock):
    shop.stripe.v1.customers.delete(bought.customer)
    row = promised(shop, bought)
    key = f"desk-{row.message_id}-0"
    shop.fake.inject("500_after", next=1, path="/v1/invoiceitems", method="POST")
    other = shop.customer("bo@acme.example")
    Outbound.objects.filter(pk=row.pk).update(payload={**row.payload, "customer": other})
    go(clock)
    (item,) = there(shop)
    shop.stripe.v1.invoice_items.delete(item.id)  # as if the failure had been before the writing
    go(clock, AT + MINUTE)
    assert [one.headers["idempotency-key"][-2:] for one in asked(shop, "POST")] == ["-0", "-0", "-1"]
    assert len(there(shop)) == 1
    assert key.endswith("-0")


def test_what_stripe_refuses_is_a_finding_until_it_takes_it(shop, bought, clock):
    promised(shop, bought, currency="USD")
    go(clock)
    (finding,) = BillingFinding.objects.filter(kind="push")
    assert (finding.state, finding.about, finding.billing_id) == ("open", "add_invoice_item", "work:17")
    assert "bills the customer in EUR, not in USD" in finding.words
    assert standings(["work:17"])["work:17"].detail == "Stripe bills the customer in EUR, not in USD. Bill it by hand."
    assert there(shop) == []


def test_a_customer_who_is_gone_is_refused(shop, bought, clock):
    shop.stripe.v1.customers.delete(bought.customer)
    promised(shop, bought)
    go(clock)
    assert "removed at Stripe" in standings(["work:17"])["work:17"].detail


def test_withdrawn_before_it_was_told_it_never_is(shop, bought, clock):
    promised(shop, bought)
    take_off()
    go(clock)
    assert asked(shop, "POST") == []
    assert stands() == "On no invoice of Stripe"


def test_withdrawn_while_it_waits_it_is_deleted(shop, bought, clock):
    promised(shop, bought)
    go(clock)
    take_off()
    assert stands() == "Waits to be taken off the next invoice of Stripe"
    go(clock)
    assert there(shop) == []
    assert stands() == "On no invoice of Stripe"


def test_withdrawn_after_a_failure_that_wrote_it_is_deleted(shop, bought, clock):
    promised(shop, bought)
    shop.fake.inject("500_after", next=1, path="/v1/invoiceitems", method="POST")
    go(clock)
    take_off()
    go(clock, AT + MINUTE)
    assert there(shop) == []
    assert not Outbound.objects.filter(kind="billing").exclude(state="sent").exists()


def test_withdrawn_once_it_was_invoiced_a_person_is_told(shop, bought, clock):
    promised(shop, bought)
    go(clock)
    shop.fake.advance(days=32)
    later = AT + timedelta(days=32)
    (item,) = there(shop)
    assert shop.stripe.v1.invoices.retrieve(item.invoice).total == 9000
    take_off(later)
    go(clock, later)
    (finding,) = BillingFinding.objects.filter(kind="push")
    assert (finding.state, finding.about) == ("open", "invoiced")
    assert f"the invoice {item.invoice} already" in finding.words
    assert stands() == "Withdrawn too late"
    assert [one.id for one in there(shop)] == [item.id]


def test_what_was_promised_to_a_connection_that_is_off_is_never_taken_for_told(shop, bought, clock):
    promised(shop, bought)
    turn_off(connection=shop.connection, reason="Moved", by=SYSTEM, at=AT)
    go(clock)
    row = Outbound.objects.get(kind="billing")
    assert row.state == "pending"
    assert "turned off" in row.last_error


@pytest.mark.parametrize(
    ("micros", "currency", "said"),
    [(12_340_000, "EUR", 1234), (500_000_000, "JPY", 500), (5_120_000, "KWD", 5120), (5_000_000, "ISK", 500),
     (5_000_000, "UGX", 500), (7_000_000, "MGA", 7)],
)  # fmt: skip
def test_a_sum_is_said_in_stripes_smallest_unit(micros, currency, said):
    assert smallest(micros, currency) == said


@pytest.mark.parametrize(("micros", "currency"), [(5_124_000, "KWD"), (500_000, "MGA"), (1_500_000, "ISK"), (1, "EUR")])
def test_what_stripe_cannot_say_is_not_rounded(micros, currency):
    with pytest.raises(Declined, match="as fine as that"):
        smallest(micros, currency)
