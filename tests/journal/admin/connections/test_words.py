"""How a connection does, in a sentence that whoever looks after it understands, and what to do about it."""

from datetime import timedelta

import pytest

from journal.admin.connections.words import advice, say_health, say_lag, say_refused, say_secret
from journal.models import Connection, ConnectionRefusal, ConnectionSecret
from journal.queries.connections import Doing
from tests.conftest import AT
from tests.fakes.console import CONSOLE

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "doing", "words", "colour"),
    [
        ("active", Doing(), "Nothing has arrived yet", ""),
        ("active", Doing(refused=[ConnectionRefusal()]), "Nothing has arrived yet", "red"),
        ("active", Doing(last_arrival_at=AT - 2 * HOUR), "All arrivals taken, last 2 hours ago", "green"),
        ("paused", Doing(waiting=1), "Paused: what arrives is stored and waits; 1 waits", "amber"),
        ("off", Doing(waiting=3), "Turned off: nothing that comes is stored; 3 wait", "red"),
        (
            "active",
            Doing(resume_at=AT + HOUR, failing_since=AT - HOUR),
            "The other system asked to be left alone until 2 March, 10:00; since 2 March, 08:00",
            "amber",
        ),
        (
            "active",
            Doing(failing_since=AT - HOUR, failures=4, waiting=2),
            "Failing since 2 March, 08:00, 4 times in a row; 2 wait",
            "red",
        ),
        ("active", Doing(given_up=1), "1 given up: it waits for a person", "red"),
        ("active", Doing(given_up=1200), "1,200 given up: they wait for a person", "red"),
        (
            "active",
            Doing(waiting=2, oldest_waiting_at=AT - HOUR, last_arrival_at=AT),
            "2 wait, the oldest since 2 March, 08:00",
            "amber",
        ),
        (
            "active",
            Doing(waiting=2, oldest_waiting_at=AT, last_arrival_at=AT),
            "All arrivals taken, last just now",
            "green",
        ),
    ],
)
def test_how_it_does(state, doing, words, colour):
    said = say_health(Connection(state=state), doing, at=AT)
    assert (said.words, said.colour) == (words, colour)


@pytest.mark.parametrize(
    ("lag", "words"),
    [
        (None, "–"),
        (0.8 * SECOND, "0.8 seconds"),
        (-SECOND, "0.0 seconds"),
        (61 * SECOND, "1 minute"),
        (59 * 60 * SECOND, "59 minutes"),
        (HOUR, "1 hour"),
        (50 * HOUR, "50 hours"),
    ],
)
def test_how_long_it_took(lag, words):
    assert say_lag(lag) == words


def test_a_secret_is_known_by_its_age():
    assert say_secret(ConnectionSecret(created_at=AT), at=AT) == "In use since today"
    assert say_secret(ConnectionSecret(created_at=AT - 25 * HOUR), at=AT) == "In use for 1 day"
    assert say_secret(ConnectionSecret(created_at=AT, ends_at=AT + HOUR), at=AT) == (
        "The former one, good until 2 March, 10:00"
    )


def test_what_was_refused_says_what_to_do():
    (one,) = say_refused([ConnectionRefusal(reason="signature", count=1)])
    assert (one["words"], one["times"]) == ("The signature fits none of the secrets", "once")
    assert "enter the new one here" in str(one["to_do"])


def test_each_trouble_comes_with_what_to_do():
    found = advice(CONSOLE, Doing(set_aside=2), lacking=["API key"])
    assert [one.what for one in found] == [
        "It has no API key that can be opened.",
        "2 are of types that nobody handles.",
    ]
    assert all(one.to_do.endswith(".") for one in found)
    assert advice(CONSOLE, Doing(), lacking=[]) == []
    assert advice(None, Doing(), lacking=[])[0].what == "The desk no longer knows this system."
