"""A rule is a sentence that says of what it speaks, what that becomes, and where each value is read."""

import pytest

from desk.domain.crm.mapping import Condition, DealTerms, Reading, Rule, Target
from desk.domain.crm.mapping_words import Look, Names, Part, plain, say_rule, say_terms
from entitlements.domain.facts import Mode
from tests.desk.domain.crm.deals import SHAPES, longer, storage, team

NAMES = Names(
    plans={"team": "Team"},
    shapes=SHAPES,
    line_fields={"ServiceDate": "Date", "Disk__c": "Disk size"},
    deal_fields={"Start__c": "Start date", "Seats__c": "Seats", "Region": "Region of sale"},
)
EACH = "Each TEAM or team-yearly "
SAID = [
    (team(), f"{EACH}becomes Team × the line’s quantity, paid by the year"),
    (team(quantity=Reading("5")), f"{EACH}becomes Team × 5, paid by the year"),
    (
        team(quantity=Reading(deal_field="Seats__c"), starts=Reading(line_field="ServiceDate", deal_field="Start__c")),
        f"{EACH}becomes Team × the deal’s Seats, else the line’s quantity, paid by the year, from the line’s Date, else "
        "the deal’s Start date",
    ),
    (
        team(where=(Condition("Region", ("EMEA", "US", "APAC")), Condition("Type", ("New",)))),
        "Each TEAM or team-yearly whose Region of sale is EMEA, US or APAC and whose Type is New becomes Team × the line’s "
        "quantity, paid by the year",
    ),
    (Rule("fee", Target.NOTHING, products=("FEE",)), "Each FEE becomes nothing, on purpose"),
    (Rule("gold", Target.PLAN, plan="gold"), "Each won deal becomes gold"),
    (storage(Reading("500")), "Each DISK adds 500 GB to Storage"),
    (
        storage(Reading("1 TB", line_field="Disk__c"), mode=Mode.AT_LEAST),
        "Each DISK makes Storage at least the line’s Disk size, else 1 TB",
    ),
    (storage(Reading("Unlimited"), mode=Mode.REPLACE), "Each DISK sets Storage to Unlimited"),
    (storage(Reading(), mode=Mode.DENY), "Each DISK denies Storage"),
    (Rule("sso", Target.FEATURE, products=("SSO",), feature="sso", mode=Mode.REPLACE), "Each SSO gives Single sign-on"),
    (longer(days=Reading("14")), "Each won deal makes the trial longer, by 14 days"),
    (longer(days=Reading("1")), "Each won deal makes the trial longer, by 1 day"),
    (longer(through=Reading("2026-03-31")), "Each won deal makes the trial longer, through 31 March 2026"),
]


@pytest.mark.parametrize(("rule", "words"), SAID, ids=[words[:60] for _, words in SAID])
def test_a_rule_reads_as_a_sentence(rule: Rule, words: str) -> None:
    assert plain(say_rule(rule, NAMES)) == words


def test_a_sentence_marks_things_and_fields() -> None:
    assert Part("Start date", Look.FIELD) in say_rule(longer(days=Reading(deal_field="Start__c")), NAMES)
    assert Part("Team", Look.THING) in say_rule(team(), NAMES)


def test_terms_say_from_when_how_long_and_what_follows() -> None:
    told = [plain(one) for one in say_terms(DealTerms(through=Reading(deal_field="Start__c"), notice_days=1), NAMES)]
    assert told == [
        "The contract begins on the day the deal was won.",
        "It lasts through the deal’s Start date, or until somebody ends it where that is empty.",
        "Then it ends.",
        "Notice is given a day before the end.",
    ]
