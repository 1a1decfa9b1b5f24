"""Rows asked for in the one way whose SQL is written once are the rows that Django would have read."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import models

from catalog.models import Feature, FeatureRevision, MarketWindow, PlanTerm, PlanVersion, Rollout
from entitlements.domain.facts import Mode
from entitlements.models import Account, BillingPeriod, Override, Subscription, SubscriptionItem
from entitlements.models.override import OverrideState
from entitlements.snapshots.plain_select import MOST_VALUES, select
from entitlements.snapshots.reading import Reader
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
READ = (Account, BillingPeriod, Feature, FeatureRevision, MarketWindow, Override, PlanTerm, PlanVersion, Rollout,
        Subscription, SubscriptionItem)  # fmt: skip


def as_django(model: type[models.Model], **filters: Any) -> list[models.Model]:
    return list(model._default_manager.filter(**filters).order_by("pk"))


def columns(rows: list[Any]) -> list[dict[str, Any]]:
    """Every value with its type, for 1 equals True and an aware instant equals itself elsewhere."""
    return [
        {field.attname: (type(value := getattr(row, field.attname)), value) for field in row._meta.concrete_fields}
        for row in rows
    ]


@pytest.fixture
def acme(db: None) -> Account:
    world = metered()
    account = customer(world, "acme")
    customer(world, "other")
    OverrideFactory(account=account, starts_at=AT, ends_at=AT + timedelta(days=3))
    return account


@pytest.mark.parametrize("model", READ, ids=lambda model: model.__name__)
def test_every_row_reads_as_django_reads_it(model: type[models.Model], acme: Account) -> None:
    found = select(model)
    assert found is not None
    assert columns(found) == columns(as_django(model))


def test_rows_are_found_by_columns_and_by_several_values(acme: Account) -> None:
    others = list(Account.objects.values_list("pk", flat=True))
    for model, filters in [
        (Account, {"id": acme.pk}),
        (Account, {"id__in": others}),
        (Account, {"key": "acme"}),
        (Subscription, {"account_id__in": others}),
        (Subscription, {"account": acme.pk}),
        (Override, {"account_id": acme.pk, "state": OverrideState.APPROVED}),
        (Override, {"account_id": acme.pk, "mode": Mode.DENY}),
        (Account, {"id__in": []}),
    ]:
        found = select(model, **filters)
        assert found is not None
        assert columns(found) == columns(as_django(model, **filters)), filters


def test_what_is_asked_otherwise_goes_to_django(acme: Account) -> None:
    asked: tuple[dict[str, Any], ...] = ({"starts_at__lte": AT}, {"account_id": None}, {"account": acme})
    for filters in (*asked, {"account_id__in": range(MOST_VALUES + 1)}):
        assert select(Override, **filters) is None
        assert columns(Reader().rows(Override, **filters)) == columns(as_django(Override, **filters))


def test_a_row_that_was_read_is_a_row_to_save(acme: Account) -> None:
    [row] = select(Account, id=acme.pk) or []
    assert (row._state.adding, row._state.db) == (False, "default")
    row.name = "Acme and Sons"
    keep(row, deed=begin(by=SYSTEM, at=AT))
    assert Account.objects.get(pk=acme.pk).name == "Acme and Sons"
