"""Accounts that turned out to be the same customer: which account stands for one now, and whose story is also its own.

A merge leads straight to the account that stays: where the one that stayed is merged in turn, all before it follow.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q

from entitlements.models import Account, Identifier, Subscription
from entitlements.models.account import IdentifierKind
from journal.domain.refusal import Refusal


def standing_for(account: Account) -> Account:
    """The account that answers for this one: itself, or the one it was merged into."""
    if account.merged_into_id is None:
        return account
    return Account.objects.select_related("market", "owner", "parent").get(pk=account.merged_into_id)


def merged_into(account: Account) -> tuple[Account, ...]:
    """All that were merged into it: their past is its past."""
    return tuple(Account.objects.filter(merged_into=account).order_by("pk"))


def keys_of(account: Account) -> list[str]:
    """Its own key and theirs, for what is told of accounts by their keys."""
    return [account.key, *(one.key for one in merged_into(account))]


def names_of_merged(account: Account) -> Mapping[str, str]:
    """The names of those that were merged into it, by key: what is told of them is marked as theirs."""
    return {one.key: one.name for one in merged_into(account)}


def merged_since(ids: set[int], begun: datetime | None) -> set[int]:
    """The accounts merged into one of these since then: what befell them before still has to be told."""
    rows = Account.objects.filter(merged_into_id__in=ids)
    return set((rows.filter(merged_at__gte=begun) if begun else rows).values_list("pk", flat=True))


class Renumbered(Refusal):
    """The subscription was named by the key of an account merged since, where numbers mean others by now."""

    code = "merged"


def refuse_former_number(*, spoken: str, account: Account, number: int) -> None:
    """Refuse a number beside the name of an account that was merged away: the same number may be another one now."""
    former = _former(spoken, account)
    if former is None:
        return
    now_number = number_now(former=former, account=account, number=number)
    became = "" if now_number is None else f" Its subscription {number} is number {now_number} there."
    raise Renumbered(f"{former} ({former.key}) was merged into {account}: name it by {account.key}.{became}")


def number_now(*, former: Account, account: Account, number: int) -> int | None:
    """The number a subscription has today, by the one it had in an account merged into this one."""
    was = Subscription.history.filter(account_id=former.pk, number=number).order_by("-history_date", "-history_id")
    found = Subscription.objects.filter(pk__in=list(was.values_list("id", flat=True)[:1]), account=account).first()
    return None if found is None else found.number


def _former(spoken: str, account: Account) -> Account | None:
    """The account that the caller may have in mind: it was merged into this one, and bore that key or id."""
    if spoken == account.key:
        return None
    merged = Account.objects.filter(merged_into=account)
    system, _, value = spoken.rpartition(":")
    bore = Identifier.history.filter(kind=IdentifierKind.EXTERNAL, value_key=" ".join(value.lower().split()))
    by_id = Q(pk__in=(bore.filter(system=system) if system else bore).values("account_id"))
    return merged.filter(Q(key=spoken) | by_id).first()
