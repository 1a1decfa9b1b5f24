"""The part of an account's page about its people and what it is found by."""

from typing import Any

from entitlements.actions.identifiers import GIVEN, say_sort
from entitlements.models import Account


def contacts_block(account: Account) -> dict[str, Any]:
    """The contacts by name, and the domains and ids in other systems."""
    contacts = list(account.contacts.all())
    return {
        "contacts": contacts,
        "nobody_told": bool(contacts) and not any(contact.told for contact in contacts),
        "identifiers": [
            {"row": row, "sort": say_sort(row)}
            for row in account.identifiers.filter(kind__in=GIVEN).order_by("kind", "system", "value_key")
        ],
    }
