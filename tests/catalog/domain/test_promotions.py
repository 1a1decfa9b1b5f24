"""Codes as people type them, and whether one may be used; what may be chosen from a bundle."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.promotions import (
    GIVING_MODES,
    LETTERS,
    LONGEST_CODE,
    BadChoice,
    CodeExpired,
    CodeFacts,
    CodeNotYet,
    CodeOfOtherMarket,
    CodeStopped,
    CodeUsedByAccount,
    CodeUsedUp,
    check_choice,
    check_code,
    code_key,
    drawn_code,
    spell_code,
)
from catalog.domain.values import Nature
from catalog.domain.window import Window
from journal.domain.refusal import Refusal

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MIDNIGHT = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # in Amsterdam, where 1 April begins


def facts(**more: object) -> CodeFacts:
    return CodeFacts(**({"code": "SPRING-26"} | more))


def told(**more: object) -> str:
    """What a customer in Europe, in Amsterdam, is told on 2 March; empty where the code may be used."""
    try:
        check_code(facts(**more), market="europe", at=AT, zone="Europe/Amsterdam")
    except Refusal as refusal:
        return refusal.message
    return ""


@pytest.mark.parametrize(
    "typed", ["SPRING-26", "spring 26", " Spring – 26 ", "spring26", "SPRING_26", "s p r i n g 2 6"]
)
def test_however_it_is_typed_it_is_one_code(typed: str) -> None:
    assert code_key(typed) == "SPRING26"


@pytest.mark.parametrize(
    ("typed", "spelled"),
    [("spring 26", "SPRING-26"), ("--a--b--", "A-B"), ("  ", ""), ("Été 26", "T-26"), ("x" * 3, "XXX")],
)
def test_it_is_kept_in_capitals_with_single_dashes(typed: str, spelled: str) -> None:
    assert spell_code(typed) == spelled


@given(st.text(max_size=60))
def test_spelling_never_changes_what_a_code_is(text: str) -> None:
    assert code_key(spell_code(text)) == code_key(text)
    assert spell_code(spell_code(text)) == spell_code(text)


@given(st.text(alphabet="abcXYZ -9", max_size=20), st.integers())
def test_a_drawn_code_can_be_read_aloud_and_typed(prefix: str, seed: int) -> None:
    code = drawn_code(prefix, draw=random.Random(seed).choice)
    drawn = code_key(code)[len(code_key(prefix)) :]
    assert len(drawn) == 8
    assert set(drawn) <= set(LETTERS)
    assert not set("01OI") & set(drawn)
    assert len(code) <= LONGEST_CODE
    assert spell_code(code) == code


def test_drawn_codes_stand_in_groups_behind_their_beginning() -> None:
    assert drawn_code("spring 26", draw=lambda letters: letters[0]) == "SPRING-26-AAAA-AAAA"
    assert drawn_code("", draw=lambda letters: letters[-1]) == "9999-9999"


def test_nothing_stands_in_the_way_of_a_code_without_limits() -> None:
    assert told() == ""


@pytest.mark.parametrize(
    ("more", "words", "kind"),
    [
        ({"stopped_at": AT}, "was stopped on 2 March 2026", CodeStopped),
        ({"window": Window(MIDNIGHT, None)}, "can't be used yet; it can from 1 April 2026 on", CodeNotYet),
        ({"window": Window(AT + DAY, None)}, "from 3 March 2026, 10:00 on", CodeNotYet),
        ({"window": Window(None, AT)}, "expired; it could be used until 2 March 2026, 10:00", CodeExpired),
        ({"market": "asia", "market_name": "Asia"}, "for customers in Asia", CodeOfOtherMarket),
        ({"most": 100, "used": 100}, "redeemed 100 of 100 times", CodeUsedUp),
        ({"used_by_account": 1}, "has used SPRING-26 already; one customer may use it once", CodeUsedByAccount),
        ({"used_by_account": 3, "most_per_account": 3}, "3 times; one customer may use it no", CodeUsedByAccount),
        ({"used_by_account": 1, "campaign": "Fair"}, "has used a code of the campaign Fair", CodeUsedByAccount),
    ],
)
def test_what_stands_in_the_way_has_its_own_sentence(more: dict[str, object], words: str, kind: type[Refusal]) -> None:
    assert words in told(**more)
    with pytest.raises(kind):
        check_code(facts(**more), market="europe", at=AT, zone="Europe/Amsterdam")


def test_it_can_be_used_through_its_last_day_where_the_customer_is() -> None:
    last = facts(window=Window(None, MIDNIGHT))
    check_code(last, market=None, at=MIDNIGHT - datetime.resolution, zone="Europe/Amsterdam")
    with pytest.raises(CodeExpired, match="through 31 March 2026"):
        check_code(last, market=None, at=MIDNIGHT, zone="Europe/Amsterdam")


def test_its_first_instant_is_part_of_its_time() -> None:
    check_code(facts(window=Window(AT, None)), market=None, at=AT, zone="UTC")


def test_it_is_stopped_from_the_instant_on_and_not_before() -> None:
    check_code(facts(stopped_at=AT + DAY), market=None, at=AT, zone="UTC")


@pytest.mark.parametrize("market", [None, "asia"])
def test_a_code_of_a_market_is_for_nobody_else(market: str | None) -> None:
    with pytest.raises(CodeOfOtherMarket):
        check_code(facts(market="europe", market_name="Europe"), market=market, at=AT, zone="UTC")


def test_each_sentence_has_a_code_of_its_own_for_programs() -> None:
    kinds = (CodeStopped, CodeNotYet, CodeExpired, CodeOfOtherMarket, CodeUsedUp, CodeUsedByAccount)
    assert len({kind.code for kind in kinds}) == len(kinds)


@given(used=st.integers(0, 6), most=st.none() | st.integers(1, 5))
def test_it_is_refused_exactly_when_its_limit_is_reached(used: int, most: int | None) -> None:
    refused = told(used=used, most=most) != ""
    assert refused == (most is not None and used >= most)


def test_a_code_can_give_of_every_kind_of_feature() -> None:
    assert set(GIVING_MODES) == set(Nature)
    assert all(modes for modes in GIVING_MODES.values())


OPTIONS = ("ipv4", "hipaa", "drain", "domain", "mfa")


def test_any_three_of_five_may_be_chosen_in_any_order() -> None:
    check_choice(("mfa", "ipv4", "drain"), options=OPTIONS, pick=3, bundle="Starter")


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (("ipv4", "hipaa"), "3 of 5 add-ons; 2 chosen"),
        (OPTIONS[:4], "3 of 5 add-ons; 4 chosen"),
        ((), "0 chosen"),
        (("ipv4", "ipv4", "drain"), "one was chosen twice"),
        (("ipv4", "drain", "backup"), "backup is not part of Starter"),
    ],
)
def test_another_choice_is_refused_with_the_reason(chosen: tuple[str, ...], words: str) -> None:
    with pytest.raises(BadChoice, match=words) as refused:
        check_choice(chosen, options=OPTIONS, pick=3, bundle="Starter")
    assert refused.value.field == "add_ons"


@given(st.lists(st.sampled_from((*OPTIONS, "strange")), max_size=6), st.integers(1, 5))
def test_exactly_the_right_choices_pass(chosen: list[str], pick: int) -> None:
    right = len(chosen) == pick == len(set(chosen)) and set(chosen) <= set(OPTIONS)
    try:
        check_choice(chosen, options=OPTIONS, pick=pick, bundle="Starter")
    except BadChoice:
        assert not right
    else:
        assert right
