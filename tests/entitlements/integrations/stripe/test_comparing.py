"""A whole comparison as long work: it waits while Stripe is away, goes on after it was killed, and invents nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from entitlements.actions.accounts import set_standing
from entitlements.actions.billed.after_runs import MEND
from entitlements.actions.billed.findings import PERMISSION
from entitlements.actions.billed.runs import start_drift, start_looking, start_nightly, start_taking
from entitlements.domain.facts import Standing
from entitlements.integrations.stripe import comparing
from entitlements.integrations.stripe.client import LONGEST_REST
from entitlements.integrations.stripe.following import follow_subscription
from entitlements.models import BillingFinding, Subscription, SubscriptionItem
from entitlements.queries.billed.runs import found_by, last_run, running
from entitlements.tasks import compare_billed
from journal.actions import jobs
from journal.actions.connections import pause as pause_connection
from journal.actions.working import LEASE, claim, step, work_off
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import Connection, ConnectionSecret, Job, Notice
from journal.vault import seal
from tests.catalog.factories import BillingLinkFactory, PlanFactory
from tests.entitlements.integrations.stripe.conftest import Shop
from tests.entitlements.world import AT, publish_plan
from tests.journal.factories import ConnectionFactory, StaffFactory

pytestmark = pytest.mark.django_db
LATER = AT + LEASE + timedelta(seconds=1)


@pytest.fixture
def bought(shop: Shop) -> list[str]:
    """Five, each of a customer of its own, followed."""
    ids = [str(shop.buy(shop.customer(f"{n}@acme.example", f"Acme {n}"), 2).id) for n in range(5)]
    for id in ids:
        follow_subscription(shop.connection, id, at=AT)
    shop.told()
    return ids


def here(id: str, quantity: int = 9) -> None:
    SubscriptionItem.objects.filter(subscription__billing_id=id).update(quantity=quantity)


def differ() -> set[str]:
    return set(BillingFinding.objects.filter(state="open", kind="drift").values_list("billing_id", flat=True))


def begun(shop: Shop, *, at: datetime = AT, **more: Any) -> Job:
    return start_drift(connection=shop.connection, by=SYSTEM, at=at, **more)


def done(job: Job, at: Any = AT) -> Job:
    work_off(at=at)
    job.refresh_from_db()
    return job


def steps(number: int, at: Any = AT) -> None:
    """So many steps of the job, and then its worker is killed: nobody lets it go."""
    job = claim(at=at)
    assert job is not None
    for _ in range(number):
        assert step(job, at=at)


# What is found ----------------------------------------------------------------------------------------------------
def test_where_nothing_differs_nothing_is_found(shop: Shop, bought: list[str]) -> None:
    found = found_by(done(begun(shop)))
    assert (found.looked, found.differ, differ()) == (5, 0, set())


def test_what_differs_is_found_and_nothing_else(shop: Shop, bought: list[str]) -> None:
    here(bought[1])
    job = done(begun(shop))
    assert (job.state, differ()) == ("done", {bought[1]})
    found = found_by(job)
    assert (found.looked, found.differ, found.new, found.at) == (5, 1, 1, AT)
    assert last_run(shop.connection) == job


def test_who_was_closed_and_is_charged_all_the_same_is_found_and_settled(shop: Shop, bought: list[str]) -> None:
    account = Subscription.objects.get(billing_id=bought[2]).account
    for number, standing, state in ((0, Standing.CLOSED, "open"), (1, Standing.OPEN, "mended")):
        then = AT + timedelta(hours=number)
        set_standing(account=account, standing=standing, reason="Asked for", by=SYSTEM, at=then)
        done(begun(shop, at=then), at=then)
        finding = BillingFinding.objects.get()
        assert (finding.kind, finding.billing_id, finding.state) == ("charged", bought[2], state)


def test_what_was_never_heard_of_is_found(shop: Shop, bought: list[str]) -> None:
    id = str(shop.buy(shop.customer("new@acme.example")).id)
    assert (found_by(done(begun(shop))).missing, differ()) == (1, {id})
    assert not Subscription.objects.filter(billing_id=id).exists()


def test_what_is_not_listed_any_more_is_found(shop: Shop, bought: list[str]) -> None:
    del shop.fake.state.tables["subscription"][bought[0]]
    assert (found_by(done(begun(shop))).gone, differ()) == (1, {bought[0]})


def test_what_another_connection_bills_is_none_of_its_business(shop: Shop, bought: list[str]) -> None:
    with_nothing = ConnectionFactory(vendor="stripe")
    assert not comparing.held_there(with_nothing, at=AT, after=0, most=9)
    assert len(comparing.held_there(shop.connection, at=AT, after=0, most=9)) == 5


def test_a_page_is_one_question(shop: Shop, bought: list[str]) -> None:
    job, asked = begun(shop), len(shop.fake.requests)
    done(job)
    assert [one.path for one in shop.fake.requests[asked:]].count("/v1/subscriptions") == 1
    assert not [one for one in shop.fake.requests[asked:] if one.path.startswith("/v1/subscriptions/")]


def test_what_a_schedule_brings_is_compared_too(shop: Shop, bought: list[str]) -> None:
    schedule = shop.stripe.v1.subscription_schedules.create({"from_subscription": bought[2]})
    phase = schedule.phases[0]
    now = {
        "items": [{"price": shop.monthly, "quantity": 2}],
        "start_date": phase.start_date,
        "end_date": phase.end_date,
    }
    then = {"items": [{"price": shop.yearly, "quantity": 2}], "duration": {"interval": "year", "interval_count": 1}}
    shop.stripe.v1.subscription_schedules.update(schedule.id, {"phases": [now, then]})
    done(begun(shop))
    assert differ() == {bought[2]}
    follow_subscription(shop.connection, bought[2], at=AT)
    done(begun(shop))
    assert differ() == set()


def test_messages_that_never_came_are_fetched(shop: Shop, bought: list[str]) -> None:
    shop.stripe.v1.customers.update(shop.customer(), {"description": "Something happened"})
    assert found_by(done(begun(shop))).missed > 0


# Beside what else happens -----------------------------------------------------------------------------------------
def test_what_a_message_mended_meanwhile_is_not_found(shop: Shop, bought: list[str]) -> None:
    """The page was older than the message: it is asked again."""
    line = shop.stripe.v1.subscriptions.retrieve(bought[0])["items"].data[0].id
    shop.stripe.v1.subscriptions.update(bought[0], {"items": [{"id": line, "quantity": 7}]})
    job = begun(shop)
    steps(2)
    assert job.items.filter(key=f"one:{bought[0]}").exists()
    follow_subscription(shop.connection, bought[0], at=AT)
    assert (done(job, LATER).state, differ()) == ("done", set())


@pytest.mark.parametrize("killed_after", [1, 2, 3, 4])
def test_killed_it_goes_on_where_it_was(shop: Shop, bought: list[str], killed_after: int) -> None:
    for id in bought[:2]:
        here(id)
    job = begun(shop)
    steps(killed_after)
    assert claim(at=AT) is None
    job = done(job, LATER)
    assert (job.state, differ(), found_by(job).looked) == ("done", set(bought[:2]), 5)


def test_paused_it_stops_and_let_go_on_it_goes_on(shop: Shop, bought: list[str]) -> None:
    here(bought[0])
    job = begun(shop)
    steps(1)
    jobs.pause(job=job, by=SYSTEM, at=AT)
    assert (work_off(at=LATER), differ()) == (0, set())
    jobs.resume(job=job, by=SYSTEM, at=LATER)
    assert (done(job, LATER).state, differ()) == ("done", {bought[0]})


@pytest.mark.parametrize("trouble", ["429", "500"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_while_stripe_is_away_it_waits_and_does_not_fail(
    shop: Shop, bought: list[str], trouble: str, after: int
) -> None:
    here(bought[0])
    job = begun(shop)
    if after:
        steps(after)
        Job.objects.update(lease_until=None)
    shop.fake.inject(trouble, next=3)
    work_off(at=AT)
    job.refresh_from_db()
    assert (job.state, job.error, job.failed) == ("queued", "", 0)
    assert job.lease_until is not None
    assert job.lease_until > AT
    for times in range(1, 5):
        job = done(job, AT + times * LONGEST_REST)
    assert (job.state, job.failed, differ()) == ("done", 0, {bought[0]})


def test_a_key_that_is_refused_ends_it_and_says_so(shop: Shop, bought: list[str]) -> None:
    ConnectionSecret.objects.filter(purpose="api_key").update(sealed=seal("sk_test_nobody"))
    job = done(begun(shop))
    assert job.state == "failed"
    assert "Stripe refuses the key" in job.error


def test_of_a_connection_that_rests_nothing_is_asked(shop: Shop, bought: list[str]) -> None:
    job = begun(shop)
    pause_connection(connection=shop.connection, by=SYSTEM, at=AT)
    assert "is paused" in done(job).error


# By whom and when -------------------------------------------------------------------------------------------------
def test_one_at_a_time(shop: Shop, bought: list[str]) -> None:
    assert running(shop.connection) is None
    job = begun(shop)
    assert running(shop.connection) == job
    with pytest.raises(Refusal, match="being compared already"):
        begun(shop)
    assert start_nightly(connection=shop.connection, at=AT) is None


def test_it_begins_once_a_night(shop: Shop, bought: list[str]) -> None:
    assert [compare_billed(), compare_billed()] == [1, 0]
    done(Job.objects.get())
    assert compare_billed() == 0
    assert start_nightly(connection=shop.connection, at=AT + timedelta(days=1)) is not None


def test_what_is_new_is_told_once_to_whoever_settles_it(shop: Shop, bought: list[str]) -> None:
    StaffFactory(permissions=[PERMISSION], email="fin@desk.example")
    StaffFactory(email="someone@desk.example")
    here(bought[0])
    done(begun(shop, nightly=True))
    done(begun(shop, at=LATER, nightly=True), LATER)
    (told,) = Notice.objects.filter(kind="billing_differs")
    assert (told.recipient, told.subject) == (
        "fin@desk.example",
        "Stripe: One subscription differs from what is billed",
    )


def test_what_is_compared_by_hand_is_told_nobody(shop: Shop, bought: list[str]) -> None:
    StaffFactory(permissions=[PERMISSION], email="fin@desk.example")
    here(bought[0])
    done(begun(shop))
    assert not Notice.objects.exists()


# Mending ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def mending(shop: Shop, bought: list[str]) -> Shop:
    shop.connection.settings[MEND] = "yes"
    Connection.objects.filter(pk=shop.connection.pk).update(settings=shop.connection.settings)
    return shop


def test_where_the_connection_says_so_a_nights_differences_are_mended(mending: Shop, bought: list[str]) -> None:
    here(bought[0])
    done(begun(mending, nightly=True))
    assert (differ(), SubscriptionItem.objects.filter(quantity=9, ends_at=None).count()) == (set(), 0)


def test_by_hand_nothing_is_mended(mending: Shop, bought: list[str]) -> None:
    here(bought[0])
    done(begun(mending))
    assert differ() == {bought[0]}


def test_what_is_not_there_any_more_is_ended_by_nobody_but_a_person(mending: Shop, bought: list[str]) -> None:
    del mending.fake.state.tables["subscription"][bought[0]]
    done(begun(mending, nightly=True))
    assert differ() == {bought[0]}
    done(start_taking(connection=mending.connection, by=SYSTEM, at=AT))
    assert differ() == set()
    assert Subscription.objects.get(billing_id=bought[0]).ends_at == AT


def test_where_it_is_much_it_is_told_and_not_mended(mending: Shop, bought: list[str], monkeypatch: Any) -> None:
    StaffFactory(permissions=[PERMISSION], email="fin@desk.example")
    monkeypatch.setattr("entitlements.domain.billed.mending.MOST_NUMBER", 1)
    for id in bought[:2]:
        here(id)
    done(begun(mending, nightly=True))
    assert differ() == set(bought[:2])
    assert "too much to be mended by itself" in Notice.objects.get(kind="billing_differs").body


def test_theirs_is_taken_for_many_by_whoever_asked(shop: Shop, bought: list[str]) -> None:
    ada = StaffFactory(permissions=[PERMISSION])
    for id in bought[:3]:
        here(id)
    done(begun(shop))
    rows = BillingFinding.objects.filter(billing_id__in=bought[:2])
    job = done(start_taking(findings=[row.pk for row in rows], by=ada.as_actor(), at=AT))
    assert (job.state, job.done, differ()) == ("done", 2, {bought[2]})
    assert {row.settled_by for row in rows.all()} == {ada.as_actor().name}


def test_what_waits_for_a_price_is_looked_at_once_it_is_linked(shop: Shop, bought: list[str]) -> None:
    price = shop.unlinked(700)
    for name in ("one", "two"):
        follow_subscription(
            shop.connection, str(shop.buy(shop.customer(f"{name}@x.example", name), price=price).id), at=AT
        )
    first = BillingFinding.objects.filter(kind="unlinked").first()
    assert first is not None
    pro = PlanFactory(key="pro", name="Pro")
    publish_plan(pro, {shop.catalog.sso: True})
    BillingLinkFactory(feature=None, plan=pro, mode="test", interval="month", currency="EUR", external_id=price)
    job = done(start_looking(finding=first, by=SYSTEM, at=AT))
    assert (job.done, BillingFinding.objects.filter(state="open").count()) == (2, 0)
    assert Subscription.objects.count() == 7
