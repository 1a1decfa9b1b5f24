"""A world that is put back is the world that was built, and life goes on in it."""

import pytest
from django.db import transaction

from entitlements.models import Account
from journal.queries.audit import verify
from tests import remembered
from tests.entitlements.world import account, answer, catalog, subscribed
from tests.remembered import _written

pytestmark = pytest.mark.django_db


def rows() -> dict[str, object]:
    return {found.model._meta.label: sorted(map(repr, found.rows)) for found in _written()}


def built_and_put_back() -> tuple[dict[str, object], dict[str, object]]:
    told = []
    for _ in range(2):
        with transaction.atomic():
            catalog()
            told.append(rows())
            transaction.set_rollback(True)
    return told[0], told[1]


def test_every_row_is_as_the_actions_wrote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_worlds", {})
    built, put_back = built_and_put_back()
    assert built == put_back
    assert "journal.AuditEvent" in built
    assert "catalog.HistoricalPlanTerm" in built


def test_life_goes_on_after_what_was_put_back() -> None:
    built_and_put_back()
    world = catalog()
    acme = account()
    subscribed(acme, world.team)
    assert answer(acme, "seats", acme.created_at).value == 10
    assert verify() == []


def test_where_something_is_written_already_the_world_is_built_beside_it() -> None:
    account()
    catalog()
    assert Account.objects.count() == 1
    assert verify() == []
