"""A desk with one promise in force: Gold, by four milestones, for two severities; support and a second of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from journal.models import Staff
from support.models import SlaPolicy
from tests.support.admin.policies.world import gold

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)  # a Monday
SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def sign_in(db: None) -> SignIn:
    def signed_in(name: str, role: str = "") -> Client:
        person = Staff.objects.create_user(name, email=f"{name}@desk.example", is_staff=True, first_name=name.title())
        person.groups.set(Group.objects.filter(name=role or name))
        client = Client()
        client.force_login(person)
        return client

    return signed_in


@pytest.fixture
def support_desk(sign_in: SignIn) -> Client:
    return sign_in("suki", "support")


@pytest.fixture
def promise(db: None) -> SlaPolicy:
    return gold()
