"""The API's own document: OpenAPI 3.1, and every answer keeps to it."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import booleans

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
    schemathesis.openapi.from_dict(document).validate()  # against the specification's own schema


def test_every_operation_says_what_it_does_and_that_it_needs_a_key() -> None:
    document = api.get_openapi_schema()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert operation["security"], path


def test_every_operation_tells_its_limits_and_writing_ones_take_a_key() -> None:
    paths = Client().get("/api/v1/openapi.json").json()["paths"]
    for method, operation in (pair for operations in paths.values() for pair in operations.items()):
        answers = operation["responses"]
        assert list(answers["429"]["content"]) == ["application/problem+json"]
        assert "Retry-After" in answers["429"]["headers"]
        for status, answer in answers.items():
            assert ("RateLimit" in answer.get("headers", {})) == (status != "401"), operation["operationId"]
        keys = [given for given in operation.get("parameters", []) if given.get("$ref", "").endswith("IdempotencyKey")]
        assert len(keys) == (method != "get"), operation["operationId"]


def test_every_reference_of_the_document_leads_somewhere() -> None:
    document = Client().get("/api/v1/openapi.json").json()
    references = set(re.findall(r'"#/([^"]+)"', json.dumps(document)))
    assert "components/headers/RateLimit" in references
    for reference in references:
        part = document
        for name in reference.split("/"):
            part = part[name]


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
    scopes = [f"{what}:{how}" for what in ("coverage", "cases", "assets", "work") for how in ("read", "write")]
    scopes += ["entitlements:read", "renewals:read", "usage:write", "tickets:review"]
    _row, plain = issue(name="Fuzz", scopes=scopes, expires_at=None, by=SYSTEM, at=AT - DAY)
    return {"Authorization": f"Bearer {plain}"}


PATHS = api.get_openapi_schema()["paths"]
READ = sorted((path, "get") for path, operations in PATHS.items() if "get" in operations)
TOLD = sorted(
    (path, "post")
    for path, operations in PATHS.items()
    if {"Runtime", "Cases", "Covers", "Equipment", "Work and visits", "Tickets"}.intersection(
        operations.get("post", {}).get("tags", ())
    )
)
# A moment beyond the years 1970 to 2200 is refused in words, as is an account nobody has: no schema says so.
BEYOND_THE_DOCUMENT = ["positive_data_acceptance"]


@pytest.mark.parametrize(("path", "method"), READ + TOLD)
def test_every_answer_keeps_to_the_document(path: str, method: str, headers: dict[str, str]) -> None:
    """Whatever is asked or told, the answer is of a documented status, type and shape, and never a 500."""
    operation = the_document()[path][method.upper()]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
    @given(case=operation.as_strategy(), known=booleans())
    def ask(case: Any, known: bool) -> None:
        if known:
            _name_what_there_is(case.body)
        case.call_and_validate(
            headers=headers, excluded_checks=schemathesis.checks.CHECKS.get_by_names(BEYOND_THE_DOCUMENT)
        )

    ask()


@cache
def the_document() -> Any:
    """Read once: building it anew took half a second of every test."""
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


def _name_what_there_is(body: Any) -> None:
    """Guessed names are those of nobody; so half the time the account and the feature are there."""
    for one in body if isinstance(body, list) else [body]:
        if isinstance(one, dict):
            one |= {name: there for name, there in THERE.items() if name in one}
            _name_what_there_is(one.get("events"))


THERE = {
    "account": "acme",
    "feature": "storage",
    "subject": "acme",
    "type": "storage",
    "accounts": ["acme"],
    "at": None,
}
