"""A won deal becomes what it says, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from desk.domain.crm.told import DealState
from desk.models import CrmCompany
from entitlements.actions.contract_endings import end_early
from entitlements.actions.contracts import rename
from entitlements.models import Contract
from journal.domain.actor import SYSTEM
from tests.desk.crm import AT, MINUTE, TODAY, asked, crm, deal, hear, holds, line, open_findings, row_of, verbs
from tests.entitlements.contracts import amended, another_quantity, signed
from tests.entitlements.world import DAY, account, value

pytestmark = pytest.mark.django_db


def test_a_won_deal_becomes_a_contract():
    world = crm()
    heard = hear(world, deal(line(), link="https://crm.example/d1"))
    contract = Contract.objects.get()
    assert (contract.account, contract.name, contract.link) == (world.acme, "Big one", "https://crm.example/d1")
    assert holds() == ["5 × team"]
    version = contract.versions.get()
    assert (version.term_months, version.renewal) == (12, "renews")
    assert version.reason == "The Console deal “Big one” was won"
    assert heard.moved
    assert heard.words == f"Contract {contract.key} was concluded"
    assert open_findings() == []


def test_heard_again_it_writes_nothing():
    world = crm()
    hear(world, deal(line()))
    so_far = verbs()
    heard = hear(world, deal(line()), at=AT + MINUTE)
    assert (heard.moved, heard.words) == (False, "Nothing differed")
    assert verbs() == so_far


def test_an_open_deal_becomes_nothing():
    world = crm()
    hear(world, deal(line(), state=DealState.OPEN))
    assert not Contract.objects.exists()
    assert row_of().outcome == "Open: nothing is held of it"


def test_amended_it_changes_what_it_changed():
    world = crm()
    hear(world, deal(line(), line("l2", "TEAM", "1")))
    hear(world, deal(line(quantity="8"), line("l2", "TEAM", "1"), line("l3", "TEAM", "2")), at=AT + DAY)
    assert holds(AT) == ["5 × team", "1 × team"]
    assert sorted(holds(AT + DAY)) == ["1 × team", "2 × team", "8 × team"]
    assert Contract.objects.get().versions.count() == 2
    hear(world, deal(line(quantity="8")), at=AT + 2 * DAY)
    assert holds(AT + 2 * DAY) == ["8 × team"]


@pytest.mark.parametrize("state", [DealState.OPEN, DealState.LOST, DealState.GONE])
def test_no_longer_won_it_ends_exactly_what_it_made(state):
    world = crm()
    hear(world, deal(line(), id="other"))
    hear(world, deal(line(quantity="7")))
    hear(world, deal(line(quantity="7"), state=state), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team"]
    so_far = verbs()
    hear(world, deal(line(quantity="7"), state=state), at=AT + 2 * DAY)
    assert verbs() == so_far


def test_won_again_it_becomes_a_new_contract():
    world = crm()
    hear(world, deal(line()))
    hear(world, deal(line(), state=DealState.OPEN), at=AT + DAY)
    hear(world, deal(line()), at=AT + 2 * DAY)
    assert Contract.objects.count() == 2
    assert holds(AT + 2 * DAY) == ["5 × team"]


def test_a_deal_that_is_gone_is_told_by_its_id_alone():
    world = crm()
    hear(world, deal(line()))
    gone = replace(deal(state=DealState.GONE), name="", company="", closed_on=None)
    hear(world, gone, at=AT + DAY)
    assert holds(AT + DAY) == []
    assert row_of().name == "Big one"


def test_a_contract_that_has_run_out_or_was_ended_here_is_left_alone():
    world = crm()
    hear(world, deal(line()))

    end_early(contract=Contract.objects.get(), ends_at=AT + DAY, reason="They left", by=SYSTEM, at=AT + DAY)
    hear(world, deal(line()), at=AT + 2 * DAY)
    assert Contract.objects.count() == 1
    assert open_findings() == []


def test_what_staff_changed_in_the_contract_stays_until_the_deal_says_otherwise():

    world = crm()
    hear(world, deal(line(), line("l2", "TEAM", "1")))
    version = amended(Contract.objects.get(), at=AT + MINUTE)
    another_quantity(version, 1, 6, at=AT + MINUTE)
    signed(version, by=SYSTEM, at=AT + MINUTE)
    hear(world, deal(line(), line("l2", "TEAM", "1")), at=AT + DAY)
    assert sorted(holds(AT + DAY)) == ["1 × team", "6 × team"]
    hear(world, deal(line(), line("l2", "TEAM", "3")), at=AT + 2 * DAY)
    assert sorted(holds(AT + 2 * DAY)) == ["3 × team", "6 × team"]
    assert open_findings() == []
    for days in (3, 4):  # what was overwritten stays to be looked at
        hear(world, deal(line(quantity="9"), line("l2", "TEAM", "3")), at=AT + days * DAY)
    assert sorted(holds(AT + 4 * DAY)) == ["3 × team", "9 × team"]
    words = "Line 1: staff had made it “6 × Team” here. The deal says “9 × Team” by now, and that counts."
    assert open_findings() == [("conflict", words)]


def test_a_first_day_that_has_passed_counts_the_term_and_speaks_from_now():
    world = crm()
    hear(world, deal(line(), closed_on=TODAY - timedelta(days=14)))
    contract = Contract.objects.get()
    version = contract.versions.get()
    assert version.effective_at == AT
    assert version.term_starts_at.astimezone().date() in {TODAY - timedelta(days=14), TODAY - timedelta(days=15)}


def test_a_deal_that_begins_later_holds_nothing_until_then():
    world = crm()
    later = TODAY + timedelta(days=30)
    hear(world, deal(line(), closed_on=later))
    assert holds(AT) == []
    assert holds(AT + 31 * DAY) == ["5 × team"]
    hear(world, deal(line(), closed_on=later + timedelta(days=10)), at=AT + DAY)
    assert holds(AT + 31 * DAY) == []
    assert holds(AT + 41 * DAY) == ["5 × team"]


def test_what_cannot_be_read_is_told_and_what_stands_goes_on():
    world = crm()
    hear(world, deal(line()))
    heard = hear(world, deal(line(quantity="2.5")), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team"]
    assert [kind for kind, _ in open_findings()] == ["unread"]
    assert heard.findings == ("TEAM: 2.5 in the line’s quantity is no whole number from 1 to 1,000,000.",)
    hear(world, deal(line(quantity="3")), at=AT + 2 * DAY)
    assert (holds(AT + 2 * DAY), open_findings()) == (["3 × team"], [])


def test_what_no_rule_speaks_of_is_told_beside_what_is_done_and_a_fee_is_not():
    world = crm()
    hear(world, deal(line(), line("l2", "MUG", "3"), line("l3", "FEE", "1")))
    assert holds() == ["5 × team"]
    assert open_findings() == [("unmapped", "3 × MUG was sold, and the mapping makes nothing of it.")]


def test_a_deal_of_nobody_waits_until_its_company_is_linked():
    world = crm()
    hear(world, deal(line(), company=""))
    assert [kind for kind, _ in open_findings()] == ["whose"]
    hear(world, deal(line()), at=AT + DAY)
    assert (holds(AT + DAY), open_findings()) == (["5 × team"], [])


def test_what_the_desk_refuses_is_not_done_by_half():
    world = crm()
    hear(world, deal(line(), line("l2", "SEATS", "1", Seats="-5")))
    assert holds() == []
    assert not Contract.objects.exists()
    assert [kind for kind, _ in open_findings()] == ["unread"]


def test_of_two_looks_the_later_asked_for_wins():
    world = crm()

    older, newer = asked(world, deal()), asked(world, deal())
    hear(world, deal(line(quantity="8")), ticket=newer)
    assert hear(world, deal(line(quantity="2")), ticket=older).words == "Something newer was taken in already"
    assert holds() == ["8 × team"]


def test_a_deal_that_goes_over_to_another_company_ends_here_and_begins_there():

    world = crm()
    beta = account("beta")
    CrmCompany.objects.create(connection=world.connection, external_id="c9", account=beta, told_at=AT)
    hear(world, deal(line()))
    hear(world, deal(line(), company="c9"), at=AT + DAY)
    assert [one.account.key for one in Contract.objects.order_by("pk")] == ["acme", "beta"]
    assert holds(AT + DAY) == ["5 × team"]
    assert value(world.acme, "storage", AT + DAY) is None
    assert row_of().account == beta


def test_a_renamed_deal_renames_its_contract():
    world = crm()
    hear(world, deal(line()))
    hear(world, deal(line(), name="Bigger one"), at=AT + DAY)
    assert Contract.objects.get().name == "Bigger one"
    assert Contract.objects.get().versions.count() == 1


def test_what_staff_call_a_contract_stays_until_the_deal_is_called_otherwise():
    world = crm()
    hear(world, deal(line()))
    hear(world, deal(line(), name="Bigger one"), at=AT + DAY)
    rename(contract=Contract.objects.get(), name="Ours", by=SYSTEM, at=AT + 2 * DAY)
    hear(world, deal(line(), name="Bigger one"), at=AT + 3 * DAY)
    assert Contract.objects.get().name == "Ours"


@pytest.mark.parametrize(("day", "made"), [(date(2026, 2, 9), False), (date(2026, 2, 10), True)])
def test_a_mapping_is_about_deals_won_since_it_was_switched_on(day, made):
    world = crm()
    hear(world, deal(line(), closed_on=day))
    assert Contract.objects.exists() == made
    assert row_of().outcome.startswith("Won on 9 February 2026, before the mapping counts" if not made else "Contract")


def test_a_deal_that_was_seen_open_since_was_won_since_whatever_day_it_bears():
    world = crm()
    hear(world, deal(line(), state=DealState.OPEN))
    hear(world, deal(line(), closed_on=date(2026, 1, 1)), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team"]
