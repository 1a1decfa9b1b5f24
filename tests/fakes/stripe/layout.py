"""The frame of the pages, and how amounts and states are said."""

from html import escape

from tests.fakes.layout import Frame
from tests.fakes.stripe.state import Row

STYLE = """
main { max-width: 760px } h3 { margin: 0 } form { margin: 0 0 8px } .row { margin: 8px 0 }
section, .cards li, table { background: var(--card); border: 1px solid var(--line); border-radius: 10px } section { padding: 20px; margin: 16px 0 } table { overflow: hidden }
.cards { list-style: none; display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); padding: 0 } .cards li { padding: 16px }
.price { font-size: 20px; font-weight: 600; margin: 4px 0 } label { display: block; font-weight: 600; margin: 12px 0 4px } input, select { font: inherit; width: 100%; padding: 9px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--ink) }
.row select, .row input { width: auto; max-width: 100% } label.inline { display: inline-flex; align-items: center; gap: 8px; margin: 0 }
section h2 { margin-top: 0 } details { margin: 24px 0 } summary { cursor: pointer; color: var(--quiet) } td { overflow-wrap: anywhere } button { white-space: nowrap }
@media (max-width: 560px) { .people td { display: block; border: 0; padding: 6px 12px } .people tr { display: block; border-bottom: 1px solid var(--line); padding: 6px 0 } }
"""
page = Frame("Stripe", "for trying out; no money moves", ("#4b4ddb", "#5a5ce0"), ("#4b4ddb", "#aeb0ff"), STYLE).page
WORDS = {
    "past_due": "Payment overdue", "incomplete": "Waiting for the first payment", "incomplete_expired": "Never paid",
    "trialing": "On trial", "open": "To be paid", "void": "Voided", "draft": "Being drawn up", "uncollectible": "Written off",
}  # fmt: skip
BAD = {"past_due", "incomplete", "unpaid", "incomplete_expired", "uncollectible"}
CURRENCIES = {"eur": "€", "usd": "$", "gbp": "£"}


def money(amount: int, currency: str) -> str:
    sign = CURRENCIES.get(currency)
    return f"{sign}{amount / 100:,.2f}" if sign else f"{amount / 100:,.2f} {currency.upper()}"


def price_words(price: Row) -> str:
    recurring = price["recurring"]
    if price["unit_amount"] is None:
        return "By tiers"
    count = recurring["interval_count"] if recurring else 1
    each = (
        ""
        if not recurring
        else f" a {recurring['interval']}"
        if count == 1
        else f" every {count} {recurring['interval']}s"
    )
    return money(price["unit_amount"], price["currency"]) + each


def status_word(status: str) -> str:
    kind = "bad" if status in BAD else "good" if status in ("active", "paid", "trialing") else "quiet"
    return f"<span class={kind}>{escape(WORDS.get(status, status.replace('_', ' ').capitalize()))}</span>"
