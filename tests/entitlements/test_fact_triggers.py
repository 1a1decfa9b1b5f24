"""No writer can forget to tell: the database tells every change of a table that feeds an answer."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from catalog.models import PlanVersion
from entitlements import fact_triggers, snapshots
from entitlements.fact_triggers import CATALOG, NOT_TOLD, TOLD
from entitlements.models import BillingPeriod, CohortMember, FactsChange, LicenceActivation, UsageCounter
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog import factories as catalog
from tests.entitlements import factories
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.seating import a_seat
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


def billing_period():
    held = factories.SubscriptionFactory()
    return keep(BillingPeriod(subscription=held, starts_at=AT, ends_at=AT + DAY), deed=begin(by=SYSTEM, at=AT))


def cohort_member():
    member = CohortMember(cohort=factories.CohortFactory(), account=factories.AccountFactory())
    return keep(member, deed=begin(by=SYSTEM, at=AT))


def licence():
    policy = policy_of(None, at=AT)
    return licensed(factories.AccountFactory(), policy, at=AT).licence


def activation():
    held = licence()
    row = LicenceActivation(licence=held, fingerprint="one", activated_at=AT)
    return keep(row, deed=begin(by=SYSTEM, at=AT))


ROWS = {
    "entitlements.Licence": licence,
    "entitlements.LicenceActivation": activation,
    "entitlements.LicencePolicy": lambda: policy_of(None, at=AT),
    "entitlements.Seat": a_seat,
    "entitlements.CohortMember": cohort_member,
    "entitlements.BillingPeriod": billing_period,
    "entitlements.Cohort": lambda: cohort_member().cohort,
    "catalog.PlanVersion": lambda: catalog.published_version(feature=catalog.FeatureFactory(), amount=None),
    "catalog.Rollout": lambda: catalog.published_version(feature=catalog.FeatureFactory(), amount=None).rollouts.get(),
}


def a_row(label):
    name = label.partition(".")[2]
    made = ROWS.get(label) or getattr(factories, f"{name}Factory", None) or getattr(catalog, f"{name}Factory")
    return made()


def told():
    return set(FactsChange.objects.values_list("account_id", flat=True))


def whose(label, row):
    if TOLD[label] == CATALOG:
        return None
    if label == "entitlements.Account":
        return row.pk
    if label == "entitlements.LicenceActivation":
        return row.licence.account_id
    if label == "entitlements.Cohort":
        return row.members.get().account_id
    return row.subscription.account_id if hasattr(row, "subscription_id") and row.subscription_id else row.account_id


@pytest.mark.parametrize("label", TOLD)
def test_a_change_of_a_row_is_told_of_its_account(label):
    row = a_row(label)
    assert whose(label, row) in told()
    FactsChange.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {row._meta.db_table} SET id = id WHERE id = %s", [row.pk])
    assert told() == {whose(label, row)}
    change = FactsChange.objects.earliest("pk")
    assert (change.transaction_id is not None) == (connection.vendor == "postgresql")
    assert change.written_at.tzinfo is not None


def test_a_row_that_goes_is_told():
    row = factories.OverrideFactory()
    FactsChange.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM entitlements_override WHERE id = %s", [row.pk])
    assert told() == {row.account_id}


def test_a_row_that_moves_is_told_of_both_its_accounts():
    one, other = factories.SubscriptionItemFactory(), factories.SubscriptionFactory()
    FactsChange.objects.all().delete()
    with connection.cursor() as cursor:
        moved = "UPDATE entitlements_subscriptionitem SET subscription_id = %s WHERE id = %s"
        cursor.execute(moved, [other.pk, one.pk])
    assert told() == {one.subscription.account_id, other.account_id}


def test_a_draft_is_written_in_silence():
    draft = catalog.PlanVersionFactory()
    FactsChange.objects.all().delete()
    PlanVersion.objects.filter(pk=draft.pk)._raw_delete(connection.alias)
    assert told() == set()


def test_use_is_told_to_nobody():
    account, feature = factories.AccountFactory(), catalog.StorageFactory()
    FactsChange.objects.all().delete()
    UsageCounter.objects.create(account=account, feature=feature, starts_at=AT, since=AT, used=1, updated_at=AT)
    assert told() == set()


def test_what_touches_too_many_accounts_at_once_means_everybody(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite tells each row")
    monkeypatch.setattr(fact_triggers, "MOST_TOLD_APART", 1)
    factories.AccountFactory.create_batch(3)
    telling = fact_triggers.Telling("entitlements.Account", TOLD["entitlements.Account"])
    with connection.cursor() as cursor:
        cursor.execute(telling.triggers(vendor="postgresql")[1].statements[0])
        FactsChange.objects.all().delete()
        cursor.execute("UPDATE entitlements_account SET name = name")
    assert told() == {0}


def test_every_table_that_snapshots_read_is_told_or_has_a_reason():
    read = {
        node.args[0].id
        for path in Path(snapshots.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rows"
        if node.args and isinstance(node.args[0], ast.Name) and node.args[0].id[0].isupper()
    }
    assert len(read) > 15
    known = {apps.get_model(label).__name__ for label in (*TOLD, *NOT_TOLD)}
    assert read <= known
