"""The page on which a person pays, or fails to."""

from html import escape

from tests.fakes.layout import redirect
from tests.fakes.serving import Answer
from tests.fakes.stripe import checkout
from tests.fakes.stripe.errors import Refused
from tests.fakes.stripe.layout import money, page, price_words
from tests.fakes.stripe.state import Row, State

CHOICES = {
    "pay": "4242 4242 4242 4242: pays, now and later",
    "later": "4000 0000 0000 0341: pays now, fails at the next renewal",
    "fail": "4000 0000 0000 0002: is declined",
}


def answer(state: State, row: Row, method: str, form: dict[str, str]) -> Answer:
    if row["status"] != "open":
        return page(
            "Checkout",
            f"<h1>This checkout is {'paid' if row['status'] == 'complete' else 'over'}</h1><p>You can close this page.</p>",
        )
    if method == "GET":
        return shown(state, row)
    try:
        checkout.completed(state, row, checkout.CARDS[form.get("card", "pay")], form.get("email", ""))
    except Refused as no:
        return shown(state, row, f"{no.message} Nothing was charged: try another card.", form)
    return redirect(row["success_url"].replace("{CHECKOUT_SESSION_ID}", row["id"]))


def shown(state: State, row: Row, wrong: str = "", typed: dict[str, str] | None = None) -> Answer:
    lines = "".join(_line(one) for one in row["_line_items"]["data"])
    customer = state.find("customer", row["customer"]) if row["customer"] else None
    address = (customer or {}).get("email") or row["customer_email"] or (typed or {}).get("email", "")
    chosen = (typed or {}).get("card", "pay")
    days = row["_given"].get("trial_period_days")
    trial = f"<p>Free for {days} days, then the price above.</p>" if days else ""
    cards = "".join(
        f"<option value={key}{' selected' if key == chosen else ''}>{words}</option>" for key, words in CHOICES.items()
    )
    back = f"<p><a href='{escape(row['cancel_url'])}'>Back without paying</a></p>" if row["cancel_url"] else ""
    body = f"""<h1>Check out</h1>{f"<p class=bad role=alert>{escape(wrong)}</p>" if wrong else ""}
      <table>{lines}<tr><th>To pay today<th class=number>{money(row["amount_total"], row["currency"] or "eur")}</table>{trial}
      <section><form method=post><label for=email>E-mail</label>
        <input id=email name=email type=email autocomplete=email value="{escape(address)}" {"readonly" if customer else "required"}>
        <label for=card>Card (test cards of Stripe)</label><select id=card name=card>{cards}</select>
        <p><button>{"Start the trial" if days else "Pay"}</button></p></form></section>{back}"""
    return page("Check out", body)


def _line(one: Row) -> str:
    many = f"{one['quantity']} × " if one["quantity"] else ""
    return f"<tr><td>{many}{escape(one['description'])}<br><span class=quiet>{price_words(one['price'])}</span><td class=number>{money(one['amount_total'], one['currency'])}"
