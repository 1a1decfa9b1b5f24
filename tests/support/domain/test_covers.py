"""Which cover speaks: the rule of `support/domain/covers.py`, sentence by sentence."""

import pytest

from support.domain.cover_terms import Aspect, ScopeKind, Source
from support.domain.covers import CoverFact, Left, UnfitCover, choose
from tests.support.domain.coverings import AT, HOLDING, asked, chosen, cover, covers, left, reason, scope, winner
from tests.support.domain.desks import local

RESPONSE, LABOUR, PARTS, TRAVEL = Aspect


def test_without_anything_nothing_is_covered_and_all_is_the_customer_s() -> None:
    choice = chosen("name")
    assert (choice.winners, choice.candidates, choice.response, choice.promising) == ({}, (), None, None)
    assert [choice.owed(aspect) for aspect in (LABOUR, PARTS, TRAVEL)] == [100, 100, 100]


def test_the_better_tier_speaks() -> None:
    choice = chosen("""
      name  | tier
      Fast  | gold
      Slow  | silver
    """)
    assert winner(choice) == "Fast"
    assert reason(choice, "Fast") == "It is the most generous of those that apply."
    assert reason(choice, "Slow") == "Fast is more generous."


def test_each_aspect_is_decided_by_itself() -> None:
    choice = chosen("""
      name     | tier | labour | parts | travel
      Response | gold | 50     |       |
      Repairs  |      | 100    | 80    |
      Travel   |      |        | 20    | 100
    """)
    assert [winner(choice, aspect) for aspect in Aspect] == ["Response", "Repairs", "Repairs", "Travel"]
    assert [choice.borne(aspect) for aspect in (LABOUR, PARTS, TRAVEL)] == [100, 80, 100]
    assert reason(choice, "Response") == "Response: It is the only one that applies. Labour: Repairs is more generous."
    assert reason(choice, "Travel") == "Parts: Repairs is more generous. Travel: It is the only one that applies."


def test_nothing_said_is_not_zero() -> None:
    choice = chosen("""
      name   | labour | parts
      Nought | 0      |
      Parts  |        | 30
    """)
    assert (winner(choice, LABOUR), choice.owed(LABOUR)) == ("Nought", 100)
    assert (winner(choice, TRAVEL), choice.owed(TRAVEL)) == ("nobody", 100)


@pytest.mark.parametrize(
    ("first", "second", "speaks"),
    [
        ("1", "2", "First"),
        ("2", "1", "Second"),
        ("", "7", "Second"),
        ("3", "", "First"),
        ("", "", "Second"),  # then it is generosity
        ("4", "4", "Second"),  # the same number leaves it to generosity
    ],
)
def test_a_number_of_staff_goes_before_generosity(first: str, second: str, speaks: str) -> None:
    choice = chosen(f"""
      name   | tier   | number
      First  | silver | {first}
      Second | gold   | {second}
    """)
    assert winner(choice) == speaks


def test_who_loses_to_a_number_is_told_so() -> None:
    choice = chosen("""
      name   | tier   | number
      Bought | gold   |
      Framed | silver | 12
      Third  | bronze | 21
    """)
    assert reason(choice, "Framed") == "Staff have set it to come 12th."
    assert reason(choice, "Bought") == "Framed comes before it, as staff have set."
    assert reason(choice, "Third") == "Framed comes before it, as staff have set."


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "first"), (2, "second"), (3, "third"), (4, "4th"), (11, "11th"), (21, "21st"), (22, "22nd"), (103, "103rd")],
)
def test_numbers_are_said_as_people_say_them(number: int, words: str) -> None:
    choice = chosen(f"""
      name | tier | number
      Only | gold | {number}
    """)
    assert reason(choice, "Only") == f"Staff have set it to come {words}."


def test_the_chosen_one_goes_before_every_number() -> None:
    text = """
      name   | tier   | number
      Framed | gold   | 1
      Small  | bronze |
    """
    assert winner(chosen(text)) == "Framed"
    choice = chosen(text, chosen="cover:2")
    assert (winner(choice), choice.missed, choice.chosen) == ("Small", "", "cover:2")
    assert reason(choice, "Small") == "Somebody chose it for this case."
    assert reason(choice, "Framed") == "Small was chosen for this case."


def test_the_chosen_one_decides_only_what_it_speaks_of() -> None:
    choice = chosen(
        """
      name    | tier | labour
      Support | gold |
      Repairs |      | 60
      Better  |      | 100
    """,
        chosen="cover:2",
    )
    assert (winner(choice), winner(choice, LABOUR)) == ("Support", "Repairs")


def test_a_chosen_one_that_doesn_t_apply_is_said_and_the_rule_decides() -> None:
    text = """
      name | tier   | until
      Old  | gold   | 2026-04-01
      New  | silver |
    """
    choice = chosen(text, chosen="cover:1")
    assert (winner(choice), choice.missed) == (
        "New", "Old was chosen for this case, and doesn’t apply. It lasted through 31 March 2026."
    )  # fmt: skip
    gone = chosen(text, chosen="cover:99")
    assert (winner(gone), gone.missed) == ("New", "What was chosen for this case is nothing that its account has.")


CLOSENESS = """
  name     | labour | only  | line
  Account  | 100    |       |
  Product  | 100    | p1    |
  Contact  | 100    | jo    |
  Line     | 100    |       | yes
  Location | 100    | plant |
  Asset    | 100    | pump  |
"""


@pytest.mark.parametrize("least", range(1, 7))
def test_of_equally_generous_ones_the_closest_speaks(least: int) -> None:
    some = covers(CLOSENESS)[:least]
    choice = choose(some, asked=asked(asset="pump", location="plant", contact="jo", product="p1"))
    assert winner(choice, LABOUR) == some[-1].name
    if least > 1:
        assert reason(choice, some[-1].name) == f"It gives the same as {some[-2].name}, and fits more closely."
        assert reason(choice, some[0].name) == f"{some[-1].name} gives the same, and fits more closely."


def test_the_more_generous_goes_before_the_closer() -> None:
    choice = chosen(
        """
      name    | parts | only
      Closest | 50    | pump
      General | 51    |
    """,
        asset="pump",
    )
    assert winner(choice, PARTS) == "General"


def test_then_the_one_that_began_first() -> None:
    choice = chosen("""
      name  | tier | from
      Later | gold | 2026-03-01
      Early | gold | 2026-02-01
    """)
    assert winner(choice) == "Early"
    assert reason(choice, "Early") == "It gives the same as Later, and began first."
    assert reason(choice, "Later") == "Early gives the same, and began first."


def test_then_the_one_that_is_first_on_file_by_its_number() -> None:
    rows = [cover(number, {"name": f"No. {number}", "tier": "gold"}) for number in (10, 9, 11)]
    choice = choose(rows, asked=asked())
    assert winner(choice) == "No. 9"
    assert reason(choice, "No. 10") == "No. 9 gives the same, and is first on file."
    assert [one.cover.name for one in choice.candidates] == ["No. 9", "No. 10", "No. 11"]


def test_what_is_promised_for_nothing_is_no_cover() -> None:
    choice = chosen("""
      name | source | tier
      Free | tier   | community
    """)
    assert (winner(choice), choice.promising) == ("Free", None)
    assert reason(choice, "Free") == "Nothing better applies, but nothing is promised for Free."


@pytest.mark.parametrize(("chosen_key", "number"), [("", ""), ("", "1"), ("cover:1", ""), ("cover:1", "1")])
def test_it_speaks_only_where_nobody_else_does(chosen_key: str, number: str) -> None:
    choice = chosen(
        f"""
      name  | tier      | number | labour
      Free  | community | {number} | 100
      Small | bronze    |        |
    """,
        chosen=chosen_key,
    )
    assert (winner(choice), winner(choice, LABOUR)) == ("Small", "Free")
    assert "Nothing is promised for its tier; Small speaks." in reason(choice, "Free")


def test_candidates_come_with_the_deciding_first_then_the_kept_then_the_lost() -> None:
    choice = chosen("""
      name    | tier   | labour | until
      Past    | gold   |        | 2026-01-01
      Kept    | bronze |        |
      Labour  |        | 100    |
      Decides | gold   |        |
    """)
    assert [one.cover.name for one in choice.candidates] == ["Decides", "Labour", "Kept", "Past"]
    assert [one.kept for one in choice.candidates] == [True, True, True, False]


def test_one_that_says_nothing_is_kept_and_decides_nothing() -> None:
    choice = chosen("""
      name
      Visits only
    """)
    assert reason(choice, "Visits only") == "It says nothing about response, labour, parts or travel."


def test_what_is_to_be_authorised_is_asked_by_those_that_bear_something() -> None:
    choice = chosen("""
      name   | labour | parts | travel | first
      Labour | 100    |       |        | Ask Ana.
      Parts  |        | 50    | 20     | Ask Bo.
      None   |        |       | 0      | Ask nobody.
    """)
    assert choice.authorisation == "Ask Ana. Ask Bo."
    assert chosen("name | travel | first\nNone | 0 | Ask nobody.").authorisation == ""


def test_nothing_but_a_candidate_is_found_by_its_key() -> None:
    choice = chosen("name | tier\nOnly | gold")
    assert choice.candidate("cover:1") is choice.candidates[0]
    assert choice.candidate("cover:2") is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"shares": {Aspect.RESPONSE: 50}}, "a tier, not by a share"),
        ({"shares": {Aspect.LABOUR: 101}}, "from 0 to 100"),
        ({"shares": {Aspect.LABOUR: -1}}, "from 0 to 100"),
        ({"tier": "gold"}, "no place in the order"),
    ],
)
def test_a_cover_that_contradicts_itself_can_t_be_made(said: dict[str, object], words: str) -> None:
    window = covers("name\nAny")[0].window
    with pytest.raises(UnfitCover, match=words):
        CoverFact("cover:1", Source.COVER, "Any", 1, window, **said)  # type: ignore[arg-type]


def test_the_words_of_the_tables_are_read_as_they_are_meant() -> None:
    assert left("a=0!") == Left("a", left("a=0").amount, blocks=False)
    assert scope("pump jo phone").of(ScopeKind.CONTACT) == {1}
    assert (asked().above, asked().at) == ((HOLDING,), AT)
    assert local("2026-06-01 12:00") == AT


CHAIN = """
  name    | tier   | from       | until      | follows
  Plan    | gold   |            |            |
  First   | bronze | 2026-01-01 | 2026-05-01 |
  Second  | silver | 2026-05-01 | {end}      | cover:2
"""


@pytest.mark.parametrize(
    ("at", "end", "decides", "why"),
    [
        ("2026-04-30 23:59", "", "First", "Somebody chose it for this case."),
        ("2026-05-01 00:00", "", "Second", "It goes on from what was chosen for this case."),
        ("2026-05-01 00:00", "2026-05-01", "Plan", "It is the only one that applies."),
    ],
)
def test_what_was_chosen_is_followed_to_what_goes_on_from_it(at: str, end: str, decides: str, why: str) -> None:
    choice = chosen(CHAIN.format(end=end), at=local(at), chosen="cover:2")
    assert (winner(choice), reason(choice, decides)) == (decides, why)
    assert bool(choice.missed) is (decides == "Plan")


def test_what_goes_on_and_does_not_apply_is_missed_in_its_own_words() -> None:
    choice = chosen(CHAIN.format(end="2026-05-20"), at=local("2026-06-01"), chosen="cover:2")
    assert choice.missed == "Second was chosen for this case, and doesn’t apply. It lasted through 19 May 2026."
