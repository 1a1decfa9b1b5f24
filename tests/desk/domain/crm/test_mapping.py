"""What a won deal becomes by a mapping: each reading, each fault, and what stays as it was."""

from datetime import date
from decimal import Decimal

import pytest

from desk.domain.crm.mapping import Condition, Reading, Rule, Target, fields_read
from desk.domain.crm.wanted import Agreed, FeaturePromise, PlanPromise, wanted
from entitlements.domain.facts import Mode
from tests.desk.domain.crm.deals import SHAPES, deal, line, longer, mapping, storage, team


def becomes(told, *rules, **terms):
    return wanted(told, mapping(*rules, **terms), shapes=SHAPES)


def test_a_line_becomes_the_plan_that_its_product_stands_for_in_its_quantity():
    found = becomes(deal(line(product="team", quantity="5.0")), team())
    assert [(one.key, one.what) for one in found.promises] == [("team:l1", PlanPromise("team", 5, "year"))]
    assert found.agreed == Agreed(date(2026, 3, 1))
    assert not found.faults


def test_the_first_rule_that_speaks_of_a_line_is_the_one():
    small = team(where=(Condition("Size", ("small",)),))
    large = Rule("large", Target.PLAN, products=("TEAM",), plan="business")
    found = becomes(deal(line(Size="Small "), line("l2", Size="big")), small, large)
    assert [one.key for one in found.promises] == ["team:l1", "large:l2"]


def test_a_line_of_which_no_rule_speaks_is_named_and_the_others_become_what_they_become():
    found = becomes(deal(line(), line("l2", product="MUG", quantity="100")), team())
    assert [one.product for one in found.unmapped] == ["MUG"]
    assert len(found.promises) == 1


@pytest.mark.parametrize(
    ("said", "smallest", "unit"),
    [("500", 500 * 10**9, "GB"), ("500.0", 500 * 10**9, "GB"), ("1,000", 10**12, "GB"), ("500 MB", 5 * 10**8, "MB")],
)
def test_an_amount_is_read_as_on_the_sheet_and_a_plain_number_is_of_the_features_unit(said, smallest, unit):
    found = becomes(deal(line(product="DISK", Amount=said)), storage(Reading(line_field="Amount")))
    assert found.promises[0].what == FeaturePromise("storage", Mode.ADD, Decimal(smallest), unit)


def test_a_field_of_the_line_goes_before_the_deals_and_that_before_what_is_written():
    rule = storage(Reading("1 GB", line_field="Amount", deal_field="Disk"))
    sold = line(product="DISK")
    for told, gigabytes in ((deal(sold), 1), (deal(sold, fields={"Disk": "2"}), 2),
                            (deal(line(product="DISK", Amount="3"), fields={"Disk": "2"}), 3)):  # fmt: skip
        assert becomes(told, rule).promises[0].what.value == Decimal(gigabytes * 10**9)


def test_a_rule_without_products_speaks_of_the_deal_as_a_whole():
    beta = Rule("sso", Target.FEATURE, feature="sso", mode=Mode.REPLACE, where=(Condition("Beta", ("true",)),))
    assert becomes(deal(fields={"Beta": "True"}), beta).promises[0].what == FeaturePromise("sso", Mode.REPLACE, True)
    assert becomes(deal(fields={"Beta": "false"}), beta).promises == ()


def test_terms_are_the_months_that_were_said_or_that_lie_between_two_days():
    said = {"starts": Reading(deal_field="From"), "through": Reading(deal_field="To")}
    told = deal(line(), fields={"From": "2026-04-01T00:00:00Z", "To": "2027-03-31"})
    assert becomes(told, team(), **said).agreed == Agreed(date(2026, 4, 1), 12)
    assert becomes(told, team(), months=Reading("24"), renews=True).agreed == Agreed(date(2026, 3, 1), 24, True)


@pytest.mark.parametrize(
    ("rule", "fields", "says"),
    [
        (team(quantity=Reading(line_field="N")), {"N": "many"}, "“many” in the field N is no number."),
        (team(quantity=Reading(line_field="N")), {"N": "2.5"}, "2.5 in the field N is no whole number from 1"),
        (team(quantity=Reading(line_field="N")), {"N": "NaN"}, "“NaN” in the field N is no number."),
        (team(starts=Reading(line_field="From")), {"From": "soon"}, "“soon” in the field From is no day such as"),
        (team(starts=Reading("2026-05-01"), through=Reading("2026-04-30")), {}, "over before it begins"),
        (storage(Reading(line_field="Amount"), products=("TEAM",)), {"Amount": "lots"}, "“lots” is no amount"),
        (storage(Reading(), products=("TEAM",)), {}, "Say how much"),
    ],
)  # fmt: skip
def test_what_cant_be_read_is_said_in_the_words_of_whoever_edits_the_mapping(rule, fields, says):
    found = becomes(deal(line(**fields)), rule)
    assert says in found.faults[0].words
    assert not found.promises


def test_days_that_are_no_whole_months_are_a_fault_of_the_terms():
    told = deal(line(), fields={"To": "2027-03-30"})
    found = becomes(told, team(), through=Reading(deal_field="To"))
    assert "is not a whole number of months" in found.faults[0].words


def test_a_trial_is_made_longer_by_days_or_through_a_day_and_once():
    assert becomes(deal(), longer(days=Reading("14"))).extension.days == 14
    further = longer(through=Reading("2026-05-31")), longer(through=Reading("2026-06-30"))
    assert becomes(deal(), *further).extension.through == date(2026, 6, 30)
    assert "Let one of them speak" in becomes(deal(), longer(days=Reading("14")), further[0]).faults[0].words
    assert "doesn’t say how long" in becomes(deal(), longer()).faults[0].words


def test_every_fault_is_told_at_once():
    rule = team(quantity=Reading(line_field="N"))
    assert len(becomes(deal(line(N="a"), line("l2", N="b")), rule).faults) == 2


def test_the_fields_that_a_mapping_reads_are_what_has_to_be_asked_for():
    rule = team(quantity=Reading(line_field="N"), where=(Condition("Size", ("big",)),))
    found = set(fields_read(mapping(rule, starts=Reading(deal_field="From"))))
    assert found == {("N", True), ("Size", True), ("Size", False), ("From", False)}


def test_spaces_in_a_field_are_nothing_so_that_the_next_one_speaks():
    rule = storage(Reading("1 GB", line_field="Amount", deal_field="Disk"))
    blank = line(product="DISK", Amount="  ")
    assert becomes(deal(blank, fields={"Disk": "2"}), rule).promises[0].what.value == Decimal(2 * 10**9)
    assert becomes(deal(blank, fields={"Disk": " "}), rule).promises[0].what.value == Decimal(10**9)


def test_a_condition_of_a_line_is_the_lines_own_field_and_the_deals_where_it_has_none():
    rule = team(where=(Condition("Region", ("EMEA",)),))
    assert becomes(deal(line(), fields={"Region": "emea"}), rule).promises
    assert not becomes(deal(line(Region="US"), fields={"Region": "EMEA"}), rule).promises


def test_what_lasts_until_somebody_ends_it_renews_never_and_what_lasts_for_no_month_cannot_be_read():
    through = Reading(deal_field="Last day")
    endless = becomes(deal(line()), team(), through=through, renews=True)
    assert endless.agreed == Agreed(date(2026, 3, 1))
    nothing = becomes(deal(line(), fields={"Last day": "2026-02-28"}), team(), through=through)
    assert "is not a whole number of months" in nothing.faults[0].words


def test_a_person_hears_of_the_terms_beside_what_cannot_be_read_of_the_lines():
    told = deal(line(product="DISK", Amount="two"), fields={"Months": "a year"})
    found = becomes(told, storage(Reading(line_field="Amount")), months=Reading(deal_field="Months"))
    assert [one.rule for one in found.faults] == ["disk", "terms"]


def test_a_line_may_last_for_one_day_and_bears_the_note_of_its_rule():
    day = Reading(written="2026-05-01")
    found = becomes(deal(line()), team(starts=day, through=day, note="For the fair"))
    (promise,) = found.promises
    assert (promise.starts_on, promise.through_on, promise.note) == (date(2026, 5, 1), date(2026, 5, 1), "For the fair")


@pytest.mark.parametrize(("lines", "read"), [(500, True), (501, False)])
def test_of_more_lines_than_are_read_nothing_is_done(lines, read):
    found = becomes(deal(*[line(f"l{number}") for number in range(lines)]), team())
    assert (len(found.promises), bool(found.faults)) == ((lines, False) if read else (0, True))
