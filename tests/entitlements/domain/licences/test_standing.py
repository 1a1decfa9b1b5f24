"""What a licence is good for: each reason alone, the strongest of several, and that revoked stays revoked."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.facts import Standing
from entitlements.domain.licences.activations import ActivationFact
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.domain.licences.standing import LicenceFacts, Question, standing_alone, standing_of
from tests.conftest import AT

DAY, HERE = timedelta(days=1), Question("press-4")
GOOD = LicenceFacts("k3vqz7ab", limit=1, activations=(ActivationFact("press-4", AT - DAY, AT - DAY),))


def asked(question: Question = HERE, at: Any = AT, **changed: Any) -> tuple[bool, str]:
    ruling = standing_of(replace(GOOD, **changed), question=question, at=at)
    assert ruling.because.endswith(".")
    return ruling.valid, ruling.code.value


def test_it_is_good_where_it_is_active() -> None:
    assert asked() == (True, "ok")
    assert asked(Question(" press-4 ")) == (True, "ok")
    assert asked(Question("press-5")) == (False, "not_activated")
    assert asked(Question()) == (False, "not_activated")
    assert asked(Question("a\nb")) == (False, "fingerprint_malformed")


def test_where_nothing_limits_places_none_has_to_be_active() -> None:
    assert asked(Question(), limit=None) == (True, "ok")
    assert asked(Question("anywhere"), limit=None) == (True, "ok")
    assert asked(Question("anywhere"), limit=None, heartbeat=DAY) == (False, "not_activated")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"revoked_at": AT}, "revoked"),
        ({"standing": Standing.CLOSED}, "account_closed"),
        ({"standing": Standing.SUSPENDED}, "account_suspended"),
        ({"suspended_at": AT}, "suspended"),
        ({"expires_at": AT}, "expired"),
        ({"gives": False}, "subscription_over"),
        ({"environment": "production"}, "wrong_environment"),
        ({"limit": 0}, "activation_limit_reached"),
        ({"heartbeat": DAY}, "heartbeat_lost"),
    ],
)
def test_each_reason_alone(changed: dict[str, Any], code: str) -> None:
    assert asked(**changed) == (False, code)


def test_it_ends_with_its_instant_and_not_before() -> None:
    assert asked(expires_at=AT, at=AT - timedelta(microseconds=1)) == (True, "ok")
    told = standing_alone(replace(GOOD, expires_at=AT, through_on=date(2026, 3, 1)), at=AT)
    assert told.because == "The licence was good through 1 March 2026."


def test_an_environment_is_compared_as_people_write_it() -> None:
    assert asked(Question("press-4", "Production "), environment="production") == (True, "ok")
    assert asked(Question("press-4", "staging"), environment="production") == (False, "wrong_environment")
    assert asked(Question("press-4", "staging")) == (True, "ok")


def test_maintenance_covers_what_was_released_by_its_last_day() -> None:
    last, releases = date(2027, 3, 1), {"4.2": date(2027, 3, 1), "5.0": date(2027, 3, 2)}
    told = {"maintenance_until": last, "releases": releases}
    assert asked(Question("press-4", version="v4.2"), **told) == (True, "ok")
    assert asked(Question("press-4", version="5.0"), **told) == (False, "version_not_covered")
    assert asked(Question("press-4", version="6"), **told) == (False, "unknown_version")
    assert asked(Question("press-4", version="6")) == (True, "ok")
    assert asked(**told) == (True, "ok")


def test_overage_is_let_in_and_told() -> None:
    facts = tuple(ActivationFact(name, AT - DAY, AT, number) for number, name in enumerate(["press-1", "press-4"]))
    assert asked(activations=facts, overage=Overage.DOUBLE) == (True, "over_activation_limit_ok")
    assert asked(activations=facts) == (False, "activation_limit_reached")
    assert asked(activations=facts, limit=2) == (True, "ok")


def test_a_domain_covers_itself_and_www() -> None:
    facts = (ActivationFact("example.com", AT - DAY, AT),)
    told = {"activations": facts, "bound_to": BoundTo.DOMAIN}
    assert asked(Question("www.Example.com"), **told) == (True, "ok")
    assert asked(Question("shop.example.com"), **told) == (False, "not_activated")
    assert asked(Question("example.com:443"), **told) == (False, "fingerprint_malformed")


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "standing": st.sampled_from(list(Standing)),
        "suspended_at": st.just(AT - DAY),
        "expires_at": st.sampled_from([AT - DAY, AT, AT + DAY]),
        "gives": st.booleans(),
        "environment": st.sampled_from(["", "production"]),
        "limit": st.sampled_from([None, 0, 1, 9]),
        "overage": st.sampled_from(list(Overage)),
        "heartbeat": st.sampled_from([None, DAY, 2 * DAY]),
        "activations": st.sampled_from([(), GOOD.activations]),
    },
)
QUESTIONS = st.builds(
    Question, st.sampled_from(["", "press-4", "press-5", "\x00"]), st.sampled_from(["", "production"]), st.just("1")
)


@given(CHANGES, QUESTIONS, st.integers(-1000, 1000).map(lambda hours: timedelta(hours=hours)))
def test_a_revoked_licence_never_becomes_valid_again(changed: dict[str, Any], question: Question, later: Any) -> None:
    facts = replace(GOOD, revoked_at=AT, **changed)
    if later >= timedelta():
        assert standing_of(facts, question=question, at=AT + later).code is Code.REVOKED


@given(CHANGES, QUESTIONS)
def test_what_ends_at_read_time_is_never_good_after_it(changed: dict[str, Any], question: Question) -> None:
    facts = replace(GOOD, **changed)
    ruling = standing_of(facts, question=question, at=AT)
    assert ruling.valid is ruling.code.valid
    if facts.expires_at is not None and facts.expires_at <= AT:
        assert not ruling.valid
    if not standing_alone(facts, at=AT).valid:
        assert ruling == standing_alone(facts, at=AT)
