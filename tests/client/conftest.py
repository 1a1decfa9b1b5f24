"""A fake desk for each test, and clients that are closed after it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from entitlement_client import Client
from tests.client.fake import KEY, FakeDesk, fake_desk


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    with fake_desk() as fake:
        yield fake


@pytest.fixture
def connect(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Client]]:
    """A client of the fake desk; by default one that refreshes so rarely that only the test makes it ask. A dead desk
    is tried again sooner than in earnest."""
    for name, seconds in {"circuit.SOON": 0.02, "circuit.LATEST": 0.2, "shelf.PAUSE": 0.02}.items():
        monkeypatch.setattr(f"entitlement_client.{name}", seconds)
    made: list[Client] = []

    def connected(**more: Any) -> Client:
        told: dict[str, Any] = {"api_key": KEY, "refresh_seconds": 60.0, "timeout": 0.4, **more}
        made.append(Client(desk.url, **told))
        return made[-1]

    yield connected
    for client in made:
        client.close()
