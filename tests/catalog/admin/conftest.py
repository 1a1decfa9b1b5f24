"""People signed in at the back office, one per role."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from journal.models import Staff

SignIn = Callable[..., Client]


@pytest.fixture
def sign_in(db: None) -> SignIn:
    def signed_in(role: str, *, zone: str = "UTC") -> Client:
        person = Staff.objects.create_user(role, email=f"{role}@example.com", is_staff=True, zone=zone)
        person.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(person)
        return client

    return signed_in


@pytest.fixture
def finance_desk(sign_in: SignIn) -> Client:
    return sign_in("finance", zone="Europe/Amsterdam")


@pytest.fixture
def support_desk(sign_in: SignIn) -> Client:
    return sign_in("support")
