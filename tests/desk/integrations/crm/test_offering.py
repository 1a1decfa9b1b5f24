"""What a mapping may name is asked of the CRM once in a while, and not at once again where that is away."""

from datetime import timedelta

import pytest

from desk.integrations.crm.offering import forget_offers, offers_of
from desk.integrations.crm.port import Declined, LoginRefused, Offered
from tests.desk.integrations.crm.memory import Line, Memory, connected, registered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
SEAT = Offered("TEAM-SEAT", "Team seat")


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_offers()
    monkeypatch.setattr(Line, "products", lambda self: [SEAT])


def asked(crm: Memory) -> int:
    return sum(what == "opened" for what, _ in crm.asked)


def test_what_was_asked_is_remembered_for_a_while() -> None:
    with registered(Memory(clock=lambda: AT)) as crm:
        connection = connected()
        assert offers_of(connection, at=AT).products == (SEAT,)
        offers_of(connection, at=AT + timedelta(minutes=9))
        assert asked(crm) == 1
        offers_of(connection, at=AT + timedelta(minutes=10))
        assert asked(crm) == 2
        offers_of(connection, at=AT + timedelta(minutes=10), anew=True)
        assert asked(crm) == 3


def test_that_it_is_away_is_said_and_remembered_for_a_moment() -> None:
    with registered(Memory(clock=lambda: AT)) as crm:
        connection = connected()
        crm.fails("opened", Declined("The token may not read products"))
        away = offers_of(connection, at=AT).away
        assert away == "The token may not read products."
        assert offers_of(connection, at=AT + timedelta(seconds=29)).away == away
        assert asked(crm) == 1
        assert offers_of(connection, at=AT + timedelta(seconds=30)).away == ""


def test_a_login_that_is_refused_says_what_to_do() -> None:
    with registered(Memory(clock=lambda: AT)) as crm:
        crm.fails("opened", LoginRefused("Enter a new token at the connection."))
        assert "Enter a new token" in offers_of(connected(), at=AT).away


def test_a_connection_that_rests_is_not_asked() -> None:
    with registered(Memory(clock=lambda: AT)) as crm:
        paused = connected(name="Resting", state="paused")
        assert offers_of(paused, at=AT).away == "Resting is paused."
        assert asked(crm) == 0
