"""Who takes no part, and in which words: every reason there is."""

from typing import Any

import pytest

from support.domain.cover_reasons import channel_words
from tests.support.domain.coverings import HOLDING, chosen, reason, winner
from tests.support.domain.desks import local


def lost(row: str, head: str = "", **about: Any) -> str:
    """Why the only cover takes no part; empty: it does."""
    choice = chosen(f"name | tier | {head}\nOnly | gold | {row}", **about)
    return "" if choice.candidates[0].kept else reason(choice, "Only")


@pytest.mark.parametrize(
    ("window", "at", "words"),
    [
        ("2026-03-01 |", "2026-03-01", ""),
        ("2026-03-01 |", "2026-02-28 23:59", "It begins later, on 1 March 2026."),
        ("2026-03-01 09:30 |", "2026-02-01", "It begins later, on 1 March 2026 09:30."),
        ("| 2026-04-01", "2026-03-31 23:59", ""),
        ("| 2026-04-01", "2026-04-01", "It lasted through 31 March 2026."),  # the end is exclusive
        ("| 2026-04-01 14:05", "2026-05-01", "It lasted until 1 April 2026 14:05."),
        ("2026-04-01 | 2026-04-01", "2026-04-01", "It never came into force."),
        ("2026-04-01 | 2026-04-01", "2026-03-01", "It never came into force."),
    ],
)
def test_by_time(window: str, at: str, words: str) -> None:
    assert lost(window, "from | until", at=local(at)) == words


def test_days_are_said_in_the_customer_s_zone() -> None:
    midnight = local("2026-04-01 00:00", "Europe/Amsterdam")
    text = f"| {midnight:%Y-%m-%d %H:%M}"
    assert lost(text, "from | until", zone="Europe/Amsterdam") == "It lasted through 31 March 2026."
    assert lost(text, "from | until") == "It lasted until 31 March 2026 22:00."


def test_an_end_says_how_it_came_about() -> None:
    row = "2026-04-01 | , with contract C-12"
    assert lost(row, "until | because") == "It lasted through 31 March 2026, with contract C-12."


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("us |", ""),
        ("us | yes", ""),
        ("holding | yes", ""),
        ("holding |", "It is another account’s, and reaches no child accounts."),
        ("others |", "It is another account’s, and reaches no child accounts."),
        ("others | yes", "It is another account’s, and reaches no child accounts."),
    ],
)
def test_by_account(row: str, words: str) -> None:
    assert lost(row, "of | children") == words


def test_a_cover_reaches_children_of_children() -> None:
    assert lost("holding | yes", "of | children", above=(7, HOLDING)) == ""
    assert lost("holding | yes", "of | children", above=(7,)) != ""


def test_a_warranty_is_of_who_has_the_equipment() -> None:
    row = "warranty | others | pump"
    assert lost(row, "source | of | only", asset="pump") == "It is on equipment that another account has."


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("tier", ""),  # the resolver has weighed the standing
        ("cover", "The account is suspended."),
        ("warranty", "The account is suspended."),
        ("balance", "The account is suspended."),
    ],
)
def test_by_standing(source: str, words: str) -> None:
    assert lost(source, "source", is_open=False, standing_words="The account is suspended.") == words


def test_without_words_for_the_standing_there_are_some() -> None:
    assert lost("cover", "source", is_open=False) == "The account is not open."


def test_by_the_standing_of_who_agreed_it() -> None:
    shut = {HOLDING: "Holding, which agreed it, is closed."}
    assert lost("holding | yes", "of | children", shut=shut) == "Holding, which agreed it, is closed."
    assert lost("us |", "of | children", shut=shut) == ""


@pytest.mark.parametrize(
    ("only", "channel", "words"),
    [
        ("", "phone", ""),
        ("phone", "phone", ""),
        ("phone", None, ""),  # nobody said how they came
        ("phone", "email", "It is for phone only."),
        ("email chat", "phone", "It is for chat and e-mail only."),
        ("api in_person phone", "web", "It is for API, in person and phone only."),
        ("fax", "phone", "It is for fax only."),
    ],
)
def test_by_channel(only: str, channel: str | None, words: str) -> None:
    assert lost(only, "only", channel=channel) == words


def test_channels_are_said_in_the_middle_of_a_sentence() -> None:
    assert [channel_words(one) for one in ("email", "web", "api", "carrier_pigeon")] == [
        "e-mail", "web form", "API", "carrier pigeon"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("only", "about", "words"),
    [
        ("pump", {"asset": "pump"}, ""),
        ("pump fan", {"asset": "fan"}, ""),
        ("pump", {"asset": "fan"}, "It reaches pump only."),
        ("pump fan", {}, "It reaches pump and fan only, and no asset was named."),
        ("plant", {"location": "depot"}, "It reaches plant only."),
        ("plant", {"asset": "pump"}, "It reaches plant only, and where the equipment stands was not named."),
        ("jo", {"contact": "ana"}, "It reaches jo only."),
        ("jo", {}, "It reaches jo only, and none of the customer’s contacts on file was named as asking."),
        ("p1", {"product": "p2"}, "It reaches p1 only."),
        ("p1", {}, "It reaches p1 only, and no product was named."),
        ("jo p1", {"contact": "jo", "product": "p1"}, ""),  # all kinds it names
        ("jo p1", {"contact": "jo", "product": "p2"}, "It reaches p1 only."),
        ("jo p1", {"contact": "ana", "product": "p1"}, "It reaches jo only."),
        ("pump phone", {"asset": "pump", "channel": "email"}, "It is for phone only."),
    ],
)
def test_by_what_it_is_narrowed_to(only: str, about: dict[str, str], words: str) -> None:
    assert lost(only, "only", **about) == words


def test_by_a_contract_that_isn_t_signed() -> None:
    row = "Contract C-12 is not signed."
    assert lost(row, "withheld") == row


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ("", ""),
        ("incidents=1", ""),
        ("incidents=0", "Nothing is left of incidents."),
        ("incidents=-2", "Nothing is left of incidents."),
        ("incidents=0!", ""),  # it may be overdrawn
        ("incidents=no_limit", ""),
        ("incidents=0 packs=3", ""),  # one of them is enough
        ("incidents=0 packs=0", "Nothing is left of incidents and packs."),
        ("incidents=0 packs=0!", ""),
    ],
)
def test_by_what_is_left(left: str, words: str) -> None:
    assert lost(left, "left") == words


def test_what_is_over_is_said_before_what_is_used_up() -> None:
    row = "2026-04-01 | incidents=0"
    assert lost(row, "until | left") == "It lasted through 31 March 2026."


def test_used_up_it_gives_way_to_a_lesser_one() -> None:
    choice = chosen("""
      name  | tier   | left
      Pack  | gold   | incidents=0
      Basic | bronze |
    """)
    assert (winner(choice), reason(choice, "Basic")) == ("Basic", "It is the only one that applies.")
