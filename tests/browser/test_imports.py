"""A file brought to the desk in a real browser: from the sheet on the screen to the sheet in the catalog and back."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from config.roles import install
from journal.actions.working import work_off
from tests.catalog.page import import_small_page
from tests.permissions import FINANCE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def sheet(live_server: Any) -> None:
    install()  # the flush of the test before took the roles along
    import_small_page(at=timezone.now())


def exported(page: Any, folder: Path) -> str:
    page.goto(reverse("admin:catalog_exports"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Plan sheet as CSV").click()
    path = folder / "sheet.csv"
    download.value.save_as(path)
    return path.read_bytes().decode("utf-8-sig")


def brought(page: Any, text: str, folder: Path) -> None:
    path = folder / "changed.csv"
    path.write_bytes(text.encode())
    page.goto(reverse("admin:catalog_import_new"))
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Read the file").click()
    page.get_by_role("button", name="Check every row").click()
    page.get_by_text("Row by row").wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_finance_changes_a_cell_in_a_spreadsheet_and_takes_it_back(
    width: int, signed_in: Any, sheet: None, tmp_path: Path
) -> None:
    page = signed_in(FINANCE, width=width)
    before = exported(page, tmp_path)
    brought(page, before.replace("1 GB", "2 GB"), tmp_path)
    assert page.locator(".import-changes").inner_text() == "Free: 1 GB a billing period → 2 GB a billing period"
    page.get_by_role("button", name="Write 1 row").click()
    work_off(at=timezone.now())
    page.get_by_text("1 row written").first.wait_for()  # the page looks again by itself
    assert exported(page, tmp_path) == before.replace("1 GB", "2 GB")
    page.go_back()
    page.get_by_text("Undo this import").click()
    page.get_by_role("button", name="Undo it").click()
    work_off(at=timezone.now())
    page.get_by_text("1 row undone").first.wait_for()
    assert exported(page, tmp_path) == before
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not page.faults
