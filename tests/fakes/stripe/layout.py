"""The frame of the pages, and how amounts and states are said."""

from html import escape

from tests.fakes.stripe.api import Answer
from tests.fakes.stripe.state import Row

STYLE = """
:root { color-scheme: light dark; --ink: #1d2433; --quiet: #5b6475; --paper: #f5f6fa; --card: #fff; --line: #dfe3ec; --deed: #4b4ddb; --link: #4b4ddb; --bad: #b3261e; --good: #1a7f45 }
@media (prefers-color-scheme: dark) { :root { --ink: #eceef4; --quiet: #a2aabb; --paper: #12151d; --card: #1b202b; --line: #303747; --deed: #5a5ce0; --link: #aeb0ff; --bad: #ff8a80; --good: #6fd49b } }
* { box-sizing: border-box } body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
header { padding: 14px 24px; border-bottom: 1px solid var(--line); font-weight: 600 } header small { font-weight: 400; color: var(--quiet); margin-left: 8px }
main { max-width: 760px; margin: 24px auto; padding: 0 16px } h1 { font-size: 26px; margin: 8px 0 16px } h2 { font-size: 18px; margin: 32px 0 8px } h3 { margin: 0 }
section, .cards li, table { background: var(--card); border: 1px solid var(--line); border-radius: 10px } section { padding: 20px; margin: 16px 0 }
.cards { list-style: none; display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); padding: 0 } .cards li { padding: 16px }
.price { font-size: 20px; font-weight: 600; margin: 4px 0 } .quiet { color: var(--quiet) } .bad { color: var(--bad); font-weight: 600 } .good { color: var(--good); font-weight: 600 }
table { width: 100%; border-collapse: collapse; overflow: hidden } td, th { padding: 10px 12px; border-bottom: 1px solid var(--line); text-align: left } .number { text-align: right; font-variant-numeric: tabular-nums }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 8px 0 } form { margin: 0 0 8px }
.row select, .row input { width: auto; max-width: 100% } label.inline { display: inline-flex; align-items: center; gap: 8px; margin: 0 }
section h2 { margin-top: 0 } details { margin: 24px 0 } summary { cursor: pointer; color: var(--quiet) } td { overflow-wrap: anywhere } button { white-space: nowrap }
@media (max-width: 560px) { .people td { display: block; border: 0; padding: 6px 12px } .people tr { display: block; border-bottom: 1px solid var(--line); padding: 6px 0 } }
button { font: inherit; font-weight: 600; color: #fff; background: var(--deed); border: 0; border-radius: 8px; padding: 9px 16px; cursor: pointer } button.plain { background: none; color: var(--link); border: 1px solid var(--line) } button.danger { background: none; color: var(--bad); border: 1px solid var(--bad) }
button:focus-visible, a:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid var(--deed); outline-offset: 2px }
label { display: block; font-weight: 600; margin: 12px 0 4px } input, select { font: inherit; width: 100%; padding: 9px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--paper); color: var(--ink) } a { color: var(--link) }
"""
WORDS = {
    "past_due": "Payment overdue", "incomplete": "Waiting for the first payment", "incomplete_expired": "Never paid",
    "trialing": "On trial", "open": "To be paid", "void": "Voided", "draft": "Being drawn up", "uncollectible": "Written off",
}  # fmt: skip
BAD = {"past_due", "incomplete", "unpaid", "incomplete_expired", "uncollectible"}
CURRENCIES = {"eur": "€", "usd": "$", "gbp": "£"}


def page(title: str, body: str, status: int = 200) -> Answer:
    whole = f"""<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1">
<title>{escape(title)} · Stripe stand-in</title><style>{STYLE}</style>
<header>Stripe stand-in<small>for trying out; no money moves</small></header><main>{body}</main></html>"""
    return Answer(status, whole.encode(), {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"})


def redirect(to: str) -> Answer:
    return Answer(303, b"", {"Location": to, "Content-Type": "text/plain"})


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
