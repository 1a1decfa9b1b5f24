"""What a mapping may name: the products and fields of a CRM, as people there call them.

They change seldom and every page about a mapping names them, so what was asked is remembered for a while in this process;
also that nobody could be asked, so that a page doesn't wait for it again at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from desk.integrations.crm.opening import opened
from desk.integrations.crm.port import Declined, Kind, LoginRefused, Offered
from journal.domain.connection import ConnectionState
from journal.domain.receiving import Later
from journal.models import Connection
from journal.queries.connections import SecretMissing

GOOD, AWAY = timedelta(minutes=10), timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Offers:
    """`away` says why nobody could be asked; then nothing is offered, and whatever is typed may be right."""

    products: tuple[Offered, ...] = ()
    deal_fields: tuple[Offered, ...] = ()
    line_fields: tuple[Offered, ...] = ()
    away: str = ""

    @property
    def product_names(self) -> Mapping[str, str]:
        return {one.name: one.words for one in self.products}


_remembered: dict[str, tuple[datetime, Offers]] = {}


def offers_of(connection: Connection, *, at: datetime, anew: bool = False) -> Offers:
    """What it has to name, or why it can't be asked. Never inside a transaction."""
    until, found = _remembered.get(connection.key, (at, Offers()))
    if anew or not at < until:
        found = _asked(connection, at=at)
        _remembered[connection.key] = (at + (AWAY if found.away else GOOD), found)
    return found


def _asked(connection: Connection, *, at: datetime) -> Offers:
    if connection.state != ConnectionState.ACTIVE:
        return Offers(away=f"{connection.name} is {ConnectionState(connection.state).words.lower()}.")
    try:
        with opened(connection, at=at) as crm:
            return Offers(
                products=tuple(crm.products()),
                deal_fields=tuple(crm.fields_of(Kind.DEAL)),
                line_fields=tuple(crm.line_fields()),
            )
    except (Later, LoginRefused, Declined, SecretMissing) as error:
        words = str(error).strip() or f"{connection.name} doesn’t answer"
        return Offers(away=words if words.endswith(".") else f"{words}.")


def forget_offers() -> None:
    _remembered.clear()
