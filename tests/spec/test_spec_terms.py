"""§3 and §4 steps 2–4: which of several matching terms speaks, in which phase and market."""

import pytest

from catalog.domain.values import UNLIMITED, TermState
from tests.spec.tables import SHAPES, answer, course, reasons, resolve, rows, table, value

SPEAKING = """
  terms                                             | answer
  10                                                | 10
  10 own, 50 included                               | 10
  no own, 50 included                               | none
  custom own, 50 included                           | none
  50 included, 99 included-twice                    | 50
  10 feature, 50 group                              | 10
  10 group, 50 group-above                          | 10
  no feature, 50 group                              | none
  no group, 50 group-above                          | none
  50 own group, 10 included feature                 | 50
  50 own group-above, 10 included feature trial     | 50
  10 general, 50 trial                              | 50
  10 general, 50 eu                                 | 50
  10 general, 50 year                               | 50
  10 general, no trial                              | none
  10 trial, 50 eu                                   | 10
  10 trial, 50 eu year                              | 10
  10 trial, 50 trial eu                             | 50
  10 eu, 50 year                                    | 10
  10 eu, 50 eu year                                 | 50
  10 feature, 50 group trial eu year                | 10
  10 own, 50 included trial eu year                 | 10
  10 general, 50 active                             | 10
  10 general, 50 grace                              | 10
  10 general, 50 us                                 | 10
  10 general, 50 month                              | 10
  50 us                                             | none
  50 active                                         | none
  50 month                                          | none
"""


def line_of(said: str) -> str:
    words = said.split()
    depth = 1 if "included" in words else 2 if "included-twice" in words else 0
    group = 1 if "group" in words else 2 if "group-above" in words else 0
    phase = next((w for w in words if w in {"trial", "active", "grace"}), "")
    market = next((w for w in words if w in {"eu", "us"}), "")
    interval = next((w for w in words if w in {"year", "month"}), "")
    return f"plan Pro | seats | {words[0]} | {depth} | {group or ''} | {phase} | {market} | {interval} | year"


@pytest.mark.parametrize("case", rows(SPEAKING), ids=lambda case: case["terms"])
@pytest.mark.parametrize("turn", [1, -1], ids=["as written", "the other way round"])
def test_exactly_one_term_of_a_plan_speaks(case, turn):
    lines = [line_of(said) for said in case["terms"].split(",")][::turn]
    head = "source | feature | value | depth | group | phase | market | interval | paid"
    facts = table("\n".join([head, *lines, "phase Pro | | trial"]), market="eu")
    assert answer(facts, "seats") == value(case["answer"], "seats")


PAUSE = """
  source    | feature | value | phase   | from       | until
  plan Pro  | seats   | 10    |         |            |
  plan Pro  | seats   | 1     | paused  |            |
  plan Pro  | calls   | 100   |         |            |
  plan Pro  | storage | 7     | grace   |            |
  plan Pro  | storage | 70    |         |            |
  phase Pro |         | paused|         | 2026-02-01 | 2026-03-01
  phase Pro |         | grace |         | 2026-02-15 | 2026-04-01
"""


def test_a_pause_gives_only_what_is_written_for_it():
    facts = table(PAUSE)
    days = "2026-01-31 2026-02-01 2026-02-28 2026-03-01"
    assert course(facts, "seats", days) == [10, 1, 1, 10]
    assert course(facts, "calls", days) == [100, None, None, 100]
    assert reasons(facts, "calls", at="2026-02-01") == ["(Pro v1: the subscription is paused)"]


def test_of_several_phases_the_pause_comes_before_the_grace():
    assert course(table(PAUSE), "storage", "2026-02-14 2026-02-20 2026-03-01 2026-04-01") == [None, None, 7, 70]


@pytest.mark.parametrize(
    ("phases", "spoken"),
    [
        ("paused winding_down grace trial active", 1),
        ("active trial grace winding_down", 2),
        ("trial grace active", 3),
        ("active trial", 4),
        ("active", 5),
        ("", 5),
    ],
)
def test_phases_have_an_order(phases, spoken):
    cells = "\n".join(
        f"plan Pro | seats | {n} | {phase}"
        for n, phase in enumerate(("paused", "winding_down", "grace", "trial", "active"), start=1)
    )
    lines = "\n".join(f"phase Pro | | {phase} |" for phase in phases.split())
    assert answer(table(f"source | feature | value | phase\n{cells}\n{lines}"), "seats") == spoken


MARKETS = """
  source   | feature | value     | provided               | depth | phase
  plan Pro | sso     | on        | 2026-02-01..2026-03-01 |       |
  plan Pro | seats   | 10        | never                  |       |
  plan Pro | seats   | 4         | ..                     | 1     |
  plan Pro | storage | no        | never                  |       |
  plan Pro | storage | 4         | ..                     | 1     |
  plan Pro | calls   | unlimited | ..2026-02-01           |       | active
  plan Pro | calls   | 5         | ..                     |       |
  plan Pro | roles   | owner     | ..2026-02-01, 2026-03-01.. | |
  phase Pro|         | active    |                        |       |
"""


def test_a_term_speaks_only_while_it_is_provided_in_the_market():
    facts = table(MARKETS)
    assert course(facts, "sso", "2026-01-31 2026-02-01 2026-02-28 2026-03-01") == [None, True, True, None]
    assert reasons(facts, "sso") == ["(Pro v1: not provided in this market)"]
    assert course(facts, "roles", "2026-01-31 2026-02-01 2026-03-01") == [
        frozenset({"owner"}),
        None,
        frozenset({"owner"}),
    ]


def test_what_is_not_provided_drops_out_before_the_terms_are_weighed():
    assert answer(table(MARKETS), "seats") == 4
    assert reasons(table(MARKETS), "seats") == ["Pro v1: the base", "(Pro v1: not provided in this market)"]
    assert course(table(MARKETS), "calls", "2026-01-31 2026-02-01") == [UNLIMITED, 5]


def test_a_no_needs_no_providing():
    assert answer(table(MARKETS), "storage") is None


def test_an_override_needs_no_market():
    facts = table("""
      source     | feature | mode    | value | provided
      plan Pro   | seats   |         | 10    | never
      override 1 | seats   | replace | 3     |
    """)
    assert answer(facts, "seats") == 3


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("no", TermState.NOT_INCLUDED),
        ("custom", TermState.SET_PER_CUSTOMER),
        ("sold", TermState.ADD_ON),
        ("vague", TermState.UNSETTLED),
        ("10", TermState.VALUE),
        ("unlimited", TermState.UNLIMITED),
    ],
)
def test_an_absent_feature_says_what_the_plan_says_in_its_place(said, state):
    facts = table(f"source | feature | value\nplan Pro | seats | {said}\nplan Free | seats | no")
    assert resolve(facts)["seats"].state is state
    assert resolve(facts)["sso"].state is TermState.NOT_INCLUDED


def test_a_plan_that_includes_another_silences_it_and_says_so():
    facts = table("""
      source    | feature | value | depth | group
      plan Team | seats   | 10    |       |
      plan Team | seats   | 5     | 1     |
      plan Team | calls   | 99    |       | 1
    """)
    assert reasons(facts, "seats") == ["Team v1: the base", "(Team v1: the plan's own term speaks)"]
    assert resolve(facts)["calls"].because[0].path == "through Premium"
    assert resolve(facts)["seats"].because[1].path == "by a plan it includes"


def test_a_plan_that_says_no_is_heard_saying_it():
    facts = table("""
      source    | feature | value  | depth
      plan Team | seats   | no     |
      plan Team | seats   | 5      | 1
      plan Pro  | seats   | custom |
    """)
    assert reasons(facts, "seats") == [
        "(Team v1: not included)",
        "(Team v1: the plan's own term speaks)",
        "(Pro v1: set per customer)",
    ]


@pytest.mark.parametrize(
    ("feature", "said"), [("sso", "unlimited"), ("tier", "platinum"), ("seats", "2.5"), ("roles", "king")]
)
def test_a_value_the_feature_can_not_have_gives_nothing_and_says_so(feature, said):
    facts = table(f"source | feature | value | depth\nplan Pro | {feature} | {said} |")
    assert answer(facts, feature) is None
    assert reasons(facts, feature) == [f"(Pro v1: not a value {SHAPES[feature].name} can have)"]
    assert resolve(facts)[feature].state is TermState.UNSETTLED
