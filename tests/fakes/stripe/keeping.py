"""What the counterpart of Stripe remembers from one start to the next."""

from pathlib import Path
from typing import Any

from tests.fakes import keeping
from tests.fakes.stripe.state import State

PARTS = ("tables", "deliveries", "ids", "failing", "added")


class Keeping(keeping.Keeping):
    def __init__(self, path: Path, state: State) -> None:
        super().__init__(path, state, PARTS, lambda: _mark(state))


def _mark(state: State) -> Any:
    """Each change leaves an event, a row or a try of a delivery."""
    rows = [len(table) for table in state.tables.values()]
    tries = sum(len(one.attempts) + one.given_up for one in state.deliveries)
    return rows, tries, state.changes, state.added
