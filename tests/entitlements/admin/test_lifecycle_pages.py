"""Payments that fail and come, pauses and resumption: what each leads to is seen before the button."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from entitlements.actions.lifecycle import fail_payment, pause
from entitlements.domain.facts import Phase
from entitlements.models import SubscriptionPhase
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.catalog.factories import EPOCH, PlanVersionFactory, publish_now
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.filling import opened, send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, DAY, GB, account, answer, subscribed, term, value

pytestmark = pytest.mark.django_db
FAILED, CAME = ("payment_failed", "acme", 1), ("payment_came", "acme", 1)
PAUSE, RESUME = ("subscription_pause", "acme", 1), ("subscription_resume", "acme", 1)


def unpaid(acme: Customer, days: int = 14, **more: Any) -> SubscriptionPhase:
    told = {"by": SYSTEM, "at": AT - DAY} | more
    return fail_payment(subscription=acme.subscription, grace_days=days, **told)


# A payment failed


def test_it_says_how_long_grace_is_and_what_follows(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk, FAILED))
    assert "Grace until 16 Mar 2026 10:00 (Amsterdam), for 14 days" in said
    assert "From now on, in grace Everything stays as it is." in said
    closed = said.partition("From 16 March 2026 10:00 (Amsterdam) on, if nobody has paid")[2]
    assert "Storage 100 GB not included less" in closed
    assert not SubscriptionPhase.objects.exists()


def test_what_grace_reduces_is_shown(sales_desk: Client, acme: Customer) -> None:
    storage, draft = acme.catalog.storage, PlanVersionFactory(plan=acme.catalog.team)
    for row in (term(draft, storage, 100 * GB), term(draft, storage, 5 * GB, phase=Phase.GRACE)):
        keep(row, deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft, at=AT - 2 * DAY)
    said = text_of(send(sales_desk, FAILED))
    assert "Storage 100 GB 5 GB less" in said.partition("From now on, in grace")[2]


def test_the_days_are_the_plans_own_and_may_be_others(sales_desk: Client, acme: Customer) -> None:
    assert opened(sales_desk, FAILED)["grace_days"] == 14
    assert "until 5 Mar 2026 10:00 (Amsterdam), for 3 days" in text_of(send(sales_desk, FAILED, grace_days="3"))


def test_then_it_is_in_grace(finance_desk: Client, acme: Customer) -> None:
    response = send(finance_desk, FAILED, "confirm", grace_days="3", reason="Card declined")
    assert response.status_code == 302
    assert SubscriptionPhase.objects.get().ends_at == AT + 3 * DAY
    assert AuditEvent.objects.get(verb="grace:begin").reason == "Card declined"
    assert value(acme.account, "storage", AT + 2 * DAY) == 100 * GB
    assert not answer(acme.account, "storage", AT + 3 * DAY).granted


def test_no_grace_at_all_closes_it_at_once(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk, FAILED, grace_days="0"))
    assert "none: it gives nothing from now on" in said
    assert "From now on, until somebody has paid" in said
    assert "in grace" not in said.partition("From now on")[0]
    send(sales_desk, FAILED, "confirm", grace_days="0")
    assert not answer(acme.account, "storage", AT).granted


@pytest.mark.parametrize("typed", ["-1", "366", "soon", ""])
def test_a_length_that_cannot_be_is_said_beside_its_field(sales_desk: Client, acme: Customer, typed: str) -> None:
    response = send(sales_desk, FAILED, grace_days=typed)
    assert response.status_code == 422
    assert complaints(response)["grace_days"]


def test_the_other_subscription_stays_as_it_is(sales_desk: Client, acme: Customer) -> None:
    assert "other subscriptions" not in text_of(send(sales_desk, FAILED))
    subscribed(acme.account, acme.catalog.free)
    assert "What other subscriptions of this customer give stays as it is." in text_of(send(sales_desk, FAILED))


def test_failed_already_there_is_nothing_to_record(sales_desk: Client, acme: Customer) -> None:
    unpaid(acme)
    response = sales_desk.get(url(*FAILED), follow=True)
    assert "no failed payment can be recorded" in response.content.decode()


# Payment came


def test_before_the_grace_is_over_nothing_was_reduced(sales_desk: Client, acme: Customer) -> None:
    unpaid(acme)
    said = text_of(sales_desk.get(url(*CAME)))
    assert "In grace since 1 March 2026 10:00 (Amsterdam)" in said
    assert "Everything stays as it is: nothing was reduced." in said


def test_after_it_everything_comes_back_and_the_gap_stays(finance_desk: Client, acme: Customer) -> None:
    unpaid(acme, 3, at=AT - 5 * DAY)
    said = text_of(finance_desk.get(url(*CAME)))
    assert "Storage not included 100 GB more" in said
    assert "stays a gap" in said
    send(finance_desk, CAME, "confirm")
    assert answer(acme.account, "storage", AT).granted
    assert not answer(acme.account, "storage", AT - DAY).granted


def test_where_nothing_is_owed_nothing_can_come(sales_desk: Client, acme: Customer) -> None:
    response = sales_desk.get(url(*CAME), follow=True)
    assert "there is no payment to wait for" in response.content.decode()


# Pause and resume


def test_a_pause_through_a_day_says_what_is_lost_meanwhile(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk, PAUSE, through="2026-03-22", reason="Holidays"))
    assert "Paused through 22 March 2026 (Amsterdam), for 21 days" in said
    assert "It goes on by itself as it was." in said
    send(sales_desk, PAUSE, "confirm", through="2026-03-22", reason="Holidays")
    row = SubscriptionPhase.objects.get()
    assert (row.phase, row.ends_at.isoformat()) == (Phase.PAUSED, "2026-03-22T23:00:00+00:00")


def test_an_open_pause_lasts_until_somebody_resumes_it(sales_desk: Client, acme: Customer) -> None:
    assert "Paused until somebody resumes it" in text_of(send(sales_desk, PAUSE, reason="Holidays"))
    send(sales_desk, PAUSE, "confirm", reason="Holidays")
    said = text_of(sales_desk.get(url(*RESUME)))
    assert "Otherwise until somebody resumes it" in said
    send(sales_desk, RESUME, "confirm")
    assert SubscriptionPhase.objects.get().ends_at == AT


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"through": "2026-03-01"}, "through", "has passed"),
        ({"through": "2999-01-01"}, "through", "can't be meant"),
        ({"reason": ""}, "reason", "Give a reason"),
    ],
)
def test_a_pause_that_cannot_be_is_said_beside_its_field(
    sales_desk: Client, acme: Customer, given: dict[str, str], field: str, words: str
) -> None:
    response = send(sales_desk, PAUSE, **({"reason": "Holidays"} | given))
    assert response.status_code == 422
    assert words in complaints(response)[field][0]


# What all of them have in common


def test_pressed_in_a_stale_tab_it_is_refused_and_shown_anew(sales_desk: Client, acme: Customer) -> None:
    stale = opened(sales_desk, PAUSE)
    unpaid(acme)
    response = sales_desk.post(url(*PAUSE), {**stale, "reason": "Holidays", "step": "confirm"})
    assert "it now is in grace after a failed payment. Look again." in complaints(response)[""][0]
    assert not SubscriptionPhase.objects.filter(phase=Phase.PAUSED).exists()


def test_what_time_alone_has_changed_makes_a_tab_stale_too(sales_desk: Client, acme: Customer) -> None:
    unpaid(acme, 1, at=AT - DAY * 23 / 24)
    stale = opened(sales_desk, CAME)
    with time_machine.travel(AT + DAY / 12, tick=False):
        response = sales_desk.post(url(*CAME), {**stale, "step": "confirm"})
    assert "was not paid within its grace. Look again." in complaints(response)[""][0]
    assert SubscriptionPhase.objects.get().restored_at is None


def test_pressed_twice_it_is_recorded_once(sales_desk: Client, acme: Customer) -> None:
    given = {**opened(sales_desk, FAILED), "step": "confirm"}
    sales_desk.post(url(*FAILED), given)
    assert complaints(sales_desk.post(url(*FAILED), given))[""]
    assert SubscriptionPhase.objects.count() == 1


def test_another_customers_subscription_is_not_found(sales_desk: Client, acme: Customer) -> None:
    account("other")
    for name, _key, number in (FAILED, CAME, PAUSE, RESUME):
        assert sales_desk.get(url(name, "other", number)).status_code == 404


@pytest.mark.parametrize("role", ["support", "auditor"])
def test_support_only_reads(sign_in: Any, acme: Customer, role: str) -> None:
    desk = sign_in(role)
    for where in (FAILED, CAME, PAUSE, RESUME):
        assert desk.get(url(*where)).status_code == 403
        assert desk.post(url(*where), {"step": "confirm"}).status_code == 403


def test_finance_records_payments_but_sells_nothing(finance_desk: Client, acme: Customer) -> None:
    assert finance_desk.get(url(*FAILED)).status_code == 200
    assert finance_desk.post(url(*PAUSE), {"step": "confirm"}).status_code == 403


def test_what_the_state_forbids_leads_back_with_the_reason(sales_desk: Client, acme: Customer) -> None:
    pause(subscription=acme.subscription, by=SYSTEM, at=AT - DAY)
    response = sales_desk.get(url(*PAUSE), follow=True)
    assert "is paused, so it can&#x27;t be paused" in response.content.decode()
