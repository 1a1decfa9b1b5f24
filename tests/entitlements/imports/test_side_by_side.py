"""An import and people at work on the same accounts: everybody waits in one order, and nobody's work is lost."""

import pytest

from entitlements.actions.accounts import edit_account
from entitlements.models import Account
from journal.domain.actor import SYSTEM
from tests.catalog.imports.bringing import applied, staged
from tests.conftest import AT
from tests.entitlements.world import account
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_accounts_are_edited_while_a_file_of_them_is_written() -> None:
    accounts = [account(f"a{number:02}") for number in range(12)]
    rows = "".join(f"{one.key},Name {one.key}\n" for one in accounts)
    run = staged("accounts", "Key,Name\n" + rows)

    def edit_all() -> None:
        for one in reversed(accounts):
            edit_account(account=one, country="NL", by=SYSTEM, at=AT)

    found = at_once(lambda: applied(run), edit_all)
    assert not [one for one in found if isinstance(one, Exception)], found
    assert {one.country for one in Account.objects.all()} == {"NL"}
