"""Licences over HTTP: by their keys alone, and steered by an API key."""

from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import time_machine
from django.test import Client

from catalog.models import Plan
from entitlement_client.licence_file import LicenceRefused, read_licence_file
from entitlements.actions.licences.issuing import Issued, renew_key
from entitlements.actions.licences.keys import rotate_signing_key
from entitlements.actions.licences.policies import tell_release
from entitlements.actions.licences.standing import suspend
from entitlements.api.licence_access import WRONG_KEYS, forget_windows
from entitlements.models import Account
from entitlements.models.licence import Licence, LicenceFile, LicenceMonth
from entitlements.queries.licences.known import forget_licences
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.entitlements.api.runtime.asking import key, problem, told
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_morning() -> Iterator[None]:
    forget_windows()
    with time_machine.travel(AT, tick=False):
        yield
    forget_licences()


@pytest.fixture
def acme() -> Account:
    acme = account("acme")
    subscribed(acme, catalog().team)
    return acme


def press(acme: Account, *, licence: dict[str, Any] | None = None, **terms: Any) -> Issued:
    policy = policy_of(None, at=AT - DAY, **terms)
    return licensed(acme, policy, at=AT - DAY, **(licence or {}))


def post(path: str, body: Any, *, plain: str = "", **headers: str) -> Any:
    sent = {"Authorization": f"Bearer {plain}", **headers} if plain else headers
    return Client().post(f"/api/v1/licences{path}", body, content_type="application/json", headers=sent)


def validated(done: Issued, **asked: Any) -> Any:
    return told(post("/validate", {"key": done.key, **asked}))


def test_one_answer_for_key_place_and_feature(acme: Account) -> None:
    done = press(acme, bound_to="domain", licence={"name": "Shop"})
    assert validated(done, fingerprint="shop.example.com")["code"] == "not_activated"
    active = told(post("/activate", {"key": done.key, "fingerprint": "shop.example.com", "name": "Shop"}))
    assert (active["account"], active["again"], active["code"]) == ("acme", False, "ok")
    answer = validated(done, fingerprint="www.Shop.example.com", feature="sso")
    entitlement = answer.pop("entitlement")
    assert (entitlement["allowed"], entitlement["feature"], entitlement["account"]) == (True, "sso", "acme")
    assert answer == {
        "valid": True, "code": "ok", "because": "The licence is good.", "account": "acme",
        "licence": {"prefix": done.licence.prefix, "name": "Shop", "environment": "", "expires_at": None,
                    "maintenance_until": None},
        "activation": {"fingerprint": "shop.example.com", "name": "Shop", "activated_at": "2026-03-02T09:00:00Z",
                       "over": False},
    }  # fmt: skip
    assert validated(done, fingerprint="shop.example.com", feature="seats", quantity=10)["valid"]
    refused = validated(done, fingerprint="shop.example.com", feature="seats", quantity=11)
    assert (refused["valid"], refused["code"], refused["entitlement"]["why"]) == (
        False, "feature_refused", "limit_reached",
    )  # fmt: skip
    assert refused["because"] == refused["entitlement"]["because"]


def test_wrong_keys_are_answered_by_a_code_and_tried_so_often_only(acme: Account) -> None:
    done = press(acme)
    letter = "b" if done.key[20] == "a" else "a"
    typo = done.key[:20] + letter + done.key[21:]
    old = done.key
    done = renew_key(licence=done.licence, reason="Lost", by=SYSTEM, at=AT)
    for wrong, code in ((typo, "key_malformed"), (old, "unknown_key"), ("ed_1_2", "key_malformed")):
        answer = told(post("/validate", {"key": wrong}))
        assert (answer["valid"], answer["code"], answer["account"], answer["licence"]) == (False, code, None, None)
        status = 404 if code == "unknown_key" else 422
        for act in ("activate", "heartbeat", "deactivate", "file"):
            problem(post(f"/{act}", {"key": wrong, "fingerprint": "a"}), status, code, "key")
    for _ in range(WRONG_KEYS):
        last = post("/validate", {"key": old})
    problem(last, 429, "rate_limited")
    assert int(last.headers["Retry-After"]) > 0
    assert told(post("/validate", {"key": done.key}))["code"] == "not_activated"


def test_an_api_key_must_be_alive_and_for_this(acme: Account) -> None:
    done = press(acme)
    body = {"key": done.key, "fingerprint": "a"}
    problem(post("/activate", body, plain="ed_1_2"), 401, "not_authenticated")
    problem(post("/activate", body, plain=key("usage:write")), 403, "not_allowed")
    told(post("/activate", body, plain=key("licences:use")))
    told(post("/deactivate", body))
    names = AuditEvent.objects.filter(verb__in=["licence:activate", "licence:deactivate"]).order_by("seq")
    assert [event.actor_name for event in names] == ["Shop", f"Licence {done.licence.prefix}…"]


def test_a_licence_key_opens_nothing_but_its_own_licence(acme: Account) -> None:
    done = press(acme)
    for path in ("/suspend", "/revoke", "/renew-key", "/transfer"):
        problem(post(f"/{done.licence.prefix}{path}", {"reason": "x", "account": "acme"}), 401, "not_authenticated")
        problem(
            post(f"/{done.licence.prefix}{path}", {"reason": "x", "account": "acme"}, plain=done.key),
            401, "not_authenticated",
        )  # fmt: skip


def test_what_cannot_be_asked_is_a_problem(acme: Account) -> None:
    done = press(acme, activation_limit=None)
    problem(post("/validate", {"key": done.key, "feature": "nothing"}), 404, "unknown_feature", "feature")
    problem(post("/validate", {"key": done.key, "colour": "red"}), 422, "invalid", "colour")
    problem(post("/validate", {"key": 7}), 422, "wrong_type", "key")
    problem(post("/validate", b"{"), 400, "bad_request")
    assert validated(done, fingerprint="a\nb")["code"] == "fingerprint_malformed"
    problem(post("/activate", {"key": done.key, "fingerprint": " "}), 422, "fingerprint_malformed", "fingerprint")


def test_a_cap_counts_what_was_valid_and_nothing_else(acme: Account) -> None:
    done = press(acme, activation_limit=None, validations_a_month=3, licence={"environment": "production"})
    for environment, code in [("production", "ok"), ("staging", "wrong_environment")] * 3:
        assert validated(done, environment=environment)["code"] == code
    assert validated(done, environment="production")["code"] == "validations_used_up"
    assert LicenceMonth.objects.get().validations == 3
    with time_machine.travel(AT.replace(month=4), tick=False):
        assert validated(done, environment="production")["valid"]


def test_versions_released_in_maintenance_are_covered(acme: Account) -> None:
    done = press(acme, activation_limit=None, maintenance_months=1)
    policy = done.licence.policy
    assert validated(done, version="4.2")["code"] == "unknown_version"
    tell_release(policy=policy, version="v4.2", released_on=AT.date(), by=SYSTEM, at=AT)
    tell_release(policy=policy, version="5.0", released_on=(AT + 40 * DAY).date(), by=SYSTEM, at=AT)
    assert [validated(done, version=version)["code"] for version in ("4.2", "5.0")] == ["ok", "version_not_covered"]


def test_a_place_is_heard_of_and_released(acme: Account) -> None:
    done = press(acme, activation_limit=1, heartbeat_seconds=3600)
    body = {"key": done.key, "fingerprint": "press-4"}
    problem(post("/heartbeat", body), 409, "not_activated")
    told(post("/activate", body))
    problem(post("/activate", {**body, "fingerprint": "press-5"}), 409, "activation_limit_reached")
    assert told(post("/heartbeat", body))["activated_at"] == "2026-03-02T09:00:00Z"
    assert told(post("/deactivate", body))["released_at"] == "2026-03-02T09:00:00Z"
    problem(post("/deactivate", body), 409, "not_activated")


def fetched(done: Issued, place: str = "") -> tuple[str, dict[str, Any], dict[str, Any]]:
    """The text of a file, what it says by an independent reader, and the public key that is published."""
    text = told(post("/file", {"key": done.key, "fingerprint": place}))["file"]
    [published] = told(Client().get("/api/v1/licences/keys"))["keys"]
    token = "".join(text.splitlines()[1:-1])
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "kid": published["kid"], "typ": "licence+jwt"}
    return text, jwt.decode(token, jwt.PyJWK(published).key, algorithms=["EdDSA"]), published


def test_a_file_is_signed_for_one_place_and_read_by_the_client(acme: Account) -> None:
    done = press(acme, licence={"name": "Graz"})
    body = {"key": done.key, "fingerprint": "press-4"}
    problem(post("/file", body), 409, "not_activated")
    told(post("/activate", body))
    text, claims, published = fetched(done, "press-4")
    assert (claims["sub"], claims["device"], claims["licence"]["name"]) == ("acme", "press-4", "Graz")
    assert claims["entitlements"]["sso"] == {"value": True, "until": None}
    assert claims["exp"] == int((AT + 14 * DAY).timestamp())
    read = read_licence_file(text, keys={"keys": [published]}, now=AT, fingerprint="press-4")
    assert (read.account, read.file_id, read.allows("sso"), read.allows("nothing")) == (
        "acme", claims["jti"], True, False,
    )  # fmt: skip
    row = LicenceFile.objects.get()
    assert (row.file_id, row.activation.fingerprint) == (claims["jti"], "press-4")
    assert validated(done, fingerprint="press-4", file=claims["jti"])["code"] == "ok"
    assert validated(done, fingerprint="press-4", file="f" * 32)["code"] == "file_unknown"


def test_a_retired_key_stays_published_until_its_files_end(acme: Account) -> None:
    _text, _claims, published = fetched(press(acme, activation_limit=None))
    rotate_signing_key(reason="Yearly", by=SYSTEM, at=AT)
    kids = [one["kid"] for one in told(Client().get("/api/v1/licences/keys"))["keys"]]
    assert published["kid"] in kids
    assert len(kids) == 2
    with time_machine.travel(AT + 15 * DAY, tick=False):
        assert published["kid"] not in str(told(Client().get("/api/v1/licences/keys")))


def test_a_compromised_key_is_published_no_more(acme: Account) -> None:
    done = press(acme, activation_limit=None)
    text, claims, _published = fetched(done)
    rotate_signing_key(reason="A laptop was stolen", compromised=True, by=SYSTEM, at=AT)
    [new, old] = told(Client().get("/api/v1/licences/keys"))["keys"]
    assert (set(old), old["compromised"]) == ({"kty", "crv", "kid", "compromised"}, True)
    assert new["x"]
    with pytest.raises(LicenceRefused) as refused:
        read_licence_file(text, keys={"keys": [new, old]}, now=AT)
    assert refused.value.code == "file_key_compromised"
    assert validated(done, file=claims["jti"])["code"] == "file_key_compromised"


def test_where_the_policy_gives_none_out_there_is_no_file(acme: Account) -> None:
    done = press(acme, activation_limit=None, offline_days=None)
    problem(post("/file", {"key": done.key}), 409, "no_offline_files")
    suspend(licence=done.licence, reason="Unpaid", by=SYSTEM, at=AT)
    problem(post("/activate", {"key": done.key, "fingerprint": "a"}), 409, "suspended")


def test_a_program_issues_and_steers_licences(acme: Account) -> None:
    policy_of(None, at=AT - DAY, maintenance_months=12)
    plain, read = key("licences:write"), key("entitlements:read")
    body = {"account": "acme", "policy": "press", "subscription": 1, "name": "Graz", "through_on": "2026-12-31"}
    issued = told(post("", body, plain=plain))
    prefix, secret = issued["prefix"], issued["key"]
    assert (issued["subscription"], issued["valid"], issued["expires_at"]) == (1, True, "2026-12-31T23:00:00Z")
    listed = Client().get("/api/v1/licences?account=acme", headers={"Authorization": f"Bearer {read}"})
    assert [one["prefix"] for one in told(listed)["licences"]] == [prefix]
    assert secret not in listed.content.decode()
    steps = [
        ("suspend", {"reason": "Unpaid"}, "suspended"),
        ("resume", {}, "ok"),
        ("revoke", {"reason": "Left"}, "revoked"),
    ]
    for act, asked, code in steps:
        assert told(post(f"/{prefix}/{act}", asked, plain=plain))["code"] == code
    problem(post(f"/{prefix}/resume", {}, plain=plain), 409, "revoked")
    problem(post(f"/{prefix}/suspend", {"reason": "x"}, plain=read), 403, "not_allowed")
    problem(post("", {**body, "policy": "none"}, plain=plain), 404, "not_found", "policy")
    problem(post("", {**body, "subscription": 9}, plain=plain), 404, "not_found", "subscription")
    one = Client().get(f"/api/v1/licences/{prefix}", headers={"Authorization": f"Bearer {read}"})
    assert told(one)["maintenance_until"] == "2027-03-01"


def test_it_is_handed_over_and_given_a_new_key(acme: Account) -> None:
    done, plain = press(acme), key("licences:write")
    subscribed(account("beta"), Plan.objects.get(key="free"))
    told(post("/activate", {"key": done.key, "fingerprint": "a"}))
    body = {"account": "beta", "subscription": 1, "reason": "Sold"}
    answer = told(post(f"/{done.licence.prefix}/transfer", body, plain=plain))
    assert (answer["account"], answer["subscription"], answer["activations"]) == ("beta", 1, [])
    new = told(post(f"/{done.licence.prefix}/renew-key", {"reason": "New owner"}, plain=plain))["key"]
    assert told(post("/validate", {"key": done.key}))["code"] == "unknown_key"
    assert told(post("/validate", {"key": new}))["account"] == "beta"


def test_a_repeat_issues_no_second_one_and_keeps_no_key(acme: Account) -> None:
    policy_of(None, at=AT - DAY)
    body, plain = {"account": "acme", "policy": "press"}, key("licences:write")
    first, again = (post("", body, plain=plain, **{"Idempotency-Key": '"n-1"'}) for _ in range(2))
    assert told(first)["key"].startswith("el_")
    assert (told(again)["key"], told(again)["prefix"]) == (None, told(first)["prefix"])
    assert again.headers["Idempotency-Replayed"] == "true"
    problem(post("", {**body, "name": "x"}, plain=plain, **{"Idempotency-Key": '"n-1"'}), 422, "idempotency_key_reused")


def test_what_no_database_keeps_and_no_calendar_has(acme: Account) -> None:
    prefix = press(acme).licence.prefix
    steer = key("licences:write")
    post(f"/{prefix}/suspend", {"reason": "Un\x00paid"}, plain=steer)
    problem(post(f"/{prefix}/revoke", {"reason": "\x00"}, plain=steer), 422, "invalid")
    assert Licence.objects.get().suspend_reason == "Unpaid"
    problem(post("", {"account": "acme", "policy": "press", "through_on": "9999-12-31"}, plain=steer), 422, "invalid")
