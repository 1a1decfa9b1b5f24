"""Accounts over HTTP: opening and editing them, finding them, and what they are found by."""

from typing import Annotated, Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from catalog.models import Market
from entitlements.actions.account_facts import SCOPE
from entitlements.actions.accounts import edit_account, open_account
from entitlements.actions.identifiers import GIVEN, add_identifier, remove_identifier
from entitlements.api.account_schemas import (
    AccountChange,
    AccountIn,
    AccountList,
    AccountOut,
    IdentifierIn,
    IdentifierOut,
    render_account,
    render_identifier,
    render_line,
)
from entitlements.models import Account
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import account_by_key, find_accounts
from entitlements.queries.holdings import standings
from journal.api.auth import KeyAuth
from journal.api.problems import PROBLEMS
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound
from journal.models import Staff

READ = "entitlements:read"
MOST = 50
DOMAIN = "domain"

router = Router(tags=["Accounts"], auth=KeyAuth(SCOPE))


class Search(Schema):
    search: Annotated[str, StringConstraints(min_length=1, max_length=320)] = Field(
        description="A name or how it begins, a key, an id from any system (`stripe:cus_1`), an e-mail address, a domain."
    )
    limit: Annotated[int, Field(ge=1, le=MOST)] = 10


def _by(request: HttpRequest) -> Actor:
    actor: Actor = request.auth  # type: ignore[attr-defined]  # Ninja puts the key's actor there
    return actor


def _told(account: Account) -> AccountOut:
    standing = standings(account_ids=[account.pk], at=timezone.now())[account.pk]
    identifiers = list(account.identifiers.filter(kind__in=GIVEN).order_by("kind", "system", "value_key"))
    return render_account(account, standing=standing, identifiers=identifiers)


@router.get(
    "/accounts",
    response={200: AccountList, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="Find accounts",
    url_name="accounts",
)
def account_list(request: HttpRequest, asked: Query[Search]) -> Any:
    """The accounts that what was searched for may mean, the surest first."""
    found = find_accounts(text=asked.search, limit=asked.limit)
    return AccountList(accounts=[render_line(account) for account in found])


@router.post("/accounts", response={201: AccountOut, **PROBLEMS}, summary="Open an account", url_name="accounts")
def account_open(request: HttpRequest, told: AccountIn) -> Any:
    """Open an account with what it is found by: all of it or nothing."""
    by, at = _by(request), timezone.now()
    given = _named(told.dict(exclude={"identifiers"}))
    with transaction.atomic():
        account = open_account(**given, by=by, at=at)
        for one in told.identifiers:
            add_identifier(account=account, **_place(one), by=by, at=at)
    return Status(201, _told(account))


@router.get(
    "/accounts/{key}",
    response={200: AccountOut, **PROBLEMS},
    auth=KeyAuth(READ),
    summary="Who it is",
    url_name="account",
)
def account_show(request: HttpRequest, key: str) -> Any:
    """What is known of the account itself. The key is ours, or any connected system's id (`stripe:cus_1`)."""
    return _told(account_by_key(key))


@router.patch("/accounts/{key}", response={200: AccountOut, **PROBLEMS}, summary="Edit an account", url_name="account")
def account_edit(request: HttpRequest, key: str, told: AccountChange) -> Any:
    """Change what is sent and leave the rest. Problems worth telling apart: family_loop, and invalid with its field."""
    given = told.dict(exclude_unset=True, exclude={"reason"})
    empty = next((name for name in ("name", "zone", "kind") if name in given and given[name] is None), None)
    if empty is not None:
        raise Invalid("This can't be taken away.", field=empty)
    given = {
        name: "" if value is None and name in {"country", "sales_channel"} else value for name, value in given.items()
    }
    account = account_by_key(key)
    return _told(edit_account(account=account, reason=told.reason, by=_by(request), at=timezone.now(), **_named(given)))


@router.post(
    "/accounts/{key}/identifiers",
    response={201: IdentifierOut, **PROBLEMS},
    summary="Add what it is found by",
    url_name="identifiers",
)
def identifier_add(request: HttpRequest, key: str, told: IdentifierIn) -> Any:
    """Add a domain or an id in another system. An id leads to one account; one that another has is refused."""
    row = add_identifier(account=account_by_key(key), **_place(told), by=_by(request), at=timezone.now())
    return Status(201, render_identifier(row))


@router.delete(
    "/accounts/{key}/identifiers/{identifier}",
    response={204: None, **PROBLEMS},
    summary="Remove what it is found by",
    url_name="identifier",
)
def identifier_remove(request: HttpRequest, key: str, identifier: int, reason: str = "") -> Any:
    """Remove a domain or an id; the account is no longer found by it."""
    row = account_by_key(key).identifiers.filter(pk=identifier, kind__in=GIVEN).first()
    if row is None:
        raise NotFound(f"The account has no identifier {identifier}.")
    remove_identifier(identifier=row, reason=reason[:500], by=_by(request), at=timezone.now())
    return Status(204, None)


def _place(told: IdentifierIn) -> dict[str, Any]:
    if told.system == DOMAIN:
        return {"kind": IdentifierKind.DOMAIN, "value": told.value}
    return {"kind": IdentifierKind.EXTERNAL, "system": told.system, "value": told.value}


def _named(given: dict[str, Any]) -> dict[str, Any]:
    """The rows that keys name, each refused beside its own input."""
    found_by = {"market": _market, "owner": _owner, "parent": _account, "reseller": _account}
    return {
        name: found_by[name](value, name) if name in found_by and value is not None else value
        for name, value in given.items()
    }


def _market(key: str, field: str) -> Market:
    row = Market.objects.filter(key=_plain(key)).first()
    if row is None:
        raise Invalid(f"No market has the key {key!r}.", field=field)
    return row


def _owner(name: str, field: str) -> Staff:
    row = Staff.objects.filter(username=_plain(name), is_active=True).first()
    if row is None:
        raise Invalid(f"Nobody at this desk is called {name!r}.", field=field)
    return row


def _account(key: str, field: str) -> Account:
    try:
        return account_by_key(key)
    except NotFound as nobody:
        raise Invalid(nobody.message, field=field) from None


def _plain(text: str) -> str:
    return text.replace("\x00", "")
