"""The plans of a price page: name, price per month or "contact sales", and whom they are for."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.domain.amounts import BIGINT_MAX, UnreadableCell
from catalog.domain.cells import check_characters
from catalog.domain.csv_page import PageRefused, Source, cell_name, read_page
from catalog.domain.declarations import slug
from catalog.domain.prices import read_money
from catalog.domain.sayings import Saying, saying_of

PLAN, PRICE, AUDIENCE = "plan", "price_per_month_usd", "audience"
COLUMNS = (PLAN, PRICE, AUDIENCE)


class PlansRefused(PageRefused):
    """The list of plans has mistakes; nothing of it was taken."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan of the page; without a price it is sold by agreement with sales."""

    key: str
    name: str
    price_micros: int | None
    currency: str = "USD"
    audience: str = ""

    def __post_init__(self) -> None:
        if not self.name or not self.key:
            raise ValueError("A plan has a name and a key.")
        if self.price_micros is not None and not 0 <= self.price_micros <= BIGINT_MAX:
            raise ValueError("A price is 0 or more, and small enough to be stored.")

    @property
    def by_agreement(self) -> bool:
        return self.price_micros is None


def read_plans(source: Source) -> tuple[PlanRow, ...]:
    """Every plan in the order of the file; raises PlansRefused with every mistake and its place."""
    page = read_page(source, refused=PlansRefused)
    errors = [*page.problems, *(f"Row 1: the column '{n}' is missing." for n in COLUMNS if n not in page.header)]
    errors += [f"Row 1: there is no column '{n}' here." for n in page.header if n and n not in COLUMNS]
    if errors:
        raise PlansRefused(errors)
    plans: dict[str, PlanRow] = {}
    for row in page.rows:
        cells = dict(zip(page.header, (cell.strip() for cell in row.cells), strict=True))
        place = cell_name(row=row.number, column=page.header.index(PRICE))
        try:
            plan = _read_plan(cells)
        except UnreadableCell as mistake:
            errors.append(f"{place} ({cells[PLAN] or 'no name'}): {mistake}")
            continue
        if plan.key in plans:
            errors.append(f"{cell_name(row=row.number, column=0)}: the plan '{plan.name}' is listed twice.")
        plans[plan.key] = plan
    if errors or not plans:
        raise PlansRefused(errors or ["The file lists no plan."])
    return tuple(plans.values())


def _read_plan(cells: Mapping[str, str]) -> PlanRow:
    for text in cells.values():
        check_characters(text)
        if text.startswith(("=", "+", "@", "-")):
            raise UnreadableCell(f"'{text}' looks like a formula or is below zero; write the words or the price.")
    if not cells[PLAN]:
        raise UnreadableCell("The plan has no name.")
    return PlanRow(slug(cells[PLAN]), cells[PLAN], _read_price(cells[PRICE]), audience=cells[AUDIENCE])


def _read_price(text: str) -> int | None:
    if saying_of(text) is Saying.CUSTOM:
        return None
    micros = read_money(text.removeprefix("$"))
    if micros is None:
        raise UnreadableCell(
            f"'{text}' is not a price per month; write a number such as 25 or 599.50, or contact sales."
        )
    return micros
