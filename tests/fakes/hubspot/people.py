"""What a person does in HubSpot's own screens: the same deeds, said to come from there, and some that no address does."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from tests.fakes.hubspot import associations, kinds, records
from tests.fakes.hubspot.errors import invalid
from tests.fakes.hubspot.state import Record, State


@contextmanager
def at_work(state: State) -> Iterator[None]:
    """Whatever changes within is said to come from the screens."""
    before, state.source = state.source, "CRM_UI"
    try:
        yield
    finally:
        state.source = before


def added(state: State, kind: str, values: dict[str, Any], to: tuple[Record, ...]) -> Record:
    with at_work(state):
        row = records.opened(state, kind, values)
        for other in to:
            associations.linked(state, row, other, [])
        return row


def edited(state: State, row: Record, values: dict[str, Any]) -> Record:
    with at_work(state):
        return records.changed(state, row, values)


def deleted(state: State, row: Record) -> None:
    with at_work(state):
        records.archived(state, row)


def restored(state: State, row: Record) -> None:
    with at_work(state):
        records.restored(state, row)


def won(state: State, deal: Record) -> None:
    _to_stage(state, deal, lambda probability, closed: closed and probability == 1)


def lost(state: State, deal: Record) -> None:
    _to_stage(state, deal, lambda probability, closed: closed and probability == 0)


def reopened(state: State, deal: Record) -> None:
    _to_stage(state, deal, lambda probability, closed: not closed)


def _to_stage(state: State, deal: Record, fits: Any) -> None:
    """To the last stage of its pipeline that fits."""
    stages = state.pipelines[kinds.DEAL][deal.values["pipeline"]]["stages"]
    found = [
        stage["id"] for stage in stages
        if fits(Decimal(stage["metadata"]["probability"]), stage["metadata"]["isClosed"] == "true")
    ]  # fmt: skip
    if not found:
        raise invalid("This pipeline has no such stage.")
    edited(state, deal, {"dealstage": found[-1]})


def lines_of(state: State, deal: Record) -> list[Record]:
    return [state.get(kinds.LINE, key) for key, _ in associations.of(state, deal, kinds.LINE)]


def company_of(state: State, deal: Record) -> Record | None:
    """The primary company, or none."""
    for key, types in associations.of(state, deal, kinds.COMPANY):
        if set(types) & set(associations.PRIMARY):
            return state.get(kinds.COMPANY, key)
    return None


def requantified(state: State, deal: Record, line: Record, quantity: str) -> None:
    """As the screens do: the line changes, and the deal's amount with it (the addresses leave that to the caller)."""
    edited(state, line, {"quantity": quantity})
    amounts = [Decimal(one.values["amount"]) for one in lines_of(state, deal) if one.values.get("amount")]
    edited(state, deal, {"amount": f"{sum(amounts, Decimal(0)):f}"})
