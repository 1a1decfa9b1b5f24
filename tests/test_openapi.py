"""The API's own document: OpenAPI 3.1, and every answer keeps to it."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings

from config.api import api
from config.wsgi import application
from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from tests.conftest import EXAMPLES
from tests.entitlements.world import AT, DAY, account, catalog, subscribed


def test_it_is_served_as_openapi_3_1() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/accounts/{key}/entitlements/{feature}" in document["paths"]


def test_every_operation_says_what_it_does_and_that_it_needs_a_key() -> None:
    document = api.get_openapi_schema()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert operation["security"], path


@pytest.fixture
def _one_connection() -> Iterator[None]:
    """Requests of a real server let go of their connection; here it holds the test's transaction."""
    both = (request_started, request_finished)
    for signal in both:
        signal.disconnect(close_old_connections)
    yield
    for signal in both:
        signal.connect(close_old_connections)


@pytest.fixture
def headers(db: None, _one_connection: None) -> dict[str, str]:
    world = catalog()
    subscribed(account("acme"), world.team)
    scopes = ["entitlements:read", "coverage:read"]
    _row, plain = issue(name="Fuzz", scopes=scopes, expires_at=None, by=SYSTEM, at=AT - DAY)
    return {"Authorization": f"Bearer {plain}"}


READ = sorted(path for path, operations in api.get_openapi_schema()["paths"].items() if "get" in operations)


@pytest.mark.parametrize("path", READ)
def test_every_answer_keeps_to_the_document(path: str, headers: dict[str, str]) -> None:
    """Whatever is asked, the answer is of a documented status, type and shape, and never a 500."""
    operation = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)[path]["GET"]

    @settings(max_examples=4 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        # A moment beyond the years 1970 to 2200 is refused in words; a date-time's schema has no bounds to say so.
        case.call_and_validate(
            headers=headers, excluded_checks=[schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
        )

    ask()
