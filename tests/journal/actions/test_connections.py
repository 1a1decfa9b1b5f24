"""Connections set up, edited, paused, turned off; their secrets renewed and ended."""

from datetime import timedelta

import pytest

from journal.actions import connections
from journal.actions.connections import as_actor, edit, end_secret, pause, renew_secret, resume, set_up, turn_off
from journal.domain.connection import Mode
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.history import UnattributedChange
from journal.models import AuditEvent, Connection, ConnectionHealth, ConnectionSecret
from journal.queries.connections import SecretMissing, live_secrets, opened, receiving_by_key, secret_of
from tests.fakes.console import API, MAY, SIGNING
from tests.journal.factories import EPOCH, ConnectionFactory, ConnectionSecretFactory, person
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db
KEEPER = person("Ada", connections.PERMISSION)
DAY = timedelta(days=1)
GOOD = {
    "vendor": "console",
    "name": "Console (trying out)",
    "mode": Mode.TEST,
    "settings": {"account": "ca_1"},
    "secrets": {"signing": SIGNING, "api": API},
}


def make(by=KEEPER, **other):
    return set_up(**(GOOD | other), by=by, at=EPOCH)


def test_it_is_set_up_with_its_secrets_sealed_and_told_to_nobody():
    row = make()
    assert (row.state, row.mode, row.settings) == ("active", "test", {"account": "ca_1", "region": ""})
    assert row.key.startswith("console-test-")
    assert ConnectionHealth.objects.get().connection == row
    assert secret_of(row, "signing", at=EPOCH) == SIGNING
    assert SIGNING not in str(list(ConnectionSecret.objects.values()))
    event = AuditEvent.objects.get()
    assert (event.verb, event.subject_label) == ("connection:set_up", "Console (trying out)")
    assert SIGNING not in str(event.changes)
    assert API not in str(event.changes)


@pytest.mark.parametrize(
    ("wrong", "field", "says"),
    [
        ({"vendor": "nobody"}, "vendor", "It knows: Console, "),
        ({"name": " "}, "name", ""),
        ({"settings": {}}, "setting_account", "Enter the account id, such as ca_1."),
        ({"settings": {"account": "acct"}}, "setting_account", "This is no account id, such as ca_1."),
        ({"settings": {"account": "ca_1", "colour": "red"}}, "", "Console has no colour."),
        ({"secrets": {"signing": SIGNING}}, "secret_api", "Enter the API key."),
        ({"secrets": {"signing": "x", "api": API}}, "secret_signing", "begins with console_sign_"),
        ({"secrets": {"signing": SIGNING, "api": "console_live_1"}}, "secret_api", "of the other mode (live)"),
        ({"secrets": {"signing": SIGNING, "api": API, "pin": "1"}}, "", "no secret called pin"),
    ],
)
def test_what_cant_be_right_is_said_by_input(wrong, field, says):
    with pytest.raises(Invalid) as refused:
        make(**wrong)
    assert says in refused.value.errors[field][0]
    assert not Connection.objects.exists()


def test_a_secret_that_is_wrong_is_not_said_again():
    with pytest.raises(Invalid) as refused:
        make(secrets={"signing": "console_sign_ok", "api": "console_live_4711"})
    assert "4711" not in str(refused.value.errors)


def test_one_account_is_connected_once_in_a_mode():
    first = make()
    with pytest.raises(Invalid, match="connected already, as “Console"):
        make(name="Again")
    make(name="Live", mode=Mode.LIVE, secrets={"signing": SIGNING, "api": "console_live_1"})
    turn_off(connection=first, reason="It moves.", by=KEEPER, at=EPOCH)
    make(name="Again")
    with pytest.raises(Invalid, match="connected already, as “Again”"):
        resume(connection=first, by=KEEPER, at=EPOCH)


def test_two_of_one_name_are_refused():
    make()
    with pytest.raises(Invalid) as refused:
        make(settings={"account": "ca_2"})
    assert "name" in refused.value.errors


def test_it_is_edited_and_every_version_is_kept():
    row = make()
    edit(connection=row, settings={"account": "ca_2"}, by=KEEPER, at=EPOCH + DAY)
    edit(connection=row, name="Console 2", by=KEEPER, at=EPOCH + DAY)
    edit(connection=row, name="Console 2", by=KEEPER, at=EPOCH + DAY)  # nothing changes, nothing is said
    assert [one.settings["account"] for one in Connection.history.order_by("history_id")] == ["ca_1", "ca_2", "ca_2"]
    assert AuditEvent.objects.filter(verb="connection:edit").count() == 2
    with pytest.raises(Invalid):
        edit(connection=row, settings={"account": ""}, by=KEEPER, at=EPOCH)
    with pytest.raises(UnattributedChange):
        Connection.objects.get().save()


def test_after_a_renewal_both_secrets_are_good_for_the_overlap():
    row = make()
    renew_secret(connection=row, purpose="signing", secret=" console_sign_2 ", by=KEEPER, at=EPOCH + DAY)
    assert opened(row, ["signing"], at=EPOCH + DAY) == ["console_sign_2", SIGNING]
    assert opened(row, ["signing"], at=EPOCH + 2 * DAY) == ["console_sign_2"]
    assert secret_of(row, "signing", at=EPOCH + DAY) == "console_sign_2"
    assert "console_sign_2" not in str(AuditEvent.objects.get(verb="connection:renew_secret").changes)


def test_of_several_renewals_the_newest_three_are_good_and_none_lingers():
    row = make()
    for number in range(2, 6):
        renew_secret(connection=row, purpose="signing", secret=f"console_sign_{number}", by=KEEPER, at=EPOCH)
    assert opened(row, ["signing"], at=EPOCH) == ["console_sign_5", "console_sign_4", "console_sign_3"]


def test_a_secret_that_leaked_ends_at_once():
    row = make()
    renew_secret(connection=row, purpose="signing", secret="console_sign_2", overlap=timedelta(0), by=KEEPER, at=EPOCH)
    assert opened(row, ["signing"], at=EPOCH) == ["console_sign_2"]


def test_a_former_secret_is_ended_and_the_one_in_use_is_not():
    row = make()
    new = renew_secret(connection=row, purpose="signing", secret="console_sign_2", by=KEEPER, at=EPOCH)
    former = live_secrets(row, at=EPOCH).get(purpose="signing", ends_at__isnull=False)
    with pytest.raises(Refusal, match="Renew it"):
        end_secret(secret=new, by=KEEPER, at=EPOCH)
    end_secret(secret=former, by=KEEPER, at=EPOCH)
    assert opened(row, ["signing"], at=EPOCH) == ["console_sign_2"]
    with pytest.raises(Stale):
        end_secret(secret=former, by=KEEPER, at=EPOCH)


@pytest.mark.parametrize(
    ("purpose", "secret", "says"),
    [
        ("pin", "1", "no such secret"),
        ("signing", "", "Enter the signing secret"),
        ("signing", SIGNING, "in use already"),
        ("api", "console_live_1", "of the other mode"),
    ],
)
def test_a_renewal_that_cant_be_right_is_refused(purpose, secret, says):
    row = make()
    with pytest.raises(Invalid, match=says):
        renew_secret(connection=row, purpose=purpose, secret=secret, by=KEEPER, at=EPOCH)
    assert opened(row, ["signing"], at=EPOCH) == [SIGNING]


def test_an_optional_secret_is_entered_later():
    row = make()
    with pytest.raises(SecretMissing, match="has no certificate that can be opened"):
        secret_of(row, "paper", at=EPOCH)
    renew_secret(connection=row, purpose="paper", secret="-----BEGIN", by=KEEPER, at=EPOCH)
    assert secret_of(row, "paper", at=EPOCH) == "-----BEGIN"


def test_what_the_vault_cant_open_is_left_out(settings):
    row = ConnectionFactory(secret=None)
    settings.DESK_VAULT_KEYS = ["another"]
    ConnectionSecretFactory(connection=row)
    settings.DESK_VAULT_KEYS = ["lost"]
    assert opened(row, ["signing"], at=EPOCH) == []
    with pytest.raises(SecretMissing):
        secret_of(row, "signing", at=EPOCH)


def test_it_is_paused_turned_off_and_goes_on():
    row = make()
    ConnectionHealth.objects.update(failing_since=EPOCH, failures=4, resume_at=EPOCH + DAY)
    assert pause(connection=row, reason="It moves.", by=KEEPER, at=EPOCH).state_reason == "It moves."
    assert receiving_by_key(row.key) == row, "what comes is stored"
    with pytest.raises(Refusal, match="Only an active"):
        pause(connection=row, by=KEEPER, at=EPOCH)
    assert resume(connection=row, by=KEEPER, at=EPOCH).state == "active"
    health = ConnectionHealth.objects.get()
    assert (health.failing_since, health.failures, health.resume_at) == (None, 0, None)
    with pytest.raises(Refusal, match="active already"):
        resume(connection=row, by=KEEPER, at=EPOCH)
    with pytest.raises(Invalid, match="Say why"):
        turn_off(connection=row, reason=" ", by=KEEPER, at=EPOCH)
    turn_off(connection=row, reason="Sold.", by=KEEPER, at=EPOCH)
    assert receiving_by_key(row.key) is None
    with pytest.raises(Refusal, match="off already"):
        turn_off(connection=row, reason="Sold.", by=KEEPER, at=EPOCH)


def test_only_who_may_touches_a_connection():
    row = make()
    eve = person("Eve", "journal.view_connection")
    former = ConnectionSecretFactory(connection=row, ends_at=EPOCH + DAY)
    for act in (
        lambda: make(by=eve),
        lambda: edit(connection=row, name="x", by=eve, at=EPOCH),
        lambda: renew_secret(connection=row, purpose="api", secret="console_test_2", by=eve, at=EPOCH),
        lambda: end_secret(secret=former, by=eve, at=EPOCH),
        lambda: pause(connection=row, by=eve, at=EPOCH),
        lambda: resume(connection=row, by=eve, at=EPOCH),
        lambda: turn_off(connection=row, reason="x", by=eve, at=EPOCH),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_what_is_done_by_what_arrived_is_done_by_the_connection():
    actor = as_actor(make())
    assert (actor.kind.value, actor.name, actor.permissions) == ("connection", "Console (trying out)", MAY)


@pytest.mark.django_db(transaction=True)
def test_of_several_renewals_at_once_one_secret_is_the_newest():
    row = make()
    renew = [
        lambda n=n: renew_secret(connection=row, purpose="api", secret=f"console_test_{n}", by=KEEPER, at=EPOCH)
        for n in range(3)
    ]
    assert all(isinstance(one, ConnectionSecret) for one in at_once(*renew))
    assert ConnectionSecret.objects.filter(purpose="api", ends_at=None).count() == 1
