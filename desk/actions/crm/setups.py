"""How a connected CRM is synchronised: by what companies are found here, whether accounts are opened, who is master."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from desk.actions.crm.flows import PERMISSION
from desk.domain.crm.linking import LinkRule
from desk.domain.crm.masters import Master, MasterField
from desk.models import CrmSetup
from desk.queries.crm.setups import setup_of, setup_token
from journal.actions.deeds import begin, keep, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Connection

__all__ = ["change", "setup_of"]


@transaction.atomic
def change(
    *,
    connection: Connection,
    seen: str,
    by: Actor,
    at: datetime,
    link_rules: Sequence[str] | None = None,
    opens_accounts: bool | None = None,
    masters: Mapping[str, str] | None = None,
) -> CrmSetup:
    """Chose by what companies are found here, in order, whether unknown ones become accounts, and whose word counts.

    What is None stays. `seen` is the token of what the form showed. What is linked already stays linked.
    """
    by.require(PERMISSION)
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)
    row = setup_of(connection)
    if setup_token(row) != seen:
        raise Stale()
    if link_rules is not None:
        row.link_rules = _rules(link_rules)
    if opens_accounts is not None:
        row.opens_accounts = opens_accounts
    if masters is not None:
        row.masters = _masters(masters)
    if setup_token(row) == seen:
        raise Refusal("Nothing would change.")
    changes = pending_changes(row)
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, "crm_setup:change", subject=row, changes=changes, label=connection.name)
    return row


def _rules(names: Sequence[str]) -> list[str]:
    known = {rule.value for rule in LinkRule}
    if unknown := [name for name in names if name not in known]:
        raise Invalid(f"Companies can’t be found by “{unknown[0]}”.", field="link_rules")
    if len(set(names)) != len(names):
        raise Invalid("Name each way of finding a company once.", field="link_rules")
    return list(names)


def _masters(masters: Mapping[str, str]) -> dict[str, Any]:
    for field, side in masters.items():
        if field not in set(MasterField) or side not in set(Master):
            raise Invalid(f"“{side}” can’t be master of “{field}”.", field="masters")
    return dict(masters)
