"""The people and customers of the tests of entitlements' pages: the account's page stands on the same ground."""

from tests.entitlements.admin.conftest import (  # noqa: F401 — pytest finds fixtures by their names
    _monday_morning,
    acme,
    finance_desk,
    sales_desk,
    sign_in,
    support_desk,
    tried,
)
