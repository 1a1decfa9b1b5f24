"""Every change of a customer begins by locking its account, so that two of them follow each other.

No key of an account ever changes, so that the lock is the one which lets others write rows that point to it (FOR NO KEY
UPDATE): a program that counts use has a balance and writes its event, while staff have the account and want the balance.
"""

from collections.abc import Iterable, Mapping

from catalog.queries.instants import say_instant
from entitlements.models import Account
from journal.domain.refusal import Refusal


class MergedAway(Refusal):
    """The account was merged into another, which holds everything since."""

    code = "merged"


def lock_account(account_id: int) -> Account:
    """The account as it stands once it is ours; one that was merged away is changed no more."""
    account = Account.objects.select_for_update(no_key=True).get(pk=account_id)
    refuse_merged(account)
    return account


def lock_named(*named: Account | None) -> Mapping[int, Account]:
    """Accounts that a new row will point to, as they stand once they are ours, always in the same order."""
    return lock_all({account.pk for account in named if account is not None})


def lock_all(ids: Iterable[int]) -> Mapping[int, Account]:
    """Accounts as they stand once they are ours, always in the same order: nobody waits for whom waits for them."""
    rows = Account.objects.select_for_update(no_key=True).filter(pk__in=list(ids)).order_by("pk")
    return {row.pk: row for row in rows}


def refuse_merged(account: Account) -> None:
    if account.merged_into is None or account.merged_at is None:
        return
    into, when = account.merged_into, say_instant(account.merged_at, zone=account.merged_into.zone)
    raise MergedAway(f"{account} was merged into {into} ({into.key}) on {when}. Go on there.")
