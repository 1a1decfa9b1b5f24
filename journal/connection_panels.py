"""What apps above show on the page of a connection, by name: the journal knows nothing of what its systems are for.

Whoever has something to show there registers it in AppConfig.ready().
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from journal.models import Connection


@dataclass(frozen=True, slots=True)
class Panel:
    """`content(connection, user, at)` gives the template what it shows as `panel`; None: nothing to show, or not theirs
    to see."""

    template: str
    content: Callable[..., Mapping[str, Any] | None]


_panels: dict[str, Panel] = {}


def register(name: str, panel: Panel) -> None:
    """Once for each name; the same again is no harm."""
    if _panels.setdefault(name, panel) != panel:
        raise ValueError(f"A panel {name!r} is registered already.")


def panels_of(connection: Connection, *, user: Any, at: datetime) -> list[tuple[str, Mapping[str, Any]]]:
    """The template and the content of each that has something to show, in the order of their names."""
    found = [(panel.template, panel.content(connection, user, at)) for _, panel in sorted(_panels.items())]
    return [(template, content) for template, content in found if content is not None]
