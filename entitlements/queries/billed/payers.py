"""On whose next invoice a sum of an account's would come: the customer of a connected system that bills it. Nothing is written."""

from dataclasses import dataclass

from django.db.models import Q

from entitlements.domain.billed.told import BilledState
from entitlements.models import Account, BilledSubscription
from journal.domain.connection import ConnectionState, Mode
from journal.models import Connection

WORK = "work"  # in a connection's settings: "yes" where work comes on its invoices
INVOICED = (BilledState.TRIAL, BilledState.ACTIVE, BilledState.PAST_DUE)  # their next invoice is one to be paid


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer at a connected system, who gets an invoice there."""

    connection: Connection
    customer: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """No connected system puts it on an invoice. `why` is empty where none was set up to."""

    why: str = ""


def payer_of(account: Account) -> Payer | ByHand:
    """The only customer who can be meant; a guess would charge somebody.

    A customer for trying out is meant only where there is no live one.
    """
    there = {one.pk: one for one in taking_work()}
    if not there:
        return ByHand()
    whose = Q(subscription__account=account) | Q(subscription=None, account=account)
    rows = BilledSubscription.objects.filter(whose, connection__in=there, state__in=INVOICED).exclude(customer="")
    found = {(there[pk], customer) for pk, customer in rows.values_list("connection", "customer")}
    live = {pair for pair in found if pair[0].mode == Mode.LIVE}
    payers = sorted(live or found, key=lambda pair: (pair[0].pk, pair[1]))
    if len(payers) == 1:
        return Payer(*payers[0])
    names = " and ".join(sorted({one.name for one in there.values()}))
    if not payers:
        return ByHand(f"{names} bills nothing of {account.name}’s at the moment, so no invoice is to come.")
    several = ", ".join(f"{customer} at {connection}" for connection, customer in payers)
    return ByHand(f"{account.name} is several customers ({several}): somebody has to say whose invoice it is.")


def taking_work() -> list[Connection]:
    """The connected systems that were set up to put work on their invoices."""
    rows = Connection.objects.exclude(state=ConnectionState.OFF)
    return [one for one in rows if one.said_yes(WORK)]
