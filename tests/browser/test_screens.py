"""Every page of each role in a real browser: wide and narrow, light and dark, without a fault.

There are some four hundred, which takes minutes; so a run looks at a third of them, another one each day, and
`make test-screens` at all.
"""

import os
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse

from config.roles import install
from tests.permissions import ADMIN, AUDITOR, FINANCE, PAGES, SALES, SUPPORT, arguments
from tests.test_permissions import url_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]
THIRDS = 3
TODAYS = datetime.now(UTC).toordinal() % THIRDS
ALL = os.environ.get("DESK_SCREENS") == "all"
NOT_PAGES = {"admin:jsi18n", "admin:search"}  # data


@pytest.fixture
def world(live_server: Any) -> dict[str, object]:
    install()  # the flush of the test before took the roles along
    return arguments()


@pytest.mark.parametrize("role", [FINANCE, SALES, SUPPORT, AUDITOR, ADMIN])
def test_every_page_of_a_role_is_whole_at_both_widths_and_in_both_lights(
    role: str, signed_in: Any, world: dict[str, object]
) -> None:
    faults = []
    page = signed_in(role)
    for name, row in PAGES.items():
        if not row.roles or role != row.roles[0]:
            continue  # one role looks at each page; who may open it is tested for all of them without a browser
        url = url_of(name, row, world)
        if name not in NOT_PAGES and _has_its_turn(name) and _is_page(page, name, url):
            faults += _faults_of(page, name, url)
    assert not faults


def _has_its_turn(name: str) -> bool:
    return ALL or zlib.crc32(name.encode()) % THIRDS == TODAYS


def _is_page(page: Any, name: str, url: str) -> bool:
    """Not a file, nor a button that only takes a press: those a browser doesn't open."""
    answer = page.request.head(url)
    return answer.status != 405 and "attachment" not in answer.headers.get("content-disposition", "")


def _faults_of(page: Any, name: str, url: str) -> list[str]:
    """Opened wide in the light, then made narrow in the dark, as somebody turns a tablet and the day ends."""
    found = []
    answer = page.goto(url)
    if answer.status >= 400:
        found.append(f"{name}: {answer.status}")
    for width, light in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=light)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{name} is {wide} wide on a screen of {width}")
        found += [f"{name} at {width}: {fault}" for fault in page.faults]
        page.faults.clear()
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    return found


def test_the_palette_finds_a_customer_by_a_part_of_its_name(signed_in: Any, world: dict[str, object]) -> None:
    page = signed_in(SALES)
    page.goto(reverse("admin:index"))
    page.keyboard.press("Control+k")
    page.wait_for_function("document.activeElement.id === 'search-input-command'")  # what is typed before it is lost
    with page.expect_response(lambda answer: "/search/" in answer.url) as answer:
        page.keyboard.type("acme")
    assert answer.value.ok
    page.locator("#command-results").get_by_text("Acme").first.wait_for()


def test_support_types_a_name_and_reads_the_answer(signed_in: Any, world: dict[str, object]) -> None:
    page = signed_in(SUPPORT, width=390)
    page.goto(reverse("admin:support_lookup"))
    page.wait_for_function("document.activeElement.name === 'q'")  # one can type at once
    page.keyboard.type("acme")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Not covered").wait_for()


def test_sales_grants_more_storage_in_three_clicks(signed_in: Any, world: dict[str, object]) -> None:
    page = signed_in(SALES)
    page.goto(reverse("admin:desk_account_entitlements", args=["acme"]))
    page.locator("tr", has_text="Storage").get_by_role("link", name="Grant").first.click()
    page.get_by_label("How much").fill("5 GB")
    page.get_by_label("Last day").fill("2099-01-01")
    page.get_by_label("Why").fill("A try")
    page.get_by_role("button", name="Show what it becomes").click()
    page.locator("main, #content, body").first.get_by_text("5 GB").first.wait_for()
