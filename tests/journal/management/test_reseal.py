from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from entitlements.models import SigningKey
from journal import vault
from journal.models import Outbound
from journal.queries.connections import opened
from tests.fakes.console import SIGNING
from tests.journal.factories import EPOCH, ConnectionSecretFactory, OutboundFactory

pytestmark = pytest.mark.django_db


def run():
    out, err = StringIO(), StringIO()
    try:
        call_command("reseal", stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}"
    return out.getvalue(), err.getvalue()


@pytest.fixture
def sealed_with_the_first(settings):
    """A signing key and a message still to be sent, and one that was sent and holds nothing any more."""
    settings.DESK_VAULT_KEYS = ["the first"]
    SigningKey.objects.create(kid="k", public="p", sealed=vault.seal("a signing key"), created_at=EPOCH)
    OutboundFactory(payload={"body": "{secret}", "sealed": vault.seal("a licence key")})
    OutboundFactory(payload={"body": "{secret}", "sealed": None}, state="sent", sent_at=EPOCH)
    settings.DESK_VAULT_KEYS = ["the second", "the first"]


def test_every_secret_goes_under_the_newest_key_so_that_the_former_one_can_go(sealed_with_the_first, settings):
    told, complaints = run()
    settings.DESK_VAULT_KEYS = ["the second"]
    assert vault.unseal(SigningKey.objects.get().sealed) == "a signing key"
    held, sent = Outbound.objects.order_by("seq")
    assert (vault.unseal(held.payload["sealed"]), sent.payload["sealed"]) == ("a licence key", None)
    assert "entitlements.SigningKey.sealed: 1 under the newest key" in told
    assert "Messages still to be sent: 1 under the newest key" in told
    assert complaints == ""


def test_what_no_key_opens_is_named_and_left_as_it_is(sealed_with_the_first, settings):
    settings.DESK_VAULT_KEYS = ["the second"]
    was = SigningKey.objects.get().sealed
    told, complaints = run()
    assert "may be taken away" not in told
    assert "2 secret(s) can't be opened" in complaints
    assert SigningKey.objects.get().sealed == was


def test_the_secrets_of_connections_go_along(settings):
    settings.DESK_VAULT_KEYS = ["the first"]
    secret = ConnectionSecretFactory()
    settings.DESK_VAULT_KEYS = ["the second", "the first"]
    told, _complaints = run()
    settings.DESK_VAULT_KEYS = ["the second"]
    assert "journal.ConnectionSecret.sealed: " in told
    assert opened(secret.connection, ["signing"], at=EPOCH)[0] == SIGNING
