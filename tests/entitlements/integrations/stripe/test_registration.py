"""What a connection with Stripe needs, and that keys of one mode stay out of the other."""

import pytest

from journal.actions.connections import as_actor, set_up
from journal.domain.actor import SYSTEM
from journal.domain.connection import Mode
from journal.domain.refusal import Invalid
from journal.vendors import handled_types, known
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
GOOD = {
    "settings": {"account": "acct_1"},
    "secrets": {"api_key": "rk_test_1", "signing": "whsec_1"},
}


def entered(mode=Mode.TEST, settings=None, **secrets):
    told = {"settings": GOOD["settings"] | (settings or {}), "secrets": GOOD["secrets"] | secrets}
    return set_up(vendor="stripe", name="Stripe", mode=mode, **told, by=SYSTEM, at=AT)


def test_it_is_among_what_can_be_connected():
    assert known()["stripe"].words == "Stripe"
    assert entered().vendor == "stripe"


@pytest.mark.parametrize("key", ["rk_test_1", "sk_test_1"])
def test_either_sort_of_key_will_do(key):
    assert entered(api_key=key)


@pytest.mark.parametrize(
    ("mode", "key"), [(Mode.TEST, "sk_live_1"), (Mode.LIVE, "rk_test_1"), (Mode.TEST, "pk_test_1"), (Mode.TEST, "")]
)
def test_a_key_of_the_other_mode_or_none_is_refused(mode, key):
    with pytest.raises(Invalid):
        entered(mode, api_key=key)


@pytest.mark.parametrize(
    "settings",
    [{"account": "cus_1"}, {"base": "http://elsewhere.example"}, {"base": "ftp://127.0.0.1"}, {"push": "perhaps"}],
)
def test_what_would_not_work_is_refused(settings):
    with pytest.raises(Invalid):
        entered(settings=settings)


def test_a_secret_that_is_none_of_stripes_is_refused():
    with pytest.raises(Invalid):
        entered(signing="4711")


def test_thin_events_have_a_secret_of_their_own():
    assert entered(signing_thin="whsec_2").secrets.count() == 3


def test_it_may_do_what_following_needs_and_nothing_of_staffs():
    by = as_actor(entered())
    assert by.may("subscriptions:write")
    assert not by.may("entitlements.approve_concession")


def test_snapshots_and_their_thin_twins_are_taken():
    types = handled_types("stripe")
    assert {"invoice.paid", "v1.invoice.paid", "v1.customer.subscription.past_due"} <= set(types)
    assert "charge.succeeded" not in types
