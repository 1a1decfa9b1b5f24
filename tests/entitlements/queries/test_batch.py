"""A batch answers what a reader asks about one account after the other, from rows read once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entitlements.domain.facts import Mode
from entitlements.models import Account, Override, Subscription
from entitlements.snapshots import Reader, snapshot_catalog, snapshot_facts
from entitlements.snapshots.batch import BATCH, batch_reader, batches
from tests.catalog.factories import FeatureRevisionFactory
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, GB, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def family(sold: Catalog) -> list[Account]:
    """A parent on Team, a child in a trial of its own, and a stranger with an override."""
    FeatureRevisionFactory(feature=sold.sso, parent_rule="inherit")
    parent = account("parent")
    child, stranger = account("child", parent=parent), account("stranger")
    subscribed(parent, sold.team)
    subscribed(child, sold.free, trial_days=30)
    subscribed(stranger, sold.team)
    overridden(stranger, sold.storage, Mode.ADD, 5 * GB, at=AT)
    return [parent, child, stranger]


def test_the_facts_of_each_account_are_the_same_as_read_by_itself(family: list[Account]) -> None:
    catalog = snapshot_catalog(Reader())
    reader = batch_reader([one.pk for one in family])
    for one in family:
        assert snapshot_facts(one.pk, reader=reader, catalog=catalog) == snapshot_facts(
            one.pk, reader=Reader(), catalog=catalog
        )


def test_a_parent_outside_the_batch_is_read_with_it(family: list[Account]) -> None:
    parent, child, _stranger = family
    facts = snapshot_facts(child.pk, reader=batch_reader([child.pk]), catalog=snapshot_catalog(Reader()))
    assert facts.parent is not None
    assert facts.parent.account == parent.key


def test_each_table_is_read_once(family: list[Account]) -> None:
    reader = batch_reader([one.pk for one in family])
    with CaptureQueriesContext(connection) as captured:
        for one in family * 3:
            reader.rows(Subscription, account_id=one.pk)
            reader.rows(Override, account_id=one.pk, state="approved")
    assert len(captured) == 2


def test_a_further_condition_is_kept_to(family: list[Account]) -> None:
    stranger = family[2]
    reader = batch_reader([stranger.pk])
    assert len(reader.rows(Override, account_id=stranger.pk, state="approved")) == 1
    assert reader.rows(Override, account_id=stranger.pk, state="rejected") == []


def test_who_is_not_in_the_batch_is_asked_of_the_database(family: list[Account]) -> None:
    parent, _child, stranger = family
    reader = batch_reader([stranger.pk])
    assert [row.account_id for row in reader.rows(Subscription, account_id=parent.pk)] == [parent.pk]


def test_what_memory_cannot_tell_is_asked_of_the_database(family: list[Account]) -> None:
    reader = batch_reader([one.pk for one in family])
    assert [row.key for row in reader.rows(Account, name__startswith="Str")] == ["stranger"]
    assert reader.rows(Subscription, account_id=family[0].pk, starts_at__gt=AT) == []


def test_ids_come_in_chunks() -> None:
    assert [len(chunk) for chunk in batches(range(BATCH * 2 + 1))] == [BATCH, BATCH, 1]
