"""The shop: what is for sale, who has bought, and what became of the messages about it."""

from html import escape
from urllib.parse import quote

from tests.fakes.serving import Answer
from tests.fakes.stripe import checkout, page_portal
from tests.fakes.stripe.clock import in_words
from tests.fakes.stripe.layout import page, price_words, status_word
from tests.fakes.stripe.rendering import whole_list
from tests.fakes.stripe.state import Row, State

LATER = ((1, "One day later"), (7, "A week later"), (32, "A month later"))


def bought(state: State, form: dict[str, str]) -> str:
    """A checkout for one price, with a trial where that was asked for; its address."""
    asked: Row = {
        "mode": "subscription",
        "line_items": [{"price": form["price"], "quantity": 1}],
        "success_url": f"{state.base}/demo/done/{{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{state.base}/",
        "client_reference_id": form.get("account") or None,
    }
    row = checkout._row(state, asked, "subscription", None)
    lines = checkout._lines(state, row, asked, "subscription")
    row["_line_items"] = whole_list(lines, f"/v1/checkout/sessions/{row['id']}/line_items")
    days = int(form.get("days") or 0)
    total = 0 if days else sum(one["amount_total"] for one in lines)
    row |= {"amount_subtotal": total, "amount_total": total}
    row["_given"] = {"trial_period_days": days} if days else {}
    return str(state.put(row)["url"])


def done(state: State, session: Row) -> Answer:
    """Paid: what comes of it is to be seen elsewhere, so the way there stands here."""
    customer = state.get("customer", session["customer"])
    there = in_the_desk(state, customer, "Open it in the desk")
    words = (
        f"<p>Within seconds the desk allows what was bought. {there}</p>{_where_nothing_came(state)}"
        if there
        else "<p>Whoever listens is being told.</p>"
    )
    body = f"""<h1>Thank you</h1><section><p class=good>{"Paid." if session["payment_status"] == "paid" else "Nothing had to be paid yet."}</p>{words}
      {page_portal.button(customer, "Manage billing")}</section><p><a href="/">Back to the shop</a></p>"""
    return page("Thank you", body)


def _where_nothing_came(state: State) -> str:
    findings = f"{state.settings.desk}/admin/entitlements/billingfinding/"
    return f"<p class=quiet>A price that nobody linked gives nothing: it stands among the <a href='{findings}'>findings</a>.</p>"


def in_the_desk(state: State, customer: Row, words: str) -> str:
    if not state.settings.desk:
        return ""
    return f"<a href='{state.settings.desk}/admin/entitlements/account/?q={quote(customer['id'])}'>{words}</a>"


def front(state: State, asked: dict[str, str]) -> Answer:
    account = asked.get("account", "")
    products = [row for row in state.all("product") if row["active"] and row["metadata"].get("desk_kind") != "add_on"]
    sold = "".join(_offer(state, row, account) for row in products)
    who = "".join(_customer(state, row) for row in state.all("customer")[:-21:-1])
    whom = f"<p class=good>What you buy here is for the desk’s account <b>{escape(account)}</b>.</p>" if account else ""
    body = f"""{_about(state)}{whom}
      <h1>Plans</h1><ul class=cards>{sold or "<li>Nothing is for sale yet. Reload in a few seconds.</li>"}</ul>
      <h2>Customers</h2><table class=people>{who or "<tr><td>Nobody has bought yet: buy a plan above."}</table>
      {"" if state.settings.desk else _time()}{_told(state)}"""
    return page("Shop", body)


def _about(state: State) -> str:
    if not state.settings.desk:
        return f"""<p class=quiet>A stand-in for Stripe on this machine. No card is charged, and no key is needed.
          Its date is <b>{in_words(state.clock.now())}</b>.</p>"""
    return f"""<p class=quiet>A stand-in for Stripe on this machine. No card is charged, and no key is needed. Buy a plan; the
      <a href="{state.settings.desk}/">desk</a> allows it within seconds. Then come back: under “Manage billing” the plan changes,
      the card fails, and the next renewal comes at once.</p>"""


def _offer(state: State, product: Row, account: str) -> str:
    prices = [row for row in state.all("price") if row["product"] == product["id"] and row["active"]]
    prices = [row for row in prices if row["recurring"] and (row["lookup_key"] or not state.settings.desk)]
    if not prices:
        return ""
    words = "".join(f"<p class=price>{price_words(one)}</p>{_buy(one, account)}" for one in prices)
    days = int(product["metadata"].get("desk_trial_days") or 0)
    trial = _buy(prices[0], account, days) if days else ""
    about = f"<p class=quiet>{escape(product['description'])}</p>" if product["description"] else ""
    return f"<li><h3>{escape(product['name'])}</h3>{about}{words}{trial}</li>"


def _buy(price: Row, account: str, days: int = 0) -> str:
    """A button of its own for each price, named so that a list of buttons says which is which."""
    words, look = (f"Try {days} days", " class=plain") if days else ("Buy", "")
    more = f"<input type=hidden name=days value={days}>" if days else ""
    whom = f'<input type=hidden name=account value="{escape(account)}">' if account else ""
    return f"""<form method=post action=/demo/buy>{more}{whom}
      <button{look} name=price value="{price["id"]}" aria-label="{words}: {escape(price_words(price))}">{words}</button></form>"""


def _customer(state: State, row: Row) -> str:
    mine = [one for one in state.all("subscription") if one["customer"] == row["id"]]
    held = ", ".join(_held(state, one) for one in mine) or "no subscription"
    return f"""<tr><td>{escape(row["name"] or row["email"] or row["id"])}<br><span class=quiet>{escape(row["email"] or "")}</span><td>{held}
      <td>{page_portal.button(row, "Manage billing")}{in_the_desk(state, row, "In the desk")}"""


def _held(state: State, one: Row) -> str:
    return f"{escape(state.get('product', one['items']['data'][0]['price']['product'])['name'])}: {status_word(one['status'])}"


def _time() -> str:
    buttons = "".join(f"<button class=plain name=days value={days}>{words}</button>" for days, words in LATER)
    return f"<h2>Time</h2><form method=post action=/demo/advance class=row>{buttons}</form>"


def _told(state: State) -> str:
    if not state.all("webhook_endpoint"):
        return "<h2>Webhooks</h2><p>Nobody listens: start with <code>--webhook</code>.</p>"
    waiting = sum(not one.settled for one in state.deliveries)
    rows = "".join(
        f"<tr><td>{escape(one.type)}<td>{'delivered' if one.delivered else 'waiting' if not one.settled else 'given up'}<td>{_tries(len(one.attempts))}"
        for one in state.deliveries[:-21:-1]
    )
    return f"""<details><summary>Webhooks: {len(state.deliveries)} sent, {waiting} waiting</summary>
      <table>{rows or "<tr><td>Nothing has been sent yet."}</table></details>"""


def _tries(number: int) -> str:
    return f"{number} {'try' if number == 1 else 'tries'}"
