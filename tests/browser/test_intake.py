"""The review queue cleared by keyboard alone, wide and narrow; and a ticket checked before its case is opened."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from support.domain.intake.outcomes import Outcome
from support.models import Case, IntakeDecision, IntakeSettings
from tests.permissions import SUPPORT
from tests.support.admin.cases.desks import opened
from tests.support.admin.intake.tickets import TEXT, held, reads, the_door
from tests.support.intake_world import settled

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def door(live_server: Any) -> None:
    install()  # the flush of the test before took the roles along
    the_door()


def two_requests() -> dict[str, Any]:
    row = held(9)
    second = {
        **row.readings[0],
        "text": "Where are backups?",
        "candidates": [["backups", 0.5, "backups"], ["sso", 0.2, ""]],
    }
    row.delete()
    return {"readings": [*row.readings, second]}


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_queue_is_cleared_by_keyboard_alone(width: int, dark: bool, signed_in: Any, door: None) -> None:
    several = two_requests()
    rows = [held(1, case=opened()), held(2, case=opened(), **several), held(3, case=opened()), held(4, case=opened())]
    page = signed_in(SUPPORT, width=width, dark=dark)
    page.goto(reverse("admin:intake_review"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    press(page, "j", to=rows[1])
    press(page, "k", to=rows[0])
    press(page, "1", "a", to=rows[1])
    press(page, "n", "ArrowDown", "/")
    page.keyboard.type("acku")
    press(page, "Enter", "r", to=rows[2])
    assert page.get_by_text("It teaches 2 examples.").is_visible()
    press(page, "2", "u", to=rows[3])
    press(page, "z", to=rows[2])
    assert page.get_by_text("decided it less than a minute ago: upgrade suggested").is_visible()
    page.go_back()
    press(page, "1", "b")
    page.get_by_text("Nothing waits for a person.").wait_for()
    found = IntakeDecision.objects.order_by("pk").values_list("settled_outcome", "labels")
    assert list(found) == [
        ("accept", ["sso"]), ("redirect", ["", "backups"]), ("suggest", ["storage"]), ("block", ["sso"]),
    ]  # fmt: skip
    assert not page.faults


def press(page: Any, *keys: str, to: IntakeDecision | None = None) -> None:
    """These keys; then the ticket shown is that one."""
    for key in keys:
        page.keyboard.press(key)
    if to is not None:
        page.locator(".intake-walk strong", has_text=to.number).wait_for()
        page.wait_for_load_state("load")


def test_stricter_is_asked_for_from_the_figures_and_seen_before_it_is_saved(signed_in: Any, door: None) -> None:
    settled(Outcome.HOLD, Outcome.REDIRECT, at=timezone.now() - timedelta(hours=2))
    IntakeSettings.objects.update(labels_wanted=1)
    page = signed_in(SUPPORT, width=390)
    page.goto(reverse("admin:intake_figures"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Ask for more surety for it").click()
    page.get_by_label("How sure, to accept (percent)").fill("95")
    page.get_by_role("button", name="Show what it changes").click()
    told = page.get_by_text("How sure, to accept: 80 % → 95 %.")
    told.wait_for()
    assert 0 <= told.bounding_box()["y"] < 900  # on the screen, not above it
    assert IntakeSettings.objects.get().accept_percent == 80
    assert not page.faults


def test_a_ticket_is_seen_through_before_it_is_opened(signed_in: Any, door: None, monkeypatch: Any) -> None:
    reads(monkeypatch, [("sso", 0.92, "single sign-on")])
    page = signed_in(SUPPORT, width=390)
    page.goto(reverse("admin:check_ticket"))
    page.get_by_label("Asked by").fill("ana@acme.example")
    page.get_by_label("What they wrote").fill(TEXT)
    page.get_by_role("button", name="Check it").click()
    page.get_by_role("heading", name="Accepted").wait_for()
    assert page.locator("mark", has_text="single sign-on").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not Case.objects.exists()
    page.get_by_role("button", name="Open the case like this").click()
    page.get_by_role("heading", name="How this ticket was checked").wait_for()
    assert Case.objects.get().account.key == "acme"
    assert not page.faults
