"""What a person sees: the opportunities, and one of them with its lines, to be won, reopened, changed or deleted."""

from collections.abc import Callable
from datetime import date
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from tests.fakes.layout import Frame, redirect
from tests.fakes.salesforce import founding, opening, records, removal
from tests.fakes.salesforce.derived import lines_of
from tests.fakes.salesforce.errors import Refused, missing
from tests.fakes.salesforce.state import Row, State
from tests.fakes.serving import Answer

page = Frame("Salesforce", "for trying out; nobody is e-mailed", ("#0b6fb8", "#1f7cc4"), ("#0b6fb8", "#8cc7ff")).page
Form = dict[str, str]


class Pages:
    """Addresses of pages, each answered under the same lock as the API."""

    def __init__(self, state: State, told: Callable[[], None] | None = None) -> None:
        self._state, self._told = state, told

    def __call__(self, method: str, target: str, body: bytes) -> Answer:
        path, _, _ = target.partition("?")
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        try:
            with self._state.lock:
                self._state.changes += method != "GET"
                answer = self._answered(method, path, form)
        except (Refused, KeyError) as no:
            why = "; ".join(one.message for one in no.wrongs) if isinstance(no, Refused) else "The form was not whole."
            status = no.status if isinstance(no, Refused) else 400
            said = f"<h1>Not possible</h1><p class=bad>{escape(why)}</p><p><a href='/'>All opportunities</a></p>"
            return page("Not possible", said, status)
        if method == "POST" and self._told:
            self._told()
        return answer

    def _answered(self, method: str, path: str, form: Form) -> Answer:
        match (method, *path.strip("/").split("/")):
            case ("GET", ""):
                return front(self._state)
            case ("GET", "opportunity", key):
                return one(self._state, self._deal(key))
            case ("POST", "opportunity", key, deed):
                self._done(deed, self._deal(key), form)
                return redirect("/" if deed == "delete" else f"/opportunity/{key}")
        raise missing()

    def _deal(self, key: str) -> Row:
        row = records.by_key(self._state, self._state.schema["opportunity"], key)
        if row["IsDeleted"]:
            raise missing()
        return row

    def _done(self, deed: str, deal: Row, form: Form) -> None:
        state, kind = self._state, self._state.schema["opportunity"]
        user = opening.by_username(state, founding.ADMINISTRATOR)
        by = user["Id"] if user else deal["OwnerId"]
        match deed:
            case "win" | "lose" | "reopen":
                records.changed(state, kind, deal, {"StageName": stage(state, deed)}, by)
            case "delete":
                removal.removed(state, kind, deal, by)
            case "quantity":
                lines = state.schema["opportunitylineitem"]
                line = records.by_key(state, lines, form["line"])
                records.changed(state, lines, line, {"Quantity": form["quantity"]}, by)
            case _:
                raise missing()


def stage(state: State, deed: str) -> str:
    """The org's own word for it."""
    rows = sorted(state.rows("OpportunityStage"), key=lambda row: row["SortOrder"])
    if deed == "reopen":
        return str([row for row in rows if not row["IsClosed"]][-1]["MasterLabel"])
    return str(next(row["MasterLabel"] for row in rows if row["IsClosed"] and row["IsWon"] == (deed == "win")))


def standing(deal: Row) -> str:
    kind = "good" if deal["IsWon"] else "bad" if deal["IsClosed"] else "quiet"
    return f"<span class={kind}>{escape(deal['StageName'])}</span>"


def money(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.2f}"


def day(said: Any) -> str:
    """In words; nothing where there is none."""
    at = date.fromisoformat(str(said)) if said else None
    return f"{at.day} {at:%b %Y}" if at else ""


def front(state: State) -> Answer:
    rows = "".join(
        f"""<tr><td><a href="/opportunity/{deal["Id"]}">{escape(deal["Name"])}</a><td>{standing(deal)}
        <td>{escape(_company(state, deal))}<td class=day>{day(deal["CloseDate"])}<td class=number>{money(deal["Amount"])}"""
        for deal in state.rows("Opportunity")
    )
    head = "<tr><th>Opportunity<th>Stage<th>Account<th>Close date<th class=number>Amount"
    body = f"""<h1>Opportunities</h1>
      <div class=table><table>{head}{rows or "<tr><td>There is none yet: they come from the API."}</table></div>
      <h2>Told to others</h2><div class=table><table>{_pushes(state)}</table></div>"""
    return page("Opportunities", body)


def _company(state: State, deal: Row) -> str:
    row = state.find("Account", deal["AccountId"])
    return str(row["Name"]) if row else "no account"


def _pushes(state: State) -> str:
    words = {True: "heard", False: "waiting"}
    return "".join(
        f"<tr><td>{escape(one.way.sobject.name)} {one.record}<td>"
        f"{'given up' if one.given_up or one.lost else words[one.acknowledged]}<td>{len(one.attempts)} tries"
        for one in state.pushes[:-13:-1]
    ) or "<tr><td>Nothing has been sent yet."  # fmt: skip


def one(state: State, deal: Row) -> Answer:
    at = f"/opportunity/{deal['Id']}"
    lines = "".join(_line(at, line) for line in lines_of(state, deal["Id"]))
    deeds = (("reopen", "Reopen"),) if deal["IsClosed"] else (("win", "Mark as won"), ("lose", "Mark as lost"))
    buttons = "".join(f"<form method=post action='{at}/{deed}'><button>{said}</button></form>" for deed, said in deeds)
    body = f"""<p><a href="/">All opportunities</a></p><h1>{escape(deal["Name"])}</h1>
      <p>{standing(deal)} · {escape(_company(state, deal))} · closes on {day(deal["CloseDate"])} · {money(deal["Amount"])}</p>
      <div class=row>{buttons}<form method=post action='{at}/delete'><button class=danger>Delete</button></form></div>
      <h2>Products</h2><div class=table><table><tr><th>Product<th>Quantity<th>Begins on<th class=number>Total
      {lines or "<tr><td>It has no products."}</table></div>"""
    return page(deal["Name"], body)


def _line(at: str, line: Row) -> str:
    return f"""<tr><td>{escape(line["ProductCode"] or line["Name"])}<td><form method=post action="{at}/quantity" class=row>
      <input type=hidden name=line value="{line["Id"]}">
      <input name=quantity value="{line["Quantity"]:g}" inputmode=decimal aria-label="Quantity of {escape(line["ProductCode"] or "")}">
      <button class=plain>Change</button></form>
      <td class=day>{day(line["ServiceDate"])}<td class=number>{money(line["TotalPrice"])}"""
