"""What names a counter."""

from datetime import datetime
from typing import NamedTuple


class CounterKey(NamedTuple):
    """Which counter: an account's (or one of its subjects'), of a feature (or one choice of it), in one period.

    Everybody locks counters in the order of these.
    """

    account_id: int
    feature_id: int
    start: datetime
    subject: str = ""
    choice: str = ""
