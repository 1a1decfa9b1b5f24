"""The whole set with how far the account has come, and sent again only when something changed."""

from datetime import timedelta

import pytest

from entitlements.domain.usage.operations import Act
from entitlements.models import AnswerGiven
from tests.entitlements.api.runtime.asking import get, key, told
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def the_set(plain="", **headers):
    return get("accounts/acme/entitlements", plain=plain, **headers)


def use_of(response, feature):
    return next(row["use"] for row in told(response)["entitlements"] if row["feature"] == feature)


def test_what_is_counted_says_how_far_it_has_come():
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 400)
    use(acme, world.calls, 100, act=Act.RESERVE, until=AT + timedelta(minutes=5))
    answer = the_set()
    assert use_of(answer, "calls") == {"used": 400, "held": 100, "left": 500, "resets_at": "2026-04-01T00:00:00Z"}
    assert use_of(answer, "seats") == {"used": 0, "held": 0, "left": 5, "resets_at": None}
    assert use_of(answer, "sso") is None


def test_of_another_moment_no_use_is_told():
    customer(metered())
    assert use_of(get(f"accounts/acme/entitlements?at={(AT + timedelta(days=1)).isoformat()[:19]}Z"), "calls") is None


def test_it_is_sent_again_only_when_something_changed():
    world = metered()
    acme, plain = customer(world), key()
    first = the_set(plain)
    etag = {"If-None-Match": first.headers["ETag"]}
    later = get("accounts/acme/entitlements", plain=plain, at=AT + timedelta(minutes=1), **etag)
    assert (later.status_code, later.content, later.headers["ETag"]) == (304, b"", first.headers["ETag"])
    use(acme, world.calls, 1)
    assert the_set(plain, **etag).status_code == 200


@pytest.mark.parametrize("sent", ["*", "W/{etag}", '"other", {etag}'])
def test_the_ways_to_say_what_one_has(sent):
    customer(metered())
    plain = key()
    etag = the_set(plain).headers["ETag"]
    assert the_set(plain, **{"If-None-Match": sent.replace("{etag}", etag)}).status_code == 304
    assert the_set(plain, **{"If-None-Match": '"other"'}).status_code == 200


def test_what_was_told_is_remembered_once():
    customer(metered())
    plain = key()
    etag = {"If-None-Match": the_set(plain).headers["ETag"]}
    the_set(plain, **etag)
    assert AnswerGiven.objects.count() == 1


def test_an_explanation_weighs_what_is_in_use_and_held():
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 400)
    use(acme, world.calls, 100, act=Act.RESERVE, until=AT + timedelta(minutes=5))
    answer = told(get("accounts/acme/entitlements/calls/explain?quantity=501"))["explanation"]
    assert (answer["decision"]["allowed"], answer["decision"]["left"]) == (False, 500)
    assert answer["use"]["used"] == 400
