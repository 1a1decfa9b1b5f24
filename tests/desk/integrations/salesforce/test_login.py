"""Logging in: each way, what is missing, what is refused; and a session that isn't known any more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.integrations.crm.asking import NotEntered
from desk.integrations.crm.port import Kind, LoginRefused
from desk.integrations.salesforce import client
from desk.models import CrmCalls
from journal.actions.connections import edit, renew_secret
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.domain.refusal import Invalid
from journal.models import Connection
from tests.desk.integrations.salesforce.conftest import Org, connected
from tests.entitlements.world import AT
from tests.fakes.salesforce import Counterpart, opening
from tests.fakes.salesforce.errors import refused_login, refused_soap

TOKEN = "/services/oauth2/token"


def counted(org: Org, **how: Any) -> int | None:
    with org.open(**how) as crm:
        return crm.count(Kind.COMPANY)


def as_of(org: Org, connection: Connection) -> Org:
    return Org(org.fake, connection, org.ids)


@pytest.fixture
def bare(fake: Counterpart, clock: Any, db: Any) -> Counterpart:
    fake.world()
    return fake


@pytest.mark.parametrize(
    ("how", "changed", "path"),
    [
        ("jwt", {}, TOKEN),
        ("jwt", {"domain": "https://Demo-Dev-Ed.my.salesforce.com/"}, TOKEN),
        ("client_credentials", {"user": ""}, TOKEN),
        ("password", {"consumer_key": ""}, "/services/Soap/u/64.0"),
        ("password", {"consumer_secret": "secret-of-the-app-7"}, TOKEN),
    ],
)
def test_each_way_of_logging_in(bare: Counterpart, how: str, changed: dict[str, str], path: str) -> None:
    org = Org(bare, connected(bare, how, **changed), {})
    assert counted(org) == 3
    assert counted(org) == 3
    assert [one.path for one in bare.requests].count(path) == 1, "one session serves many questions"


def test_an_app_of_the_newer_kind_is_known_at_its_own_domain(org: Org) -> None:
    org.fake.settings.external_client_app = True
    assert counted(org) == 3


def test_a_password_with_signs_of_xml_in_it(bare: Counterpart) -> None:
    bare.state.access.passwords["integration@demo.example"] = ("a<b>&'\"", "t&<k")
    changed = {"consumer_key": "", "password": "a<b>&'\"", "security_token": "t&<k"}
    assert counted(Org(bare, connected(bare, "password", **changed), {})) == 3


@pytest.mark.parametrize(
    ("how", "missing", "says"),
    [
        ("jwt", "private_key", "private key"),
        ("jwt", "user", "user name"),
        ("jwt", "consumer_key", "consumer key"),
        ("client_credentials", "consumer_secret", "consumer secret"),
        ("client_credentials", "consumer_key", "consumer key"),
        ("password", "password", "password"),
    ],
)
def test_what_a_way_of_logging_in_needs_is_asked_for(bare: Counterpart, how: str, missing: str, says: str) -> None:
    with pytest.raises(Invalid, match=f"Enter the {says}"):
        connected(bare, how, **{missing: ""})


def test_what_went_missing_since_is_named_and_nobody_is_asked(org: Org) -> None:
    settings = org.connection.settings | {"login": "client_credentials"}
    changed = as_of(org, edit(connection=org.connection, settings=settings, by=SYSTEM, at=AT))
    with pytest.raises(NotEntered, match="Enter the consumer secret"):
        counted(changed)
    assert not org.asked()
    assert not CrmCalls.objects.filter(login_refused_at__isnull=False).exists()


def test_a_private_key_that_is_none(bare: Counterpart) -> None:
    with pytest.raises(NotEntered, match="The private key can’t be read"):
        counted(Org(bare, connected(bare, private_key="-----BEGIN nonsense"), {}))
    assert not bare.requests


@pytest.mark.parametrize(
    ("how", "changed", "says"),
    [
        ("jwt", {"consumer_key": "another"}, "Compare the consumer key"),
        ("jwt", {"user": "nobody@demo.example"}, "Admin approved users"),
        ("client_credentials", {"consumer_secret": "wrong"}, "Compare the consumer secret"),
        ("password", {"password": "wrong", "consumer_key": ""}, "may be locked out"),
        ("password", {"password": "wrong", "consumer_secret": "secret-of-the-app-7"}, "may be locked out"),
    ],
)
def test_a_refused_login_says_what_to_do(bare: Counterpart, how: str, changed: dict[str, str], says: str) -> None:
    org = Org(bare, connected(bare, how, **changed), {})
    with pytest.raises(LoginRefused, match=says) as refused:
        counted(org)
    assert not any(text in str(refused.value) for text in changed.values() if text)
    assert org.logins() == 1


def test_a_clock_that_is_wrong_is_said(org: Org) -> None:
    org.fake.skew(3600)
    with pytest.raises(LoginRefused, match="The clock of this machine is wrong"):
        counted(org)


def test_after_a_refused_login_nobody_tries_again_by_itself(bare: Counterpart) -> None:
    org = Org(bare, connected(bare, "password", password="wrong", consumer_key=""), {})
    for minutes in range(0, 60, 10):
        with pytest.raises(LoginRefused):
            counted(org, at=AT + timedelta(minutes=minutes))
    assert org.logins() == 1
    with pytest.raises(LoginRefused):
        counted(org, at=AT + timedelta(minutes=61))
    assert org.logins() == 1, "an hour later it is tried once more"


def test_something_new_that_was_entered_is_tried_at_once(bare: Counterpart) -> None:
    org = Org(bare, connected(bare, "password", password="wrong", consumer_key=""), {})
    with pytest.raises(LoginRefused):
        counted(org)
    at = AT + timedelta(minutes=1)
    renew_secret(connection=org.connection, purpose="password", secret="password-of-iris", by=SYSTEM, at=at)
    assert counted(org, at=at + timedelta(seconds=1)) == 3
    assert not CrmCalls.objects.filter(login_refused_at__isnull=False).exists()


@pytest.mark.parametrize(("name", "wrong"), [("user", "nobody@demo.example"), ("domain", "other.my.salesforce.com")])
def test_another_setting_that_was_entered_is_tried_at_once(bare: Counterpart, name: str, wrong: str) -> None:
    org = Org(bare, connected(bare, **{name: wrong}), {})
    with pytest.raises(LoginRefused):
        counted(org)
    right = {"user": "integration@demo.example", "domain": "demo-dev-ed.my.salesforce.com"}
    at = AT + timedelta(minutes=1)
    changed = edit(connection=org.connection, settings=org.connection.settings | {name: right[name]}, by=SYSTEM, at=at)
    assert counted(as_of(org, changed), at=at + timedelta(seconds=1)) == 3


def test_what_was_opened_by_something_else_that_was_entered_is_used_no_more(bare: Counterpart) -> None:
    org = Org(bare, connected(bare, "password", consumer_key=""), {})
    assert counted(org) == 3
    bare.state.access.passwords["integration@demo.example"] = ("another", "t")
    for purpose, secret in (("password", "another"), ("security_token", "t")):
        renew_secret(connection=org.connection, purpose=purpose, secret=secret, by=SYSTEM, at=AT)
    assert (counted(org), org.logins()) == (3, 2)


def test_a_session_that_ends_between_two_pages_loses_none_of_them(org: Org) -> None:
    org.fake.settings.batch_size = 2
    org.fake.inject("expired", path="/query/")
    with org.open() as crm:
        found = [one["Id"] for one in crm.line.query("SELECT Id FROM Account ORDER BY Id")]
    assert found == sorted(org[short] for short in ("acme", "globex", "initech"))
    assert org.logins() == 2


def test_a_session_that_ended_is_renewed_once(org: Org) -> None:
    counted(org)
    org.asked()
    org.fake.inject("expired")
    assert counted(org) == 3
    assert [one.path.rpartition("/")[2] for one in org.asked()] == ["query", "token", "query"]


@pytest.mark.parametrize("kind", ["401", "401_html"])
def test_a_session_that_is_never_known_costs_a_handful_and_then_nothing(org: Org, kind: str) -> None:
    """Where the client's own `SFType` goes round for ever, and its `restful` logs in four times."""
    org.fake.inject(kind, next=None)
    with pytest.raises(LoginRefused, match="knows nothing of the session"):
        counted(org)
    asked = org.asked()
    assert (len(asked), sum(one.path == TOKEN for one in asked)) == (4, 2)
    for minutes in range(0, 60, 5):
        with pytest.raises(LoginRefused):
            counted(org, at=AT + timedelta(minutes=minutes))
    assert not org.asked()


@pytest.mark.parametrize(
    ("how", "changed", "path"), [("jwt", {}, TOKEN), ("password", {"consumer_key": ""}, "/services/Soap/")]
)
def test_a_page_of_some_machine_on_the_way_is_no_refused_login(
    bare: Counterpart, how: str, changed: dict[str, str], path: str
) -> None:
    org = Org(bare, connected(bare, how, **changed), {})
    bare.inject("401_html", path=path)
    with pytest.raises(Later, match="isn’t one of its answers"):
        counted(org)
    org.rested()
    assert counted(org) == 3


@pytest.mark.parametrize(
    ("how", "changed", "refusal"),
    [
        ("jwt", {}, refused_login("temporarily_unavailable", "retry your request")),
        ("password", {"consumer_key": ""}, refused_soap("SERVER_UNAVAILABLE", "We are busy")),
    ],
)  # fmt: skip
def test_a_login_that_salesforce_puts_off_is_no_refusal(
    bare: Counterpart, monkeypatch: Any, how: str, changed: dict[str, str], refusal: Exception
) -> None:
    def busy(*_: Any) -> None:
        raise refusal

    monkeypatch.setattr(opening, "_token" if how == "jwt" else "_soap_login", busy)
    with pytest.raises(Later, match="can’t let anybody in at the moment"):
        counted(Org(bare, connected(bare, how, **changed), {}))


@pytest.mark.parametrize("kind", ["502", "503", "500", "reset", "timeout"])
def test_a_login_that_nobody_answers_waits_and_is_no_refusal(org: Org, kind: str) -> None:
    org.fake.inject(kind, path=TOKEN)
    with pytest.raises(Later):
        counted(org)
    assert not CrmCalls.objects.filter(login_refused_at__isnull=False).exists()
    org.rested()
    assert counted(org) == 3


def test_neither_a_secret_nor_a_token_stands_anywhere_in_plain(org: Org, caplog: Any) -> None:
    counted(org)
    (token,) = org.fake.state.sessions
    with org.open() as crm:
        held = [repr(client._opened), repr(crm.line._entered)]
    org.fake.inject("401", next=None)
    with pytest.raises(LoginRefused) as refused:
        counted(org, at=datetime.now(UTC))
    for text in (token, "PRIVATE KEY"):
        assert not any(text in one for one in (*held, str(refused.value), caplog.text))
