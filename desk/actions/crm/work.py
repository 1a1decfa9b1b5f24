"""What the steps of one look at a deal work on together, and what is to be told of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from desk.actions.crm.findings import Noted
from desk.domain.crm.deciding import Made
from desk.domain.crm.told import Deal
from desk.models import CrmDeal
from entitlements.models import Account
from journal.domain.actor import Actor
from journal.vendors import vendor_of

HOLDS = ("account", "contract", "lines", "agreed", "trial", "trial_made")  # what the steps write of a deal's row
LONGEST_REASON = 500


@dataclass(slots=True)
class Work:
    """A deal that is made what it says; its row is ours, and so is the account. `made` follows what is done."""

    deal: Deal
    row: CrmDeal
    account: Account
    made: Made
    by: Actor
    at: datetime
    done: list[str] = field(default_factory=list)  # sentences
    noted: list[Noted] = field(default_factory=list)

    @property
    def today(self) -> date:
        """In the account's calendar, as a deal's days are meant."""
        return self.at.astimezone(ZoneInfo(self.account.zone)).date()

    @property
    def reason(self) -> str:
        return reason_of(self.row, self.deal)

    def held(self) -> dict[str, Any]:
        """What the row says is held, to be put back where nothing of the steps is done after all."""
        return {name: getattr(self.row, name) for name in HOLDS}


def reason_of(row: CrmDeal, deal: Deal) -> str:
    """ "The Salesforce deal “Big one” was won" """
    vendor = vendor_of(row.connection.vendor)
    system = f"{vendor.words} " if vendor is not None else ""
    return f"The {system}deal “{deal.name}” was won"[:LONGEST_REASON]
