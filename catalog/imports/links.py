"""What our plans, prices and features are called in the billing system."""

from collections.abc import Iterable
from typing import Any

from catalog.actions.billing_links import Named, set_links
from catalog.domain.entries import WrongEntry, a_currency, a_key, a_line, a_word, optional
from catalog.imports.table import Column, Entry, Hand, Table, Texts, found
from catalog.models import BillingLink, Feature, Plan
from catalog.models.billing import Mode
from catalog.models.plan import Interval
from catalog.queries.billing import Slot, links_token


class LinkTable(Table):
    mode = Column("Mode", a_word(Mode), of="mode", note="live or test", required=True)
    plan = Column("Plan or add-on", optional(a_key), of="plan__key", names="plan", note="its key, or a feature's beside it",
                  also=("plan",))  # fmt: skip
    interval = Column("Paid by the", optional(a_word(Interval)), of="interval", note="month or year; of a price",
                      also=("interval",))  # fmt: skip
    currency = Column("Currency", optional(a_currency), of="currency", note="of a price")
    feature = Column("Feature", optional(a_key), of="feature__key", names="feature", note="its key")
    external_id = Column("Id", a_line(255), of="external_id", note="as the billing system calls it",
                         also=("external id", "product", "price"), required=True)  # fmt: skip
    lookup_key = Column("Lookup key", a_line(200), of="lookup_key", note="of a price")

    slug, title = "links", "Billing links"
    what = "What plans, prices and features are called in the billing system, live and for trying out."
    model = BillingLink
    identity = ("mode", "plan", "interval", "currency", "feature")

    def records(self) -> Iterable[Any]:
        rows = BillingLink.objects.select_related("plan", "feature")
        return rows.order_by("mode", "plan__key", "interval", "currency", "feature__key")

    def fit(self, after: Texts) -> Texts:
        if bool(after["plan"]) == bool(after["feature"]):
            raise WrongEntry("Write the key of a plan or add-on, or that of a feature: one of the two.")
        if bool(after["interval"]) != bool(after["currency"]):
            raise WrongEntry("A price has both an interval and a currency; a product or feature has neither.")
        if after["feature"] and after["interval"]:
            raise WrongEntry("A feature has no price; leave the interval and the currency empty.")
        return after

    def write(self, entry: Entry, hand: Hand) -> None:
        self._name(entry.after, entry.after["external_id"], entry.after["lookup_key"], hand)

    def drop(self, after: Texts, hand: Hand) -> None:
        self._name(after, "", "", hand)

    def _name(self, after: Texts, external_id: str, lookup_key: str, hand: Hand) -> None:
        mode = Mode(after["mode"])
        slot = Slot(
            found(Plan, after["plan"]).pk if after["plan"] else None,
            after["interval"],
            after["currency"],
            found(Feature, after["feature"]).pk if after["feature"] else None,
        )
        set_links(
            mode=mode,
            named=[Named(slot, external_id, lookup_key)],
            seen=links_token(mode=mode),
            reason=hand.reason,
            by=hand.by,
            at=hand.at,
        )
