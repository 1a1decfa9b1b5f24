"""A published version never changes: not through a model, not through SQL, on either engine."""

from datetime import datetime

import pytest
from django.db import DatabaseError, connection, transaction

from catalog.actions.publishing import retire
from catalog.models import PlanPrice, PlanTerm, PlanVersion, PriceLine, Rollout
from journal.actions.deeds import begin, keep, remove
from journal.domain.actor import SYSTEM, Actor
from journal.history import UnattributedChange
from tests.catalog.factories import (
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    PriceLineFactory,
    StorageFactory,
    publish_now,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def frozen(db: None) -> PlanVersion:
    term = PlanTermFactory(version=PlanVersionFactory(), feature=StorageFactory(), amount=5)
    PriceLineFactory(term=term)
    PlanPriceFactory(version=term.version)
    return publish_now(term.version)


STATEMENTS = [
    "UPDATE catalog_planversion SET trial_days = 99",
    "UPDATE catalog_planversion SET state = 'draft', published_at = NULL, published_by = ''",
    "DELETE FROM catalog_planversion",
    "UPDATE catalog_planterm SET amount = 99",
    "DELETE FROM catalog_planterm",
    "UPDATE catalog_planprice SET amount_micros = 1",
    "DELETE FROM catalog_planprice",
    "UPDATE catalog_priceline SET amount_micros = 1",
    "DELETE FROM catalog_priceline",
    "UPDATE catalog_rollout SET audience = 'on_date'",
    "DELETE FROM catalog_rollout",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_database_refuses_to_rewrite_what_was_published(frozen: PlanVersion, statement: str) -> None:
    with pytest.raises(DatabaseError, match="desk: "), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_orm_can_not_go_round_it(frozen: PlanVersion) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        PlanTerm.objects.filter(version=frozen).update(amount=99)
    with pytest.raises(DatabaseError), transaction.atomic():
        PriceLine.objects.all()._raw_delete("default")


def test_even_a_deed_of_the_desk_is_refused(frozen: PlanVersion, at: datetime) -> None:
    term = frozen.terms.get()
    term.amount = 99
    deed = begin(by=SYSTEM, at=at)
    with pytest.raises(DatabaseError), transaction.atomic():
        keep(term, deed=deed)
    with pytest.raises(DatabaseError), transaction.atomic():
        remove(frozen.prices.get(), deed=deed)


def test_nothing_is_added_to_a_published_version(frozen: PlanVersion) -> None:
    for add in (PlanTermFactory, PlanPriceFactory):
        with pytest.raises(DatabaseError), transaction.atomic():
            add(version=frozen, **({"interval": "year"} if add is PlanPriceFactory else {}))
    with pytest.raises(DatabaseError), transaction.atomic():
        PriceLineFactory(term=frozen.terms.get())


def test_a_save_without_an_author_is_refused_before_that(frozen: PlanVersion) -> None:
    for row in (frozen, frozen.terms.get(), frozen.prices.get(), Rollout.objects.get(), PriceLine.objects.get()):
        with pytest.raises(UnattributedChange):
            row.save()


def test_a_draft_may_be_rewritten_by_a_deed(at: datetime) -> None:
    price = PlanPriceFactory()
    price.amount_micros = 1
    keep(price, deed=begin(by=SYSTEM, at=at))
    assert PlanPrice.objects.get().amount_micros == 1


def test_retiring_is_the_one_change_it_takes(frozen: PlanVersion, finance: Actor, at: datetime) -> None:
    assert retire(version=frozen, by=finance, at=at).state == "retired"
