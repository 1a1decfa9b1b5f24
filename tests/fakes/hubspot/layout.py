"""The frame of the pages, and how amounts and states are said."""

from tests.fakes.hubspot.state import Record
from tests.fakes.layout import Frame

page = Frame("HubSpot", "for trying out; nobody is e-mailed", ("#b8431f", "#b8431f"), ("#a83a17", "#ff9d7e")).page


def table(rows: str, empty: str) -> str:
    return f"<div class=table><table>{rows}</table></div>" if rows else f"<p class=quiet>{empty}</p>"


def money(amount: str) -> str:
    return f"€{float(amount):,.2f}" if amount else "–"


def state_word(deal: Record) -> str:
    if deal.archived is not None:
        return "<span class=bad>Deleted</span>"
    if deal.values.get("hs_is_closed_won") == "true":
        return "<span class=good>Won</span>"
    if deal.values.get("hs_is_closed_lost") == "true":
        return "<span class=bad>Lost</span>"
    return "<span class=quiet>Open</span>"
