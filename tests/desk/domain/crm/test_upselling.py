"""What sales is told of use: the sentences, and which comes first."""

from datetime import date
from typing import Any

import pytest

from desk.domain.crm.upselling import Beyond, Trial, Used, near_limits, say_day, signal, signals

TODAY = date(2026, 3, 2)


def calls(percent: int = 82, **told: Any) -> Used:
    return Used(**{"name": "API calls", "percent": percent, "used": "8,200", "limit": "10,000"} | told)


def seats(percent: int, used: str, **told: Any) -> Used:
    return Used(**{"name": "Seats", "percent": percent, "used": used, "limit": "20", "held": True} | told)


@pytest.mark.parametrize(
    ("used", "words"),
    [
        (calls(reached_on=date(2026, 3, 24)), "82 % of API calls, limit reached about 24 March"),
        (calls(reached_on=date(2027, 1, 6)), "82 % of API calls, limit reached about 6 January 2027"),
        (calls(41, reached_on=date(2026, 3, 24)), "41 % of API calls, limit reached about 24 March"),
        (calls(), "82 % of API calls"),
        (calls(80), "80 % of API calls"),
        (calls(79), ""),
        (calls(0), ""),
        (
            calls(100, used="10,000", resets_on=date(2026, 4, 1)),
            "API calls: limit reached, 10,000 of 10,000 (100 %), starts again on 1 April",
        ),
        (calls(100, used="10,000"), "API calls: limit reached, 10,000 of 10,000 (100 %)"),
        (calls(120, used="12,000", beyond=Beyond.CHARGED), "API calls: 12,000 of 10,000 (120 %), more is charged"),
        (
            calls(120, used="12,000", beyond=Beyond.GOES_ON),
            "API calls: 12,000 of 10,000 (120 %), more goes on without a charge",
        ),
        (seats(90, "18"), "90 % of Seats in use: 18 of 20"),
        (seats(75, "15"), ""),
        (seats(100, "20"), "Seats: all 20 in use"),
        (seats(110, "22"), "Seats: 22 of 20 (110 %) in use"),
    ],
)
def test_the_sentence_about_one_feature(used: Used, words: str) -> None:
    assert signal(used, today=TODAY) == words


def test_what_presses_most_stands_first() -> None:
    uses = [
        calls(85, name="Mails"),
        calls(60, name="Tokens", reached_on=date(2026, 3, 20)),
        calls(100, name="Builds", used="10,000"),
        calls(92, name="Storage"),
        calls(88, name="Events", reached_on=date(2026, 3, 9)),
        calls(130, name="Exports", used="13,000"),
        calls(20, name="Imports"),
    ]
    found = signals(uses, [Trial("Team", date(2026, 3, 6))], today=TODAY)
    assert found == (
        "Exports: limit reached, 13,000 of 10,000 (130 %)",
        "Builds: limit reached, 10,000 of 10,000 (100 %)",
        "88 % of Events, limit reached about 9 March",
        "60 % of Tokens, limit reached about 20 March",
        "92 % of Storage",
        "85 % of Mails",
        "Trial of Team through 6 March, nobody has bought it yet",
    )


def test_the_order_is_the_same_however_they_come() -> None:
    uses = [calls(85, name=name) for name in ("Mails", "Storage", "Tokens")]
    assert signals(uses, today=TODAY) == signals(reversed(uses), today=TODAY)


@pytest.mark.parametrize(
    ("trial", "words"),
    [
        (Trial("Team", date(2026, 3, 6)), "Trial of Team through 6 March, nobody has bought it yet"),
        (Trial("Team", date(2026, 3, 6), with_card=True), "Trial of Team through 6 March, then it is paid for"),
        (Trial("", date(2027, 3, 6)), "Trial through 6 March 2027, nobody has bought it yet"),
    ],
)
def test_a_trial_that_runs(trial: Trial, words: str) -> None:
    assert signals([], [trial], today=TODAY) == (words,)


def test_trials_by_their_end() -> None:
    found = signals([], [Trial("Pro", date(2026, 3, 9)), Trial("Team", date(2026, 3, 6))], today=TODAY)
    assert ["Team" in found[0], "Pro" in found[1]] == [True, True]


def test_limits_are_near_from_80_percent_on() -> None:
    assert near_limits([calls(79), calls(80), calls(100), seats(95, "19")]) == 3
    assert near_limits([]) == 0


def test_a_day_has_its_year_where_that_is_another() -> None:
    assert say_day(date(2026, 12, 31), today=TODAY) == "31 December"
    assert say_day(date(2027, 1, 1), today=TODAY) == "1 January 2027"
    assert say_day(date(2025, 12, 31), today=TODAY) == "31 December 2025"
