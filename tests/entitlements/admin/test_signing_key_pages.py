"""What licence files are signed with: renewed after a look at how many are out, or marked compromised."""

import pytest

from entitlements.models import SigningKey
from tests.entitlements.admin.conftest import Customer, SignIn
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.licensing import with_licences
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(acme: Customer) -> SigningKey:
    with_licences(acme.account, at=AT)
    return SigningKey.objects.get()


def test_how_many_files_hang_on_a_key_is_said_before_it_is_renewed(sign_in: SignIn, key: SigningKey) -> None:
    desk = sign_in("administrator")
    assert "1 file of 1 customer, the last until 15 March 2026" in text_of(desk.get(url("signingkey_changelist")))
    assert "1 file of 1 customer" in text_of(desk.get(url("signingkey_renew")))
    desk.post(url("signingkey_renew"), {"reason": "Once a year"})
    key.refresh_from_db()
    assert (key.retired_at, key.compromised, SigningKey.objects.count()) == (AT, False, 2)


def test_one_is_marked_compromised_with_its_consequences_in_view(sign_in: SignIn, key: SigningKey) -> None:
    desk = sign_in("administrator")
    where = url("signingkey_compromise", key.pk)
    assert "each of these customers needs a new file" in text_of(desk.get(where))
    assert desk.post(where, {"reason": ""}).status_code == 200
    desk.post(where, {"reason": "A laptop was stolen"})
    key.refresh_from_db()
    assert key.compromised
    assert "Compromised" in text_of(desk.get(url("signingkey_changelist")))


def test_the_secret_half_is_nowhere_on_a_page(sign_in: SignIn, key: SigningKey) -> None:
    desk = sign_in("auditor")
    for where in (url("signingkey_changelist"), url("signingkey_change", key.pk)):
        assert key.sealed not in desk.get(where).content.decode()
