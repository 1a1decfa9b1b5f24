"""What a licence file says, and when it ends."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from catalog.domain.values import UNLIMITED
from entitlements.domain.licences.files import FileTerms, claims_of, ends_at, wrapped
from entitlements.domain.licences.standing import LicenceFacts
from tests.conftest import AT
from tests.entitlements.domain.licences.answers import answer

DAY = timedelta(days=1)
FACTS = LicenceFacts(
    "k3vqz7ab", zone="Europe/Vienna", expires_at=AT + 40 * DAY, maintenance_until=date(2027, 3, 1), offline_days=30
)


def end(**changed: datetime | None) -> datetime:
    told = {"subscription_ends_at": None, **changed}
    return ends_at(FACTS, days=30, at=AT + timedelta(milliseconds=7), **told)  # type: ignore[arg-type]


def test_a_file_ends_with_whatever_is_known_to_end_first() -> None:
    assert end() == AT + 30 * DAY - timedelta(hours=1)  # clocks spring forward in Vienna in between
    assert end(subscription_ends_at=AT + 3 * DAY) == AT + 3 * DAY
    assert ends_at(FACTS, days=90, subscription_ends_at=None, at=AT) == AT + 40 * DAY


def test_it_says_who_where_until_when_and_what() -> None:
    terms = FileTerms("f1", "acme", "Plant in Graz", "press", "plc-7", AT, AT + DAY)
    answers = {
        "storage": answer("storage", Decimal(5)),
        "sso": answer("sso", True, until=AT + DAY),
        "seats": answer("seats", UNLIMITED),
        "audit": answer("audit", None, granted=False),
        "tools": answer("tools", frozenset({"b", "a"})),
    }
    assert claims_of(terms, FACTS, answers) == {
        "iss": "entitlement-desk", "jti": "f1", "sub": "acme",
        "iat": 1772442000, "nbf": 1772442000, "exp": 1772528400,
        "licence": {
            "prefix": "k3vqz7ab", "name": "Plant in Graz", "policy": "press", "environment": "",
            "expires_at": "2026-04-11T09:00:00Z", "maintenance_until": "2027-03-01",
        },
        "device": "plc-7",
        "entitlements": {
            "seats": {"unlimited": True, "until": None},
            "sso": {"value": True, "until": "2026-03-03T09:00:00Z"},
            "storage": {"value": 5, "until": None},
            "tools": {"value": ["a", "b"], "until": None},
        },
    }  # fmt: skip


def test_it_is_wrapped_in_lines_of_64() -> None:
    lines = wrapped("x" * 130).splitlines()
    assert lines == ["-----BEGIN LICENCE FILE-----", "x" * 64, "x" * 64, "xx", "-----END LICENCE FILE-----"]


def test_no_policy_lets_a_file_run_beyond_the_calendar() -> None:
    unending = replace(FACTS, expires_at=None)
    end = ends_at(unending, days=2**31 - 1, subscription_ends_at=None, at=AT)
    assert end == ends_at(unending, days=36_500, subscription_ends_at=None, at=AT)
