"""Many accounts by what programs call them: our keys and other systems' ids, as one by one, in two reads."""

import pytest

from entitlements.actions.merging import ask_to_merge
from entitlements.queries.account_names import accounts_named
from entitlements.queries.accounts import account_by_key
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotFound
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db
NAMES = [
    "acme",
    "stripe:cus_1",
    "CUS_1",
    "own:7",
    "7",
    "hubspot:7",
    "own:cus_1",
    "nobody",
    ":7",
    "own:",
    "stripe:CUS_1 ",
]


@pytest.fixture
def accounts():
    return [
        account("acme", external_ids=[("stripe", "cus_1"), ("own", "7")]),
        account("bolt", external_ids=[("hubspot", "7"), ("stripe", "cus_2")]),
    ]


def one_by_one(name):
    try:
        return account_by_key(name).pk
    except NotFound:
        return None


def test_each_is_found_as_it_is_by_itself(accounts):
    found = accounts_named(NAMES)
    assert {name: found[name].id if name in found else None for name in NAMES} == {
        name: one_by_one(name) for name in NAMES
    }
    assert found["stripe:cus_1"].key == "acme"
    assert "7" not in found  # it is two accounts'


def test_two_reads_for_any_number(accounts, django_assert_num_queries):
    with django_assert_num_queries(2):
        accounts_named([*NAMES, *(f"unheard-of-{number}" for number in range(100))])
    with django_assert_num_queries(1):
        accounts_named(["acme", "bolt"])


def test_what_was_merged_leads_to_the_account_that_stays(accounts):
    acme, bolt = accounts
    ask_to_merge(duplicate=bolt, into=acme, reason="One", by=SYSTEM, at=AT)
    assert {named.key for named in accounts_named(["bolt", "stripe:cus_2", "acme"]).values()} == {"acme"}
