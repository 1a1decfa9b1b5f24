"""The board in a real browser: it stays right while it is open, and what one had in focus stays so."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.roles import install
from journal.domain.actor import SYSTEM
from support.actions.cases.noting import note
from support.domain.case_events import EventKind
from tests.permissions import SUPPORT
from tests.support.admin.cases.desks import address, opened, the_desk

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


def test_a_case_that_is_answered_moves_without_a_reload(signed_in: Any, live_server: Any) -> None:
    install()  # the flush of the test before took the roles along
    the_desk()
    now = timezone.now()
    late = opened(subject="Nothing exports", at=now - timedelta(minutes=90))
    soon = opened(subject="It is slow", at=now - timedelta(minutes=30))
    page = signed_in(SUPPORT, width=390, dark=True)
    page.goto(address("board"))
    column = page.locator("#board-late")
    column.get_by_text("Nothing exports").wait_for()
    page.evaluate("window.stays = true")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == f"opens-{soon.pk}"
    note(case=late, kind=EventKind.PUBLIC_REPLY, by=SYSTEM, at=timezone.now())
    page.locator("#board-next").get_by_text("Nothing exports").wait_for()
    assert column.get_by_text("Nothing is late.").is_visible()
    assert page.evaluate("document.activeElement.id") == f"opens-{soon.pk}"
    assert page.evaluate("window.stays")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.keyboard.press("Enter")
    page.get_by_text("Say what happened").first.wait_for()
    assert page.url.endswith(address("case", soon.pk))
    assert not page.faults
