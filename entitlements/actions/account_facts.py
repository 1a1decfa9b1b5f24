"""What may be known of an account: who may write it down, and which facts go together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from catalog.domain.countries import NoCountry, country_code
from entitlements.actions.internal import refuse_endless
from entitlements.domain.facts import Standing
from entitlements.models import Account
from entitlements.models.account import AccountKind, SalesChannel
from entitlements.queries.holdings import standings
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid

PERMISSION = "entitlements.open_account"
SCOPE = "accounts:write"
IMPORT = "entitlements.import_accounts"
CLOSED = Standing.CLOSED


def require_keeper(by: Actor) -> None:
    """Staff by their role, a program by its scope; whoever may bring many accounts in a file may write down one."""
    if not by.may(SCOPE) and not by.may(IMPORT):
        by.require(PERMISSION)


def read_country(text: str) -> str:
    try:
        return country_code(text)
    except NoCountry as unknown:
        raise Invalid(str(unknown), field="country") from None


def read_channel(values: dict[str, Any], *, account: Account) -> None:
    """Whoever is sold to by a partner buys by the reseller channel: naming the partner says so by itself."""
    reseller = values.get("reseller", account.reseller)
    if reseller is None:
        return
    asked = values.get("sales_channel") or ""
    if "reseller" in values and asked in {"", account.sales_channel, SalesChannel.RESELLER}:
        values["sales_channel"] = SalesChannel.RESELLER.value
    elif "sales_channel" in values and asked != SalesChannel.RESELLER:
        raise Invalid(f"It is sold by {reseller}, so it buys through a reseller.", field="sales_channel")


def check_facts(account: Account, *, was: Mapping[str, Any], at: datetime) -> None:
    """Raise the refusal that keeps these facts from standing together; `was` holds those that change, as they stood."""
    if account.reseller is not None and {"reseller", "kind"} & was.keys():
        _check_reseller(account, account.reseller)
        if "reseller" in was and standings(account_ids=[account.reseller.pk], at=at)[account.reseller.pk] is CLOSED:
            raise Invalid(f"{account.reseller} is closed, so it sells to nobody.", field="reseller")
    if account.parent is not None and "parent" in was:
        _refuse_merged(account.parent, field="parent")
    if was.get("kind") == AccountKind.PARTNER and (sold := account.sold_to.count()):
        whom = f"{sold} account{'' if sold == 1 else 's'}"
        raise Invalid(f"{account} sells to {whom}, so it stays a partner until somebody else does.", field="kind")
    if account.kind == AccountKind.INTERNAL and "kind" in was:
        refuse_endless(account, at=at)


def _check_reseller(account: Account, reseller: Account) -> None:
    reseller.refresh_from_db(fields=["kind", "reseller", "merged_into"])  # its row is held by now
    if reseller == account:
        raise Invalid(f"{account} can't be sold to by itself.", field="reseller")
    _refuse_merged(reseller, field="reseller")
    if reseller.kind != AccountKind.PARTNER:
        raise Invalid(f"{reseller} is no partner. Make it one first, or choose another.", field="reseller")
    if reseller.reseller_id == account.pk and account.pk is not None:
        raise Invalid(f"{reseller} is itself sold to by {account}.", field="reseller")
    if account.kind == AccountKind.INTERNAL:
        raise Invalid(f"{account} is internal: nobody sells to it.", field="reseller")


def _refuse_merged(other: Account, *, field: str) -> None:
    if other.merged_into is not None:
        raise Invalid(f"{other} ({other.key}) was merged into {other.merged_into}: choose that one.", field=field)
