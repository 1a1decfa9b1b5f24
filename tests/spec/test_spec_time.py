"""§2, §3 and §4: windows, versions, trials and holds, each over time. The end is always exclusive."""

from dataclasses import replace

import pytest

from catalog.domain.values import UNLIMITED
from entitlements.domain.explain import say
from entitlements.domain.periods import Periods
from entitlements.domain.resolve import IncompleteFacts
from tests.spec.tables import answer, course, instant, known_instant, reasons, resolve, table


def test_override_beats_plan_until_it_ends():
    facts = table("""
      source     | feature | mode    | value | from       | until
      plan Pro   | seats   |         | 10    | 2026-01-01 |
      override 1 | seats   | replace | 25    | 2026-02-01 | 2026-03-01
    """)
    assert course(facts, "seats", "2025-12-31 2026-01-01 2026-02-01 2026-02-28 2026-03-01") == [None, 10, 25, 25, 10]


def test_of_two_overrides_that_replace_the_latest_to_start_counts_then_the_id():
    facts = table("""
      source      | feature | mode    | value | from       | until
      override 10 | seats   | replace | 1     | 2026-01-01 |
      override 9  | seats   | replace | 2     | 2026-01-01 |
      override 2  | seats   | replace | 3     | 2026-02-01 | 2026-03-01
      override 3  | calls   | replace | 4     |            |
      override 1  | calls   | replace | 5     | 2026-01-01 |
    """)
    assert course(facts, "seats", "2026-01-15 2026-02-15 2026-03-01") == [1, 3, 1]
    assert answer(facts, "calls") == 5
    assert reasons(facts, "seats")[1] == "(Override #9: replaced by override #10)"


def test_a_plan_gives_nothing_outside_its_window():
    facts = table("""
      source   | feature | value | from       | until
      plan Pro | seats   | 10    | 2026-02-01 | 2026-03-01
    """)
    assert course(facts, "seats", "2026-01-31T23:59:59 2026-02-01 2026-02-28T23:59:59 2026-03-01") == [
        None,
        10,
        10,
        None,
    ]


TRIAL = """
  source         | feature | mode          | value | from       | until      | per
  plan Pro       | seats   |               | 10    | 2026-01-01 | 2026-06-01 |
  trial Pro      |         |               | Free  |            | 2026-02-01 |
  phase Pro      |         |               | trial |            | 2026-02-01 |
  phase Pro      |         |               | paused|            | 2026-01-02 |
  version Free v1| seats   |               | 2     |            |            | unit
  version Free v2| seats   |               | 3     |            |            | unit
  rollout Free v1|         | new customers |       | 2025-01-01 |            |
"""


def test_an_unconverted_trial_falls_back_to_the_plan_of_its_version():
    facts = table(TRIAL)
    days = "2026-01-31T23:59:59 2026-02-01 2026-05-31 2026-06-01"
    assert course(facts, "seats", days) == [10, 2, 2, None]
    assert reasons(facts, "seats", at="2026-02-01") == ["Free v1, after the trial of Pro: the base"]


def test_the_plan_after_a_trial_is_the_version_on_sale_when_it_lapsed():
    sold_before = TRIAL + "  rollout Free v2 | | new customers | | 2026-01-20 |"
    sold_after = TRIAL + "  rollout Free v2 | | new customers | | 2026-02-20 |"
    assert answer(table(sold_before), "seats", at="2026-03-01") == 3
    assert answer(table(sold_after), "seats", at="2026-03-01") == 2


def test_the_plan_after_a_trial_is_moved_by_rollouts_like_any_other():
    facts = table(TRIAL + "  rollout Free v2 | | now | | 2026-03-01 |")
    assert course(facts, "seats", "2026-02-28 2026-03-01") == [2, 3]


def test_the_plan_after_a_trial_is_in_its_own_phase():
    facts = table("""
      source          | feature | mode          | value | until      | phase
      plan Pro        | seats   |               | 10    |            |
      trial Pro       |         |               | Free  | 2026-02-01 |
      phase Pro       |         |               | trial | 2026-06-01 |
      phase Pro       |         |               | grace | 2026-03-01 |
      version Free v1 | seats   |               | 2     |            |
      version Free v1 | seats   |               | 99    |            | trial
      version Free v1 | seats   |               | 1     |            | grace
      rollout Free v1 |         | new customers |       |            |
    """)
    assert course(facts, "seats", "2026-01-31 2026-02-01 2026-03-01") == [10, 1, 2]


def test_the_plan_after_a_trial_is_one_unit_whatever_was_tried():
    facts = table("""
      source         | feature | mode          | value | until      | per  | quantity
      plan Pro       | seats   |               | 10    |            | unit | 40
      trial Pro      |         |               | Free  | 2026-02-01 |      |
      version Free v1| seats   |               | 2     |            | unit |
      rollout Free v1|         | new customers |       |            |      |
    """)
    assert course(facts, "seats", "2026-01-31 2026-02-01") == [400, 2]


@pytest.mark.parametrize("afterwards", ["", "Gone"], ids=["the trial ends", "nothing is on sale"])
def test_a_trial_without_a_plan_for_afterwards_ends(afterwards):
    facts = table(f"""
      source    | feature | value        | until
      plan Pro  | seats   | 10           |
      trial Pro |         | {afterwards} | 2026-02-01
    """)
    assert course(facts, "seats", "2026-01-31 2026-02-01") == [10, None]


def test_a_trial_that_outlasts_its_item_falls_back_to_nothing():
    facts = table(TRIAL.replace("| 2026-06-01", "| 2026-02-01"))
    assert course(facts, "seats", "2026-01-31 2026-02-01") == [10, None]


def test_the_version_at_the_lapse_decides_what_follows():
    facts = table("""
      source          | feature | mode          | value | from       | until
      plan Pro        | seats   |               | 10    | 2026-01-01 |
      trial Pro       |         |               | Free  |            | 2026-02-01
      version Pro v2  | seats   |               | 20    |            |
      version Free v1 | seats   |               | 2     |            |
      rollout Free v1 |         | new customers |       |            |
      rollout Pro v2  |         | now           |       | 2026-01-15 |
    """)
    assert course(facts, "seats", "2026-01-14 2026-01-15 2026-02-01") == [10, 20, None]


VERSIONS = """
  source         | feature | mode    | value | from       | until
  plan Pro       | seats   |         | 10    |            |
  version Pro v2 | seats   |         | 20    |            |
  version Pro v3 | seats   |         | 30    |            |
  rollout Pro v2 |         | {two}   |       | 2026-02-01 |
  rollout Pro v3 |         | {three} |       | 2026-03-01 |
"""


@pytest.mark.parametrize(
    ("two", "three", "seats"),
    [
        ("now", "now", [10, 20, 30]),
        ("on date", "on date", [10, 20, 30]),
        ("new customers", "now", [10, 10, 30]),
        ("now", "new customers", [10, 20, 20]),
        ("new customers", "new customers", [10, 10, 10]),
    ],
)
def test_the_version_is_the_target_of_the_last_published_rollout_that_moves_the_holder(two, three, seats):
    facts = table(VERSIONS.format(two=two, three=three))
    assert course(facts, "seats", "2026-01-31 2026-02-01 2026-03-01") == seats


@pytest.mark.parametrize(
    ("start", "end", "seats"),
    [
        ("", "", [10, 10, 10, 10]),
        ("2026-01-15", "2026-02-20", [10, 10, 20, 30]),
        ("2026-02-01", "2026-02-20", [10, 10, 20, 30]),  # the rollout of that very instant is passed by
        ("2026-02-15", "", [10, 20, 20, 20]),
        ("2026-02-15", "2026-03-20", [10, 20, 20, 20]),
        ("2026-01-15", "2026-02-01", [10, 20, 20, 30]),
    ],
)
def test_while_a_hold_lasts_the_version_it_began_with_stays(start, end, seats):
    facts = table(VERSIONS.format(two="now", three="now") + f"  hold Pro | | | | {start} | {end}")
    assert course(facts, "seats", "2026-01-31 2026-02-01 2026-02-20 2026-03-01") == seats


def test_after_a_hold_the_item_catches_up_at_once():
    facts = table(VERSIONS.format(two="now", three="now") + "  hold Pro | | | | 2026-01-15 | 2026-04-01")
    assert course(facts, "seats", "2026-03-31 2026-04-01") == [10, 30]
    assert resolve(facts, at="2026-03-15")["seats"].valid_until == instant("2026-04-01")


def test_the_reason_says_that_and_when_somebody_was_moved():
    facts = table(VERSIONS.format(two="now", three="at renewal"))
    pro = replace(facts.items[0], periods=Periods(known_instant("2026-01-20"), known_instant("2026-01-20")))
    told = resolve(replace(facts, items=(pro,)), at="2026-03-31")["seats"]
    assert say(told, zone="UTC") == ("Pro v3 (moved to it at renewal on 20 March 2026) gives 30",)
    assert resolve(replace(facts, items=(pro,)), at="2026-03-10")["seats"].valid_until == instant("2026-03-20")


def test_the_reason_says_until_when_and_why_somebody_is_held():
    hold = "  hold Pro | | | the contract runs | 2026-02-15 | 2026-04-01"
    facts = table(VERSIONS.format(two="now", three="now") + hold)
    words = "moved to it on 1 February 2026, held on it through 31 March 2026 because “the contract runs”"
    assert say(resolve(facts, at="2026-03-15")["seats"], zone="UTC") == (f"Pro v2 ({words}) gives 20",)


def test_a_publication_for_a_cohort_moves_its_members_alone():
    facts = table(VERSIONS.format(two="now", three="cohort"))
    chosen = replace(facts, rollouts=(*facts.rollouts[:-1], replace(facts.rollouts[-1], cohort="beta")))
    member = replace(chosen, items=(replace(chosen.items[0], cohorts=frozenset({"beta"})),))
    assert course(chosen, "seats", "2026-01-31 2026-02-01 2026-03-01") == [10, 20, 20]
    assert course(member, "seats", "2026-01-31 2026-02-01 2026-03-01") == [10, 20, 30]
    assert "with a chosen cohort on 1 March" in say(resolve(member, at="2026-03-01")["seats"], zone="UTC")[0]


def test_what_took_effect_before_the_sale_has_chosen_the_version_sold():
    """v1 went on sale again for new customers; whoever bought it since isn't moved to v2 by what moved the others."""
    facts = table(VERSIONS.format(two="now", three="new customers"))
    later = replace(facts.items[0], recorded_at=instant("2026-02-10"))
    assert answer(facts, "seats", at="2026-02-11") == 20
    assert answer(replace(facts, items=(later,)), "seats", at="2026-02-11") == 10


def test_a_version_that_is_not_among_the_facts_is_named():
    facts = table("""
      source         | feature | mode | value | from
      plan Pro       | seats   |      | 10    |
      rollout Pro v2 |         | now  |       | 2026-02-01
    """)
    with pytest.raises(IncompleteFacts, match="Pro v2"):
        resolve(facts, at="2026-02-01")


SLEEPER = """
  source     | feature | mode    | value | from       | until      | subscription | provided
  plan Pro   | seats   |         | 10    | 2026-02-01 | 2026-03-01 | one          |
  plan Old   | seats   |         | 7     |            | 2026-04-01 | two          |
  plan Far   | seats   |         | 7     |            |            | three        | never
  override 1 | calls   | replace | 99    |            |            | one          |
  override 2 | sso     | replace | on    |            |            | three        |
  override 3 | storage | deny    |       |            |            | four         |
  override 4 | motto   | replace | here  |            |            |              |
"""


def test_an_override_sleeps_while_its_subscription_gives_nothing():
    facts = table(SLEEPER)
    assert course(facts, "calls", "2026-01-31 2026-02-01 2026-02-28 2026-03-01") == [None, 99, 99, None]
    assert answer(facts, "sso") is None
    assert reasons(facts, "storage") == ["(Override #3: it sleeps while its subscription gives nothing)"]
    assert resolve(facts)["calls"].valid_until == instant("2026-02-01")


def test_an_override_for_the_account_never_sleeps():
    assert answer(table(SLEEPER), "motto") == "here"


def test_a_subscription_that_is_paused_puts_its_overrides_to_sleep():
    facts = table("""
      source     | feature | mode | value  | from       | until      | subscription
      plan Pro   | seats   |      | 10     |            |            |
      phase Pro  |         |      | paused | 2026-02-01 | 2026-03-01 |
      override 1 | seats   | add  | 5      |            |            | Pro
    """)
    assert course(facts, "seats", "2026-01-31 2026-02-01 2026-03-01") == [15, None, 15]


def test_a_rule_of_a_feature_holds_from_its_day_on():
    facts = table("""
      source     | feature | mode             | value | from
      plan One   | seats   |                  | 10    |
      plan Two   | seats   |                  | 20    |
      rule       | seats   | add              |       | 2026-02-01
      rule       | seats   | most_restrictive |       | 2026-03-01
    """)
    assert course(facts, "seats", "2026-01-31 2026-02-01 2026-03-01") == [20, 30, 10]


def test_unlimited_is_a_value_and_ends_like_one():
    facts = table("""
      source     | feature | mode | value     | until
      plan Pro   | seats   |      | 10        |
      override 1 | seats   | add  | unlimited | 2026-02-01
    """)
    assert course(facts, "seats", "2026-01-31 2026-02-01") == [UNLIMITED, 10]


def test_an_answer_knows_the_versions_ahead():
    facts = table("""
      source         | feature | mode | value | from
      plan Pro       | seats   |      | 10    |
      version Pro v2 | calls   |      | 20    |
      version Pro v3 | seats   |      | 30    |
      rollout Pro v2 |         | now  |       | 2026-02-01
      rollout Pro v3 |         | now  |       | 2026-03-01
    """)
    assert course(facts, "calls", "2026-01-31 2026-02-01 2026-03-01") == [None, 20, None]
    assert resolve(facts)["calls"].valid_until == instant("2026-02-01")
    assert resolve(facts, at="2026-02-01")["calls"].valid_until == instant("2026-03-01")


def test_a_sleeping_override_wakes_when_a_market_opens_for_anything_of_its_subscription():
    facts = table("""
      source     | feature | mode    | value | subscription | provided
      plan Pro   | seats   |         | 10    | one          | 2026-02-01..2026-03-01
      override 1 | calls   | replace | 99    | one          |
    """)
    assert course(facts, "calls", "2026-01-31 2026-02-01 2026-03-01") == [None, 99, None]
    assert resolve(facts)["calls"].valid_until == instant("2026-02-01")
    assert resolve(facts, at="2026-02-01")["calls"].valid_until == instant("2026-03-01")
