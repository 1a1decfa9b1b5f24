"""What a person should look at in a mapping: rules that are never reached, and names that lead nowhere."""

from desk.domain.crm.mapping import Condition, Reading, Rule, Target
from desk.domain.crm.mapping_checks import Known, remarks
from tests.desk.domain.crm.deals import SHAPES, longer, mapping, storage, team

ALL = Known(sold=("team",), features=SHAPES, products=("TEAM", "team-yearly", "DISK"))
EMEA = Condition("Region", ("EMEA", "US"))


def said(*rules: Rule, known: Known = ALL) -> list[tuple[str, str]]:
    return list(remarks(mapping(*rules), known))


def another(*products: str, where: tuple[Condition, ...] = ()) -> Rule:
    return Rule("another", Target.PLAN, products=products, plan="team", where=where)


def test_a_mapping_that_means_what_it_says_needs_no_look() -> None:
    assert said(team(), storage(Reading("5"))) == []


def test_without_a_rule_deals_become_nothing() -> None:
    assert said() == [("", "It has no rule, so won deals become nothing.")]


def test_a_rule_behind_one_that_always_speaks_first_is_told() -> None:
    assert said(team(), another("team", "DISK")) == [("another", "It is never reached for team: rule 1 speaks first.")]


def test_a_condition_lets_the_later_rule_speak() -> None:
    assert said(team(where=(EMEA,)), another("TEAM")) == []


def test_a_wider_condition_before_a_narrower_one_hides_it() -> None:
    narrow = Condition("Region", ("emea",))
    assert said(team(where=(EMEA,)), another("TEAM", where=(narrow,)))
    assert not said(team(where=(narrow,)), another("TEAM", where=(EMEA,)))


def test_rules_about_the_deal_as_a_whole_never_hide_each_other() -> None:
    assert said(longer(days=Reading("14")), Rule("more", Target.TRIAL, days=Reading("7"))) == []


def test_products_that_the_crm_doesnt_sell_are_told_only_where_it_was_asked() -> None:
    rule = another("GONE", "DISK", "LOST")
    assert said(rule) == [("another", "The CRM has no product GONE or LOST that is for sale.")]
    assert said(rule, known=Known(sold=("team",), features=SHAPES)) == []


def test_a_plan_off_sale_and_a_feature_that_is_gone_are_told() -> None:
    assert said(team(), storage(Reading("5")), known=Known(features={})) == [
        ("team", "The plan it names is not on sale any more."),
        ("disk", "The feature it names is no longer there."),
    ]


def test_trials_by_days_and_through_a_day_dont_mix() -> None:
    through = Rule("through", Target.TRIAL, through=Reading(deal_field="TrialEnd"))
    assert [key for key, _ in said(longer(days=Reading("14")), through)] == ["through"]


FIELDS = Known(sold=("team",), features=SHAPES, deal_fields={"Start": "date", "Seats": "number", "Size": "string"})


def test_fields_that_are_gone_or_cant_hold_it_are_told_once_each() -> None:
    rule = team(
        quantity=Reading(deal_field="Start"), starts=Reading(deal_field="Seats"), through=Reading(deal_field="Gone")
    )
    assert said(rule, known=FIELDS) == [
        ("team", "The field Start holds no number there."),
        ("team", "The field Seats holds no day there."),
        ("team", "The CRM has no field Gone any more."),
    ]
    fits = team(quantity=Reading(deal_field="Size"), starts=Reading(deal_field="Start"))
    assert said(fits, known=FIELDS) == []


def test_fields_of_the_terms_are_told_of_the_whole() -> None:
    told = list(remarks(mapping(team(), starts=Reading(deal_field="Seats")), FIELDS))
    assert told == [("", "The field Seats holds no day there.")]


def test_the_same_value_of_another_field_hides_nothing() -> None:
    assert not said(team(where=(EMEA,)), another("TEAM", where=(Condition("Market", EMEA.values),)))
