"""Thresholds that were reached are told once: to whom the rule names, in words a customer understands."""

from datetime import datetime
from decimal import Decimal

import pytest

from catalog.domain.rules import Told
from catalog.models import Feature
from entitlements.actions.accounts import set_standing
from entitlements.actions.usage.telling import tell_crossings
from entitlements.actions.usage.thresholds import announce
from entitlements.domain.facts import Standing
from entitlements.domain.usage.thresholds import Crossed
from entitlements.models import Account, SubjectLimit, ThresholdCrossing
from entitlements.queries.usage.terms import terms_of
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Notice, Outbound, Staff
from tests.entitlements.factories import ContactFactory
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
CUSTOMER, OWNER = "bea@acme.example", "ana@desk.example"


@pytest.fixture
def world(db: None) -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    owner = Staff.objects.create(username="ana", email=OWNER, first_name="Ana", last_name="Manager")
    held_by = customer(world, owner=owner)
    ContactFactory(account=held_by, name="Bea Buyer", email=CUSTOMER)
    ContactFactory(account=held_by, name="Cas Quiet", email="cas@acme.example", told=False)
    return held_by


def crossed(
    held_by: Account, feature: Feature, percent: int, *, told: Told = Told.BOTH, at: datetime = AT, **more: object
) -> Crossed:
    limit = Decimal(str(more.pop("limit", 1000)))
    period = terms_of(held_by.pk, at=at)[feature.key].period(at)
    used = limit * percent / 100
    return Crossed(held_by.pk, feature.pk, str(more.pop("subject", "")), period, percent, used, limit, told, **more)


def reach(*crossings: Crossed, at: datetime = AT) -> list[tuple[str, str]]:
    """They are reached and told; who heard what."""
    before = set(Notice.objects.values_list("pk", flat=True))
    announce(crossings, at=at)
    tell_crossings(at=at)
    return [(n.recipient, n.subject) for n in Notice.objects.exclude(pk__in=before).order_by("pk")]


def test_at_80_percent_the_customer_is_told(world: Metered, acme: Account) -> None:
    assert reach(crossed(acme, world.calls, 80, told=Told.CUSTOMER)) == [(CUSTOMER, "80 % of API calls is used")]
    assert Outbound.objects.get().destination == CUSTOMER


def test_at_90_percent_whoever_looks_after_the_account_is_told_too(world: Metered, acme: Account) -> None:
    told = reach(crossed(acme, world.calls, 90))
    assert told == [(CUSTOMER, "90 % of API calls is used"), (OWNER, "Acme: 90 % of API calls is used")]


def test_of_several_at_once_each_hears_the_highest(world: Metered, acme: Account) -> None:
    told = reach(
        crossed(acme, world.calls, 80, told=Told.CUSTOMER), *(crossed(acme, world.calls, p) for p in (90, 100))
    )
    assert told == [(CUSTOMER, "The limit of API calls is reached"), (OWNER, "Acme: The limit of API calls is reached")]
    assert ThresholdCrossing.objects.filter(told_at=AT).count() == 3


def test_it_is_told_once_in_a_period(world: Metered, acme: Account) -> None:
    assert reach(crossed(acme, world.calls, 90))
    assert reach(crossed(acme, world.calls, 90)) == []
    assert len(reach(crossed(acme, world.calls, 90, at=AT + 31 * DAY), at=AT + 31 * DAY)) == 2


def test_a_reset_and_a_raised_limit_let_it_be_told_again(world: Metered, acme: Account) -> None:
    assert reach(crossed(acme, world.calls, 90))
    assert reach(crossed(acme, world.calls, 90, since=AT))
    assert reach(crossed(acme, world.calls, 90, limit=2000))


def test_what_never_starts_again_is_told_once_in_a_month(world: Metered, acme: Account) -> None:
    assert reach(crossed(acme, world.seats, 100))
    assert reach(crossed(acme, world.seats, 100), at=AT + 20 * DAY) == []
    assert reach(crossed(acme, world.seats, 100), at=AT + 31 * DAY)


def test_the_mail_says_how_much_what_happens_then_and_until_when(world: Metered, acme: Account) -> None:
    reach(crossed(acme, world.calls, 80))
    body = Notice.objects.get(recipient=CUSTOMER).body
    assert body.startswith("Hello Bea Buyer,\n\n80 % of API calls is used.\n")
    assert "API calls at Acme: 800 of 1,000 (80 %)." in body
    assert "At 1,000 nothing more is let through until it starts again on 1 April 2026 (UTC)." in body
    assert "Your contact is Ana Manager, ana@desk.example." in body
    assert "The customer has been told as well." in Notice.objects.get(recipient=OWNER).body


def test_of_a_soft_limit_it_says_that_nothing_stops(world: Metered, acme: Account) -> None:
    reach(crossed(acme, world.mails, 100, limit=50))
    assert "Beyond 50 it goes on; nothing stops." in Notice.objects.get(recipient=CUSTOMER).body


def test_nobody_is_told_of_a_period_that_is_over_or_of_a_closed_account(world: Metered, acme: Account) -> None:
    assert reach(crossed(acme, world.calls, 90), at=AT + 40 * DAY) == []
    set_standing(account=acme, standing=Standing.CLOSED, reason="Left", by=SYSTEM, at=AT)
    assert reach(crossed(acme, world.mails, 90), at=AT) == []
    assert not ThresholdCrossing.objects.filter(told_at=None).exists()


def test_of_a_subject_only_the_customer_hears_and_only_where_it_has_a_limit_of_its_own(
    world: Metered, acme: Account
) -> None:
    assert reach(crossed(acme, world.tokens, 100, subject="agent:b")) == []
    own = SubjectLimit(account=acme, feature=world.tokens, subject="agent:a", amount=10, starts_at=AT)
    keep(own, deed=begin(by=SYSTEM, at=AT))
    told = reach(crossed(acme, world.tokens, 100, subject="agent:a", limit=10))
    assert told == [(CUSTOMER, "The limit of Tokens for agent:a is reached")]


def test_one_that_cannot_be_told_holds_up_no_other(world: Metered, acme: Account, caplog) -> None:
    announce([crossed(acme, world.calls, 90), crossed(acme, world.mails, 90)], at=AT)
    ThresholdCrossing.objects.filter(feature=world.calls).update(told="nonsense")
    assert tell_crossings(at=AT) == 2
    assert "couldn't be told" in caplog.text
