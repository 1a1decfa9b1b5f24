from dataclasses import replace
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Enforcement, Reset
from catalog.domain.window import Window
from entitlements.domain.boundaries import boundaries
from entitlements.domain.changes import changes_between, say_change
from tests.spec.tables import instant, resolve, table

FACTS = """
  source          | feature | mode          | value | from       | until      | provided
  plan Pro        | seats   |               | 10    | 2026-01-01 | 2026-12-01 |
  plan Pro        | sso     |               | on    |            |            | 2026-04-01..2027-05-01
  phase Pro       |         |               | trial |            | 2026-02-01 |
  trial Pro       |         |               | Free  |            | 2026-02-01 |
  version Free v1 | seats   |               | 2     |            |            |
  version Free v2 | seats   |               | 3     |            |            |
  rollout Free v1 |         | new customers |       | 2025-01-01 |            |
  rollout Free v2 |         | now           |       | 2026-06-01 |            |
  override 1      | seats   | add           | 5     | 2026-07-01 | 2026-07-08 |
  standing        |         |               | closed| 2026-11-01 |            |
  rule            | seats   | add           |       | 2026-10-01 |            |
"""


def test_boundaries_are_every_instant_at_which_an_answer_may_change():
    days = "2026-01-01 2026-02-01 2026-06-01 2026-07-01 2026-07-08 2026-10-01 2026-11-01 2026-12-01"
    assert boundaries(table(FACTS)) == tuple(instant(day) for day in days.split())


def test_the_parents_boundaries_count_where_a_rule_asks_for_the_parent():
    parent = table("source | feature | value | until\nplan Group | seats | 10 | 2026-09-01")
    child = "source | feature | mode\nrule | seats | {rule}"
    assert instant("2026-09-01") in boundaries(table(child.format(rule="inherit"), parent=parent))
    assert instant("2026-09-01") not in boundaries(table(child.format(rule="own"), parent=parent))


def test_a_market_window_is_a_boundary_only_while_the_item_lives():
    facts = table(
        "source | feature | value | until | provided\nplan Pro | sso | on | 2026-06-01 | 2026-04-01..2027-05-01"
    )
    assert boundaries(facts) == (instant("2026-04-01"), instant("2026-06-01"))
    assert Window(*boundaries(facts)).contains(instant("2026-05-01"))


def test_changes_are_the_features_whose_value_or_being_granted_differs():
    facts = table(FACTS)
    changed = changes_between(resolve(facts, at="2026-06-30"), resolve(facts, at="2026-07-01"))
    assert [(c.feature, c.before.value, c.after.value) for c in changed] == [("seats", 3, 8)]
    assert changes_between(resolve(facts, at="2026-07-02"), resolve(facts, at="2026-07-03")) == ()


def test_a_denial_of_what_was_zero_is_a_change():
    plan = "source | feature | mode | value | from\nplan Pro | seats | | 0 |\noverride 1 | seats | deny | | 2026-02-01"
    facts = table(plan)
    (change,) = changes_between(resolve(facts, at="2026-01-31"), resolve(facts, at="2026-02-01"))
    assert (change.before.granted, change.after.granted) == (True, False)


def test_a_feature_that_was_not_known_before_has_no_before():
    after = resolve(table("source | feature | value\nplan Pro | seats | 10"))
    assert [(c.feature, c.before) for c in changes_between({}, after)] == [("seats", None)]
    assert [(c.feature, c.after) for c in changes_between(after, {})] == [("seats", None)]


def amount(value=Decimal(100), **more):
    return replace(resolve(table("source | feature | value\nplan Pro | seats | 10"))["seats"], value=value, **more)


def test_another_limit_reset_or_overage_of_the_same_amount_is_a_change_and_only_it_is_said():
    hard, soft = amount(), amount(enforcement=Enforcement.SOFT, overage_percent=20)
    assert [change.feature for change in changes_between({"seats": hard}, {"seats": soft})] == ["seats"]
    assert say_change(hard, soft) == ("100, hard limit", "100, soft limit, up to 20 % beyond")
    assert say_change(hard, amount(Decimal(200))) == ("100", "200")
    charged = amount(enforcement=Enforcement.TRACK)
    assert say_change(charged, hard) == ("100, more is charged", "100, hard limit")


def test_another_part_of_the_same_amount_is_a_change():
    before, after = amount(sub_limits={"model.large": Decimal(5)}), amount(sub_limits={"model.large": Decimal(0)})
    assert changes_between({"seats": before}, {"seats": after})
    assert say_change(before, after) == ("100; of which large (model): 5", "100; of which large (model): no")


def test_what_has_no_limit_to_keep_does_not_change_with_it():
    gate = resolve(table("source | feature | value\nplan Pro | sso | on"))["sso"]
    unlimited, denied = amount(UNLIMITED), amount(granted=False)
    for same in (gate, unlimited, denied):
        other = replace(same, enforcement=Enforcement.SOFT, reset=Reset.DAY)
        assert changes_between({"seats": same}, {"seats": other}) == ()


def test_what_was_absent_is_said_without_conditions():
    assert say_change(None, amount(enforcement=Enforcement.SOFT)) == ("not included", "100")
    assert say_change(amount(), amount(granted=False)) == ("100", "denied")
