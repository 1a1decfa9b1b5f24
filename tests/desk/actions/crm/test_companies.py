"""Whose a company is: linked by the rules that staff chose, opened once, or asked of a person."""

from dataclasses import replace

import pytest

from desk.actions.crm import companies
from desk.actions.crm.linking import leave_out, link_company, open_for, take_back
from desk.domain.crm.told import DealState
from desk.models import CrmCompany, CrmFinding
from desk.queries.crm.made import companies_of
from entitlements.actions.identifiers import add_identifier, identify
from entitlements.models import Account, Contract
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import find_accounts
from journal.actions.deeds import begin
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed, Refusal, Stale
from tests.conftest import actor
from tests.desk.crm import (
    AT,
    MINUTE,
    chosen,
    company,
    crm,
    deal,
    hear,
    holds,
    line,
    linked,
    open_findings,
    row_of,
    verbs,
)
from tests.entitlements.actions.test_merging import merged
from tests.entitlements.world import DAY, account

pytestmark = pytest.mark.django_db


def beta(**more):
    found = account("beta", name="Beta")
    if domain := more.get("domain"):
        add_identifier(account=found, kind=IdentifierKind.DOMAIN, value=domain, by=SYSTEM, at=AT)
    return found


def sales():
    return actor("sales")


def test_our_key_there_links_it_and_the_account_is_found_by_its_id():
    world, found = crm(), beta()
    heard = hear(world, company(own_key="beta"))
    assert (linked().account, heard.account_key, heard.moved) == (found, "beta", True)
    assert find_accounts(text="c2") == [found]
    so_far = verbs()
    assert hear(world, company(own_key="beta"), at=AT + MINUTE).words == "Nothing differed"
    assert verbs() == so_far


def test_said_to_be_another_account_it_is_found_at_that_one_alone():
    world, _ = crm(), beta()
    hear(world, company(own_key="beta"))
    other = account("gamma", name="Gamma")
    link_company(company=linked(), account=other, by=sales(), at=AT + MINUTE)
    assert (linked().account, find_accounts(text="c2")) == (other, [other])


def test_an_id_that_was_imported_links_it():
    world, found = crm(), beta()

    identify(found, IdentifierKind.EXTERNAL, "c2", system="console", deed=begin(by=SYSTEM, at=AT))
    hear(world, company())
    assert linked().account == found


def test_its_domain_links_it_however_it_is_written():
    world, found = crm(), beta(domain="beta.example")
    hear(world, company(domain="https://www.Beta.example/nl"))
    assert linked().account == found


def test_a_domain_of_a_mail_provider_is_nobodys():
    world = crm()
    beta(domain="gmail.com")
    hear(world, company(name="Gamma", domain="gmail.com"))
    assert linked().account is None


def test_a_name_is_only_proposed():
    world = crm()
    beta()
    heard = hear(world, company(name="BETA, b.v."))
    assert linked().account is None
    finding = CrmFinding.objects.get()
    assert (finding.kind, finding.evidence["ours"]) == ("whose", ["beta"])
    assert heard.findings == ("BETA, b.v. is called like an account here. Say whether it is the same.",)


def test_nobody_fits_and_a_person_says():
    world, found = crm(), beta()
    hear(world, company(name="Gamma"))
    assert open_findings() == [("whose", "No account fits Gamma.")]
    link_company(company=linked(), account=found, by=sales(), at=AT + MINUTE)
    assert (linked().account, open_findings()) == (found, [])
    with pytest.raises(Refusal, match="already"):
        link_company(company=linked(), account=found, by=sales(), at=AT + MINUTE)


def test_staff_may_say_that_what_nobody_knows_is_opened():
    world = crm()
    chosen(world, opens_accounts=True)
    heard = hear(world, company(name="Gamma BV", domain="gamma.example", country="NL"))
    gamma = Account.objects.get(key="gamma-bv")
    assert (gamma.name, gamma.country, linked().account) == ("Gamma BV", "NL", gamma)
    assert heard.words == "Gamma BV was opened for it"
    hear(world, company("c3", "Gamma BV"))
    assert linked("c3").account is None  # called alike: a person says
    hear(world, company("c4", "Gamma holding", domain="gamma.example"))
    assert linked("c4").account == gamma


def test_a_person_opens_an_account_for_it():
    world = crm()
    hear(world, company(name="Gamma"))
    opened = open_for(company=linked(), by=sales(), at=AT + MINUTE)
    assert (opened.key, linked().account, open_findings()) == ("gamma", opened, [])


def test_who_may_not_is_refused():
    world = crm()
    hear(world, company(name="Gamma"))
    with pytest.raises(NotAllowed):
        open_for(company=linked(), by=actor("auditor"), at=AT)


def test_left_out_nobody_is_asked_and_its_deals_become_nothing():
    world = crm()
    hear(world, company(name="Gamma"))
    leave_out(company=linked(), reason="A supplier", by=sales(), at=AT + MINUTE)
    hear(world, company(name="Gamma", domain="gamma.example"), at=AT + DAY)
    hear(world, deal(line(), company="c2"), at=AT + DAY)
    assert (open_findings(), holds(AT + DAY)) == ([], [])


def test_taken_back_no_rule_says_the_same_again():
    world, found = crm(), beta(domain="beta.example")
    hear(world, company(domain="beta.example"))
    take_back(company=linked(), reason="Another Beta", by=sales(), at=AT + MINUTE)
    assert (linked().account, linked().due_at) == (None, AT + MINUTE)
    hear(world, company(domain="beta.example"), at=AT + DAY)
    assert linked().account is None
    link_company(company=linked(), account=found, by=sales(), at=AT + 2 * DAY)
    assert linked().apart_from == []


def test_taken_back_or_left_out_its_deals_are_looked_at_again():
    world = crm()
    hear(world, deal(line()))
    there = CrmCompany.objects.get(external_id="c1")
    take_back(company=there, reason="A mistake", by=sales(), at=AT + MINUTE)
    assert row_of().due_at == AT + MINUTE
    there.refresh_from_db()
    assert there.to_write_at == AT + MINUTE, "what the desk wrote there has to go"
    hear(world, deal(line()), at=AT + DAY)
    leave_out(company=there, reason="A competitor", by=sales(), at=AT + 2 * DAY)
    assert row_of().due_at == AT + 2 * DAY


def test_linked_its_deals_are_due_and_become_what_they_say():
    world, found = crm(), beta()
    hear(world, company(name="Gamma"))
    hear(world, deal(line(), company="c2"))
    assert (holds(), [kind for kind, _ in open_findings()]) == ([], ["whose", "whose"])
    link_company(company=linked(), account=found, by=sales(), at=AT + MINUTE)

    assert row_of().due_at == AT + MINUTE
    hear(world, deal(line(), company="c2"), at=AT + MINUTE)
    assert (holds(AT + MINUTE), open_findings(), row_of().due_at) == (["5 × team"], [], None)


def test_linked_otherwise_its_deals_go_with_it():
    world, found = crm(), beta()
    hear(world, deal(line()))
    row = CrmCompany.objects.get(external_id="c1")
    link_company(company=row, account=found, by=sales(), at=AT + DAY)
    hear(world, deal(line()), at=AT + DAY)
    assert [one.account.key for one in Contract.objects.order_by("pk")] == ["acme", "beta"]
    assert holds(AT + DAY) == ["5 × team"]


def test_made_part_of_another_there_the_other_inherits():
    world, found = crm(), beta()
    hear(world, company(own_key="beta"))
    hear(world, company(gone=True, into="c7"), at=AT + DAY)
    survivor = linked("c7")
    assert (survivor.account, survivor.due_at, linked().gone) == (found, AT + DAY, True)
    hear(world, company("c7", "Beta group"), at=AT + DAY)
    assert (linked("c7").account, Account.objects.count()) == (found, 2)


def test_seen_first_the_other_knows_its_parts():
    world, found = crm(), beta()
    chosen(world, opens_accounts=True)
    hear(world, company(own_key="beta"))
    hear(world, company("c7", "Beta group", parts=("c2", "c5")), at=AT + DAY)
    assert (linked("c7").account, Account.objects.count()) == (found, 2)


def test_made_part_of_one_with_another_account_a_person_says_whether_they_are_one():
    world, found = crm(), beta()
    hear(world, company(own_key="beta"))
    hear(world, company(gone=True, into="c1"), at=AT + DAY)
    ((kind, words),) = open_findings()
    assert kind == "whose"
    assert "(beta) and" in words
    assert CrmFinding.objects.get().evidence["ours"] == ["beta", "acme"]
    merged(found, world.acme, at=AT + 2 * DAY)
    hear(world, company("c1", "Acme"), at=AT + 3 * DAY)
    assert open_findings() == []
    assert linked().account == found  # read through the account that stays


def test_merged_here_its_companies_and_deals_go_on_at_the_account_that_stays():
    world, found = crm(), beta()
    hear(world, company(own_key="beta"))
    hear(world, deal(line(), company="c2"))
    merged(found, world.acme, at=AT + DAY)
    so_far = verbs()
    hear(world, deal(line(), company="c2"), at=AT + DAY)
    assert verbs() == so_far
    hear(world, deal(line(quantity="6"), company="c2"), at=AT + 2 * DAY)
    assert (holds(AT + 2 * DAY), Contract.objects.get().account) == (["6 × team"], world.acme)
    assert [row.external_id for row in companies_of(world.acme)] == ["c1", "c2"]
    hear(world, company(own_key="beta"), at=AT + 2 * DAY)
    assert linked().account == world.acme


def test_back_from_deletion_it_is_whose_it_was():
    world, found = crm(), beta()
    hear(world, company(own_key="beta"))
    hear(world, company(own_key="beta", gone=True), at=AT + DAY)
    assert (linked().gone, linked().account, open_findings()) == (True, found, [])
    hear(world, company(own_key="beta"), at=AT + 2 * DAY)
    assert (linked().gone, linked().account) == (False, found)


def test_a_live_company_is_not_matched_with_what_was_opened_by_trying_out(settings):
    settings.DESK_TRYING_OUT = False
    world, found = crm(), beta(domain="beta.example")
    hear(world, company(own_key="beta"))  # the connection is for trying out, the account is not
    assert linked().account is None
    assert "is for trying out, and that account is not" in open_findings()[0][1]
    hear(world, company("c3", "Else", domain="beta.example"))
    assert linked("c3").account is None
    assert found.crm_companies.count() == 0


def test_a_lost_deal_of_a_company_that_is_gone_still_ends():
    world = crm()
    hear(world, deal(line()))
    hear(world, replace(company("c1"), gone=True), at=AT + DAY)
    assert holds(AT + DAY) == ["5 × team"]
    hear(world, deal(line(), state=DealState.GONE), at=AT + 2 * DAY)
    assert holds(AT + 2 * DAY) == []


def test_a_look_that_a_person_overtook_is_made_again(monkeypatch):
    world, found = crm(), beta()
    hear(world, company("c1", "Acme"))
    locking = companies.lock_account

    def overtaken(account_id):
        link_company(company=linked("c1"), account=found, by=sales(), at=AT + MINUTE)
        return locking(account_id)

    monkeypatch.setattr(companies, "lock_account", overtaken)
    with pytest.raises(Stale):
        hear(world, company("c1", "Acme"), at=AT + DAY)
