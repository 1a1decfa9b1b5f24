"""A portal at the counterpart of HubSpot's, as people there use it."""

import copy
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from desk.domain.crm.outgoing import COMPANY_FIELDS
from desk.integrations.hubspot import searching
from desk.integrations.hubspot.names import theirs
from journal.models import Connection
from journal.queries.connections import address_of
from tests.desk.integrations.hubspot.conftest import SECRET, connected
from tests.fakes.hubspot import Counterpart, signing
from tests.fakes.hubspot.clock import Clock
from tests.fakes.hubspot.demo import KEPT, LISTENED
from tests.fakes.standing import BEGAN
from tests.journeys.crm.there import PRODUCTS, Told, Truth

DAYS_FIELD, QUANTITY_FIELD, KIND_FIELD, TRIAL = "trial_days", "quantity", "dealtype", "newbusiness"
TROUBLES: Mapping[str, Mapping[str, Any]] = {
    "session ended": {"kind": "401"},
    "limit": {"kind": "429"},
    "gateway": {"kind": "502"},
    "silence after the write": {"kind": "timeout", "path": "/batch/upsert", "seconds": 0.01},
    "cut": {"kind": "reset"},
    "locked": {"kind": "503"},
    "some refused": {"kind": "207", "path": "/batch/upsert"},
}


class HubSpotThere:
    def __init__(self, fake: Counterpart) -> None:
        self.fake, self.base = fake, fake.base
        told = {"name": DAYS_FIELD, "label": "Trial days", "groupName": "dealinformation"}
        from hubspot.crm.properties import PropertyCreate

        made = PropertyCreate(**_snake(told), type="number", field_type="number")
        fake.client().crm.properties.core_api.create("deals", made)
        self.products = {
            code: fake.add("products", name=name, hs_sku=code, price="10") for code, name in PRODUCTS.items()
        }
        fake.listen("http://127.0.0.1:9/", *LISTENED, secret=SECRET)
        self._kept: dict[str, Any] = {}
        self.connection: Connection

    # The desk's side ----------------------------------------------------------------------------------------------
    def connect(self) -> Connection:
        self.connection = connected(self.fake)
        return self.connection

    def keep(self) -> None:
        self._kept = {name: copy.deepcopy(getattr(self.fake.state, name)) for name in (*KEPT, "apps")}

    def reset(self) -> None:
        state = self.fake.state
        kept = copy.deepcopy(self._kept)  # in one go: rows that are the same stay the same
        for name, value in kept.items():
            setattr(state, name, value)
        state.clock = Clock(lambda: BEGAN)
        state.notices.clear()
        self.fake.requests.clear()
        self.fake.heal()
        self._seen, self._deals = 0, {}

    def page(self, size: int) -> None:
        searching.PAGE = min(2 * size, 200)

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
        new, self._seen = self.fake.notices[self._seen :], len(self.fake.notices)
        return [self._told(one.event) for one in new]

    def _told(self, event: Any) -> Told:
        body = json.dumps([event]).encode()
        return Told(body, signing.headers(SECRET, "POST", address_of(self.connection), body, self.fake.now))

    # What people do -----------------------------------------------------------------------------------------------
    def company(self, name: str, domain: str) -> str:
        return str(self.fake.add("companies", name=name, domain=domain).id)

    def rename(self, company: str, domain: str) -> None:
        self.fake.edit(self._of("0-2", company), domain=domain)

    def merge(self, part: str, into: str) -> str:
        return str(self.fake.merge(self._of("0-2", into), self._of("0-2", part)).id)

    def sell(self, company: str, name: str, sold: Mapping[str, int], *, won: bool = True, days: int = 0) -> str:
        told = {"dealname": name, "dealstage": "contractsent", "pipeline": "default"}
        told |= {DAYS_FIELD: str(days), KIND_FIELD: TRIAL} if days else {}
        row = self.fake.add("deals", (self._of("0-2", company),), **told)
        deal = str(row.id)
        for product, number in sold.items():
            self.add(deal, product, number)
        if won:
            self.win(deal)
        return deal

    def win(self, deal: str) -> None:
        self._stage(deal, "closedwon")

    def lose(self, deal: str) -> None:
        self._stage(deal, "closedlost")

    def reopen(self, deal: str) -> None:
        self._stage(deal, "contractsent")

    def delete(self, deal: str) -> None:
        self.fake.delete(self._of("0-3", deal))

    def restore(self, deal: str) -> None:
        self.fake.restore(self.fake.state.records["0-3"][deal])

    def quantity(self, deal: str, product: str, number: int) -> None:
        self.fake.edit(self._line(deal, product), quantity=str(number))

    def add(self, deal: str, product: str, number: int) -> None:
        told = {"hs_product_id": self.products[product].id, "quantity": str(number)}
        self.fake.add("line_items", (self._of("0-3", deal),), **told)

    def take_out(self, deal: str, product: str) -> None:
        self.fake.delete(self._line(deal, product))

    def move(self, deal: str, company: str) -> None:
        self.fake.relate(self._of("0-3", deal), self._of("0-2", company), 5)

    def longer(self, deal: str, days: int) -> None:
        self.fake.edit(self._of("0-3", deal), **{DAYS_FIELD: str(days)})

    def _stage(self, deal: str, stage: str) -> None:
        self.fake.edit(self._of("0-3", deal), dealstage=stage)

    def _of(self, kind: str, id: str) -> Any:
        return self.fake.state.get(kind, id)

    def _line(self, deal: str, product: str) -> Any:
        return next(row for row in self._lines(deal) if row.values.get("hs_sku") == product)

    def _lines(self, deal: str) -> list[Any]:
        return [row for row in self._linked("0-3", deal, "0-8") if row.alive]

    def _linked(self, kind: str, id: str, to: str, number: int | None = None) -> list[Any]:
        pairs = self.fake.state.links[kind, to]
        found = [
            other for (one, other), numbers in pairs.items() if one == id and (number is None or number in numbers)
        ]
        return [self.fake.state.records[to][other] for other in found]

    # How it stands ------------------------------------------------------------------------------------------------
    def truth(self) -> list[Truth]:
        found = []
        for row in self.fake.state.records["0-3"].values():
            company = next(iter(self._linked("0-3", row.id, "0-2", 5)), None)
            won = row.alive and row.values["dealstage"] == "closedwon"
            lines = self._lines(row.id) if won else []
            sold = Counter((one.values["hs_sku"], int(float(one.values["quantity"]))) for one in lines)
            domain = company.values["domain"] if company is not None else ""
            days = int(row.values.get(DAYS_FIELD) or 0)
            found.append(Truth(row.values["dealname"], domain, won, sold, days))
        return found

    def written(self) -> dict[str, dict[str, str]]:
        """By the account's key here: our fields of its company."""
        told = [
            {one.name: str(row.values.get(theirs(one.name), "")) for one in COMPANY_FIELDS}
            for row in self.fake.state.alive("0-2")
        ]
        return {one["account_key"]: one for one in told if one.get("account_key")}


def _snake(told: Mapping[str, str]) -> dict[str, str]:
    return {"group_name" if name == "groupName" else name: value for name, value in told.items()}
