"""Another plan, leaving and staying, and what is planned: what is gained and lost is seen before the button."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.domain.values import BelowUse
from entitlements import in_use
from entitlements.actions.lifecycle import cancel
from entitlements.actions.plan_changes import change_plan
from entitlements.domain.timing import ChangeSort, Proration, Timing
from entitlements.models import Subscription, SubscriptionChange, SubscriptionPhase
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.catalog.factories import FeatureRevisionFactory, MarketFactory, MarketWindowFactory
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.filling import opened, send
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, DAY, EPOCH, GB, account, answer, value

pytestmark = pytest.mark.django_db
CHANGE, CANCEL, KEEP = (("subscription_" + name, "acme", 1) for name in ("change", "cancel", "keep"))
RENEWAL = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
IN_MAY = datetime(2026, 5, 10, 22, 0, tzinfo=UTC)  # 11 May in Amsterdam


def planned(acme: Customer, **more: Any) -> SubscriptionChange:
    told = {"plan": acme.catalog.free, "timing": Timing.AT_RENEWAL, "by": SYSTEM, "at": AT - DAY} | more
    return change_plan(subscription=acme.subscription, **told)


def cancelled(acme: Customer, **more: Any) -> SubscriptionChange:
    told = {"timing": Timing.AT_RENEWAL, "reason": "Too dear", "by": SYSTEM, "at": AT - DAY} | more
    return cancel(subscription=acme.subscription, **told)


# Another plan


def test_the_plans_on_sale_say_whether_they_give_more_or_less(sales_desk: Client, acme: Customer) -> None:
    said = text_of(sales_desk.get(url(*CHANGE)))
    assert "Free: No price yet · ↓ gives less" in said
    assert "Team: No price yet · what they have now" in said
    assert "At the next renewal, 20 March 2026 10:00 (Amsterdam)" in said


def test_what_another_plan_takes_is_shown_and_nothing_is_written(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk, CHANGE, plan="free"))
    assert "Team → Free" in said
    assert "From now on: what changes for Acme Feature Now Then" in said
    assert "Storage 100 GB 1 GB less" in said
    assert not SubscriptionChange.objects.exists()


def test_now_it_changes_now(sales_desk: Client, acme: Customer) -> None:
    given = {"plan": "free", "proration": Proration.CREDIT.value, "reason": "They shrink"}
    response = send(sales_desk, CHANGE, "confirm", **given)
    assert response.url == url_of_subscriptions()
    assert value(acme.account, "storage", AT) == 1 * GB
    row = SubscriptionChange.objects.get()
    assert (row.sort, row.proration, row.reason) == (ChangeSort.PLAN, Proration.CREDIT, "They shrink")


def url_of_subscriptions() -> str:
    return "/admin/account/acme/subscriptions/"


def test_at_the_renewal_it_waits_and_is_listed(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk, CHANGE, plan="free", timing="at_renewal"))
    assert "From 20 March 2026 10:00 (Amsterdam) on: what changes for Acme Feature Otherwise Then" in said
    send(sales_desk, CHANGE, "confirm", plan="free", timing="at_renewal")
    assert [value(acme.account, "storage", at) for at in (AT, RENEWAL)] == [100 * GB, 1 * GB]
    page = text_of(sales_desk.get(url_of_subscriptions()))
    assert "Another plan: Team → Free 20 March 2026 10:00 (Amsterdam), in 18 days" in page


def test_on_a_day_it_begins_with_that_day_where_the_customer_is(sales_desk: Client, acme: Customer) -> None:
    given = {"plan": "free", "timing": "on_date", "on": "2026-05-11"}
    assert "From 11 May 2026 (Amsterdam)" in text_of(send(sales_desk, CHANGE, **given))
    send(sales_desk, CHANGE, "confirm", **given)
    assert SubscriptionChange.objects.get().effective_at == IN_MAY


def test_another_quantity_of_the_same_plan_is_a_change_too(sales_desk: Client, acme: Customer) -> None:
    assert "Team → 3 × Team" in text_of(send(sales_desk, CHANGE, plan="team", quantity="3"))
    send(sales_desk, CHANGE, "confirm", plan="team", quantity="3", interval="year")
    item = Subscription.objects.get().items.latest("pk")
    assert (item.quantity, item.interval) == (3, "year")


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"plan": ""}, "plan", "Choose a plan"),
        ({"plan": "nothing"}, "plan", "valid choice"),
        ({"quantity": "0"}, "quantity", "whole number from 1 to 1,000,000"),
        ({"timing": "on_date"}, "on", "Say which day"),
        ({"timing": "on_date", "on": "2026-03-01"}, "on", "has passed"),
        ({"timing": "on_date", "on": "2999-01-01"}, "on", "can't be meant"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    sales_desk: Client, acme: Customer, given: dict[str, str], field: str, words: str
) -> None:
    response = send(sales_desk, CHANGE, **({"plan": "free"} | given))
    assert response.status_code == 422
    assert words in complaints(response)[field][0]


def test_what_would_be_refused_is_said_before_the_button(sales_desk: Client, acme: Customer) -> None:
    planned(acme)
    response = send(sales_desk, CHANGE, plan="free", quantity="2")
    assert "is planned for 20 March 2026 10:00 (Amsterdam) already" in text_of(response)
    assert 'value="confirm"' not in response.content.decode()


def test_a_plan_that_is_not_sold_there_is_not_offered(sales_desk: Client, acme: Customer) -> None:
    for plan in (acme.catalog.free, acme.catalog.team):
        MarketWindowFactory(plan=plan, market=MarketFactory())
    assert "No plan is on sale in this customer’s market" in text_of(sales_desk.get(url(*CHANGE)))


@pytest.fixture
def seats_in_use() -> Any:
    def source(accounts: Any, *, at: datetime) -> dict[int, dict[str, Decimal]]:
        return {account: {"seats": Decimal(8)} for account in accounts}

    in_use.register(source)
    yield
    in_use.forget(source)


def test_what_would_be_over_is_said(sales_desk: Client, acme: Customer, seats_in_use: None) -> None:
    said = text_of(send(sales_desk, CHANGE, plan="free"))
    assert "More is in use than there will be." in said
    assert "Seats: 8 in use, 2 from then on. It is allowed" in said


def test_a_rule_may_forbid_it(sales_desk: Client, acme: Customer, seats_in_use: None) -> None:
    FeatureRevisionFactory(feature=acme.catalog.seats, below_use=BelowUse.REFUSE, effective_at=EPOCH)
    response = send(sales_desk, CHANGE, plan="free")
    assert "This feature’s rule forbids it" in text_of(response)
    assert 'value="confirm"' not in response.content.decode()
    assert complaints(send(sales_desk, CHANGE, "confirm", plan="free"))[""]
    assert not SubscriptionChange.objects.exists()


# Leaving, and staying after all


def test_leaving_at_the_renewal_is_offered_first(sales_desk: Client, acme: Customer) -> None:
    assert opened(sales_desk, CANCEL)["timing"] == "at_renewal"
    said = text_of(send(sales_desk, CANCEL, reason="Too dear"))
    assert "Cancelled as of 20 March 2026 10:00 (Amsterdam) Access afterwards none" in said
    assert "Storage 100 GB not included less" in said


def test_days_of_access_afterwards_are_shown_apart(sales_desk: Client, acme: Customer) -> None:
    given = {"reason": "Too dear", "keep_days": "10", "timing": "on_date", "on": "2026-03-31"}
    said = text_of(send(sales_desk, CANCEL, **given))
    assert "Access afterwards 10 days, through 10 April 2026 (Amsterdam)" in said
    assert "From 1 April 2026 (Amsterdam) on Nothing is different for the customer." in said
    assert "From 11 April 2026 (Amsterdam) on: what changes for Acme Feature Otherwise Then" in said
    send(sales_desk, CANCEL, "confirm", **given)
    row = SubscriptionPhase.objects.get()
    assert [i.isoformat() for i in (row.starts_at, row.ends_at)] == [
        "2026-03-31T22:00:00+00:00",
        "2026-04-10T22:00:00+00:00",
    ]


def test_now_it_ends_now(sales_desk: Client, acme: Customer) -> None:
    said = text_of(send(sales_desk, CANCEL, timing="now", reason="Fraud"))
    assert "takes the cancellation back" not in said
    send(sales_desk, CANCEL, "confirm", timing="now", reason="Fraud")
    assert not answer(acme.account, "storage", AT).granted
    assert AuditEvent.objects.get(verb="subscription:cancel").reason == "Fraud"


def test_a_trial_is_left_at_its_end(sales_desk: Client, tried: Customer) -> None:
    where = ("subscription_cancel", "tried", 1)
    assert "At the end of the trial, 6 March 2026 10:00 (Amsterdam)" in text_of(sales_desk.get(url(*where)))


def test_why_they_leave_is_asked(sales_desk: Client, acme: Customer) -> None:
    assert "Give a reason" in complaints(send(sales_desk, CANCEL, reason=""))["reason"][0]


def test_cancelled_already_it_leads_back(sales_desk: Client, acme: Customer) -> None:
    cancelled(acme)
    page = sales_desk.get(url(*CANCEL), follow=True).content.decode()
    assert "cancelled already, as of 20 March 2026 10:00 (Amsterdam)" in page


def test_they_stay_after_all(sales_desk: Client, acme: Customer) -> None:
    cancelled(acme)
    said = text_of(sales_desk.get(url(*KEEP)))
    assert "Cancelled as of 20 March 2026 10:00 (Amsterdam) It then runs on, until somebody ends it" in said
    send(sales_desk, KEEP, "confirm", reason="A better price")
    assert Subscription.objects.get().ends_at is None
    assert answer(acme.account, "storage", RENEWAL).granted
    assert "is not cancelled" in sales_desk.get(url(*KEEP), follow=True).content.decode()


# What is planned


def test_a_change_to_come_is_moved(sales_desk: Client, acme: Customer) -> None:
    where = ("change_move", "acme", planned(acme).pk)
    said = text_of(send(sales_desk, where, on="2026-05-11"))
    assert "Before 20 March 2026 10:00 (Amsterdam) It becomes 11 May 2026 (Amsterdam)" in said
    assert "It no longer follows the renewal" in said
    send(sales_desk, where, "confirm", on="2026-05-11")
    assert SubscriptionChange.objects.get().effective_at == IN_MAY
    assert [value(acme.account, "storage", at) for at in (RENEWAL, IN_MAY)] == [100 * GB, 1 * GB]


def test_a_cancellation_is_moved_to_a_last_day(sales_desk: Client, acme: Customer) -> None:
    where = ("change_move", "acme", cancelled(acme).pk)
    send(sales_desk, where, "confirm", on="2026-05-10")
    assert Subscription.objects.get().ends_at == IN_MAY


@pytest.mark.parametrize(("on", "words"), [("", "Say which day"), ("2026-03-01", "has passed"), ("x", "valid date")])
def test_a_day_that_cannot_be_is_said_beside_it(sales_desk: Client, acme: Customer, on: str, words: str) -> None:
    where = ("change_move", "acme", planned(acme).pk)
    assert words in complaints(send(sales_desk, where, on=on))["on"][0]


def test_a_change_to_come_is_called_off(sales_desk: Client, acme: Customer) -> None:
    where = ("change_cancel", "acme", planned(acme, reason="They shrink").pk)
    assert "Because They shrink" in text_of(sales_desk.get(url(*where)))
    send(sales_desk, where, "confirm", reason="They grow")
    assert SubscriptionChange.objects.get().cancelled_at == AT
    assert value(acme.account, "storage", RENEWAL) == 100 * GB
    assert "was called off already" in sales_desk.get(url(*where), follow=True).content.decode()


def test_moved_in_another_tab_it_is_not_called_off_unseen(sales_desk: Client, acme: Customer) -> None:
    where = ("change_cancel", "acme", planned(acme).pk)
    stale = opened(sales_desk, where)
    send(sales_desk, ("change_move", *where[1:]), "confirm", on="2026-05-11")
    response = sales_desk.post(url(*where), {**stale, "step": "confirm"})
    assert "Look again" in complaints(response)[""][0]
    assert SubscriptionChange.objects.get().cancelled_at is None


# Whose it is


def test_what_belongs_to_another_account_is_not_found(sales_desk: Client, acme: Customer) -> None:
    pk = planned(acme).pk
    account("other")
    for where in (("change_move", "other", pk), ("change_cancel", "other", pk), ("subscription_change", "other", 1)):
        assert sales_desk.get(url(*where)).status_code == 404
        assert sales_desk.post(url(*where), {"step": "confirm"}).status_code == 404


@pytest.mark.parametrize("role", ["finance", "support", "auditor"])
def test_other_roles_change_nothing(sign_in: Any, acme: Customer, role: str) -> None:
    desk, pk = sign_in(role), planned(acme).pk
    for where in (CHANGE, CANCEL, KEEP, ("change_move", "acme", pk), ("change_cancel", "acme", pk)):
        assert desk.post(url(*where), {"step": "confirm"}).status_code == 403
