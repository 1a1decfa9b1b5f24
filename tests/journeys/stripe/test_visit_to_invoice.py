"""One case from the visit to the customer's invoice: what the cover doesn't bear is handed over, and Stripe invoices it once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from journal.integrations.delivery import deliver
from journal.models import Connection
from support.actions.cases.opening import open_case
from support.actions.work.planning import plan_visits
from support.actions.work.visits import Used, complete
from support.domain.case_events import Channel
from support.domain.cover_terms import WorkKind
from support.models import Visit, WorkItem
from tests.conftest import AT, actor
from tests.entitlements.admin.reading import text_of
from tests.entitlements.integrations.stripe.conftest import clock, fake, only_account, shop  # noqa: F401
from tests.support.admin.cases.desks import address, reader
from tests.support.factories import SeverityFactory
from tests.support.worked import EURO, maintained

pytestmark = pytest.mark.django_db
MONTH = timedelta(days=32)


@pytest.fixture
def bought(shop: Any) -> Any:  # noqa: F811
    """Acme pays for Team at Stripe, and has a maintenance cover that bears labour and none of the parts."""
    settings = {**shop.connection.settings, "work": "yes"}
    Connection.objects.filter(pk=shop.connection.pk).update(settings=settings)
    made = shop.buy(shop.customer())
    shop.deliver()
    plan_visits(maintained(only_account()), at=AT)
    SeverityFactory(key="normal", name="Normal")
    return made


def a_visit_with_a_part() -> WorkItem:
    """Support opens a case, the technician comes, and a seal ring is used that nothing covers."""
    opened = open_case(
        subject="The pump leaks", severity="normal", opened_at=AT, channel=Channel.PHONE, account=only_account(),
        by=actor("support"), at=AT,
    )  # fmt: skip
    used = [
        Used(WorkKind.LABOUR, "Changed the seal", quantity=45),
        Used(WorkKind.PARTS, "Seal ring", amount_micros=80 * EURO, currency="EUR"),
    ]
    complete(visit=Visit.objects.get(number=1), by=actor("support"), at=AT, done_at=AT, items=used)
    WorkItem.objects.update(case=opened)
    assert WorkItem.objects.get(kind="labour").billing == "covered"
    return WorkItem.objects.get(kind="parts")


def hand_over(item: WorkItem) -> str:
    finance = reader("finance")
    told = {"act": "hand_over", "chosen": [item.pk]}
    asked = text_of(finance.post(address("work"), told))
    assert "€80 for 1 piece of work" in asked
    assert "1 on the next invoice of Stripe" in asked
    assert finance.post(address("work"), {**told, "sure": "hand_over"}).status_code == 302
    return text_of(finance.get(address("work_item", item.pk)))


def go(clock: Any, at: datetime) -> None:  # noqa: F811
    clock.move_to(at)
    deliver(clock=lambda: at, jitter=lambda: 0.0)


def test_what_the_cover_does_not_bear_comes_on_the_next_invoice_once(shop: Any, bought: Any, clock: Any) -> None:  # noqa: F811
    item = a_visit_with_a_part()
    assert "Waits to be told to Stripe" in hand_over(item)
    shop.fake.inject("500_after", next=1, path="/v1/invoiceitems", method="POST")
    go(clock, AT)
    assert "Not taken by Stripe yet; tried again" in text_of(reader("finance").get(address("work_item", item.pk)))
    shop.fake.advance(days=2)
    go(clock, AT + timedelta(days=2))
    page = text_of(reader("finance").get(address("work_item", item.pk)))
    assert "On the next invoice of Stripe" in page
    shop.fake.advance(days=30)
    invoice = shop.stripe.v1.invoices.list({"customer": bought.customer}).data[0]
    lines = [(line.description, line.amount) for line in invoice.lines.data]
    assert lines == [("1 × Team", 1000), ("Part: Seal ring, 1 piece, 2 March 2026", 8000)]
    assert (invoice.amount_due, invoice.status) == (9000, "paid")


def test_taken_back_in_time_the_customer_does_not_pay_it(shop: Any, bought: Any, clock: Any) -> None:  # noqa: F811
    item = a_visit_with_a_part()
    hand_over(item)
    go(clock, AT)
    finance = reader("finance")
    form = finance.get(address("work_item", item.pk)).context["forms"]["withdraw"]
    told = {"act": "withdraw", "withdraw-version_token": form["version_token"].value(), "withdraw-reason": "Our fault."}
    assert finance.post(address("work_item_act", item.pk), told).status_code == 302
    go(clock, AT)
    assert "On no invoice of Stripe" in text_of(finance.get(address("work_item", item.pk)))
    shop.fake.advance(seconds=MONTH.total_seconds())
    invoice = shop.stripe.v1.invoices.list({"customer": bought.customer}).data[0]
    assert invoice.amount_due == 1000


def test_a_program_reads_who_bills_it(shop: Any, bought: Any) -> None:  # noqa: F811
    from support.api.work_render import render_work

    item = a_visit_with_a_part()
    assert render_work(item).billed_by is None
    hand_over(item)
    item.refresh_from_db()
    assert render_work(item).billed_by == "stripe"
    assert item.settled_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
