"""E4: what the end of a trial that nobody converts takes, feature by feature. The end is always exclusive."""

from dataclasses import replace

import pytest

from entitlements.domain.boundaries import boundaries
from entitlements.domain.facts import Phase
from tests.spec.tables import answer, course, instant, known_instant, reasons, resolve, table

TRIAL = """
  source          | feature | mode          | value | kept   | from       | until
  plan Pro        | seats   |               | 10    |        | 2026-01-01 | 2026-06-01
  plan Pro        | calls   |               | 500   | 7 days |            |
  plan Pro        | sso     |               | on    | used   |            |
  trial Pro       |         |               | Free  |        |            | 2026-02-01
  phase Pro       |         |               | trial |        |            | 2026-02-01
  version Free v1 | seats   |               | 2     |        |            |
  version Free v1 | calls   |               | 20    |        |            |
  rollout Free v1 |         | new customers |       |        | 2025-01-01 |
"""
USED = TRIAL + "  use Pro | sso | | | | |\n"


def test_what_ends_with_the_trial_is_gone_at_once():
    assert course(table(TRIAL), "seats", "2026-01-31T23:59:59 2026-02-01") == [10, 2]


def test_what_is_kept_for_some_days_is_gone_when_they_are_over():
    facts = table(TRIAL)
    assert course(facts, "calls", "2026-01-31 2026-02-01 2026-02-07T23:59:59 2026-02-08") == [500, 500, 500, 20]
    assert instant("2026-02-08") in boundaries(facts)
    assert resolve(facts, at="2026-02-01")["calls"].valid_until == instant("2026-02-08")


def test_what_is_kept_if_used_stays_as_long_as_the_subscription_where_it_was_used():
    assert course(table(TRIAL), "sso", "2026-01-31 2026-02-01") == [True, None]
    assert course(table(USED), "sso", "2026-02-01 2026-05-31 2026-06-01") == [True, True, None]


def test_the_reasons_say_why_it_is_still_there():
    facts = table(USED)
    assert reasons(facts, "calls", at="2026-02-03") == [
        "Pro v1, kept for 7 days after its trial: the base",
        "(Free v1, after the trial of Pro: Pro v1, kept for 7 days after its trial gives more)",
    ]
    assert reasons(facts, "sso", at="2026-02-03") == ["Pro v1, kept because it was used after its trial: the base"]


def test_a_converted_trial_has_no_end_and_keeps_all():
    facts = table(TRIAL)
    converted = replace(facts, items=tuple(replace(item, trial_lapses_at=None) for item in facts.items))
    assert course(converted, "seats", "2026-02-01 2026-05-31") == [10, 10]


def test_where_no_plan_follows_only_what_is_kept_is_left():
    facts = table(TRIAL.replace("| Free  |", "|       |"))
    assert course(facts, "seats", "2026-02-01") == [None]
    assert course(facts, "calls", "2026-02-01 2026-02-08") == [500, None]


def test_what_is_kept_never_adds_up_with_a_plan_that_is_bought():
    facts = table(TRIAL + "  rule | calls | add | | | |\n  plan Team | calls | | 300 | | 2026-01-01 |\n")
    assert course(facts, "calls", "2026-01-15 2026-02-01 2026-02-08") == [800, 500, 320]


def test_days_are_counted_on_the_customers_own_calendar():
    """Clocks go forward there on 8 March: the last day has 23 hours."""
    text = TRIAL.replace("2026-02-01", "2026-03-07").replace("7 days", "1 day")
    ends = "2026-03-07T23:00 2026-03-08T00:00"
    assert course(table(text, zone="America/New_York"), "calls", ends) == [500, 20]
    assert course(table(text.replace("2026-03-07", "2026-03-08"), zone="America/New_York"), "calls",
                  "2026-03-08T22:59:59 2026-03-08T23:00") == [500, 20]  # fmt: skip


def test_a_term_for_trials_that_spoke_until_the_end_keeps_speaking():
    facts = table("""
      source    | feature | value | kept   | phase | until
      plan Pro  | calls   | 500   |        |       |
      plan Pro  | calls   | 50    | 7 days | trial |
      phase Pro |         | trial |        |       | 2026-02-01
      trial Pro |         |       |        |       | 2026-02-01
    """)
    assert course(facts, "calls", "2026-01-31 2026-02-01 2026-02-08") == [50, 50, None]


def test_the_rule_of_a_term_that_did_not_speak_keeps_nothing():
    facts = table("""
      source    | feature | value | kept   | phase | until
      plan Pro  | calls   | 500   | 7 days |       |
      plan Pro  | calls   | 50    |        | trial |
      phase Pro |         | trial |        |       | 2026-02-01
      trial Pro |         |       |        |       | 2026-02-01
    """)
    assert course(facts, "calls", "2026-01-31 2026-02-01") == [50, None]


def test_the_version_held_at_the_end_decides_and_nothing_published_later_changes_it():
    facts = table(
        TRIAL
        + """
      version Pro v2 | calls | | 900 | 3 days | |
      version Pro v3 | calls | | 1   |        | |
      rollout Pro v2 |       | now | |        | 2026-01-20 |
      rollout Pro v3 |       | now | |        | 2026-02-02 |
    """
    )
    assert course(facts, "calls", "2026-01-15 2026-01-31 2026-02-03 2026-02-04") == [500, 900, 900, None]


def test_what_multiplies_a_kept_amount_is_the_quantity_tried_or_what_else_is_there():
    facts = table("""
      source    | feature | value | kept   | per   | quantity | until
      plan Pro  | seats   | 5     |        |       | 3        |
      plan Pro  | calls   | 10    | 7 days | unit  |          |
      plan Pro  | storage | 20    | 7 days | seats |          |
      plan Base | seats   | 2     |        |       |          |
      phase Pro |         | trial |        |       |          | 2026-02-01
      trial Pro |         |       |        |       |          | 2026-02-01
    """)
    assert course(facts, "calls", "2026-01-31 2026-02-01") == [30, 30]
    assert course(facts, "storage", "2026-01-31 2026-02-01") == [100, 40]  # the seats tried are gone


@pytest.mark.parametrize(("quantity", "expected"), [("1", [15, 15, 5]), ("2", [25, 25, 5])])
def test_an_add_on_that_was_tried_goes_on_adding(quantity, expected):
    facts = table(f"""
      source       | feature | value | kept   | per  | quantity   | until
      plan Base    | calls   | 5     |        |      |            |
      add-on Extra | calls   | 10    | 7 days | unit | {quantity} |
      trial Extra  |         |       |        |      |            | 2026-02-01
    """)
    assert course(facts, "calls", "2026-01-31 2026-02-01 2026-02-08") == expected


def test_a_subscription_that_is_paused_after_its_trial_keeps_nothing_meanwhile():
    facts = table(USED + "  phase Pro | | | paused | | 2026-02-03 | 2026-02-05\n")
    assert course(facts, "sso", "2026-02-02 2026-02-03 2026-02-05") == [True, None, True]


def test_an_override_of_the_subscription_is_awake_while_anything_is_kept():
    asleep = "  override 1 | storage | replace | 9 | | | 2026-12-01\n"
    facts = table(TRIAL.replace("| Free  |", "|       |") + asleep)
    (promise,) = facts.overrides
    scoped = replace(facts, overrides=(replace(promise, scope_subscription="Pro"),))
    assert course(scoped, "storage", "2026-01-31 2026-02-07 2026-02-08") == [9, 9, None]


def test_a_stretch_of_the_item_after_the_trial_keeps_the_same():
    """Fewer were planned for after the trial: what is kept goes on in the quantity that is held then."""
    facts = table(TRIAL)
    (item,) = facts.items
    later = replace(item, id="Pro-2", window=replace(item.window, start=known_instant("2026-02-03")))
    earlier = replace(item, window=replace(item.window, end=known_instant("2026-02-03")))
    split = replace(facts, items=(earlier, later))
    assert course(split, "calls", "2026-02-02 2026-02-04 2026-02-08") == [500, 500, 20]
    assert all(phase is Phase.TRIAL for phase, _ in item.phases)
    assert answer(split, "seats", at="2026-02-04") == 2
