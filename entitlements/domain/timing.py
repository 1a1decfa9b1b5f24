"""When a change of a subscription takes effect, and the rule by which billing settles it (E6)."""

from enum import StrEnum


class Timing(StrEnum):
    NOW = "now"
    AT_RENEWAL = "at_renewal"  # the next period of the subscription, as recorded, else as projected
    ON_DATE = "on_date"

    @property
    def words(self) -> str:
        return {Timing.NOW: "Now", Timing.AT_RENEWAL: "At the next renewal", Timing.ON_DATE: "On a date"}[self]


class Proration(StrEnum):
    """What billing does about the part of a period that is left. Recorded and told, never computed here."""

    NONE = "none"
    CREDIT = "credit"
    INVOICE_NOW = "invoice_now"

    @property
    def words(self) -> str:
        return {
            Proration.NONE: "No settlement: the new price counts from the next period",
            Proration.CREDIT: "Settle the days that are left on the next invoice",
            Proration.INVOICE_NOW: "Settle the days that are left at once",
        }[self]


class ChangeSort(StrEnum):
    PLAN = "plan"
    QUANTITY = "quantity"
    ADD_ON = "add_on"
    END_ITEM = "end_item"
    CANCEL = "cancel"

    @property
    def words(self) -> str:
        return {
            ChangeSort.PLAN: "Another plan",
            ChangeSort.QUANTITY: "Another quantity",
            ChangeSort.ADD_ON: "An add-on more",
            ChangeSort.END_ITEM: "An add-on less",
            ChangeSort.CANCEL: "Cancellation",
        }[self]
