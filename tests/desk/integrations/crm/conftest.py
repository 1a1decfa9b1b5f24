"""A CRM in memory, whose clock and ours tests move."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from tests.desk.integrations.crm.memory import Memory, registered
from tests.entitlements.world import AT


@dataclass
class Clock:
    """Stands still until it is moved."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at

    def passes(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def memory(clock: Clock) -> Iterator[Memory]:
    with registered(Memory(clock)) as made:
        yield made
