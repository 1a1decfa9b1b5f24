"""The rule of decisions, line by line: what is exact, what rests on words, and what is told."""

from dataclasses import replace

import pytest

from support.domain.intake.deciding import decide
from support.domain.intake.outcomes import Decision, HelpStanding, Outcome, Reason, Wanted
from tests.support.domain.intake.questions import ACTING, COVERED, FEATURES, FIRST, GOLD, INSTEAD, TEAM, asked, question

ACCEPT, BLOCK, HOLD = Outcome.ACCEPT, Outcome.BLOCK, Outcome.HOLD
REDIRECT, SUGGEST = Outcome.REDIRECT, Outcome.SUGGEST
NOBODY_OWES = HelpStanding(False, why="the plan Free has no support")
USED_UP = HelpStanding(False, used_up="Support hours")


def said(decision: Decision) -> tuple[Outcome, Reason]:
    return decision.outcome, decision.reason


@pytest.mark.parametrize("owed", [COVERED, NOBODY_OWES, USED_UP])
@pytest.mark.parametrize("given", ["", "byo", "sso"])
def test_whose_ticket_nobody_knows_is_held_and_never_blocked(owed: HelpStanding, given: str) -> None:
    decision = decide(question(asked(given=given), account=False, owed=owed, features={}))
    assert said(decision) == (HOLD, Reason.NOBODY_KNOWN)


@pytest.mark.parametrize("given", ["", "sso", "byo", "buckets", "nothing_known"])
def test_prepaid_help_that_is_used_up_blocks_whatever_the_text_says(given: str) -> None:
    decision = decide(question(asked(given=given, sso=1.0), owed=USED_UP, unreadable=("a: b",), too_long=True))
    assert said(decision) == (BLOCK, Reason.NOTHING_LEFT)
    assert "Support hours" in decision.words
    assert [part.outcome for part in decision.parts] == [BLOCK]


def test_where_nobody_owes_help_and_nothing_is_on_sale_it_is_blocked() -> None:
    assert said(decide(question(asked(sso=1.0), owed=NOBODY_OWES))) == (BLOCK, Reason.NOT_COVERED)


def test_where_nobody_owes_help_an_offer_comes_before_a_block() -> None:
    decision = decide(question(asked(sso=1.0), owed=replace(NOBODY_OWES, offers=(GOLD,))))
    assert said(decision) == (SUGGEST, Reason.NOT_COVERED)
    assert decision.offers == (GOLD,)
    assert "Gold support" in decision.words


@pytest.mark.parametrize(("given", "article"), [("buckets", FIRST), ("pausing", INSTEAD)])
def test_where_nobody_owes_help_an_article_comes_before_an_offer(given: str, article: object) -> None:
    decision = decide(question(asked(given=given), owed=replace(NOBODY_OWES, offers=(GOLD,))))
    assert said(decision) == (REDIRECT, Reason.ARTICLE_INSTEAD)
    assert decision.article == article


def test_an_article_for_a_feature_that_only_words_name_doesn_t_decide_where_nobody_owes_help() -> None:
    assert said(decide(question(asked(buckets=1.0), owed=NOBODY_OWES))) == (BLOCK, Reason.NOT_COVERED)


@pytest.mark.parametrize("owed", [NOBODY_OWES, USED_UP, replace(NOBODY_OWES, offers=(GOLD,))])
@pytest.mark.parametrize("given", ["", "buckets"])
def test_who_is_covered_elsewhere_is_told_where(owed: HelpStanding, given: str) -> None:
    decision = decide(question(asked(given=given), owed=replace(owed, other_channels=("Web form", "API"))))
    assert "web form and API" in decision.words
    assert decision.channels == ("Web form", "API")


@pytest.mark.parametrize(
    ("given", "outcome", "reason"),
    [
        ("sso", ACCEPT, Reason.COVERED),
        ("storage", ACCEPT, Reason.COVERED),
        ("pausing", ACCEPT, Reason.COVERED),  # its article is only for those whom nobody owes help
        ("full", ACCEPT, Reason.COVERED),  # nothing on sale raises it
        ("buckets", REDIRECT, Reason.ARTICLE_FIRST),
        ("users", SUGGEST, Reason.LIMIT_REACHED),
        ("hipaa", SUGGEST, Reason.NOT_INCLUDED),
        ("byo", BLOCK, Reason.NOT_INCLUDED),
        ("nothing_known", HOLD, Reason.UNSURE),
    ],
)
@pytest.mark.parametrize("wanted", [ACTING, Wanted(), Wanted(accept=2.0, redirect=2.0, suggest=2.0)])
def test_a_feature_that_a_field_names_needs_no_reading(
    given: str, outcome: Outcome, reason: Reason, wanted: Wanted
) -> None:
    assert said(decide(question(asked(given=given, failed="too late"), wanted=wanted))) == (outcome, reason)


@pytest.mark.parametrize(
    ("unfit", "reason"),
    [({"unreadable": ("a.png: a picture",)}, Reason.UNREADABLE), ({"too_long": True}, Reason.TOO_LONG)],
)
@pytest.mark.parametrize(
    ("given", "proposed"),
    [("buckets", REDIRECT), ("users", SUGGEST), ("hipaa", SUGGEST), ("byo", None), ("nothing_known", None)],
)
def test_nobody_is_put_off_by_a_field_while_something_beside_it_isn_t_read(
    unfit: dict[str, object], reason: Reason, given: str, proposed: Outcome | None
) -> None:
    """What they paid for may stand in the file that can't be read."""
    decision = decide(question(asked(given=given), **unfit))  # type: ignore[arg-type]
    assert said(decision) == (HOLD, reason)
    assert decision.parts[0].proposed is proposed
    assert said(decide(question(asked(given="sso"), **unfit))) == (ACCEPT, Reason.COVERED)  # type: ignore[arg-type]


SHUT = "The account is suspended, and support was not kept for it."


@pytest.mark.parametrize("given", ["", "byo", "buckets", "sso"])
@pytest.mark.parametrize("owed", [NOBODY_OWES, USED_UP, replace(NOBODY_OWES, offers=(GOLD,))])
def test_who_may_be_owed_help_all_the_same_is_held(given: str, owed: HelpStanding) -> None:
    decision = decide(question(asked(given=given, sso=1.0), owed=replace(owed, perhaps=SHUT)))
    assert said(decision) == (HOLD, Reason.UNSURE)
    assert decision.words == f"{SHUT} Nobody is turned away for that, so a person decides."
    assert decision.parts[0].proposed is None
    assert decide(question(asked(sso=1.0), owed=replace(COVERED, perhaps=SHUT))).outcome is ACCEPT


@pytest.mark.parametrize("key", ["hipaa", "byo"])
def test_a_feature_that_is_only_withheld_refuses_nobody(key: str) -> None:
    known = FEATURES | {key: replace(FEATURES[key], withheld="They have it from 3 March 2026 on.")}
    for one in (asked(given=key), asked(**{key: 1.0})):
        decision = decide(question(one, features=known))
        assert said(decision) == (HOLD, Reason.UNSURE)
        assert "3 March 2026" in decision.words
        assert (decision.offers, decision.parts[0].proposed) == ((), None)


@pytest.mark.parametrize(
    ("feature", "outcome", "reason"),
    [
        ("sso", ACCEPT, Reason.COVERED),
        ("pausing", ACCEPT, Reason.COVERED),
        ("full", ACCEPT, Reason.COVERED),
        ("buckets", REDIRECT, Reason.ARTICLE_FIRST),
        ("users", SUGGEST, Reason.LIMIT_REACHED),
        ("hipaa", SUGGEST, Reason.NOT_INCLUDED),
        ("byo", HOLD, Reason.UNSURE),
        ("none", HOLD, Reason.UNSURE),
        ("nothing_known", HOLD, Reason.UNSURE),
    ],
)
def test_what_follows_a_sure_reading(feature: str, outcome: Outcome, reason: Reason) -> None:
    assert said(decide(question(asked(**{feature: 0.95})))) == (outcome, reason)


@pytest.mark.parametrize(
    ("feature", "proposed"), [("sso", ACCEPT), ("buckets", REDIRECT), ("hipaa", SUGGEST), ("byo", None), ("none", None)]
)
@pytest.mark.parametrize(
    ("unfit", "reason"),
    [
        ({"unreadable": ("a.png: a picture",)}, Reason.UNREADABLE),
        ({"too_long": True}, Reason.TOO_LONG),
        ({"wanted": Wanted(accept=0.99, redirect=0.99, suggest=0.99, acting=True)}, Reason.UNSURE),
    ],
)
def test_what_is_held_keeps_what_would_follow(
    feature: str, proposed: Outcome | None, unfit: dict[str, object], reason: Reason
) -> None:
    decision = decide(question(asked(**{feature: 0.95}), **unfit))  # type: ignore[arg-type]
    assert said(decision) == (HOLD, reason)
    assert decision.parts[0].proposed is proposed


@pytest.mark.parametrize(("feature", "proposed"), [("sso", ACCEPT), ("buckets", REDIRECT), ("users", SUGGEST)])
def test_until_it_may_act_a_classifier_only_suggests(feature: str, proposed: Outcome) -> None:
    decision = decide(question(asked(**{feature: 1.0}), wanted=Wanted()))
    assert said(decision) == (HOLD, Reason.ONLY_SUGGESTED)
    assert decision.parts[0].proposed is proposed
    assert decision.article is None
    assert decision.offers == ()


def test_a_classifier_that_failed_holds() -> None:
    decision = decide(question(asked(failed="it took longer than 2 seconds")))
    assert said(decision) == (HOLD, Reason.NOT_READ)
    assert "2 seconds" in decision.words


def test_without_a_request_it_is_held() -> None:
    assert said(decide(question())) == (HOLD, Reason.NOTHING_ASKED)
    assert said(decide(question(unreadable=("a: b",), too_long=True))) == (HOLD, Reason.UNREADABLE)
    assert said(decide(question(too_long=True))) == (HOLD, Reason.TOO_LONG)


def test_doubt_between_two_features_that_are_equally_theirs_is_no_doubt() -> None:
    decision = decide(question(asked(sso=0.45, storage=0.4, none=0.1)))
    assert said(decision) == (ACCEPT, Reason.COVERED)
    assert decision.parts[0].feature == "sso"
    assert decision.parts[0].confidence == pytest.approx(0.85)


def test_doubt_between_theirs_and_not_theirs_is_held() -> None:
    decision = decide(question(asked(sso=0.5, hipaa=0.45)))
    assert said(decision) == (HOLD, Reason.UNSURE)
    assert decision.parts[0].proposed is ACCEPT


def test_a_sum_that_is_just_what_is_wanted_is_enough() -> None:
    assert decide(question(asked(sso=0.7, storage=0.1))).outcome is ACCEPT  # in floats 0.7999999999999999


def test_nothing_wanted_is_not_had_for_nothing() -> None:
    low = Wanted(accept=0, redirect=0, suggest=0, acting=True)
    assert decide(question(asked(none=1.0, sso=0.0), wanted=low)).outcome is HOLD
    assert decide(question(asked(), wanted=low)).outcome is HOLD


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ([{"sso": 1.0}, {"storage": 1.0}], ACCEPT),
        ([{"hipaa": 1.0}, {"sso": 1.0}], ACCEPT),
        ([{"buckets": 1.0}, {"hipaa": 1.0}], SUGGEST),
        ([{"buckets": 1.0}, {"sso": 1.0}, {"none": 1.0}], HOLD),
        ([{"given": "byo"}, {"given": "byo"}], BLOCK),
        ([{"given": "byo"}, {"sso": 1.0}], ACCEPT),  # who asks for what they paid for isn't turned away
        ([{"given": "byo"}, {"none": 1.0}], HOLD),
        ([{"given": "byo"}, {"given": "hipaa"}], SUGGEST),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_several_requests_the_first_outcome_in_order_speaks(
    parts: list[dict[str, object]], outcome: Outcome, turned: bool
) -> None:
    several = [asked(**part) for part in (reversed(parts) if turned else parts)]  # type: ignore[arg-type]
    decision = decide(question(*several))
    assert decision.outcome is outcome
    assert len(decision.parts) == len(parts)


def test_an_accepted_ticket_goes_where_the_plan_promises() -> None:
    decision = decide(question(asked(sso=1.0)))
    assert (decision.team, decision.person) == ("desk", "ann")
    assert (decide(question(asked(given="byo"))).team, decide(question(asked(none=1.0))).team) == ("", "desk")


def test_the_advice_for_the_rest_stays_beside_an_accepted_request() -> None:
    decision = decide(question(asked(sso=1.0), asked(hipaa=1.0)))
    assert decision.parts[1].offers == (TEAM, GOLD)
    assert "Team” or “Gold support" in decision.parts[1].words
