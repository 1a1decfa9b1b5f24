"""A contract that runs never ends because somebody typed a later first day: a person is told, and what is held goes on."""

from datetime import timedelta

import pytest

from desk.actions.crm.findings import keep_as_is
from desk.domain.crm.told import DealState
from desk.models import CrmFinding
from entitlements.actions.contract_endings import end_early
from entitlements.models import Contract
from journal.domain.actor import SYSTEM
from tests.desk.crm import AT, MINUTE, TODAY, crm, deal, hear, holds, line, open_findings, row_of, verbs
from tests.entitlements.world import DAY

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=10)


def postponed(*lines, **more):
    return deal(*(lines or [line()]), closed_on=LATER, **more)


def test_what_runs_goes_on_and_a_person_is_told_what_the_deal_says():
    world = crm()
    hear(world, deal(line()))
    heard = hear(world, postponed(line(quantity="2")), at=AT + DAY)
    assert (holds(AT + DAY), holds(AT + 20 * DAY)) == (["5 × team"], ["5 × team"])
    ((kind, words),) = open_findings()
    assert kind == "refused"
    assert words.startswith("The deal begins on 12 March 2026 by now, and its contract has run since 2 March 2026.")
    assert CrmFinding.objects.get().evidence == {
        "ours": "from 2 March 2026 for 12 months, which then renews",
        "theirs": "Its contract is amended, from 12 March 2026 for 12 months, which then renews; 2 × Team, changed",
    }
    assert (heard.moved, heard.words) == (False, words)
    assert Contract.objects.count() == 1


def test_heard_again_it_writes_nothing():
    world = crm()
    hear(world, deal(line()))
    hear(world, postponed(), at=AT + DAY)
    so_far = verbs()
    hear(world, postponed(), at=AT + DAY + MINUTE)
    assert verbs() == so_far


def test_the_day_put_right_there_settles_it():
    world = crm()
    hear(world, deal(line()))
    hear(world, postponed(line(quantity="2")), at=AT + DAY)
    hear(world, deal(line(quantity="6")), at=AT + 2 * DAY)
    assert (holds(AT + 2 * DAY), open_findings()) == (["6 × team"], [])


def test_once_that_day_has_come_the_contract_says_what_the_deal_says():
    world = crm()
    hear(world, deal(line()))
    hear(world, postponed(line(quantity="2")), at=AT + DAY)
    hear(world, postponed(line(quantity="2")), at=AT + 10 * DAY)
    assert (holds(AT + 10 * DAY), open_findings()) == (["2 × team"], [])
    contract = Contract.objects.get()
    assert contract.versions.order_by("number").last().term_starts_at.date() in {LATER, LATER - timedelta(days=1)}
    so_far = verbs()
    hear(world, postponed(line(quantity="2")), at=AT + 11 * DAY)
    assert verbs() == so_far


@pytest.mark.parametrize("again", [1, 10])
def test_ended_here_by_a_person_it_becomes_a_new_contract_from_that_day(again):
    world = crm()
    hear(world, deal(line()))
    hear(world, postponed(), at=AT + DAY)
    end_early(contract=Contract.objects.get(), ends_at=AT + DAY, reason="It begins later", by=SYSTEM, at=AT + DAY)
    hear(world, postponed(), at=AT + again * DAY + MINUTE)
    assert (holds(AT + DAY), holds(AT + 11 * DAY)) == ([], ["5 × team"])
    assert (Contract.objects.count(), open_findings()) == (2, [])


def test_a_contract_that_ended_is_not_begun_anew_from_a_day_on_which_it_ran():
    world = crm()
    hear(world, deal(line()))
    end_early(contract=Contract.objects.get(), ends_at=AT + 5 * DAY, reason="They left", by=SYSTEM, at=AT + DAY)
    hear(world, deal(line(), closed_on=TODAY + timedelta(days=2)), at=AT + 6 * DAY)
    assert Contract.objects.count() == 1


def test_kept_as_it_is_what_else_the_deal_says_since_is_told_all_the_same():
    world = crm()
    hear(world, deal(line()))
    hear(world, postponed(), at=AT + DAY)
    keep_as_is(finding=CrmFinding.objects.get(), reason="They pay from then on", by=SYSTEM, at=AT + DAY)
    hear(world, postponed(), at=AT + DAY + MINUTE)
    assert open_findings() == []
    hear(world, postponed(line(quantity="8")), at=AT + 2 * DAY)
    assert [kind for kind, _ in open_findings()] == ["refused"]


def test_lost_it_ends_all_the_same():
    world = crm()
    hear(world, deal(line()))
    hear(world, postponed(), at=AT + DAY)
    hear(world, postponed(state=DealState.LOST), at=AT + 2 * DAY)
    assert (holds(AT + 2 * DAY), open_findings(), row_of().agreed) == ([], [], {})
