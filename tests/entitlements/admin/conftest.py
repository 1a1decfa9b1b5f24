"""People signed in at the back office on a Monday morning, and one customer on Team."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from entitlements.models import Account, Subscription
from journal.models import Staff
from tests.entitlements.world import AT, Catalog, account, catalog, policy, subscribed
from tests.remembered import remembered

SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def sign_in(db: None) -> SignIn:
    def signed_in(role: str) -> Client:
        person = Staff.objects.create_user(role, email=f"{role}@example.com", is_staff=True, first_name=role.title())
        person.groups.set(Group.objects.filter(name=role))
        client = Client()
        client.force_login(person)
        return client

    return signed_in


@pytest.fixture
def sales_desk(sign_in: SignIn) -> Client:
    return sign_in("sales")


@pytest.fixture
def finance_desk(sign_in: SignIn) -> Client:
    return sign_in("finance")


@pytest.fixture
def support_desk(sign_in: SignIn) -> Client:
    return sign_in("support")


@dataclass(frozen=True)
class Customer:
    account: Account
    subscription: Subscription
    catalog: Catalog


@pytest.fixture
def acme(db: None) -> Customer:
    """Acme in Amsterdam has Team: 100 GB, 10 seats, single sign-on, the smart tier. Sales may grant a little alone."""
    return on_team()


@remembered
def on_team() -> Customer:
    sold, held_by = catalog(), account("acme", country="NL")
    policy()
    return Customer(held_by, subscribed(held_by, sold.team), sold)


@pytest.fixture
def tried(db: None) -> Customer:
    """Tried is 10 days into a trial of Team of 14 days, which falls back to Free."""
    sold, held_by = catalog(), account("tried", country="NL")
    policy()
    return Customer(held_by, subscribed(held_by, sold.team, trial_days=14), sold)
