"""The billing portal that a customer sees: plan, card, invoices."""

from html import escape

from tests.fakes.layout import redirect
from tests.fakes.serving import Answer
from tests.fakes.stripe import dunning, nearer, payment_methods, portal
from tests.fakes.stripe.clock import DAY, HOUR, in_words
from tests.fakes.stripe.errors import Refused
from tests.fakes.stripe.layout import money, page, price_words, status_word
from tests.fakes.stripe.state import Row, State

CARDS = {
    "pm_card_visa": "Visa 4242: pays",
    "pm_card_mastercard": "Mastercard 4444: pays",
    "pm_card_chargeCustomerFail": "Visa 0341: every payment fails",
}


NEARER = ((1, "A day"), (7, "A week"), (31, "A month"))


def button(customer: Row, words: str) -> str:
    """The way here for a person at the shop."""
    return f"""<form method=post action=/demo/portal><button class=plain name=customer value="{customer["id"]}">{words}</button></form>"""


def opened(state: State, customer: Row) -> str:
    row = {
        "id": state.ids("bps_"), "object": portal.SESSION, "customer": customer["id"], "return_url": f"{state.base}/",
        "_until": state.clock.now() + HOUR, "configuration": portal.default(state)["id"],
    }  # fmt: skip
    state.put(row)
    return f"{state.base}/p/session/{row['id']}"


def answer(state: State, row: Row, method: str, form: dict[str, str]) -> Answer:
    if row["_until"] <= state.clock.now():
        return page(
            "Billing", "<h1>This page has expired</h1><p>Open the billing portal again from where you came.</p>", 410
        )
    customer = state.named("customer", row["customer"], "customer")
    wrong = ""
    if method == "POST":
        try:
            _changed(state, row, customer, form)
            return redirect(f"/p/session/{row['id']}")
        except Refused as no:
            wrong = no.message
    return shown(state, row, customer, wrong)


def _changed(state: State, session: Row, customer: Row, form: dict[str, str]) -> None:
    subscription = state.find("subscription", form.get("subscription", ""))
    if subscription is not None and subscription["customer"] != customer["id"]:
        subscription = None
    match form.get("deed"), subscription:
        case "card", _:
            portal.cards_changed(state, customer, form["card"])
        case "price", dict():
            portal.moved(state, session, subscription, price=form["price"])
        case "later", dict():
            portal.planned(state, subscription, form["price"])
        case "quantity", dict():
            portal.moved(state, session, subscription, quantity=_number(form["quantity"]))
        case "add", dict():
            portal.added(state, session, subscription, form["price"])
        case "pause" | "unpause" as deed, dict():
            portal.rested(state, subscription, rests=deed == "pause")
        case "cancel", dict():
            portal.ended(state, session, subscription, ends=True)
        case "keep", dict():
            portal.ended(state, session, subscription, ends=False)
        case "pay", _:
            _pay(state, customer, form["invoice"])
        case "nearer", _:
            days = int(form["days"])
            nearer.brought_nearer(state, customer, days * DAY if days else nearer.to_the_next(state, customer))


def _pay(state: State, customer: Row, key: str) -> None:
    invoice = state.get("invoice", key)
    if invoice["customer"] == customer["id"] and invoice["status"] == "open":
        came = dunning.attempted(state, invoice)
        if came != "ok":
            raise dunning.refusal(came)


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and 0 < int(typed) < 100_000):
        raise Refused("Enter a whole number of one or more.", "", "quantity")
    return int(typed)


def shown(state: State, row: Row, customer: Row, wrong: str) -> Answer:
    from tests.fakes.stripe.page_front import in_the_desk

    mine = [one for one in state.all("subscription") if one["customer"] == customer["id"]]
    plans = "".join(_subscription(state, portal.features_of(state, row), one) for one in mine[::-1])
    bills = [one for one in state.all("invoice") if one["customer"] == customer["id"]][::-1]
    back = f"<a href='{escape(row['return_url'])}'>Back to the shop</a>" if row["return_url"] else ""
    body = f"""<h1>Billing of {escape(customer["name"] or customer["email"] or "this customer")}</h1>
      {f"<p class=bad role=alert>{escape(wrong)}</p>" if wrong else ""}
      <p>{in_the_desk(state, customer, "See this customer in the desk")}</p>{plans or "<p>No subscription.</p>"}
      {_card(state, customer)}{_time(state, customer)}
      <h2>Invoices</h2><table>{"".join(_invoice(one) for one in bills) or "<tr><td>None yet."}</table><p>{back}</p>"""
    return page("Billing", body)


def _card(state: State, customer: Row) -> str:
    card = payment_methods.payer(state, customer, None)
    held = f"{card['card']['brand'].title()} ending in {card['card']['last4']}" if card else "No card yet"
    failing = " <span class=bad>Every payment by it fails.</span>" if card and card["_behaviour"] != "ok" else ""
    options = "".join(f"<option value={key}>{words}</option>" for key, words in CARDS.items())
    return f"""<section><h2>Card</h2><p>{escape(held)}{failing}</p><form method=post class=row>
        <select name=card aria-label="New card">{options}</select><button name=deed value=card class=plain>Use this card</button></form></section>"""


def _time(state: State, customer: Row) -> str:
    if not nearer.living(state, customer):
        return ""
    ahead = nearer.to_the_next(state, customer)
    days = "".join(f"<button class=plain name=days value={count}>{words}</button>" for count, words in NEARER)
    first = "<button name=days value=0>To the next date</button>" if ahead else ""
    when = f" The next one is {in_words(state.clock.now() + ahead)}." if ahead else ""
    return f"""<section><h2>Time</h2><p class=quiet>Bring this customer’s dates nearer: what is due by then happens now. {when}
        With a card that fails, the renewal fails; a few days later it is tried again.</p>
        <form method=post class=row><input type=hidden name=deed value=nearer>{first}{days}</form></section>"""


def _subscription(state: State, offered: Row, row: Row) -> str:
    items = row["items"]["data"]
    names = " + ".join(state.get("product", one["price"]["product"])["name"] for one in items)
    many = f"{items[0]['quantity']} × " if (items[0].get("quantity") or 1) > 1 else ""
    words = f"{status_word(row['status'])} · {many}{price_words(items[0]['price'])}"
    if row["status"] in ("canceled", "incomplete_expired"):
        return f"<section><h3>{escape(names)}</h3><p>{words}</p></section>"
    change = _changing(state, row) if offered["subscription_update"]["enabled"] else ""
    return f"""<section><h3>{escape(names)}</h3><p>{words}<br><span class=quiet>{_ahead(state, row)}</span></p>{change}
      <form method=post class=row><input type=hidden name=subscription value="{row["id"]}">{_resting(row)}{_ending(offered, row)}</form></section>"""


def _ahead(state: State, row: Row) -> str:
    """What comes next, in words."""
    item, said = row["items"]["data"][0], ""
    if row["schedule"]:
        phases = state.get("subscription_schedule", row["schedule"])["phases"]
        coming = next((one for one in phases if one["start_date"] > state.clock.now()), None)
        if coming:
            price = state.get("price", coming["items"][0]["price"])
            said = f"<br>Changes to {escape(_named(state, price))} on {in_words(coming['start_date'])}"
    if row["status"] == "paused":
        return f"Nothing is collected{said}"
    if row["cancel_at"]:
        return f"Ends on {in_words(row['cancel_at'])}"
    word = "The trial ends on" if row["status"] == "trialing" else "Renews on"
    return f"{word} {in_words(item['current_period_end'])}{said}"


def _named(state: State, price: Row) -> str:
    return f"{state.get('product', price['product'])['name']}, {price_words(price)}"


def _changing(state: State, row: Row) -> str:
    """Another plan, now or with the next period; another number; an add-on beside it."""
    held = {one["price"]["id"] for one in row["items"]["data"]}
    sold = [one for one in state.all("price") if one["active"] and one["recurring"] and one["id"] not in held]
    sold = [one for one in sold if one["currency"] == row["currency"]]
    added = [one for one in sold if state.get("product", one["product"])["metadata"].get("desk_kind") == "add_on"]
    plans = [one for one in sold if one not in added]
    deeds = "<button name=deed value=price>Change plan</button><button name=deed value=later class=plain>At the period’s end</button>"
    many = f"""<label class=inline>Seats <input name=quantity inputmode=numeric value="{row["items"]["data"][0].get("quantity") or 1}" size=4></label>
      <button name=deed value=quantity class=plain>Change seats</button>"""
    return (
        _form(row, _choice(state, plans, "Other plan") + deeds, some=plans)
        + _form(row, many)
        + _form(
            row, _choice(state, added, "Add-on") + "<button name=deed value=add class=plain>Add</button>", some=added
        )
    )


def _form(row: Row, inside: str, *, some: object = True) -> str:
    key = f'<input type=hidden name=subscription value="{row["id"]}">'
    return f"<form method=post class=row>{key}{inside}</form>" if some else ""


def _choice(state: State, prices: list[Row], label: str) -> str:
    options = "".join(f"<option value={one['id']}>{escape(_named(state, one))}</option>" for one in prices)
    return f"<select name=price aria-label='{label}'>{options}</select>"


def _resting(row: Row) -> str:
    deed, words = ("unpause", "Resume") if row["status"] == "paused" else ("pause", "Pause")
    return f"<button name=deed value={deed} class=plain>{words}</button>"


def _ending(offered: Row, row: Row) -> str:
    if not offered["subscription_cancel"]["enabled"]:
        return ""
    if row["cancel_at"]:
        return "<button name=deed value=keep class=plain>Keep the subscription</button>"
    when = "now" if offered["subscription_cancel"]["mode"] == "immediately" else "at the period’s end"
    return f"<button name=deed value=cancel class=danger>Cancel {when}</button>"


def _invoice(row: Row) -> str:
    pay = (
        f"<form method=post><input type=hidden name=invoice value={row['id']}><button name=deed value=pay class=plain>Pay now</button></form>"
        if row["status"] == "open"
        else ""
    )
    return f"""<tr><td>{in_words(row["created"])}<br><span class=quiet>{escape(row["number"] or "")}</span><td>{status_word(row["status"])}
      <td class=number>{money(row["amount_due"], row["currency"])}<td>{pay}"""
