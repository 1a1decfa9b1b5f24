"""An organisation at the counterpart of Salesforce's, as people there use it."""

import copy
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from desk.integrations.salesforce import client, reading
from desk.integrations.salesforce.names import OF_COMPANY
from journal.models import Connection
from tests.desk.integrations.salesforce.conftest import PUSHES, connected
from tests.fakes.salesforce import Counterpart
from tests.fakes.salesforce.clock import Clock
from tests.fakes.standing import BEGAN
from tests.journeys.crm.there import PRODUCTS, TRIAL_DAYS, Told, Truth

DAYS_FIELD, QUANTITY_FIELD, KIND_FIELD, TRIAL = TRIAL_DAYS, "Quantity", "Type", "New Customer"
KEPT = ("tables", "schema", "ids", "drawn", "requests_at")
TROUBLES: Mapping[str, Mapping[str, Any]] = {
    "session ended": {"kind": "expired"},
    "limit": {"kind": "limit"},
    "gateway": {"kind": "502"},
    "silence after the write": {"kind": "timeout", "method": "PATCH", "seconds": 0.01},
    "cut": {"kind": "reset"},
    "locked": {"kind": "lock_items", "share": 0.5},
    "some refused": {"kind": "partial"},
}


class SalesforceThere:
    def __init__(self, fake: Counterpart) -> None:
        self.fake, self.base = fake, fake.base
        fake.custom_field(f"Opportunity.{TRIAL_DAYS}", "Number", precision=3, scale=0)
        book = next(row["Id"] for row in fake.state.rows("Pricebook2") if row["IsStandard"])
        self.entries = {code: self._priced(book, code, name) for code, name in PRODUCTS.items()}
        for kind in ("Account", "Opportunity", "OpportunityLineItem"):
            deal = (lambda row: row["OpportunityId"]) if kind == "OpportunityLineItem" else lambda row: ""
            fake.callout("http://127.0.0.1:9/", PUSHES, kind, body=_named(fake, deal))
        self._kept: dict[str, Any] = {}

    def _priced(self, book: str, code: str, name: str) -> str:
        product = self.fake.add("Product2", Name=name, ProductCode=code, IsActive=True)
        told = {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 10, "IsActive": True}
        return self.fake.add("PricebookEntry", **told)

    # The desk's side ----------------------------------------------------------------------------------------------
    def connect(self) -> Connection:
        """By a secret: who signs an assertion is refused where the two clocks are three minutes apart, as they may be here."""
        return connected(self.fake, "client_credentials")

    def keep(self) -> None:
        self._kept = {name: copy.deepcopy(getattr(self.fake.state, name)) for name in KEPT}

    def reset(self) -> None:
        state = self.fake.state
        for name, value in self._kept.items():
            setattr(state, name, copy.deepcopy(value))
        state.clock, state.shown, state.spoiling = Clock(lambda: BEGAN), None, None
        state.pushes.clear()
        state.cursors.clear()
        self.fake.requests.clear()
        self.fake.heal()
        self._seen = 0
        client.close()

    def page(self, size: int) -> None:
        reading.PAGE = size

    def passes(self, seconds: float) -> None:
        self.fake.advance(seconds=seconds)

    def skew(self, seconds: float) -> None:
        self.fake.skew(seconds)

    def trouble(self, kind: str) -> None:
        told = dict(TROUBLES[kind])
        self.fake.inject(told.pop("kind"), **told)

    def heal(self) -> None:
        self.fake.heal()

    def told(self) -> list[Told]:
        new, self._seen = self.fake.pushes[self._seen :], len(self.fake.pushes)
        return [Told(push.body, {"authorization": f"Bearer {PUSHES}"}) for push in new]

    def conceal(self) -> None:
        """What is written from now on is stamped, and found by queries only once it is revealed."""
        self.fake.state.shown = {name: dict(rows) for name, rows in self.fake.state.tables.items()}

    def reveal(self) -> None:
        self.fake.state.shown = None

    # What people do -----------------------------------------------------------------------------------------------
    def company(self, name: str, domain: str) -> str:
        return self.fake.add("Account", Name=name, Website=f"https://{domain}")

    def rename(self, company: str, domain: str) -> None:
        self.fake.edit(company, Website=f"https://{domain}")

    def merge(self, part: str, into: str) -> str:
        self.fake.merge(part, into)
        return into

    def sell(self, company: str, name: str, sold: Mapping[str, int], *, won: bool = True, days: int = 0) -> str:
        told = {"Name": name, "AccountId": company, "CloseDate": "2026-03-02", "StageName": "Prospecting"}
        deal = self.fake.add("Opportunity", **told, **({TRIAL_DAYS: days, KIND_FIELD: TRIAL} if days else {}))
        for product, number in sold.items():
            self.add(deal, product, number)
        if won:
            self.win(deal)
        return deal

    def win(self, deal: str) -> None:
        self.fake.edit(deal, StageName="Closed Won")

    def lose(self, deal: str) -> None:
        self.fake.edit(deal, StageName="Closed Lost")

    def reopen(self, deal: str) -> None:
        self.fake.edit(deal, StageName="Prospecting")

    def delete(self, deal: str) -> None:
        self.fake.delete(deal)

    def restore(self, deal: str) -> None:
        self.fake.undelete(deal)

    def quantity(self, deal: str, product: str, number: int) -> None:
        self.fake.edit(self._line(deal, product), Quantity=number)

    def add(self, deal: str, product: str, number: int) -> None:
        told = {"PricebookEntryId": self.entries[product], "Quantity": number, "UnitPrice": 10}
        self.fake.add("OpportunityLineItem", OpportunityId=deal, **told)

    def take_out(self, deal: str, product: str) -> None:
        self.fake.delete(self._line(deal, product))

    def move(self, deal: str, company: str) -> None:
        self.fake.edit(deal, AccountId=company)

    def longer(self, deal: str, days: int) -> None:
        self.fake.edit(deal, **{TRIAL_DAYS: days})

    def _line(self, deal: str, product: str) -> str:
        return next(row["Id"] for row in self._lines(deal) if row["ProductCode"] == product)

    def _lines(self, deal: str) -> list[Any]:
        return [row for row in self.fake.state.rows("OpportunityLineItem") if row["OpportunityId"] == deal]

    # How it stands ------------------------------------------------------------------------------------------------
    def truth(self) -> list[Truth]:
        found = []
        for row in self.fake.state.rows("Opportunity", deleted=True):
            account = self.fake.row(row["AccountId"])
            won = row["IsWon"] and not row["IsDeleted"]
            sold = Counter((one["ProductCode"], int(one["Quantity"])) for one in self._lines(row["Id"]))
            domain = account["Website"].removeprefix("https://")
            found.append(Truth(row["Name"], domain, won, sold if won else Counter(), int(row.get(TRIAL_DAYS) or 0)))
        return found

    def written(self) -> dict[str, dict[str, str]]:
        """By the account's key here: our fields of its company."""
        rows = self.fake.state.rows("Account")
        told = [{name: row.get(spelled) for name, spelled in OF_COMPANY.items()} for row in rows]
        return {str(one["account_key"]): {k: str(v) for k, v in one.items()} for one in told if one.get("account_key")}


def _named(fake: Counterpart, deal: Any) -> Any:
    def body(row: Any) -> Any:
        return {
            "id": row["Id"],
            "deal": deal(row),
            "organization": fake.state.org["Id"],
            "at": json.dumps(len(fake.pushes)),
        }

    return body
