"""§4 steps 1, 4, 5 and 7: standing, parent, scaling, the conditions that travel, and until when it holds."""

from decimal import Decimal

import pytest

from catalog.domain.values import Enforcement, Reset
from entitlements.domain.resolve import ScalesInACircle
from tests.spec.tables import answer, course, instant, reasons, resolve, rows, table, value

STANDING = """
  source     | feature | mode    | value     | from
  plan Pro   | seats   |         | 10        |
  plan Pro   | storage |         | 5         |
  override 1 | storage | add     | 2         |
  override 2 | sso     | replace | on        |
  rule       | storage | kept    |           |
  standing   |         |         | suspended | 2026-02-01
  standing   |         |         | open      | 2026-03-01
  standing   |         |         | closed    | 2026-04-01
"""
DAYS = "2026-01-31 2026-02-01 2026-03-01 2026-04-01"


def test_a_suspended_account_has_only_what_is_kept_and_a_closed_one_nothing():
    facts = table(STANDING)
    assert course(facts, "seats", DAYS) == [10, None, 10, None]
    assert course(facts, "storage", DAYS) == [7, 7, 7, None]
    assert course(facts, "sso", DAYS) == [True, None, True, None]


def test_an_account_says_when_its_standing_is_the_reason():
    facts = table(STANDING)
    assert reasons(facts, "seats", at="2026-04-01") == ["Account acme: the account is closed, so it has nothing"]
    assert reasons(facts, "seats", at="2026-02-01") == ["Account acme: the account is suspended, and this isn't kept"]
    assert resolve(facts, at="2026-02-01")["seats"].valid_until == instant("2026-03-01")
    assert not any(r.granted for r in resolve(facts, at="2026-05-01").values())


def test_of_two_standings_of_one_instant_the_stricter_holds():
    facts = table("""
      source   | feature | value     | from
      plan Pro | seats   | 10        |
      standing |         | closed    | 2026-01-01
      standing |         | open      | 2026-01-01
    """)
    assert answer(facts, "seats") is None


PARENT = """
  source     | feature | mode    | value | from       | until
  plan Group | seats   |         | 100   |            | 2026-03-01
  plan Group | sso     |         | on    |            |
  plan Group | storage |         | 8     |            |
  override 1 | sso     | deny    |       | 2026-02-01 |
"""
INHERITING = """
  source   | feature | mode    | value | from
  plan Kid | seats   |         | 10    |
  rule     | seats   | {rule}  |       |
  rule     | sso     | inherit |       |
  rule     | storage | shared  |       | 2026-02-01
"""


@pytest.mark.parametrize(("rule", "seats"), [("own", 10), ("inherit", 100), ("shared", 100)])
def test_the_parents_value_is_one_more_base_candidate_where_the_rule_says_so(rule, seats):
    assert answer(table(INHERITING.format(rule=rule), parent=table(PARENT)), "seats") == seats


def test_a_child_follows_its_parent_in_time():
    facts = table(INHERITING.format(rule="inherit"), parent=table(PARENT))
    assert course(facts, "seats", "2026-02-28 2026-03-01") == [100, 10]
    assert course(facts, "sso", "2026-01-31 2026-02-01") == [True, None]
    assert course(facts, "storage", "2026-01-31 2026-02-01") == [None, 8]
    assert resolve(facts)["sso"].valid_until == instant("2026-02-01")


def test_a_parents_value_is_combined_by_the_features_rule():
    facts = table(INHERITING.format(rule="inherit") + "  rule | seats | add | |", parent=table(PARENT))
    assert answer(facts, "seats") == 110
    assert reasons(facts, "seats") == ["Parent account acme: the base", "Kid v1: adds to the base"]


def test_a_closed_parent_hands_nothing_down():
    parent = table(PARENT + "  standing | | | closed | 2026-01-01")
    assert answer(table(INHERITING.format(rule="inherit"), parent=parent), "seats") == 10


def test_an_heir_of_an_heir_has_it_too():
    middle = table("source | feature | mode\nrule | seats | inherit", parent=table(PARENT))
    assert answer(table("source | feature | mode\nrule | seats | shared", parent=middle), "seats") == 100


SCALING = """
  storage   | per   | quantity | seats     | answer
  10        |       | 3        |           | 10
  10        | unit  | 3        |           | 30
  10        | unit  | 1        |           | 10
  unlimited | unit  | 3        |           | unlimited
  0         | unit  | 3        |           | 0
  10        | seats | 3        | 5         | 50
  10        | seats | 3        | 0         | none
  10        | seats | 3        | no        | none
  10        | seats | 3        | unlimited | unlimited
  unlimited | seats | 3        | 5         | unlimited
  unlimited | seats | 3        | 0         | none
  0         | seats | 3        | unlimited | 0
  10        | sso   | 3        | 5         | none
"""


@pytest.mark.parametrize("case", rows(SCALING), ids=lambda case: " ".join(case.values()))
def test_a_limit_scales_with_what_was_bought_or_with_another_feature(case):
    facts = table(f"""
      source   | feature | value             | per           | quantity
      plan Pro | storage | {case["storage"]} | {case["per"]} | {case["quantity"]}
      plan Pro | seats   | {case["seats"] or 1} |            |
    """)
    assert answer(facts, "storage") == value(case["answer"], "storage")


def test_a_limit_per_seat_follows_overrides_of_the_seats():
    facts = table("""
      source     | feature | mode    | value | per   | from       | until
      plan Pro   | storage |         | 10    | seats |            |
      plan Pro   | seats   |         | 5     |       |            |
      override 1 | seats   | replace | 7     |       | 2026-02-01 | 2026-03-01
      override 2 | seats   | deny    |       |       | 2026-04-01 |
    """)
    assert course(facts, "storage", "2026-01-31 2026-02-01 2026-03-01 2026-04-01") == [50, 70, 50, None]
    assert resolve(facts)["storage"].valid_until == instant("2026-02-01")
    assert reasons(facts, "storage", at="2026-04-01") == ["(Pro v1: there is nothing to multiply it by)"]


def test_a_limit_scales_along_a_chain_and_counts_whole_units():
    facts = table("""
      source   | feature  | value      | per
      plan Pro | calls    | 100        | storage
      plan Pro | storage  | 2000000000 | seats
      plan Pro | seats    | 3          |
    """)
    assert answer(facts, "storage") == Decimal("6e9")
    assert answer(facts, "calls") == 600  # 100 for each GB


@pytest.mark.parametrize("circle", ["seats seats", "storage seats", "projects storage"])
def test_features_that_scale_in_a_circle_are_refused_by_name(circle):
    first, second = circle.split()
    facts = table(f"""
      source   | feature  | value | per
      plan Pro | seats    | 3     | {first}
      plan Pro | storage  | 2     | {second}
      plan Pro | projects | 2     | seats
    """)
    with pytest.raises(ScalesInACircle, match="Seats scales with"):
        resolve(facts)


CONDITIONS = """
  source     | feature | mode     | value | reset | limit | overage
  plan Pro   | calls   |          | 100   | month | soft  | 20
  plan Free  | calls   |          | 10    | day   | track |
  rule       | calls   | reset    | year  |       |       |
"""


def conditions(text, parent=None):
    r = resolve(table(text, parent=parent))["calls"]
    return r.value, r.reset, r.enforcement, r.overage_percent


def test_reset_enforcement_and_overage_travel_with_the_winning_base_term():
    assert conditions(CONDITIONS) == (100, Reset.MONTH, Enforcement.SOFT, 20)


def test_overrides_and_adding_add_ons_change_only_the_value():
    added = CONDITIONS + "  add-on More | calls | adds | 5 | week | track | 90\n  override 1 | calls | add | 7"
    assert conditions(added) == (112, Reset.MONTH, Enforcement.SOFT, 20)
    replaced = CONDITIONS + "  override 1 | calls | replace | 7"
    assert conditions(replaced) == (7, Reset.MONTH, Enforcement.SOFT, 20)


def test_a_replacing_add_on_brings_its_own_conditions():
    text = CONDITIONS + "  add-on More | calls | replaces | 5 | week | track | 90"
    assert conditions(text) == (5, Reset.WEEK, Enforcement.TRACK, 90)


def test_without_a_base_it_is_hard_without_overage_and_resets_by_the_feature():
    alone = "source | feature | mode | value | reset | limit | overage\nrule | calls | reset | year\n"
    bought = alone + "add-on More | calls | adds | 5 | week | track | 90"
    assert conditions(bought) == (5, Reset.YEAR, Enforcement.HARD, None)
    assert conditions(alone + "override 1 | calls | replace | 7") == (7, Reset.YEAR, Enforcement.HARD, None)
    assert conditions(alone) == (None, Reset.YEAR, Enforcement.HARD, None)


def test_an_heir_has_its_parents_conditions():
    heir = "source | feature | mode\nrule | calls | inherit"
    assert conditions(heir, parent=table(CONDITIONS)) == (100, Reset.MONTH, Enforcement.SOFT, 20)


def test_an_answer_holds_until_the_next_instant_that_concerns_its_feature():
    facts = table("""
      source         | feature | mode    | value  | from       | until      | provided
      plan Pro       | seats   |         | 10     |            | 2026-09-01 |
      plan Pro       | sso     |         | on     |            |            | ..2026-04-01
      phase Pro      |         |         | grace  | 2026-08-01 |            |
      plan Later     | calls   |         | 5      | 2026-07-01 |            |
      override 1     | seats   | replace | 25     | 2026-02-01 | 2026-03-01 |
      rule           | storage | add     |        | 2026-05-01 |            |
    """)
    until = {key: r.valid_until for key, r in resolve(facts).items()}
    assert until["seats"] == instant("2026-02-01")
    assert until["sso"] == instant("2026-04-01")
    assert until["calls"] == instant("2026-07-01")
    assert until["storage"] == instant("2026-05-01")
    assert until["motto"] is None
    assert resolve(facts, at="2026-03-01")["seats"].valid_until == instant("2026-08-01")


def test_every_feature_has_an_answer_also_where_nothing_was_sold():
    resolutions = resolve(table("source | feature | value"))
    assert {r.value for r in resolutions.values()} == {None}
    assert not any(r.because or r.granted or r.valid_until for r in resolutions.values())


def test_for_each_seat_is_the_value_itself_however_many_seats_there_are():
    for seats in (0, 1, 50):
        facts = table(f"""
          source    | feature | value   | per
          plan Team | seats   | {seats} |
          plan Team | storage | 10      | each of seats
        """)
        found = resolve(facts)["storage"]
        assert (found.value, found.each_of.key) == (Decimal(10), "seats")


def test_that_it_is_for_each_seat_travels_with_the_base_that_wins():
    facts = table("""
      source       | feature | value | per           | from
      plan Team    | seats   | 5     |               |
      plan Team    | storage | 10    | each of seats |
      plan Pro     | storage | 20    |               |
      add-on Extra | storage | 7     | each of seats |
    """)
    assert (answer(facts, "storage"), resolve(facts)["storage"].each_of) == (Decimal(27), None)
