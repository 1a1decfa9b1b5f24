"""What a CRM says of a customer is taken, or told to a person, by whose word counts."""

import pytest

from desk.actions.crm.findings import keep_as_is
from desk.models import CrmFinding
from entitlements.actions.accounts import edit_account
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from tests.conftest import actor
from tests.desk.crm import AT, MINUTE, chosen, company, crm, hear, open_findings, verbs
from tests.entitlements.world import DAY
from tests.journal.factories import StaffFactory

pytestmark = pytest.mark.django_db


def acme(name="Acme", **more):
    return company("c1", name, **more)


def test_what_always_differed_is_nobodys_mistake_and_what_is_new_is_told():
    world = crm()
    hear(world, acme("Acme"))
    assert open_findings() == []
    hear(world, acme("Akme"), at=AT + DAY)
    name = world.acme.name.lower()
    assert open_findings() == [("conflict", f"Name: akme there, {name} here; the desk’s was kept.")]
    so_far = verbs()
    hear(world, acme("Akme"), at=AT + DAY + MINUTE)
    assert verbs() == so_far
    hear(world, acme(world.acme.name), at=AT + 2 * DAY)
    assert open_findings() == []


def test_where_the_crm_is_master_what_changes_there_is_taken():
    world = crm()
    chosen(world, masters={"name": "crm", "country": "crm", "domain": "crm"})
    hear(world, acme())
    heard = hear(world, acme("Akme BV", country="DE", domain="www.akme.example"), at=AT + DAY)
    world.acme.refresh_from_db()
    assert (world.acme.name, world.acme.country) == ("Akme BV", "DE")
    assert list(world.acme.identifiers.filter(kind="domain").values_list("value", flat=True)) == ["akme.example"]
    assert heard.words == "Taken over: name, country, domain"
    so_far = verbs()
    hear(world, acme("Akme BV", country="DE", domain="www.akme.example"), at=AT + DAY + MINUTE)
    assert verbs() == so_far


def test_changed_here_though_the_crm_is_master_a_person_is_told():
    world = crm()
    chosen(world, masters={"name": "crm"})
    hear(world, acme("Akme"))
    hear(world, acme("Akme"), at=AT + MINUTE)
    edit_account(account=world.acme, name="Acme Holding", by=SYSTEM, at=AT + DAY)
    hear(world, acme("Akme"), at=AT + DAY)
    ((kind, words),) = open_findings()
    assert (kind, "the CRM is master of it" in words) == ("conflict", True)


def test_who_sells_to_it_is_the_crms_to_say():
    world = crm()
    sal = StaffFactory(email="sal@desk.example")
    hear(world, acme(owner="nobody@elsewhere.example"))
    hear(world, acme(owner="Sal@desk.example"), at=AT + DAY)
    world.acme.refresh_from_db()
    assert world.acme.owner == sal


def test_kept_as_it_is_it_is_not_told_again_until_it_says_something_else():
    world = crm()
    hear(world, acme())
    hear(world, acme("Akme"), at=AT + DAY)
    with pytest.raises(Refusal, match="Say why"):
        keep_as_is(finding=CrmFinding.objects.get(), reason=" ", by=actor("sales"), at=AT + DAY)
    keep_as_is(finding=CrmFinding.objects.get(), reason="A brand of theirs", by=actor("sales"), at=AT + DAY)
    hear(world, acme("Akme"), at=AT + 2 * DAY)
    assert open_findings() == []
    hear(world, acme("Acmé Group"), at=AT + 3 * DAY)
    assert [kind for kind, _ in open_findings()] == ["conflict"]
