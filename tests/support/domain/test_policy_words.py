from dataclasses import replace

import pytest

from support.domain.milestones import CaseState, Measured, Recurrence, Signal, Trigger
from support.domain.policy_difference import Difference, difference, say_lowerings
from support.domain.policy_draft import PolicyDraft
from support.domain.policy_words import say, say_milestone, say_rule
from tests.support.domain.desks import table
from tests.support.domain.policies import AT, KNOWN, milestone, policy, rule

GOLD = """
  milestone  | severity | channel | target           | calendar
  first      | urgent   |         | 1 h              |
  first      | urgent   | phone   | 15 min           |
  first      | high     |         | 4 business hours | office
  first      | low      | email   | end of day       | office
  resolution | high     |         | 2 business days  | office
"""


def test_what_is_promised_reads_as_a_sentence_for_each_severity() -> None:
    assert say(policy(GOLD), known=KNOWN)[:3] == (
        "Urgent: a first response within 1 hour, around the clock. "
        "By phone: a first response within 15 minutes, around the clock.",
        "High: a first response within 4 business hours (Office hours); "
        "a resolution within 2 business days (Office hours).",
        "Low: only by e-mail: a first response by the end of the business day (Office hours).",
    )


def test_how_it_runs_and_what_moves_it_reads_as_sentences() -> None:
    draft = policy(GOLD, milestone("first", "at 80 %: team"), rules=[rule()])
    assert say(draft, known=KNOWN)[3:] == (
        "First response counts from when the case is opened until an agent answers publicly. It does not pause. "
        "After 80 % of its time the team is told.",
        "Resolution counts from when the case is opened until the case is resolved. "
        "It pauses while the case is waiting for the customer. "
        "When the case is reopened, it goes on; the time between does not count.",
        "While a renewal is within 60 days, every target is 50 % of its time, until 1 January 2030: "
        "Renewals deserve care.",
    )


def test_cover_without_a_promised_time_says_so() -> None:
    assert say(PolicyDraft(), known=KNOWN) == ("Help is covered, with no promised time.",)


def test_a_milestone_says_whether_it_pauses_recurs_and_who_is_told() -> None:
    one = milestone(
        "own",
        "1 business day before: assignee, lead@desk.example\nwhen due: team\n90 minutes after: owner, raise to urgent",
        name="Call back",
        starts=Trigger.ASSIGNED,
        pauses_while=frozenset({CaseState.ON_HOLD, CaseState.WAITING}),
        recurrence=Recurrence.INDEPENDENT,
        measured=Measured.FROM_CHANGE,
    )
    assert say_milestone(one, known=KNOWN) == (
        "Call back counts from when the case is assigned until somebody says so. "
        "It pauses while the case is waiting for the customer or on hold. "
        "It begins anew whenever the case is assigned. "
        "When the severity changes, its new target counts from that moment. "
        "1 business day before it is due the assignee and lead@desk.example are told; "
        "when it is due the team is told; "
        "90 minutes after it is due the account’s owner is told and the case is raised to Urgent."
    )


RECURS = """
  kind       | recurrence  | said
  first      | none        |
  next       | none        | It begins anew with the customer’s next message.
  update     | sequential  | One follows the other until the case is resolved.
  resolution | none        | When the case is reopened, it goes on; the time between does not count.
  resolution | independent | When the case is reopened, it begins anew.
  own        | none        | It is owed once.
  own        | independent | It begins anew whenever somebody says so.
"""


@pytest.mark.parametrize(("kind", "recurrence", "said"), table(RECURS))
def test_how_a_milestone_recurs(kind: str, recurrence: str, said: str) -> None:
    words = say_milestone(milestone(kind, recurrence=Recurrence(recurrence)), known=KNOWN)
    assert said in words if said else "anew" not in words and "once" not in words


def test_rules_say_what_holds_for_whom() -> None:
    draft = policy("head\n first | urgent | | 8 h |")
    health = rule(signal=Signal.HEALTH, value="at_risk", milestone="first_response", reason="We owe them")
    assert say_rule(health, draft=draft, known=KNOWN).startswith(
        "While the account’s health is at risk, the target of First response is 50 % of its time"
    )
    assert say_rule(health, draft=draft, known=KNOWN).endswith("We owe them.")
    market = rule(signal=Signal.MARKET, value="europe", percent=200)
    assert say_rule(market, draft=draft, known=KNOWN).startswith("In the market Europe, every target is 200 %")


MOVES = """
  before           | by     | after            | by     | lowers | words
  1 h              |        | 2 h              |        | yes    | That is longer, so less is promised.
  2 h              |        | 1 h              |        | no     | That is sooner.
  4 business hours | office | 5 h              |        | yes    | later for some cases and sooner for others
  4 business hours | office | 4 h              |        | no     | That is sooner.
  4 business hours | office | 4 business hours | night  | yes    | later for some cases
  1 h              |        | -                |        | yes    | is no longer promised.
  -                |        | 1 h              |        | no     | is promised.
  4 business hours | office | 4 business hours | abroad | no     | becomes within 4 business hours (abroad).
"""


@pytest.mark.parametrize(("before", "before_by", "after", "after_by", "lowers", "words"), table(MOVES))
def test_a_lowering_is_named(before: str, before_by: str, after: str, after_by: str, lowers: str, words: str) -> None:
    was, becomes = (
        PolicyDraft() if typed == "-" else policy(f"head\n first | urgent | | {typed} | {by}")
        for typed, by in ((before, before_by), (after, after_by))
    )
    (told,) = difference(was, becomes, known=KNOWN)
    assert told.label == "Urgent, First response"
    assert words in told.words
    assert told.lowers == (lowers == "yes")


def test_a_channel_that_gets_its_own_target_is_compared_with_what_held_for_it() -> None:
    was = policy("head\n first | urgent | | 1 h |")
    becomes = policy("head\n first | urgent | | 1 h |\n first | urgent | phone | 2 h |")
    (told,) = difference(was, becomes, known=KNOWN)
    assert told.words == (
        "Urgent, First response by phone: within 1 hour, around the clock becomes within 2 hours, around the clock. "
        "That is longer, so less is promised."
    )
    (back,) = difference(becomes, was, known=KNOWN)
    assert not back.lowers


TERMS = [
    ({"name": "Resolved"}, "name", False),
    ({"pauses_while": frozenset({CaseState.WAITING, CaseState.ON_HOLD})}, "pauses_while", True),
    ({"pauses_while": frozenset()}, "pauses_while", False),
    ({"recurrence": Recurrence.INDEPENDENT}, "recurrence", False),
    ({"measured": Measured.FROM_CHANGE}, "measured", True),
    ({"starts": Trigger.ASSIGNED}, "starts", True),
]


@pytest.mark.parametrize(("terms", "part", "lowers"), TERMS)
def test_what_changes_of_a_milestone_is_told(terms: dict[str, object], part: str, lowers: bool) -> None:
    cells = "head\n resolution | urgent | | 8 h |"
    told = difference(policy(cells), policy(cells, milestone("resolution", **terms)), known=KNOWN)
    assert [(one.where, one.lowers) for one in told] == [(f"milestones/resolution/{part}", lowers)]
    assert told[0].words.endswith("Less may be promised by that." if lowers else ".")


def test_warnings_and_rules_that_come_and_go_are_told() -> None:
    cells = "head\n first | urgent | | 8 h |"
    was = policy(cells, rules=[rule(), rule(percent=200)])
    becomes = policy(cells, milestone("first", "at 80 %: team"), rules=[rule(percent=300), rule(percent=20)])
    told = difference(was, becomes, known=KNOWN)
    assert [(one.label, one.lowers) for one in told] == [
        ("First response, warnings and escalations", False),
        ("New rule", True),
        ("New rule", False),
        ("Rule that goes", True),
        ("Rule that goes", False),
    ]
    assert told[0].words.endswith("nothing becomes at 80 %: team.")


def test_a_rule_that_had_ended_takes_nothing_along() -> None:
    cells = "head\n first | urgent | | 8 h |"
    (told,) = difference(policy(cells, rules=[rule(ends_at=AT)]), policy(cells), known=KNOWN)
    assert not told.lowers


def test_nothing_else_is_nothing_told_and_a_first_version_is_all_new() -> None:
    draft = policy("head\n first | urgent | | 8 h |\n next | low | | 1 day |", rules=[rule()])
    assert difference(draft, replace(draft), known=KNOWN) == ()
    told = difference(None, draft, known=KNOWN)
    assert [one.before for one in told] == ["", "", ""]
    assert say_lowerings(told) == ()
    assert all(isinstance(one, Difference) for one in told)
