"""What every counterpart is to a test: it stands at an address, knows what it was asked, and is made well again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from tests.fakes.serving import Serving

BEGAN = 1772442000  # Monday 2 March 2026, 09:00 UTC: the clock stands still until it is moved on


class Standing:
    """`_api` answers; `_serving` is the server before it."""

    _api: Any
    _serving: Serving

    def start(self) -> None:
        self._serving.start()

    def stop(self) -> None:
        self._serving.stop()

    @property
    def settings(self) -> Any:
        return self._api.state.settings

    @property
    def requests(self) -> list[Any]:
        """Each as it came, and what it was answered."""
        return self._api.requests

    @property
    def faults(self) -> list[str]:
        """Its own, never those on order: whoever ends the counterpart hears of them."""
        return self._api.faults

    def heal(self) -> None:
        """No fault is on order any more."""
        self._api.injectors.clear()


Fake = TypeVar("Fake", bound=Standing)


@contextmanager
def standing(fake: Fake) -> Iterator[Fake]:
    """A counterpart for the length of a test; a fault of its own is the test's failure."""
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()
        assert not fake.faults, fake.faults[0]
