"""Whatever is typed in the one box: an exact id jumps, what is only alike is offered, and both engines agree."""

from datetime import timedelta

import pytest

from entitlements.models import Account
from entitlements.models.account import IdentifierKind
from support.queries.lookup import lookup
from support.queries.whom import LOOKED_IN, MOST
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory, ContractFactory
from tests.entitlements.licensing import licensed, policy_of
from tests.support.factories import AssetFactory, AssetMoveFactory, CaseFactory, ProductFactory
from tests.support.world import customer, findable, the_plans, the_promise

pytestmark = pytest.mark.django_db


@pytest.fixture
def northwind(db):
    the_promise()
    account = customer("northwind", plan=the_plans()["team"])
    customer("southgate", plan=None)
    return account


def found(text, **more):
    return lookup(text=text, at=AT, **more)


@pytest.mark.parametrize("system", ["stripe", "salesforce", "hubspot", "own"])
def test_any_systems_id(system, northwind):
    findable(northwind, IdentifierKind.EXTERNAL, "Abc_123", system=system)
    assert found("ABC_123").answer.account == "northwind"
    assert found(f"{system}:abc_123").answer.account == "northwind"


def test_our_case_number_leads_to_the_customer_and_the_device(northwind):
    device = AssetFactory(account=northwind, serial="SN-77")
    case = CaseFactory(account=northwind, asset=device, subject="It leaks")
    answer = found(case.number)
    assert (answer.answer.account, answer.answer.device.serial) == ("northwind", "SN-77")
    assert answer.note == f"Found by: Case {case.number}: It leaks."


def test_the_help_desks_ticket_id(northwind):
    CaseFactory(account=northwind, source="zendesk", external_id="48211")
    assert found("48211").answer.account == "northwind"


def test_a_case_that_is_nobodys_yet_finds_nobody(northwind):
    case = CaseFactory(account=None)
    assert found(case.number).matches == ()


@pytest.mark.parametrize("text", ["C-2026-0012", "c-2026-0012", "  C-2026-0012 "])
def test_a_contract_number(text, northwind):
    ContractFactory(account=northwind, key="C-2026-0012", name="Maintenance")
    answer = found(text)
    assert answer.answer.account == "northwind"
    assert answer.note == "Found by: Contract C-2026-0012: Maintenance."


@pytest.mark.parametrize("text", ["HP600-2209", "hp600 2209", "HP6002209"])
def test_a_serial_number_however_it_is_spelled(text, northwind):
    AssetFactory(account=northwind, serial="HP600-2209", product=ProductFactory(name="Press"))
    answer = found(text).answer
    assert answer.device.words == "Press HP600-2209"
    assert answer.verdict == "Covered on Press HP600-2209"


def test_one_serial_number_of_two_makers_is_a_choice_that_keeps_the_device(northwind):
    other = AccountFactory(key="other")
    for account in (northwind, other):
        AssetFactory(account=account, serial="SN-1")
    matches = found("sn-1").matches
    assert {(match.account, match.serial) for match in matches} == {("northwind", "SN-1"), ("other", "SN-1")}
    chosen = found("sn-1", account="northwind", device="SN-1").answer
    assert chosen.device.serial == "SN-1"


def test_who_had_the_device_then(northwind):
    device = AssetFactory(account=northwind, serial="SN-1", held_since=AT - timedelta(days=10))
    before = AccountFactory(key="before")
    AssetMoveFactory(asset=device, from_account=before, to_account=northwind, at=device.held_since)
    assert found("SN-1").answer.account == "northwind"
    assert lookup(text="SN-1", at=AT - timedelta(days=11)).answer.account == "before"


def test_of_a_device_sold_before_a_merge_the_account_that_stays_answers(northwind):
    device = AssetFactory(serial="SN-1", held_since=AT - timedelta(days=10))
    former = AccountFactory(key="former")
    AssetMoveFactory(asset=device, from_account=former, to_account=device.account, at=device.held_since)
    Account.objects.filter(pk=former.pk).update(merged_into=northwind, merged_at=AT)
    answer = lookup(text="SN-1", at=AT - timedelta(days=11)).answer
    assert (answer.account, answer.device.serial) == ("northwind", "SN-1")


@pytest.mark.parametrize("text", ["CRM-7781", "crm-7781", "  CRM-7781 "])
def test_a_devices_id_in_another_system(text, northwind):
    AssetFactory(account=northwind, serial="SN-1", external_id="CRM-7781", product=ProductFactory(name="Press"))
    answer = found(text)
    assert (answer.answer.account, answer.answer.device.serial) == ("northwind", "SN-1")
    assert answer.note == "Found by: Id CRM-7781 of Press SN-1."
    assert found("CRM-77").matches == ()


def test_the_beginning_of_a_serial_number(northwind):
    AssetFactory(account=northwind, serial="HP600-2209")
    AssetFactory(account=northwind, serial="HP600-2210")
    assert [match.serial for match in found("hp600").matches] == ["HP600-2209", "HP600-2210"]
    assert found("hp6").matches == ()


def test_a_licence_by_its_key_or_what_is_shown_of_it(northwind):
    issued = licensed(northwind, policy_of(None, at=AT), at=AT, name="Plant")
    prefix = issued.licence.prefix
    for text in (issued.key, f"el_{prefix}_…", prefix, f"el_{prefix[:4]}"):
        assert found(text).answer.account == "northwind", text
    assert found(issued.key).note == f"Found by: Licence el_{prefix}… (Plant)."


def test_a_key_that_only_begins_like_one_is_not_believed(northwind):
    issued = licensed(northwind, policy_of(None, at=AT), at=AT)
    wrong = issued.key[:-1] + ("a" if issued.key[-1] != "a" else "b")
    assert found(wrong).answer is None


@pytest.mark.parametrize("text", ["nortwind", "Norhtwind", "nortwind.example", "bo@nortwind.example"])
def test_a_typo_is_offered_never_answered(text, northwind):
    answer = found(text)
    assert answer.answer is None
    assert [(match.account, match.near) for match in answer.matches] == [("northwind", True)]
    assert found(text, account="northwind").answer.account == "northwind"


def test_what_is_alike_stands_behind_what_begins_so(northwind):
    customer("northwind-labs", plan=None)
    AccountFactory(key="zz", name="Nortwind Bakery")
    assert [match.account for match in found("north").matches] == ["northwind", "northwind-labs", "zz"]
    assert [match.near for match in found("north").matches] == [False, False, True]


def test_the_only_one_that_begins_so_is_meant(northwind):
    AccountFactory(key="zz", name="Nortwind Bakery")
    assert found("northw").answer.account == "northwind"


def test_an_exact_hit_hides_what_is_only_alike(northwind):
    AccountFactory(key="zz", name="Nordwind")
    assert found("Northwind").answer.account == "northwind"


def test_several_ways_to_one_customer_are_one(northwind):
    findable(northwind, IdentifierKind.EXTERNAL, "4711", system="own")
    CaseFactory(account=northwind, source="zendesk", external_id="4711")
    assert found("4711").answer.account == "northwind"


def test_one_number_of_two_customers_is_a_choice_that_says_how(northwind):
    other = AccountFactory(key="other")
    findable(other, IdentifierKind.EXTERNAL, "4711", system="own")
    case = CaseFactory(account=northwind, source="zendesk", external_id="4711", subject="Leak")
    assert [(match.account, match.how) for match in found("4711").matches] == [
        ("other", ""), ("northwind", f"Case {case.number}: Leak"),
    ]  # fmt: skip


def test_nothing_found_says_what_was_searched(northwind):
    nothing = found("zzqqxx")
    assert (nothing.answer, nothing.matches, nothing.looked_in) == (None, (), LOOKED_IN)
    assert found("northwind").looked_in == ()


def test_only_so_many_are_listed(northwind):
    for number in range(MOST + 5):
        customer(f"acme-{number:02}", plan=None)
    assert len(found("acme").matches) == MOST


@pytest.mark.parametrize("key", ["northwind", "own:n-1", "n-1"])
def test_the_account_alone_is_named_by_its_key_or_any_id(key, northwind):
    findable(northwind, IdentifierKind.EXTERNAL, "n-1", system="own")
    assert found("", account=key).answer.account == "northwind"
    assert found("", account="nobody").answer is None


def test_the_device_alone_says_whose_it_is(northwind):
    AssetFactory(account=northwind, serial="SN-1")
    assert found("", device="sn1").answer.device.serial == "SN-1"
    assert found("", device="sn2").answer is None


@pytest.mark.parametrize(
    "text", ["a\x00b", "\ud800", "x" * 5000, "C-999999999999999999", "el_", "el_????", "%_%", "'; --"]
)
def test_odd_input_finds_nobody_and_breaks_nothing(text, northwind):
    assert found(text).answer is None
    assert found("northwind", device=text).answer.account == "northwind"
