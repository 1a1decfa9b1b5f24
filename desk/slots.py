"""The places on an account's page that others fill: tabs, lines of its head, warnings.

Whoever has something to say about an account registers it here when the desk starts; the page knows none of them by
name. A tab has an address and a permission of its own and reads only what it shows. A line or a warning is said on
every tab, so it reads little; one that has nothing to say says nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from desk.in_view import AccountInView


def always(view: AccountInView) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Tab:
    """`content` gives the template what it shows. `dated`: another moment can be looked at on it."""

    key: str
    title: str
    template: str
    content: Callable[[AccountInView], dict[str, Any]]
    position: int
    permission: str = "entitlements.view_account"
    dated: bool = False
    shows: Callable[[AccountInView], bool] = always

    def open_to(self, view: AccountInView) -> bool:
        return view.may(self.permission) and self.shows(view)


@dataclass(frozen=True, slots=True)
class Line:
    """One fact in the head of the page: its name, what it says, perhaps a colour, a sentence behind it, a link, and where
    it stands in another system."""

    name: str
    words: str
    colour: str = ""
    why: str = ""
    url: str = ""
    there: str = ""


class Urgency(StrEnum):
    """In the order in which they are read."""

    NOW = "red"
    SOON = "amber"
    NOTE = "blue"


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a person should know before talking to the customer, and the way to what can be done about it."""

    urgency: Urgency
    words: str
    url: str = ""
    link: str = ""


LineSource = Callable[[AccountInView], Line | None]
WarningSource = Callable[[AccountInView], Iterator[Caution]]

_tabs: dict[str, Tab] = {}
_lines: list[LineSource] = []
_warnings: list[WarningSource] = []


def register_tab(tab: Tab) -> None:
    _tabs[tab.key] = tab


def register_header(source: LineSource) -> None:
    if source not in _lines:
        _lines.append(source)


def register_warning(source: WarningSource) -> None:
    if source not in _warnings:
        _warnings.append(source)


def tabs() -> tuple[Tab, ...]:
    return tuple(sorted(_tabs.values(), key=lambda tab: tab.position))


def lines_for(view: AccountInView) -> list[Line]:
    return [line for source in _lines if (line := source(view)) is not None]


def warnings_for(view: AccountInView) -> list[Caution]:
    """The most urgent first, else in the order of their sources."""
    order = list(Urgency)
    found = [warning for source in _warnings for warning in source(view)]
    return sorted(found, key=lambda warning: order.index(warning.urgency))
