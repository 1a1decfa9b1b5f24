"""What staff and customers are told."""

import re
from dataclasses import replace

import pytest

from support.domain.intake.deciding import decide
from support.domain.intake.outcomes import Decision, HelpStanding, Outcome, Reason, Wanted
from support.domain.intake.words import customer_words, say_channels
from tests.support.domain.intake.questions import GOLD, asked, question

NOBODY_OWES = HelpStanding(False, why="Free has no support.", other_channels=("Web form",), offers=(GOLD,))
THANKS = "Thank you for your message. "
HELD = "A colleague will look at your request and answer you."


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (decide(question(asked(given="sso"))), "They have “Single sign-on” (by the plan Team) and are covered on this channel."),
        (decide(question(asked(given="hipaa"))), "They don’t have “HIPAA”; “Team” or “Gold support” would give it."),
        (decide(question(asked(given="byo"))), "They don’t have “Own cloud” and nothing on sale gives it."),
        (decide(question(asked(given="users"))), "The limit of “Users” is reached; “Team” would raise it."),
        (decide(question(asked(given="buckets"))), "They have “Buckets”, and the article “Your first bucket” is offered first."),
        (
            decide(question(asked(), owed=NOBODY_OWES)),
            "Nobody owes them help on this channel (Free has no support); “Gold support” would give it; "
            "they are covered by web form.",
        ),
        (
            decide(question(asked(sso=0.5))),
            "Not sure enough of what is meant, so a person decides; proposed: accepted. "
            "They have “Single sign-on” (by the plan Team) and are covered on this channel.",
        ),
        (
            decide(question(asked(), unreadable=tuple(f"{n}.png: a picture" for n in range(5)))),
            "Something of it can’t be read (0.png: a picture; 1.png: a picture; 2.png: a picture; and 2 more), "
            "so a person looks at it.",
        ),
    ],
)  # fmt: skip
def test_staff_read_why(decision: Decision, said: str) -> None:
    assert decision.words == said


@pytest.mark.parametrize(
    ("decision", "said"),
    [
        (decide(question(asked(given="sso"))), "We have taken up your request."),
        (decide(question(asked(sso=0.4, hipaa=0.5))), HELD),
        (decide(question(asked(hipaa=1.0), wanted=Wanted())), HELD),
        (
            decide(question(asked(given="hipaa"))),
            "What you asked for isn’t part of what you have; “Team” or “Gold support” would give it.",
        ),
        (
            decide(question(asked(given="buckets"))),
            "This article answers it: “Your first bucket”, https://help.example/bucket",
        ),
        (
            decide(question(asked(), owed=NOBODY_OWES)),
            "Help on this channel isn’t part of what you have. You can reach us by web form. “Gold support” would give you more help.",
        ),
        (
            decide(question(asked(), owed=replace(NOBODY_OWES, used_up="Hours"))),
            "Your prepaid help is used up, so we can’t take up this request. You can reach us by web form. "
            "“Gold support” would give you more help.",
        ),
        (decide(question()), "Please tell us in a few words what you need. A colleague will look at your message either way."),
    ],
)  # fmt: skip
def test_customers_read_what_helps(decision: Decision, said: str) -> None:
    assert customer_words(decision) == THANKS + said


def test_a_customer_is_told_what_goes_ahead_and_what_doesn_t() -> None:
    told = customer_words(decide(question(asked(sso=1.0), asked(hipaa=1.0), asked(given="byo"))))
    assert told.startswith(f"{THANKS}We have taken up your request. Some of what you asked for")
    assert "nothing on sale" in told


@pytest.mark.parametrize("sure", [0.13, 0.57, 0.91])
def test_a_customer_never_reads_how_sure_anybody_was(sure: float) -> None:
    for key in ("sso", "hipaa", "buckets", "byo", "none"):
        assert not re.search(
            r"\d|confiden|sure", customer_words(decide(question(asked(**{key: sure})))).replace("https://help", "")
        )


def test_words_of_a_decision_made_elsewhere_never_fail() -> None:
    for outcome in Outcome:
        for reason in Reason:
            assert customer_words(Decision(outcome, reason, "Because.")).startswith(THANKS)


def test_channels_are_named_as_inside_a_sentence() -> None:
    assert say_channels(["E-mail", "Web form", "API"]) == "e-mail, web form and API"
