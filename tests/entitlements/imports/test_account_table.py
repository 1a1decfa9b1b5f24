"""Accounts from a file: every row judged, shown, written by the actions that hold the guards, and put back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions.imports import undo, upload
from catalog.domain.tables import Line
from catalog.imports.judging import guess_mapping, judge
from catalog.imports.tables import table_of
from catalog.models.import_run import Stage, Verdict
from entitlements.actions.accounts import open_account
from entitlements.imports.accounts import AccountTable
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key, find_accounts
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import NotAllowed
from journal.models import AuditEvent, Job
from tests.catalog.factories import MarketFactory
from tests.catalog.imports.bringing import MINUTE, applied, brought, outcomes, staged, text_of, undone, verdicts, wrong
from tests.conftest import AT, actor
from tests.entitlements.world import account, catalog, subscribed

pytestmark = pytest.mark.django_db
HEAD = "Key,Name,Country,Market,Time zone,Belongs to,Kind,Sold by,Domains,Contacts,Stripe id\n"
ACME = 'acme,Acme BV,nl,,Europe/Amsterdam,,,,"acme.example, acme.nl",Bea Buyer <bea@acme.example>,cus_1\n'


@pytest.fixture
def seller() -> Actor:
    return actor("sales")


def test_a_new_account_comes_with_all_it_is_found_by(seller: Actor) -> None:
    market = MarketFactory(key="europe")
    run = brought("accounts", HEAD + ACME.replace("nl,,", "nl,europe,"), by=seller)
    assert run.stage == Stage.APPLIED, run.summary
    acme = Account.objects.get(key="acme")
    assert (acme.name, acme.country, acme.market, acme.zone) == ("Acme BV", "NL", market, "Europe/Amsterdam")
    assert acme.contacts.get().name == "Bea Buyer"
    assert account_by_key("stripe:cus_1") == acme
    assert find_accounts(text="acme.nl") == [acme]
    assert AuditEvent.objects.filter(verb__in=["account:open", "contact:add"]).count() == 2


def test_what_stands_like_this_already_is_the_same(seller: Actor) -> None:
    brought("accounts", HEAD + ACME, by=seller)
    assert verdicts(staged("accounts", HEAD + ACME, by=seller)) == ["same"]
    assert verdicts(staged("accounts", text_of("accounts"), by=seller)) == ["same"]


def test_a_parent_may_be_a_later_row() -> None:
    rows = "kid,Kid,,,,mid,,,,,\nmid,Mid,,,,top,,,,,\ntop,Top,,,,,,,,,\n"
    run = brought("accounts", HEAD + rows)
    assert outcomes(run) == ["written"] * 3
    assert Account.objects.get(key="kid").parent.parent.key == "top"


def test_parent_and_partner_may_both_be_later_rows() -> None:
    rows = "kid,Kid,,,,top,,shop,,,\ntop,Top,,,,,,,,,\nshop,Shop,,,,,Partner,,,,\n"
    assert verdicts(staged("accounts", HEAD + rows)) == ["new"] * 3


def test_two_that_belong_to_each_other_are_not_written() -> None:
    run = staged("accounts", HEAD + "one,One,,,,two,,,,,\ntwo,Two,,,,one,,,,,\n")
    assert verdicts(run) == ["error", "error"]
    assert "Belongs to: " in wrong(run)[0]


def test_a_reseller_makes_the_channel_and_must_be_a_partner() -> None:
    rows = "shop,Shop,,,,,,seller,,,\nseller,Seller,,,,,Partner,,,,\nother,Other,,,,,,shop,,,\n"
    run = staged("accounts", HEAD + rows)
    assert wrong(run) == ["Sold by: Shop is no partner. Make it one first, or choose another."]
    applied(run, whole=False)
    assert Account.objects.get(key="shop").sales_channel == "reseller"
    assert Account.objects.filter(key="other").count() == 0


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Acme BV,Acme,,,,,,,,,\n", "Key: “Acme BV” is no key."),
        ("acme,,,,,,,,,,\n", "Name: this cell must be filled."),
        ("acme,Acme,XX,,,,,,,,\n", "Country: "),
        ("acme,Acme,,nowhere,,,,,,,\n", "Market: there is no market with the key nowhere."),
        ("acme,Acme,,,Amsterdam,,,,,,\n", "Time zone: “Amsterdam” is no time zone"),
        ("acme,Acme,,,,nobody,,,,,\n", "Belongs to: there is no account with the key nobody."),
        ("acme,Acme,,,,,Friend,,,,\n", "Kind: “Friend” is not one of: Customer, Partner, Internal."),
        ("acme,Acme,,,,,,,acme,,\n", "Domains: “acme” is no domain."),
        ("acme,Acme,,,,,,,,bea at acme,\n", "Contacts: “bea at acme” is no e-mail address."),
    ],
)
def test_what_is_wrong_is_told_with_its_cell(row: str, told: str) -> None:
    assert wrong(staged("accounts", HEAD + row))[0].startswith(told)


def test_an_owner_nobody_knows_is_told() -> None:
    assert wrong(staged("accounts", "Key,Name,Owner\nacme,Acme,nemo\n")) == [
        "Owner: nobody at this desk is called nemo."
    ]


def test_no_row_takes_an_id_from_another_account() -> None:
    account("beta", external_ids=[("stripe", "cus_1")])
    assert wrong(staged("accounts", HEAD + ACME)) == ["Stripe id: cus_1 is beta already. Take it away there first."]


def test_two_rows_can_not_have_one_id() -> None:
    rows = ACME + "beta,Beta,,,,,,,,,cus_1\n"
    assert wrong(staged("accounts", HEAD + rows)) == ["Stripe id: cus_1 stands in the row of acme already."]


def test_columns_that_are_not_in_the_file_stay_as_they_are() -> None:
    brought("accounts", HEAD + ACME)
    brought("accounts", "Key,Name\nacme,Acme Holding\n", at=AT + 5 * MINUTE)
    acme = Account.objects.get()
    assert (acme.name, acme.country, acme.identifiers.filter(kind="domain").count()) == ("Acme Holding", "NL", 2)


def test_a_cell_says_all_there_is_and_undone_it_is_back() -> None:
    brought("accounts", HEAD + ACME)
    run = brought("accounts", "Key,Domains,Contacts\nacme,acme.nl,Cas <cas@acme.nl>\n", at=AT + 5 * MINUTE)
    acme = Account.objects.get()
    assert [one.email for one in acme.contacts.all()] == ["cas@acme.nl"]
    assert find_accounts(text="acme.example") == []
    undone(run, at=AT + 9 * MINUTE)
    assert [(one.name, one.email) for one in acme.contacts.all()] == [("Bea Buyer", "bea@acme.example")]
    assert find_accounts(text="acme.example") == [acme]


def test_an_account_that_was_opened_stays_when_the_import_is_undone() -> None:
    run = undone(brought("accounts", HEAD + ACME))
    assert run.rows.get().outcome_told == "Kept: an account is never taken away. Close it if it isn’t wanted."


def test_the_guards_of_the_actions_hold() -> None:
    subscribed(account("acme"), catalog().team)
    run = staged("accounts", "Key,Kind\nacme,Internal\n")
    assert wrong(run)[0].startswith("Kind: An internal account holds nothing without an end, and Acme has Team")


def test_the_key_of_one_that_was_merged_is_told() -> None:
    kept, gone = account("kept"), account("gone")
    Account.objects.filter(pk=gone.pk).update(merged_into=kept, merged_at=AT)
    assert wrong(staged("accounts", "Key,Name\ngone,Gone\n")) == ["Key: gone was merged into kept; write that key."]


def test_who_may_not_import_accounts_brings_no_file() -> None:
    for role in ("support", "auditor"):
        with pytest.raises(NotAllowed):
            upload(kind="accounts", file_name="x.csv", data=HEAD.encode(), by=actor(role), at=AT)


def test_finance_imports_and_takes_back(finance: Actor) -> None:
    run = brought("accounts", HEAD + ACME, by=finance)
    undo(run=run, by=finance, at=AT + 9 * MINUTE)
    assert {job.kind for job in Job.objects.all()} == {"catalog_import_accounts", "catalog_import_undo_accounts"}


def test_sales_may_import_accounts_but_nothing_of_the_catalog(seller: Actor) -> None:
    with pytest.raises(NotAllowed):
        upload(kind="markets", file_name="x.csv", data=b"key,name\n", by=seller, at=AT)


def test_only_the_rows_of_the_file_are_read_of_many_accounts() -> None:
    for number in range(3):
        open_account(key=f"a{number}", name=f"A {number}", zone="UTC", by=SYSTEM, at=AT)
    assert set(AccountTable(AT).standing({"a1"})) == {"a1"}
    assert len(table_of("accounts", at=AT).standing()) == 3


def test_many_rows_are_judged_with_as_many_queries_as_few() -> None:
    def judged(number: int) -> int:
        rows = "".join(f"k{number}{n},Name,NL,,UTC,,,,k{n}.example,,cus_{number}_{n}\n" for n in range(number))
        header = tuple((HEAD + rows).splitlines()[0].split(","))
        table = table_of("accounts", at=AT)
        lines = [Line(n + 2, tuple(row.split(","))) for n, row in enumerate(rows.splitlines())]
        with CaptureQueriesContext(connection) as queries:
            assert {row.verdict for row in judge(table, lines, guess_mapping(table, header))} == {Verdict.NEW}
        return len(queries)

    assert judged(3) == judged(60)
