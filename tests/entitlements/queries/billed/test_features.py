"""Features that the billing gives, from rows to answers: as they stand, as they were known, in batches and in memory."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from catalog.domain.values import GivenBy
from catalog.domain.window import Window
from catalog.models import Feature
from catalog.queries.uses import uses_of
from entitlements.domain.facts import BilledFeatureFact
from entitlements.domain.usage.terms import use_terms
from entitlements.models import Account, BilledFeature
from entitlements.queries.billed.features import given_by_billing
from entitlements.queries.check import Memory
from entitlements.queries.check.log import Log
from entitlements.queries.clock.touched import accounts_touched
from entitlements.queries.entitlements import facts_of
from entitlements.queries.life.as_if import as_if
from entitlements.snapshots import Reader, snapshot_catalog, snapshot_facts
from entitlements.snapshots.batch import batch_reader
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.models import Connection
from tests.catalog.factories import EPOCH, FeatureRevisionFactory
from tests.entitlements.factories import BilledFeatureFactory
from tests.entitlements.world import AT, DAY, Catalog, account, answer, catalog, subscribed, value
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> Catalog:
    """Single sign-on is the billing's to give; Team has it too."""
    world = catalog()
    decided(world.sso)
    return world


@pytest.fixture
def there() -> Connection:
    return ConnectionFactory(name="Our billing")


@pytest.fixture
def acme(world: Catalog) -> Account:
    acme = account()
    subscribed(acme, world.team)
    return acme


def decided(feature: Feature, by: GivenBy = GivenBy.BILLING, *, at: datetime = EPOCH) -> None:
    FeatureRevisionFactory(feature=feature, effective_at=at, given_by=by)


def said(whose: Account, feature: Feature, *, at: datetime = AT, **more: Any) -> BilledFeature:
    """As whoever follows the billing keeps it: one deed at the moment it was told."""
    row = BilledFeature(account=whose, feature=feature, starts_at=at, **{"customer": "cus_1", **more})
    return keep(row, deed=begin(by=SYSTEM, at=at))


def taken_back(row: BilledFeature, *, at: datetime) -> None:
    row.ends_at = at
    keep(row, deed=begin(by=SYSTEM, at=at))


def test_it_is_had_from_the_moment_of_the_row_to_its_end(world: Catalog, acme: Account, there: Connection) -> None:
    row = said(acme, world.sso, connection=there)
    assert [answer(acme, "sso", at).granted for at in (AT - HOUR, AT, AT + DAY)] == [False, True, True]
    taken_back(row, at=AT + DAY)
    assert [answer(acme, "sso", at).granted for at in (AT - HOUR, AT, AT + DAY)] == [False, True, False]
    assert answer(acme, "sso", AT).valid_until == AT + DAY


def test_what_was_believed_comes_back(world: Catalog, acme: Account, there: Connection) -> None:
    row = said(acme, world.sso, connection=there)
    taken_back(row, at=AT + DAY)
    later = AT + 2 * DAY
    assert answer(acme, "sso", later, known_at=AT - HOUR).granted is False
    assert answer(acme, "sso", later, known_at=AT).granted is True
    assert answer(acme, "sso", later, known_at=AT + DAY).granted is False
    assert answer(acme, "sso", AT, known_at=later).granted is True


def test_the_fact_names_the_system_by_what_staff_call_it(world: Catalog, acme: Account, there: Connection) -> None:
    row = said(acme, world.sso, connection=there)
    (fact,) = facts_of(account=acme).billed
    assert fact == BilledFeatureFact(str(row.pk), "sso", Window(AT, None), "console", "Our billing")
    assert facts_of(account=acme, known_at=AT).billed == (fact,)


def test_what_was_said_and_taken_back_at_once_gives_nothing(world: Catalog, acme: Account, there: Connection) -> None:
    taken_back(said(acme, world.sso, connection=there), at=AT)
    assert facts_of(account=acme).billed == ()


def test_a_batch_reads_what_one_reader_does(world: Catalog, acme: Account, there: Connection) -> None:
    other = account("other")
    for whose, customer in ((acme, "cus_1"), (other, "cus_2")):
        said(whose, world.sso, connection=there, customer=customer)
    book, batch = snapshot_catalog(Reader()), batch_reader([acme.pk, other.pk])
    for pk in (acme.pk, other.pk):
        alone = snapshot_facts(pk, reader=Reader(), catalog=book)
        assert len(alone.billed) == 1
        assert snapshot_facts(pk, reader=batch, catalog=book) == alone


def test_many_accounts_take_no_more_reads(world: Catalog, there: Connection, django_assert_num_queries: Any) -> None:
    accounts = [account(f"account-{n}") for n in range(4)]
    for n, whose in enumerate(accounts):
        said(whose, world.sso, connection=there, customer=f"cus_{n}")
    batch = batch_reader([one.pk for one in accounts])
    with django_assert_num_queries(1):
        assert len([row for one in accounts for row in batch.rows(BilledFeature, account_id=one.pk)]) == 4
    with django_assert_num_queries(1):
        assert all(batch.rows(Connection, id__in=[there.pk]) for _ in accounts)


def test_which_features_the_billing_gives_is_told_by_their_rules_of_the_day() -> None:
    world = catalog()
    assert given_by_billing(AT) == frozenset()
    decided(world.sso, GivenBy.PLANS)
    decided(world.sso, at=AT)
    decided(world.sso, GivenBy.PLANS, at=AT + DAY)
    assert [given_by_billing(at) for at in (AT - HOUR, AT, AT + DAY)] == [set(), {"sso"}, set()]


def test_one_row_is_open_at_a_time(world: Catalog, acme: Account, there: Connection) -> None:
    row, again = said(acme, world.sso, connection=there), AT + HOUR
    twice = {"account": acme, "feature": world.sso, "connection": there, "customer": "cus_1", "starts_at": again}
    with pytest.raises(IntegrityError), transaction.atomic():
        BilledFeature.objects.bulk_create([BilledFeature(**twice)])
    taken_back(row, at=again)
    said(acme, world.sso, connection=there, at=again)
    with pytest.raises(IntegrityError), transaction.atomic():
        BilledFeature.objects.filter(pk=row.pk).update(ends_at=AT - HOUR)


def test_a_feature_that_the_billing_names_is_in_use(world: Catalog, there: Connection) -> None:
    said(account("other"), world.tier, connection=there)
    assert any("What the billing gives" in str(use) for use in uses_of(feature=world.tier))
    with pytest.raises(ProtectedError):
        world.tier.delete()


def test_the_sweep_walks_whom_it_was_said_of(world: Catalog, acme: Account, there: Connection) -> None:
    account("other")
    said(acme, world.sso, connection=there)
    book = snapshot_catalog(Reader())
    assert accounts_touched([Window(AT, AT + HOUR)], catalog=book) == [acme.pk]
    assert accounts_touched([Window(AT + HOUR, AT + DAY)], catalog=book) == []


def test_it_can_be_asked_what_would_be_if_it_were_said(world: Catalog, acme: Account, there: Connection) -> None:
    row = BilledFeatureFactory.build(account=acme, feature=world.sso, connection=there, starts_at=AT)
    assert as_if(account=acme, rows=[row], at=AT)["sso"].granted
    assert value(acme, "sso", AT) is None


@pytest.fixture
def memory(acme: Account, monkeypatch: pytest.MonkeyPatch) -> Memory:
    """As a process has it whose thread has just read the log; the test's own transaction counts as committed."""
    monkeypatch.setattr(Log, "written_here", lambda *_: False)
    made = Memory(clock=AT.timestamp)
    made.take_up_changes()
    return made


def may(memory: Memory, key: str = "acme") -> bool:
    checked = memory.check(key, "sso")
    assert checked.source == "cache"
    return checked.allowed


def test_memory_takes_up_what_is_said_and_taken_back(memory: Memory, world: Catalog, acme: Account,
                                                     there: Connection) -> None:  # fmt: skip
    assert may(memory) is False
    row = said(acme, world.sso, connection=there, at=AT - DAY)
    assert memory.take_up_changes() >= 1
    assert may(memory) is True
    taken_back(row, at=AT)
    assert memory.take_up_changes() >= 1
    assert may(memory) is False


def test_memory_reads_no_account_again_when_a_rule_lets_the_billing_decide(
    memory: Memory, world: Catalog, acme: Account, there: Connection, django_assert_max_num_queries: Any
) -> None:
    said(acme, world.sso, connection=there, at=AT - DAY)
    subscribed(account("bravo"), world.team)
    decided(world.sso, GivenBy.PLANS, at=AT - 2 * DAY)
    memory.take_up_changes()
    assert [may(memory, key) for key in ("acme", "bravo")] == [True, True]
    decided(world.sso, at=AT - HOUR)
    memory.take_up_changes()
    with django_assert_max_num_queries(20) as asked:
        assert [may(memory, key) for key in ("acme", "bravo")] == [True, False]
    assert not [one for one in asked if "entitlements_" in one["sql"]]


def test_memory_answers_and_explains_as_the_rows_do(memory: Memory, world: Catalog, acme: Account,
                                                    there: Connection) -> None:  # fmt: skip
    taken_back(said(acme, world.sso, connection=there, at=AT - DAY), at=AT + DAY)
    memory.take_up_changes()
    by_rows = use_terms(snapshot_facts(acme.pk, reader=Reader()), at=AT)["sso"].answer
    checked = memory.check("acme", "sso")
    assert (checked.allowed, checked.until) == (by_rows.granted, (AT + DAY).timestamp())
    assert memory.explain("acme", "sso").lines[0].startswith("Our billing says that this account has it")


def test_customers_of_whom_the_same_is_said_share_what_is_worked_out(memory: Memory, world: Catalog, acme: Account,
                                                                     there: Connection) -> None:  # fmt: skip
    bravo = account("bravo")
    subscribed(bravo, world.team)
    said(acme, world.sso, connection=there, at=AT - DAY)
    said(bravo, world.sso, connection=there, at=AT - 2 * DAY, customer="cus_2")
    memory.take_up_changes()
    assert [may(memory, key) for key in ("acme", "bravo")] == [True, True]
    assert len(memory.store.profiles) == 1
