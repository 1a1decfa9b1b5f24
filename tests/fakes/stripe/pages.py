"""What a person sees: an invoice, and the way to the other pages."""

from html import escape
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.layout import redirect
from tests.fakes.serving import Answer
from tests.fakes.stripe import invoices, page_checkout, page_front, page_portal, payment_methods
from tests.fakes.stripe.api import Api
from tests.fakes.stripe.errors import Refused
from tests.fakes.stripe.layout import page, status_word
from tests.fakes.stripe.state import Row, State


class Pages:
    """Addresses of pages, each answered under the same lock as the API."""

    def __init__(self, api: Api, advance: Any, roundtrip: Any = None) -> None:
        self._api, self._state, self._advance, self._told = api, api.state, advance, roundtrip

    def __call__(self, method: str, target: str, body: bytes) -> Answer:
        path, _, query = target.partition("?")
        if method not in ("GET", "POST"):
            return page("Not possible", "<h1>Not possible</h1>", 405)
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        try:
            with self._state.lock:
                self._api.tick()
                self._state.changes += method == "POST"
                answer = self._answered(method, path, form or dict(parse_qsl(query)))
        except KeyError:
            return page("Not possible", "<h1>Not possible</h1><p>The form was not whole.</p>", 400)
        except Refused as no:
            return page(
                "Not possible",
                f"<h1>Not possible</h1><p class=bad>{escape(no.message)}</p><p><a href='/'>Back to the shop</a></p>",
                no.status,
            )
        if method == "POST" and self._told:
            self._told()
        return answer

    def _answered(self, method: str, path: str, form: dict[str, str]) -> Answer:
        match (method, *path.strip("/").split("/")):
            case ("GET", ""):
                return page_front.front(self._state, form)
            case ("POST", "demo", "buy"):
                return redirect(page_front.bought(self._state, form))
            case ("GET", "demo", "done", key):
                return page_front.done(self._state, self._state.get("checkout.session", key))
            case ("POST", "demo", "portal"):
                return redirect(_portal(self._state, form["customer"]))
            case ("POST", "demo", "advance"):
                self._advance(days=int(form["days"]))
                return redirect("/")
            case (_, "c", "pay", key):
                return page_checkout.answer(self._state, self._state.get("checkout.session", key), method, form)
            case (_, "p", "session", key):
                return page_portal.answer(self._state, self._state.get("billing_portal.session", key), method, form)
            case (_, "i", key):
                return invoice_page(self._state, self._state.get("invoice", key), method)
        raise Refused("There is no such page.", status=404)


def _portal(state: State, customer: str) -> str:
    return page_portal.opened(state, state.named("customer", customer, "customer"))


def invoice_page(state: State, row: Row, method: str) -> Answer:
    from tests.fakes.stripe import dunning

    said = ""
    if method == "POST" and row["status"] == "open":
        came = dunning.attempted(state, row)
        said = (
            ""
            if came == "ok"
            else "<p class=bad>Your card was declined. Change the card in the billing portal, then try again.</p>"
        )
    lines = "".join(
        f"<tr><td>{escape(one['description'])}<td class=number>{one['amount'] / 100:,.2f}"
        for one in row["lines"]["data"]
    )
    pay = "<form method=post><button>Pay now</button></form>" if row["status"] == "open" else ""
    card = payment_methods.payer(state, state.get("customer", row["customer"]), None)
    body = f"""<h1>Invoice {escape(row["number"] or "(draft)")}</h1>{said}<p>{status_word(row["status"])}</p>
      <table>{lines}<tr><th>To pay<th class=number>{row["amount_due"] / 100:,.2f} {row["currency"].upper()}</table>{pay if card else ""}"""
    return page(f"Invoice {invoices.KIND}", body)
