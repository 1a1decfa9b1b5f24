"""What others put on an account's page: tabs in their order, lines and warnings that have something to say."""

from collections.abc import Iterator

import pytest
from django.http import QueryDict

from desk import slots
from desk.in_view import AccountInView
from desk.slots import Caution, Line, Tab, Urgency
from entitlements.admin.moments import AskedMoment
from entitlements.models import Account
from journal.models import Staff
from tests.conftest import AT


@pytest.fixture(autouse=True)
def _empty_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, empty in (("_tabs", {}), ("_lines", []), ("_warnings", [])):
        monkeypatch.setattr(slots, name, empty)


@pytest.fixture
def view() -> AccountInView:
    moment = AskedMoment(AT, None, now=True, zone="UTC")
    user = Staff(username="root", is_superuser=True, is_active=True)
    return AccountInView(Account(key="acme"), moment=moment, now=AT, user=user, asked=QueryDict())


def tab(key: str, position: int, **more: object) -> Tab:
    return Tab(key, key.title(), f"{key}.html", lambda view: {}, position, **more)


def test_tabs_stand_by_position_whoever_came_first() -> None:
    for key, position in (("usage", 40), ("overview", 10)):
        slots.register_tab(tab(key, position))
    assert [one.key for one in slots.tabs()] == ["overview", "usage"]


def test_a_tab_without_a_source_is_not_there(view: AccountInView) -> None:
    assert tab("usage", 40).open_to(view)
    assert not tab("contracts", 45, shows=lambda view: False).open_to(view)


def test_a_tab_opens_only_by_its_permission(view: AccountInView) -> None:
    view.user = Staff(username="nobody", is_active=False)
    assert not tab("usage", 40).open_to(view)


def test_a_line_that_has_nothing_to_say_says_nothing(view: AccountInView) -> None:
    slots.register_header(lambda view: None)
    slots.register_header(lambda view: Line("Sync", f"{view.account.key}: 2 minutes ago"))
    assert [line.words for line in slots.lines_for(view)] == ["acme: 2 minutes ago"]


def test_the_most_urgent_warning_comes_first(view: AccountInView) -> None:
    def some(view: AccountInView) -> Iterator[Caution]:
        yield Caution(Urgency.NOTE, "A note")
        yield Caution(Urgency.NOW, "Now")

    def others(view: AccountInView) -> Iterator[Caution]:
        yield Caution(Urgency.SOON, "Soon")

    slots.register_warning(some)
    slots.register_warning(others)
    slots.register_warning(some)  # twice is once
    assert [caution.words for caution in slots.warnings_for(view)] == ["Now", "Soon", "A note"]
