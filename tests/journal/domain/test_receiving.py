"""What arrives: what can be stored of it, when it is tried again, and what of it people may read."""

from datetime import datetime, timedelta

import pytest

from journal.domain.arrival import DELAYS, MOST_TRIES, ArrivalState, delay_after
from journal.domain.body_shown import shown, without
from journal.domain.connection import ConnectionState, Mode
from journal.domain.receiving import LONGEST_WAIT, Forged, Later, Message, Reason, Received
from tests.conftest import AT


@pytest.mark.parametrize(
    "wrong",
    [
        {"external_id": ""},
        {"type": ""},
        {"external_id": "x" * 201},
        {"subject": "a\x00b"},
        {"occurred_at": datetime(2026, 3, 2)},  # noqa: DTZ001 — the point of it
    ],
)
def test_what_cant_be_named_for_good_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Received(**({"external_id": "evt_1", "type": "thing.made"} | wrong))


def test_what_it_needs_is_an_id_and_a_type() -> None:
    one = Received("evt_1", "thing.made", occurred_at=AT)
    assert (one.subject, one.live, one.of_account, one.body) == ("", None, "", None)


def test_bytes_and_headers_of_a_message_stay_out_of_logs() -> None:
    assert repr(Message(b"secret", {"authorization": "secret"}, "https://desk/hooks/x")) == (
        "Message(url='https://desk/hooks/x')"
    )


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_says_what_to_do(reason: Reason) -> None:
    assert reason.what_to_do.endswith(".")
    assert Forged(reason).reason is reason
    assert str(Forged(reason)) == reason.words


def test_who_asks_for_rest_gets_it_for_a_second_at_least_and_a_day_at_most() -> None:
    asked = [timedelta(0), timedelta(minutes=3), timedelta(days=9)]
    assert [Later("Busy", after=one).after for one in asked] == [
        timedelta(seconds=1),
        timedelta(minutes=3),
        LONGEST_WAIT,
    ]


def test_tries_come_quickly_and_then_wait_out_what_a_person_has_to_mend() -> None:
    assert [delay_after(n, jitter=0) for n in range(1, MOST_TRIES)] == list(DELAYS)
    assert delay_after(MOST_TRIES, jitter=0) is None
    assert delay_after(1, jitter=1) == DELAYS[0] * 1.1
    assert timedelta(hours=17) < sum(DELAYS, timedelta(0)) < timedelta(hours=18)


@pytest.mark.parametrize(("tries", "jitter"), [(0, 0), (1, -0.1), (1, 1.1)])
def test_tries_count_from_one(tries: int, jitter: float) -> None:
    with pytest.raises(ValueError):
        delay_after(tries, jitter=jitter)


def test_every_state_has_words() -> None:
    for states in (ArrivalState, ConnectionState, Mode):
        words = [one.words for one in states]
        assert all(words)
        assert len(set(words)) == len(words)


def test_a_body_is_laid_out_with_its_secrets_hidden() -> None:
    body = b'{"id": "evt", "data": [{"client_secret": "4711", "name": "\xc3\x89mile", "mood": "low"}], "api_key": ""}'
    text = shown(body, hidden=["Mood"])
    assert "4711" not in text
    assert '"client_secret": "•••"' in text
    assert '"mood": "•••"' in text
    assert '"name": "Émile"' in text
    assert '"api_key": ""' in text  # nothing to hide
    assert text.count("\n") > 4


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"token=abc&name=Ada", "token=•••&name=Ada"),
        (b"<a><sessionId>abc</sessionId><b>1</b></a>", "<a><sessionId>•••</sessionId><b>1</b></a>"),
        (b"\xff\xfe", "��"),
        (b"", ""),
        (b"[" * 100_000, "[" * 100_000),
    ],
)
def test_what_is_no_json_is_shown_as_it_is_but_for_secrets(body: bytes, text: str) -> None:
    assert shown(body) == text


def test_a_deep_body_ends_somewhere() -> None:
    assert "•••" in shown(b'{"a":' * 300 + b"1" + b"}" * 300)


def test_an_error_tells_no_secret() -> None:
    assert without("key sk_test_1 is wrong, so is abc", ["sk_test_1", "abc", ""]) == "key ••• is wrong, so is abc"
