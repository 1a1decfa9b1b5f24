"""What the API says of an account itself: who it is, whom it belongs to, what it is found by."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind

Kind = Literal["customer", "partner", "internal"]
Channel = Literal["", "direct", "self_service", "reseller", "marketplace"]
System = Literal["domain", "own", "stripe", "salesforce", "hubspot"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
AccountKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
Named = Annotated[str, StringConstraints(max_length=200)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=320, strip_whitespace=True)]


class IdentifierIn(Schema):
    """Something an account is found by, beside its key, its name and its contacts."""

    system: System = Field(description="domain: of its e-mail addresses; otherwise whose id it is.")
    value: Id = Field(examples=["acme.example", "cus_123"])


class IdentifierOut(IdentifierIn):
    id: int


class AccountFacts(Schema):
    country: Annotated[str, StringConstraints(max_length=2)] = Field("", description="Two letters.", examples=["NL"])
    market: Named | None = Field(None, description="The key of a market; null: none.")
    zone: Named = Field("UTC", examples=["Europe/Amsterdam"])
    owner: Named | None = Field(None, description="The sign-in name of the account manager; null: nobody.")
    parent: Named | None = Field(None, description="The account it belongs to, by key or id.")
    kind: Kind = Field("customer", description="What an internal account holds always ends; no revenue counts it.")
    sales_channel: Channel = Field("", description="How it came to buy; empty: not said.")
    reseller: Named | None = Field(None, description="The partner who sells to it, by key or id.")


class AccountIn(AccountFacts):
    key: AccountKey = Field(description="It never changes.", examples=["acme-bv"])
    name: Name
    identifiers: list[IdentifierIn] = Field(default_factory=list, max_length=50)


class AccountChange(Schema):
    """Only what is sent is changed; null takes away a market, an owner, a parent or a reseller."""

    name: Name | None = None
    country: Annotated[str, StringConstraints(max_length=2)] | None = None
    market: Named | None = None
    zone: Named | None = None
    owner: Named | None = None
    parent: Named | None = None
    kind: Kind | None = None
    sales_channel: Channel | None = None
    reseller: Named | None = None
    reason: Annotated[str, StringConstraints(max_length=500)] = Field("", description="It stands in the audit.")


class AccountOut(AccountFacts):
    key: str
    name: str
    standing: Literal["open", "suspended", "closed"]
    created_at: datetime
    identifiers: list[IdentifierOut]


class AccountLine(Schema):
    key: str
    name: str
    kind: Kind
    market: str | None = None
    country: str = ""


class AccountList(Schema):
    accounts: list[AccountLine]


def render_account(account: Account, *, standing: Any, identifiers: list[Identifier]) -> AccountOut:
    return AccountOut(
        key=account.key,
        name=account.name,
        country=account.country,
        market=account.market.key if account.market else None,
        zone=account.zone,
        owner=account.owner.username if account.owner else None,
        parent=account.parent.key if account.parent else None,
        kind=account.kind,
        sales_channel=account.sales_channel,
        reseller=account.reseller.key if account.reseller else None,
        standing=standing,
        created_at=account.created_at,
        identifiers=[render_identifier(row) for row in identifiers],
    )


def render_identifier(row: Identifier) -> IdentifierOut:
    system: Any = row.system if row.kind == IdentifierKind.EXTERNAL else "domain"
    return IdentifierOut(id=row.pk, system=system, value=row.value)


def render_line(account: Account) -> AccountLine:
    market = account.market.key if account.market else None
    return AccountLine(key=account.key, name=account.name, kind=account.kind, market=market, country=account.country)
