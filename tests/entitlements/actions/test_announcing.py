"""What ends soon is told ahead: to the customer, to the owner, once, at nine in the morning where the customer is."""

from datetime import date, datetime, timedelta

import pytest

from entitlements.actions.accounts import set_standing
from entitlements.actions.lifecycle import fail_payment, restore
from entitlements.actions.reminders import install_usual
from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.sweep import sweep
from entitlements.actions.trials import convert, extend
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account, SweepMark
from entitlements.queries.clock.announcements import coming
from journal.domain.actor import SYSTEM
from journal.models import Notice, Outbound, Staff
from tests.conftest import actor
from tests.entitlements.factories import ContactFactory, overridden
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, subscribed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
KIND = "end_announced"
TRIAL_END = AT + 14 * DAY  # 16 March, 10:00 in Amsterdam


@pytest.fixture
def world(db: None) -> Catalog:
    SweepMark.objects.create(swept_to=AT)
    install_usual(at=AT)
    return catalog()


@pytest.fixture
def acme(world: Catalog) -> Account:
    """Its trial of Team ends on 16 March; Bea is told what concerns the customer, Cas isn't."""
    owner = Staff.objects.create(username="ana", email="ana@desk.example", first_name="Ana", last_name="Manager")
    acme = account(owner=owner)
    ContactFactory(account=acme, name="Bea Buyer", email="bea@acme.example")
    ContactFactory(account=acme, name="Cas Quiet", email="cas@acme.example", told=False)
    subscribed(acme, world.team, at=AT, trial_days=14)
    return acme


def told(*, to: str = "") -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind=KIND).order_by("pk")
    return [(row.recipient, row.subject) for row in rows if to in row.recipient]


def sweep_daily(*, since: datetime, until: datetime) -> None:
    while since < until:
        since += DAY
        sweep(at=since)


def test_the_customer_and_the_owner_are_told_seven_days_and_a_day_before(acme: Account) -> None:
    sweep_daily(since=TRIAL_END - 8 * DAY, until=TRIAL_END)
    customer = "Your trial of Team lasts until 16 March 2026 10:00 (Amsterdam)"
    owner = "Acme: The trial of Team lasts until 16 March 2026 10:00 (Amsterdam)"
    assert told(to="bea") == [("bea@acme.example", customer)] * 2
    assert told(to="ana") == [("ana@desk.example", owner)] * 2
    assert told(to="cas") == []
    days = Notice.objects.filter(kind=KIND).values_list("created_at__day", flat=True)
    assert sorted(set(days)) == [9, 15]


def test_a_customer_reads_what_ends_when_what_changes_and_whom_to_ask(acme: Account) -> None:
    sweep(at=TRIAL_END - DAY)
    body = Notice.objects.get(recipient="bea@acme.example").body
    assert body.startswith(
        "Hello Bea Buyer,\n\nYour trial of Team at Acme lasts until 16 March 2026 10:00 (Amsterdam)."
    )
    assert "\n- Storage: 100 GB → 1 GB\n" in body
    assert "\n- Single sign-on: no longer included\n" in body
    assert "choose a plan before then" in body
    assert "Ana Manager, ana@desk.example" in body
    assert "convert" not in body


def test_after_a_silence_only_the_nearest_is_told_and_nothing_after_the_end(acme: Account) -> None:
    sweep(at=TRIAL_END - HOUR)
    assert len(told(to="bea")) == 1
    SweepMark.objects.update(swept_to=AT)
    Notice.objects.all().delete()
    sweep(at=TRIAL_END + HOUR)
    assert told() == []


def test_it_is_told_once_however_often_it_is_swept(acme: Account) -> None:
    for _ in range(3):
        SweepMark.objects.update(swept_to=AT)
        sweep(at=TRIAL_END - DAY)
    assert len(told()) == 2
    assert Outbound.objects.filter(kind="email").count() == 2


def test_an_extension_is_announced_anew(acme: Account) -> None:
    sweep(at=TRIAL_END - DAY)
    policy()
    extend(subscription=acme.subscriptions.get(), days=10, reason="More", by=actor("sales"), at=TRIAL_END - HOUR)
    sweep(at=TRIAL_END + 9 * DAY)
    assert told(to="bea")[-1][1] == "Your trial of Team lasts until 26 March 2026 10:00 (Amsterdam)"


def test_a_trial_that_was_converted_is_not_announced(acme: Account) -> None:
    convert(subscription=acme.subscriptions.get(), by=SYSTEM, at=AT + DAY)
    sweep(at=TRIAL_END - DAY)
    assert told() == []


def test_nobody_writes_to_a_customer_whose_account_is_closed(acme: Account) -> None:
    set_standing(account=acme, standing=Standing.CLOSED, reason="Left", by=SYSTEM, at=AT + DAY)
    sweep(at=TRIAL_END - DAY)
    assert told() == []


def test_a_grace_is_counted_down_until_payment_comes(acme: Account) -> None:
    subscription = convert(subscription=acme.subscriptions.get(), by=SYSTEM, at=AT + HOUR)
    fail_payment(subscription=subscription, grace_days=8, by=SYSTEM, at=AT + DAY)
    sweep_daily(since=AT + DAY, until=AT + 5 * DAY)
    restore(subscription=subscription, by=SYSTEM, at=AT + 6 * DAY)
    sweep_daily(since=AT + 5 * DAY, until=AT + 9 * DAY)
    assert told(to="bea") == [
        ("bea@acme.example", "Your time to pay for Team lasts until 11 March 2026 10:00 (Amsterdam)")
    ]


def test_of_an_override_and_a_lent_plan_only_the_owner_hears(acme: Account, world: Catalog) -> None:
    overridden(acme, world.storage, Mode.ADD, 5 * GB, at=AT, through_on=date(2026, 4, 30), reason="Secret deal")
    free = subscribed(acme, world.free, at=AT)
    add_item(subscription=free, plan=world.team, lent=True, ends_at=AT + 50 * DAY, by=SYSTEM, at=AT)
    sweep(at=AT + 49 * DAY)
    assert sorted(subject for _to, subject in told()) == [
        "Acme: The arrangement for Storage lasts through 30 April 2026 (Amsterdam)",
        "Acme: The lent plan Team lasts until 21 April 2026 11:00 (Amsterdam)",
    ]
    assert not any("Secret deal" in body for body in Notice.objects.values_list("body", flat=True))


def test_the_end_of_a_subscription_is_announced_a_month_ahead(acme: Account, world: Catalog) -> None:
    free = subscribed(acme, world.free, at=AT)
    end(subscription=free, ends_at=AT + 60 * DAY, reason="", by=SYSTEM, at=AT)
    sweep(at=AT + 31 * DAY)
    assert told(to="bea") == [
        ("bea@acme.example", "Your subscription to Free lasts until 1 May 2026 11:00 (Amsterdam)")
    ]


def test_nothing_is_announced_before_it_began(acme: Account, world: Catalog) -> None:
    brief = subscribed(acme, world.free, at=AT + 3 * HOUR)
    end(subscription=brief, ends_at=AT + 20 * DAY, reason="", by=SYSTEM, at=AT + 3 * HOUR)
    sweep(at=AT + DAY)
    assert told() == []


def test_what_will_go_out_is_seen_beforehand_and_then_goes_out(acme: Account) -> None:
    seen = coming(at=TRIAL_END - 8 * DAY, within=9 * DAY, most=100)
    assert [(one.days, one.audience.value) for one in seen] == [
        (7, "customer"),
        (7, "owner"),
        (1, "customer"),
        (1, "owner"),
    ]
    sweep_daily(since=TRIAL_END - 8 * DAY, until=TRIAL_END)
    assert len(told()) == len(seen)


def test_a_card_on_file_is_said_to_go_on(acme: Account, world: Catalog) -> None:
    carded = account("carded", owner=acme.owner)
    ContactFactory(account=carded, email="dan@carded.example")
    subscribed(carded, world.team, at=AT, trial_days=14, with_card=True)
    sweep(at=TRIAL_END - DAY)
    assert "goes on from then without a break" in Notice.objects.get(recipient="dan@carded.example").body
