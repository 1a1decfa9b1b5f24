"""Licences by account, and by the prefix of their key."""

from entitlements.models import Account
from entitlements.models.licence import Licence
from journal.domain.refusal import NotFound


def licences_of(account: Account) -> list[Licence]:
    """The newest first, each with its policy and subscription."""
    rows = Licence.objects.filter(account=account).select_related("policy", "account", "subscription")
    return list(rows.order_by("-issued_at", "-pk"))


def licence_by_prefix(prefix: str) -> Licence:
    """With its policy, account and subscription; NotFound."""
    rows = Licence.objects.select_related("policy", "account", "subscription")
    found = rows.filter(prefix=prefix.replace("\x00", "")).first()
    if found is None:
        raise NotFound(f"No licence has a key that begins with el_{prefix[:24]}.")
    return found
