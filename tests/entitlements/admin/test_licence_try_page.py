"""Trying a licence: staff are told what software would be told, by the key or by its beginning; nothing is counted."""

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from django.test import Client

from entitlements.actions.licences.activating import activate
from entitlements.actions.licences.issuing import renew_key
from entitlements.actions.licences.standing import revoke
from entitlements.api.licence_schemas import ValidateRequest
from entitlements.api.licence_validation import answered
from entitlements.domain.licences.key_text import parse_key
from entitlements.models import Licence
from entitlements.models.licence import LicenceMonth
from entitlements.queries.licences.known import licence_known
from entitlements.queries.licences.trying import tried
from journal.domain.actor import SYSTEM
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.licensing import DEVICE, licensed, policy_of
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db
TRY = url("licence_try")


@dataclass(frozen=True)
class Held:
    row: Licence
    key: str


@pytest.fixture
def held(acme: Customer) -> Held:
    policy = policy_of(None, at=AT - DAY, validations_a_month=1)
    issued = licensed(acme.account, policy, at=AT - DAY, environment="production")
    activate(licence=issued.licence, fingerprint=DEVICE, by=SYSTEM, at=AT - DAY)
    return Held(issued.licence, issued.key)


def ask(desk: Client, key: str, **told: Any) -> str:
    return text_of(desk.post(TRY, {"key": key, "environment": "production", "fingerprint": DEVICE, **told}))


def test_by_the_key_or_by_its_beginning(support_desk: Client, held: Held) -> None:
    for typed in (held.key, f" EL_{held.row.prefix.upper()}", f"el_{held.row.prefix}_…", held.row.prefix):
        assert "Good: The licence is good. ok" in ask(support_desk, typed), typed
    assert "Software has to send the whole of it" in ask(support_desk, held.row.prefix)
    assert not LicenceMonth.objects.exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"environment": "staging"}, "wrong_environment"),
        ({"fingerprint": "another"}, "not_activated"),
        ({"feature": "Single sign-on"}, "ok"),
        ({"feature": "Seats", "quantity": "99"}, "feature_refused"),
    ],
)
def test_the_answer_has_the_code_that_software_gets(support_desk: Client, held: Held, told: Any, code: str) -> None:
    assert f'"code": "{code}"' in ask(support_desk, held.key, **told)


def test_a_wrong_key_says_how_it_is_wrong(support_desk: Client, held: Held) -> None:
    assert "key_malformed" in ask(support_desk, held.key[:-3])
    assert "unknown_key" in ask(support_desk, "el_aaaaaaaa")
    renew_key(licence=held.row, reason="Lost", by=SYSTEM, at=AT)
    assert "unknown_key" in ask(support_desk, held.key)


def test_what_cannot_be_read_is_said_beside_its_field(support_desk: Client, held: Held) -> None:
    assert "feature" in complaints(support_desk.post(TRY, {"key": held.key, "feature": "Nonsense"}))
    assert support_desk.post(TRY, {"key": held.key}).headers["Cache-Control"].startswith("no-store")


@pytest.mark.parametrize(
    "told",
    [{}, {"fingerprint": DEVICE, "environment": "production"}, {"environment": "other"}, {"fingerprint": "x"},
     {"fingerprint": DEVICE, "environment": "production", "feature": "sso"},
     {"fingerprint": DEVICE, "environment": "production", "feature": "seats", "quantity": 99}],
)  # fmt: skip
def test_it_says_just_what_the_api_says(held: Held, told: dict[str, Any]) -> None:
    key = parse_key(held.key)
    assert key is not None
    known = licence_known(key, now=AT.timestamp())
    assert known is not None
    shown = tried(key=held.key, at=AT, **told).answer
    said = msgspec.to_builtins(answered(known, ValidateRequest(key=held.key, **told), now=AT))
    entitlement = said.pop("entitlement") or {}
    mine = shown.pop("entitlement") or {}
    assert shown == said
    assert mine == {name: entitlement[name] for name in mine}


def test_one_that_was_revoked_says_so(support_desk: Client, held: Held) -> None:
    revoke(licence=held.row, reason="Leaked", by=SYSTEM, at=AT)
    assert "Refused: The licence was revoked for good. revoked" in ask(support_desk, held.key)
