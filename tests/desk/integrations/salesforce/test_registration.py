"""Setting a connection up by its pages: each way of logging in asks for what it needs, and for nothing else."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from desk.integrations.crm import port
from desk.integrations.salesforce.login import NEEDED, WAYS
from desk.integrations.salesforce.registration import SALESFORCE
from journal import vendors
from journal.actions.connections import edit
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.desk.integrations.salesforce.conftest import PUSHES, Org
from tests.entitlements.world import AT
from tests.journal.factories import StaffFactory

FORM = {
    "name": "Sales", "mode": "test", "setting_login": "jwt", "setting_domain": "acme.my.salesforce.com",
    "setting_organisation": "00D5g0000012345", "setting_user": "desk@acme.example", "setting_consumer_key": "3MVG9",
    "setting_base": "", "secret_push_token": PUSHES, "secret_private_key": "-----BEGIN PRIVATE KEY-----",
    "secret_consumer_secret": "", "secret_password": "", "secret_security_token": "",
}  # fmt: skip


@pytest.fixture
def browser(db: Any) -> Client:
    client = Client()
    client.force_login(StaffFactory(is_superuser=True))
    return client


def posted(browser: Client, **changed: str) -> Any:
    return browser.post(reverse("admin:journal_connection_set_up") + "?system=salesforce", FORM | changed)


def test_it_is_known_as_a_system_and_as_a_crm() -> None:
    assert vendors.vendor_of("salesforce") is SALESFORCE
    system = port.system_of("salesforce")
    assert system is not None
    assert system.words == "Salesforce"


def test_the_form_offers_the_ways_of_logging_in(browser: Client) -> None:
    page = browser.get(reverse("admin:journal_connection_set_up") + "?system=salesforce").content.decode()
    for name, words in WAYS:
        assert f'<option value="{name}"' in page
        assert words in page
    assert "Needed for JWT" in page


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"setting_login": "client_credentials", "setting_user": "", "secret_private_key": "", "secret_consumer_secret": "s"},
        {"setting_login": "password", "setting_consumer_key": "", "secret_private_key": "", "secret_password": "p"},
    ],
)  # fmt: skip
def test_each_way_is_set_up_with_what_it_needs(browser: Client, changed: dict[str, str]) -> None:
    assert posted(browser, **changed).status_code == 302
    assert Connection.objects.get().settings["login"] == changed.get("setting_login", "jwt")


@pytest.mark.parametrize(("name", "how"), [(name, how) for name, (_, ways) in NEEDED.items() for how in ways])
def test_what_a_way_needs_is_asked_for_beside_its_field(browser: Client, name: str, how: str) -> None:
    secrets = dict.fromkeys(("secret_consumer_secret", "secret_password"), "something")
    field = next(one for one in (f"setting_{name}", f"secret_{name}") if one in FORM)
    page = posted(browser, setting_login=how, **(secrets | {field: ""})).content.decode()
    assert f"Enter the {NEEDED[name][0]}" in page
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("setting_login", "magic", "Select a valid choice"),
        ("setting_domain", "acme.example.com", "This is no address (My Domain)"),
        ("setting_domain", "acme.my.salesforce.mil", "This is no address (My Domain)"),
        ("setting_organisation", "00D5g0000012345EAA", "This is no organisation id"),
        ("setting_base", "https://elsewhere.example", "This is no address of the API"),
        ("secret_push_token", "", "Enter the token of pushes"),
        ("secret_push_token", "short-and-to-be-guessed", "The token of pushes has to be 32 characters or more"),
        ("secret_push_token", "an-address+cant/bear=each&every#letter", "none but letters, digits and . _ ~ -"),
    ],
)
def test_what_cant_be_right_is_refused(browser: Client, field: str, text: str, says: str) -> None:
    assert says in posted(browser, **{field: text}).content.decode()
    assert not Connection.objects.exists()


def test_the_page_of_the_connection_says_what_is_lacking(browser: Client, org: Org) -> None:
    address = reverse("admin:journal_connection_change", args=[org.connection.pk])
    page = browser.get(address).content.decode()
    assert "JWT: the app signs with a private key" in page
    assert "It has no" not in page
    settings = org.connection.settings | {"login": "client_credentials"}
    edit(connection=org.connection, settings=settings, by=SYSTEM, at=AT)
    assert "It has no consumer secret that can be opened" in browser.get(address).content.decode()
