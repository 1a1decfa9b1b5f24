"""What apps above show on the page of a connection: by name, and only what has something to show."""

import pytest

from journal import connection_panels
from journal.connection_panels import Panel, panels_of, register
from journal.models import Connection
from tests.conftest import AT


@pytest.fixture(autouse=True)
def _none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_panels, "_panels", {})


def speaks(connection: Connection, user: object, at: object) -> dict[str, str]:
    return {"name": connection.name}


def is_silent(connection: Connection, user: object, at: object) -> None:
    return None


def test_those_with_something_to_show_are_shown_in_the_order_of_their_names() -> None:
    register("b", Panel("b.html", speaks))
    register("a", Panel("a.html", speaks))
    register("c", Panel("c.html", is_silent))
    found = panels_of(Connection(name="Shop"), user=None, at=AT)
    assert found == [("a.html", {"name": "Shop"}), ("b.html", {"name": "Shop"})]


def test_a_name_is_given_once() -> None:
    register("a", Panel("a.html", speaks))
    register("a", Panel("a.html", speaks))
    with pytest.raises(ValueError, match="registered already"):
        register("a", Panel("a.html", is_silent))
