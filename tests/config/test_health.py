"""Whether a process can serve, told without signing in."""

import pytest
from django.db import OperationalError, connection
from django.test import Client


@pytest.mark.django_db
def test_with_its_database_it_passes() -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "pass"})


@pytest.mark.django_db
def test_without_its_database_it_fails_and_says_so() -> None:
    def gone(*_: object) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(gone):
        answer = Client().get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")
