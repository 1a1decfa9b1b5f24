"""Console bills here, and answers what a test lets it."""

import pytest

from tests.fakes import billing_console
from tests.fakes.billing_console import Asked


@pytest.fixture(autouse=True)
def system(db: None) -> Asked:
    return billing_console.forget()
