"""What a person sees: the deals, one deal with its lines, and what was told to whom."""

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qsl

from tests.fakes.hubspot import derived, kinds, people
from tests.fakes.hubspot.clock import in_words, instant
from tests.fakes.hubspot.errors import Refused, not_found
from tests.fakes.hubspot.layout import money, page, state_word, table
from tests.fakes.hubspot.state import Record, State
from tests.fakes.layout import redirect
from tests.fakes.serving import Answer


class Pages:
    """Addresses of pages, each answered under the same lock as the API."""

    def __init__(self, state: State, told: Callable[[], None] | None = None) -> None:
        self._state, self._told = state, told

    def __call__(self, method: str, target: str, body: bytes) -> Answer:
        path, _, _ = target.partition("?")
        if method not in ("GET", "POST"):
            return page("Not possible", "<h1>Not possible</h1>", 405)
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        try:
            with self._state.lock:
                self._state.changes += method != "GET"
                answer = self._answered(method, path, form)
        except KeyError:
            return page("Not possible", "<h1>Not possible</h1><p>The form was not whole.</p>", 400)
        except Refused as no:
            back = "<p><a href='/'>Back to the deals</a></p>"
            return page("Not possible", f"<h1>Not possible</h1><p class=bad>{escape(no.message)}</p>{back}", no.status)
        if method == "POST" and self._told:
            self._told()
        return answer

    def _answered(self, method: str, path: str, form: dict[str, str]) -> Answer:
        match (method, *path.strip("/").split("/")):
            case ("GET", ""):
                return front(self._state)
            case ("GET", "told"):
                return told(self._state)
            case ("GET", "deal", key):
                return deal_page(self._state, _deal(self._state, key))
            case ("POST", "deal", key):
                deed(self._state, _deal(self._state, key), form)
                return redirect(f"/deal/{key}")
        raise not_found("There is no such page.")


def _deal(state: State, key: str) -> Record:
    """A deleted deal has a page too: it can be brought back there."""
    return state.find(kinds.DEAL, key, archived=True) or state.get(kinds.DEAL, key)


def deed(state: State, deal: Record, form: dict[str, str]) -> None:
    match form["deed"]:
        case "won":
            people.won(state, deal)
        case "lost":
            people.lost(state, deal)
        case "reopen":
            people.reopened(state, deal)
        case "quantity":
            line = next((one for one in people.lines_of(state, deal) if one.id == form["line"]), None)
            if line is None:
                raise not_found("This line is not one of the deal's.")
            people.requantified(state, deal, line, form["quantity"])
        case "delete":
            people.deleted(state, deal)
        case "restore":
            people.restored(state, deal)
        case other:
            raise not_found(f"Nobody knows how to {other} a deal.")


def front(state: State) -> Answer:
    deals = [row for row in state.records[kinds.DEAL].values() if not row.merged_into]
    rows = "".join(_deal_row(state, deal) for deal in sorted(deals, key=lambda row: row.updated, reverse=True))
    head = "<tr><th>Deal<th>Company<th>Stage<th class=number>Amount<th>State" if rows else ""
    body = f"""<h1>Deals</h1>
      <p class=quiet>A stand-in for a HubSpot portal on this machine. Open a deal to win, reopen, change or delete it.</p>
      {table(head + rows, "No deal yet: deals come from the API.")}
      <p><a href="/told">What was told to whom</a></p>"""
    return page("Deals", body)


def _deal_row(state: State, deal: Record) -> str:
    company = people.company_of(state, deal)
    return f"""<tr><td><a href="/deal/{deal.id}">{escape(deal.values.get("dealname") or deal.id)}</a>
      <td>{escape(company.values.get("name", "") if company else "–")}<td>{escape(_stage(state, deal))}
      <td class=number>{money(deal.values.get("amount", ""))}<td>{state_word(deal)}"""


def _stage(state: State, deal: Record) -> str:
    stage = derived.stage_of(state, deal.values)
    return str(stage["label"]) if stage else "–"


def deal_page(state: State, deal: Record) -> Answer:
    company = people.company_of(state, deal)
    lines = "".join(_line_row(line, deal.alive) for line in people.lines_of(state, deal))
    head = "<tr><th>Line<th>SKU<th class=number>Price<th>Quantity<th class=number>Amount" if lines else ""
    name = escape(deal.values.get("dealname") or deal.id)
    body = f"""<p><a href="/">All deals</a></p><h1>{name}</h1>
      <p>{state_word(deal)} · {escape(_stage(state, deal))} · {money(deal.values.get("amount", ""))}
        · {escape(company.values.get("name", "") if company else "no company")}</p>
      <p class=quiet>{_closing(deal)}. Last changed on {in_words(deal.updated)}.</p>
      <form method=post class=row>{_deeds(deal)}</form>
      <h2>Lines</h2>{table(head + lines, "This deal has no line.")}"""
    return page(deal.values.get("dealname") or "Deal", body)


def _closing(deal: Record) -> str:
    at = instant(deal.values.get("closedate", "") or "none")
    return f"Closes on {in_words(at).partition(',')[0]}" if at is not None else "No closing day yet"


def _deeds(deal: Record) -> str:
    if deal.archived is not None:
        return "<button name=deed value=restore>Bring it back</button>"
    closed = deal.values.get("hs_is_closed") == "true"
    first = (
        "<button name=deed value=reopen class=plain>Reopen</button>"
        if closed
        else "<button name=deed value=won>Mark as won</button><button name=deed value=lost class=plain>Mark as lost</button>"
    )
    return f"{first}<button name=deed value=delete class=danger>Delete the deal</button>"


def _line_row(line: Record, changeable: bool) -> str:
    quantity = escape(line.values.get("quantity", ""))
    form = f"""<form method=post class=row><input type=hidden name=line value="{line.id}">
      <input name=quantity value="{quantity}" inputmode=numeric aria-label="Quantity">
      <button name=deed value=quantity class=plain>Change</button></form>"""
    return f"""<tr><td>{escape(line.values.get("name", "") or line.id)}<td>{escape(line.values.get("hs_sku", ""))}
      <td class=number>{money(line.values.get("price", ""))}<td>{form if changeable else quantity}
      <td class=number>{money(line.values.get("amount", ""))}"""


def told(state: State) -> Answer:
    rows = "".join(
        f"<tr><td>{escape(one.type)}<td>{escape(str(one.event.get('objectId', one.event.get('fromObjectId'))))}"
        f"<td>{escape(one.event.get('propertyName', ''))}<td>{_fate(one.delivered, one.settled)}<td>{len(one.attempts)} tries"
        for one in state.notices[:-41:-1]
    )
    empty = "Nothing has been told yet." if state.apps else "Nobody listens: start with --webhook."
    head = "<tr><th>What<th>Record<th>Property<th>State<th>Tries" if rows else ""
    return page("Told", f'<p><a href="/">All deals</a></p><h1>What was told to whom</h1>{table(head + rows, empty)}')


def _fate(delivered: bool, settled: bool) -> str:
    return "delivered" if delivered else "given up" if settled else "waiting"
