"""Counters, the events behind them, resets, reservations, and limits of users and agents."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from entitlements.actions.usage.resets import reset_usage
from entitlements.actions.usage.subjects import set_subject_limit
from entitlements.domain.usage.operations import Act
from entitlements.models import Account, Reservation, SubjectLimit, UsageCounter
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.entitlements.admin.filling import opened
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.usage_factories import ReservationFactory, UsageCounterFactory, UsageEventFactory
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def used(world: Metered) -> Account:
    """Acme used 850 of 1,000 calls, of which Ann 3 of her 5; 100 more are held for ten minutes."""
    acme = customer(world)
    limit = {"amount": Decimal(5), "by": SYSTEM, "at": AT - DAY}
    set_subject_limit(account=acme, feature=world.calls, subject="user:ann", **limit)
    use(acme, world.calls, 847, id="big", now=AT)
    use(acme, world.calls, 3, subject="user:ann")
    use(acme, world.calls, 100, act=Act.RESERVE, until=AT + timedelta(minutes=10), subject="agent:7")
    return acme


def counter(**named: Any) -> UsageCounter:
    return UsageCounter.objects.get(**{"subject": "", "choice": "", **named})


def test_every_counter_says_how_far_it_has_come(support_desk: Client, used: Account) -> None:
    said = text_of(support_desk.get(url("account_counters", "acme")))
    assert "API calls 85 %, near the limit 850, 100 held 1,000 50 left" in said
    assert "API calls, user:ann 60 %, fine 3 5 2 left" in said


def test_counters_are_found_by_whose_they_are(support_desk: Client, used: Account) -> None:
    said = text_of(support_desk.get(url("account_counters", "acme"), {"q": "ann"}))
    assert "user:ann" in said
    assert "850" not in said
    assert "No counter fits that" in text_of(support_desk.get(url("account_counters", "acme"), {"q": "nobody"}))


def test_periods_that_are_over_are_asked_for(support_desk: Client, used: Account, world: Metered) -> None:
    begun = AT - 60 * DAY
    UsageCounterFactory(account=used, feature=world.calls, starts_at=begun, ends_at=begun + 30 * DAY, used=77)
    assert "77" not in text_of(support_desk.get(url("account_counters", "acme")))
    assert " 77 as it was then" in text_of(support_desk.get(url("account_counters", "acme"), {"show": "earlier"}))


def test_long_lists_come_by_25(support_desk: Client, used: Account, world: Metered) -> None:
    for number in range(30):
        UsageCounterFactory(account=used, feature=world.mails, subject=f"user:{number:02}", starts_at=AT)
    first = support_desk.get(url("account_counters", "acme"), {"feature": "mails"})
    assert (len(first.context["lines"]), bool(first.context["page"].further)) == (25, True)
    second = support_desk.get(url("account_counters", "acme"), {"feature": "mails", "page": "2"})
    assert (len(second.context["lines"]), second.context["page"].further) == (5, "")


def test_an_account_that_used_nothing_is_told_how_it_begins(support_desk: Client, world: Metered) -> None:
    customer(world, "fresh")
    for page, words in (("account_counters", "Nothing is counted"), ("account_reservations", "was reserved"),
                        ("subject_limits", "may use up what the account has")):  # fmt: skip
        assert words in text_of(support_desk.get(url(page, "fresh")))


def test_the_events_of_a_counter_and_one_by_its_id(support_desk: Client, used: Account) -> None:
    page = url("account_counter", "acme", counter().pk)
    said = text_of(support_desk.get(page))
    assert "847 consumed" in said
    assert "user:ann" in said
    for asked in ({"id": "big"}, {"id": "big", "source": "shop"}):
        assert len(support_desk.get(page, asked).context["events"]) == 1
    assert "has the id “none”" in text_of(support_desk.get(page, {"id": "none"}))


def test_events_are_read_on_from_where_the_page_ended(support_desk: Client, used: Account, world: Metered) -> None:
    for number in range(30):
        UsageEventFactory(account=used, feature=world.calls, at=AT - timedelta(seconds=number // 3))
    page = url("account_counter", "acme", counter().pk)
    first = support_desk.get(page)
    second = support_desk.get(page + first.context["further"])
    seen = [event["row"].pk for response in (first, second) for event in response.context["events"]]
    assert len(seen) == len(set(seen)) == 32
    assert second.context["further"] == ""
    assert support_desk.get(page, {"before": "nonsense"}).status_code == 200


def test_support_resets_with_a_reason_and_sees_what_stays(support_desk: Client, used: Account) -> None:
    where = ("usage_reset", "acme", counter().pk)
    assert "What reservations hold stays held" in text_of(support_desk.get(url(*where)))
    empty = support_desk.post(url(*where), opened(support_desk, where))
    assert complaints(empty)["reason"]
    done = support_desk.post(url(*where), {**opened(support_desk, where), "reason": "Our outage"}, follow=True)
    said = text_of(done)
    assert "starts again at nothing; 850 had been used" in done.content.decode()
    assert "after 850: Our outage" in said
    assert "before the reset: not counted" not in said  # it was reset in the instant of the events
    assert counter().used == 0


def test_a_reset_form_opened_before_another_reset_is_stale(support_desk: Client, used: Account, world: Metered) -> None:
    where = ("usage_reset", "acme", counter().pk)
    form = {**opened(support_desk, where), "reason": "Again"}
    reset_usage(account=used, feature=world.calls, reason="First", by=SYSTEM, at=AT + timedelta(seconds=1))
    refused = support_desk.post(url(*where), form)
    assert refused.status_code == 422
    assert "Look again" in complaints(refused)[""][0]


def test_what_cannot_be_reset_leads_back_with_the_reason(support_desk: Client, used: Account, world: Metered) -> None:
    use(used, world.seats, 2)
    seats = counter(feature=world.seats)
    assert "Reset it" not in text_of(support_desk.get(url("account_counter", "acme", seats.pk)))
    response = support_desk.get(url("usage_reset", "acme", seats.pk), follow=True)
    assert "report what was given back" in response.content.decode()


def test_what_is_held_stands_first_and_is_released_by_hand(support_desk: Client, used: Account) -> None:
    ReservationFactory(account=used, feature=counter().feature, state="committed", settled_at=AT,
                       settled_answer={"quantity": 40})  # fmt: skip
    said = text_of(support_desk.get(url("account_reservations", "acme")))
    assert said.index("held 100 of API calls agent:7") < said.index("committed 1 of API calls came to 40")
    held = Reservation.objects.get(state="held")
    support_desk.post(url("reservation_release", "acme", held.pk), {"reason": "The agent crashed"})
    assert (counter().held, Reservation.objects.get(pk=held.pk).state) == (0, "released")
    assert AuditEvent.objects.get(verb="reservation:release").reason == "The agent crashed"
    again = support_desk.get(url("reservation_release", "acme", held.pk), follow=True)
    assert "holds nothing any more" in again.content.decode()


def test_a_limit_is_set_as_people_say_it(sales_desk: Client, used: Account) -> None:
    where = ("subject_limit_set", "acme")
    told = {"feature": "calls", "subject": "task:9", "amount": "1,500", "lasts": "in_all", "through_on": "2026-03-31",
            "reason": "A trial run"}  # fmt: skip
    done = sales_desk.post(url(*where), {**opened(sales_desk, where), **told}, follow=True)
    words = "1,500 in all from 2 March 2026 09:00 (UTC) to 1 April 2026 (UTC)"
    assert f"task:9 may use {words} of API calls" in done.content.decode()
    row = SubjectLimit.objects.get(subject="task:9")
    form = opened(sales_desk, where, feature="calls", subject="task:9")
    assert (row.amount, form["amount"], form["lasts"], str(form["through_on"])) == (
        1500,
        "1,500",
        "in_all",
        "2026-03-31",
    )


def test_a_limit_that_cannot_be_read_says_so_beside_its_field(sales_desk: Client, used: Account) -> None:
    where = ("subject_limit_set", "acme")
    told = {"feature": "calls", "subject": "user:x", "amount": "lots", "lasts": "each", "reason": "Why not"}
    assert "amount" in complaints(sales_desk.post(url(*where), {**opened(sales_desk, where), **told}))


def test_a_limit_is_lifted_and_nobody_overwrites_the_unseen(sales_desk: Client, used: Account) -> None:
    row = SubjectLimit.objects.get()
    lift = ("subject_limit_lift", "acme", row.pk)
    stale = opened(sales_desk, lift)
    set_subject_limit(account=used, feature=row.feature, subject=row.subject, amount=Decimal(9), by=SYSTEM, at=AT)
    assert "Look again" in complaints(sales_desk.post(url(*lift), {**stale, "reason": "x"}))[""][0]
    sales_desk.post(url(*lift), {**opened(sales_desk, lift), "reason": "Asked for it"})
    assert not SubjectLimit.objects.exists()


@pytest.mark.parametrize("page", ["account_counter", "usage_reset"])
def test_a_counter_of_another_customer_is_not_found(
    support_desk: Client, used: Account, world: Metered, page: str
) -> None:
    other = customer(world, "beta")
    use(other, world.calls, 1)
    assert support_desk.get(url(page, "acme", counter(account=other).pk)).status_code == 404
