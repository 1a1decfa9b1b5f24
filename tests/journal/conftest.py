"""A table under history for the journal's own tests."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.fakes import console
from tests.journal.parcels import Parcel

TABLES = (Parcel, Parcel.history.model)


@pytest.fixture(scope="session")
def parcel_tables(django_db_setup: None, django_db_blocker: object) -> Iterator[None]:
    with django_db_blocker.unblock(), connection.schema_editor() as editor:  # type: ignore[attr-defined]
        for model in TABLES:
            editor.create_model(model)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:  # type: ignore[attr-defined]
        for model in TABLES:
            editor.delete_model(model)


@pytest.fixture
def parcels(parcel_tables: None, db: None) -> type[Parcel]:
    return Parcel


@pytest.fixture(autouse=True)
def _nothing_handled() -> None:
    console.handling.forget()
