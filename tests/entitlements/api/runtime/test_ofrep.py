"""OFREP: what an account has, as flags; by the standard's own document, and by its own shapes of errors."""

import json
from pathlib import Path

import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from catalog.domain.values import UNLIMITED
from config.wsgi import application
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, PlanVersionFactory, RolesFactory, TierFactory, publish_now
from tests.conftest import EXAMPLES
from tests.entitlements.api.runtime.asking import key, post
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import account, term

pytestmark = pytest.mark.django_db


def flag(name, *, status=200, plain="", body=None, **headers):
    sent = {"context": {"targetingKey": "acme"}} if body is None else body
    response = post(f"/ofrep/v1/evaluate/flags/{name}", sent, plain=plain, **headers)
    assert response.status_code == status, response.content
    return response.json()


def test_a_gate_is_a_boolean():
    customer(metered())
    answer = flag("sso")
    assert (answer["key"], answer["value"], answer["reason"], answer["variant"]) == ("sso", False, "DISABLED", "off")
    assert answer["metadata"]["because"] == "it is not included"


def test_a_quantity_is_its_limit_with_what_is_left_beside_it():
    world = metered()
    use(customer(world), world.calls, 400)
    answer = flag("calls")
    assert (answer["value"], answer["reason"], answer["variant"]) == (1000, "TARGETING_MATCH", "limited")
    told = answer["metadata"]
    assert [told[name] for name in ("limit", "used", "left", "unlimited", "unit")] == [1000, 400, 600, False, "call"]
    assert told["resets_at"] == "2026-04-01T00:00:00Z"
    assert all(isinstance(value, bool | str | int | float) for value in told.values())


def test_what_is_not_had_is_nothing():
    metered()
    account("acme")
    answer = flag("calls")
    assert (answer["value"], answer["reason"], answer["variant"]) == (0, "DISABLED", "none")
    assert answer["metadata"]["allowed"] is False


def test_choices_are_strings_and_sets_are_objects_and_unlimited_is_the_largest_number():
    world = metered()
    tier, regions = TierFactory(key="tier"), RolesFactory(key="regions")
    draft = PlanVersionFactory(plan=world.plan, number=2)
    some = frozenset(choice.key for choice in regions.shape.choices[:1])
    for feature, value in {tier: "smart", regions: some, world.calls: UNLIMITED}.items():
        keep(term(draft, feature, value), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    customer(world)
    assert (flag("tier")["value"], flag("tier")["variant"]) == ("smart", "smart")
    assert flag("regions")["value"] == {"choices": sorted(some)}
    unlimited = flag("calls")
    assert (unlimited["value"], unlimited["variant"]) == (2**53 - 1, "unlimited")
    assert unlimited["metadata"]["unlimited"]
    assert "limit" not in unlimited["metadata"]


def test_by_any_system_s_id():
    customer(metered(), external_ids=[("stripe", "cus_1")])
    assert flag("calls", body={"context": {"targetingKey": "stripe:cus_1", "email": "a@b.example"}})["value"] == 1000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "PARSE_ERROR"),
        ([], "INVALID_CONTEXT"),
        ({}, "INVALID_CONTEXT"),
        ({"context": []}, "INVALID_CONTEXT"),
        ({"context": {}}, "TARGETING_KEY_MISSING"),
        ({"context": {"targetingKey": ""}}, "TARGETING_KEY_MISSING"),
        ({"context": {"targetingKey": 5}}, "INVALID_CONTEXT"),
        ({"context": {"targetingKey": "a\x00"}}, "INVALID_CONTEXT"),
        ({"context": {"targetingKey": "nobody"}}, "INVALID_CONTEXT"),
    ],
)
def test_errors_are_of_the_standard_s_shape(body, code):
    customer(metered())
    answer = flag("calls", status=400, body=body)
    assert (answer["key"], answer["errorCode"]) == ("calls", code)
    assert answer["errorDetails"]
    bulk = post("/ofrep/v1/evaluate/flags", body)
    assert (bulk.status_code, bulk.json()["errorCode"]) == (400, code)


def test_a_flag_nobody_knows():
    customer(metered())
    for name in ("nothing", "a/b", "%E2%82%AC", "%0A", "%00"):
        assert flag(name, status=404)["errorCode"] == "FLAG_NOT_FOUND"


def test_all_at_once_and_only_when_something_changed():
    world = metered()
    acme = customer(world)
    body, plain = {"context": {"targetingKey": "acme"}}, key()
    first = post("/ofrep/v1/evaluate/flags", body, plain=plain)
    assert len(first.json()["flags"]) == 8
    again = post("/ofrep/v1/evaluate/flags", body, plain=plain, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    use(acme, world.calls, 1)
    changed = post("/ofrep/v1/evaluate/flags", body, plain=plain, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_the_key_may_come_as_x_api_key():
    customer(metered())
    sent = json.dumps({"context": {"targetingKey": "acme"}})
    address = "/ofrep/v1/evaluate/flags/calls"
    kind = "application/json"
    assert Client().post(address, sent, content_type=kind, headers={"X-API-Key": key()}).status_code == 200
    refused = Client().post(address, sent, content_type=kind, headers={"X-API-Key": "ed_nothing"})
    assert refused.status_code == 401


def test_a_key_for_something_else_reads_nothing():
    assert flag("calls", status=403, plain=key("usage:write"))["code"] == "not_allowed"


def test_asking_too_often_is_told_when_to_come_back(settings):
    settings.DESK_API_RATE = 1
    customer(metered())
    plain = key()
    flag("calls", plain=plain)
    response = post("/ofrep/v1/evaluate/flags/calls", {"context": {"targetingKey": "acme"}}, plain=plain)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) >= 1


OFREP = Path(settings.BASE_DIR).parent / "shared" / "vectors" / "ofrep_openapi.yaml"


# An account nobody has is refused, which a schema can't say; and it tries keys of one kind beside a good one of the other.
BEYOND_THE_DOCUMENT = ["positive_data_acceptance", "ignored_auth"]


def standard():
    """The document, with one slip of its own mended: the shape of a flag without a value fits every flag, and a number's
    every whole number, so that by its `oneOf` no flag could have a value at all."""
    document = yaml.safe_load(OFREP.read_text())
    kinds = document["components"]["schemas"]["evaluationSuccess"]["allOf"][1]
    kinds["anyOf"] = kinds.pop("oneOf")
    return document


@pytest.fixture
def one_connection():
    """Requests of a real server let go of their connection; here it holds the test's transaction."""
    both = (request_started, request_finished)
    for signal in both:
        signal.disconnect(close_old_connections)
    yield
    for signal in both:
        signal.connect(close_old_connections)


@pytest.mark.skipif(not OFREP.exists(), reason="../shared/vectors/ofrep_openapi.yaml is not here")
@pytest.mark.parametrize("path", ["/ofrep/v1/evaluate/flags/{key}", "/ofrep/v1/evaluate/flags"])
def test_every_answer_keeps_to_the_standard_s_document(path, one_connection):
    customer(metered())
    schema = schemathesis.openapi.from_dict(standard())
    schema.app = application
    operation, plain = schema[path]["POST"], key()

    @examples(max_examples=8 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
    @given(case=operation.as_strategy(), known=st.booleans())
    def ask(case, known):
        if known and isinstance(case.body, dict) and isinstance(case.body.get("context"), dict):
            case.body["context"]["targetingKey"] = "acme"
        case.call_and_validate(
            headers={"Authorization": f"Bearer {plain}"},
            excluded_checks=schemathesis.checks.CHECKS.get_by_names(BEYOND_THE_DOCUMENT),
        )

    ask()
