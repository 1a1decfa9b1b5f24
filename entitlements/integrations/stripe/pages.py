"""All subscriptions there are at Stripe, a page of a hundred at a time, each with its customer: one question for each page.

A list can't be asked for prices as deep as a schedule has them, so that those are asked for by their ids, each once a page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import stripe

from entitlements.domain.billed.told import Billed
from entitlements.integrations.stripe.client import PAGE, SYSTEM, asking, every, plain
from entitlements.integrations.stripe.parsing import Unheard, parse_subscription
from journal.models import Connection

IN_A_LIST = ["data.customer", "data.schedule"]


@dataclass(frozen=True, slots=True)
class Page:
    """`ids` are those of all on it; what couldn't be read is not among `billed`. `after` is "" with the last page."""

    ids: tuple[str, ...]
    billed: tuple[Billed, ...]
    after: str


def page_of_subscriptions(connection: Connection, *, at: datetime, after: str = "") -> Page:
    """The page that begins after this one, the newest first, ended ones too. Later where Stripe can't answer."""
    told: Any = {"status": "all", "limit": PAGE, "expand": IN_A_LIST} | ({"starting_after": after} if after else {})
    with asking(connection, at=at) as client:
        page = client.v1.subscriptions.list(told)
        said = [plain(one) for one in page.data]
        prices: dict[str, Any] = {}
        for one in said:
            _complete(client, one, prices)
    ids = tuple(str(one["id"]) for one in said)
    return Page(ids, tuple(_parsed(said)), ids[-1] if page.has_more and ids else "")


def _complete(client: stripe.StripeClient, said: dict[str, Any], prices: dict[str, Any]) -> None:
    """What the list leaves out: items beyond the tenth, and what the items of a schedule cost."""
    if said["items"].get("has_more"):
        more = client.v1.subscription_items.list({"subscription": said["id"], "limit": PAGE})
        said["items"]["data"] = [plain(one) for one in every(more)]
    for item in said["items"]["data"]:
        prices.setdefault(item["price"]["id"], item["price"])
    schedule = said.get("schedule")
    for phase in schedule["phases"] if isinstance(schedule, dict) and schedule["status"] == "active" else ():
        for item in phase["items"]:
            if isinstance(item["price"], str):
                item["price"] = prices.get(item["price"]) or _price(client, item["price"], prices)


def _price(client: stripe.StripeClient, id: str, prices: dict[str, Any]) -> Any:
    prices[id] = plain(client.v1.prices.retrieve(id))
    return prices[id]


def _parsed(said: list[dict[str, Any]]) -> Iterator[Billed]:
    for one in said:
        try:
            yield parse_subscription(one, system=SYSTEM)
        except (Unheard, KeyError):
            continue  # asked for by itself, where it says what is wrong with it
