"""What the sheet says of itself in a real browser: what goes with a typed amount, what can be undone, what is ahead."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from catalog.actions.cells import CellWrite, write_cells
from catalog.domain.rollouts import Audience, publication_payload
from catalog.models import Feature, PlanVersion
from journal.domain.actor import SYSTEM
from tests.browser.test_plan_sheet import NOW, catalog, cell, opened, press, says, sheet
from tests.catalog.factories import AddOnFactory, PlanFactory, PlanTermFactory, PlanVersionFactory
from tests.journal.factories import ApprovalFactory

__all__ = ["catalog", "sheet"]  # fixtures

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


def theirs(key: str, text: str) -> None:
    """A colleague writes in Team's draft meanwhile."""
    draft = PlanVersion.objects.get(state="draft")
    write = CellWrite(draft, Feature.objects.get(key=key), text)
    write_cells(writes=[write], tokens={draft.pk: draft.edits}, by=SYSTEM, at=NOW)


def type_into(page: Page, key: str, text: str) -> None:
    cell(page, "team", key).click()
    page.keyboard.type(text)
    press(page, "Enter")


def test_an_amount_typed_over_a_price_says_that_the_price_goes(sheet: Page) -> None:
    type_into(sheet, "storage", "8 GB, then $0.125 per GB")
    says(sheet, "team", "storage", "8 GB, then $0.125 per GB")
    cell(sheet, "team", "storage").click()
    sheet.keyboard.type("10 GB")
    gone = "the price for more is gone and the limit is hard now"
    expect(sheet.locator(".sheet-reading")).to_have_text(f"= 10 GB; hard limit; {gone}")
    press(sheet, "Enter")
    expect(sheet.locator("#sheet-state")).to_have_text(f"Saved. Team, Storage: {gone}.")
    press(sheet, "Control+z")
    says(sheet, "team", "storage", "8 GB, then $0.125 per GB")
    expect(sheet.locator("#sheet-state")).to_have_text("Saved")


def test_after_a_conflict_what_nobody_touched_can_still_be_undone(sheet: Page) -> None:
    for key, text in (("seats", "20"), ("storage", "20 GB")):
        type_into(sheet, key, text)
        says(sheet, "team", key, text if key == "seats" else cell(sheet, "team", key).get_attribute("data-text") or "")
    expect(sheet.locator("#sheet-state")).to_have_text("Saved")
    theirs("storage", "99 GB")
    type_into(sheet, "tier", "Smart")
    sheet.get_by_role("button", name="Reload theirs, write mine on top").click()
    expect(sheet.locator("#sheet-state")).to_have_text(
        "Saved. 1 earlier step can’t be undone: someone else changed those cells."
    )
    press(sheet, "Control+z", "Control+z")
    says(sheet, "team", "seats", "3")
    expect(sheet.locator("#sheet-undo")).to_be_disabled()
    expect(cell(sheet, "team", "storage")).to_have_attribute("data-text", re.compile("^99 GB"))


def test_undoing_mine_on_top_brings_theirs_back(sheet: Page) -> None:
    theirs("seats", "40")
    type_into(sheet, "seats", "50")
    sheet.get_by_role("button", name="Reload theirs, write mine on top").click()
    says(sheet, "team", "seats", "50")
    press(sheet, "Control+z")
    says(sheet, "team", "seats", "40")


def test_a_draft_that_waits_for_approval_is_marked_also_once_it_is_written_in(sheet: Page) -> None:
    draft = PlanVersion.objects.get(state="draft")
    payload = publication_payload(audience=Audience.NOW, effective_at=None, edits=draft.edits)
    ApprovalFactory(kind="publication", subject_type="planversion", subject_key=str(draft.pk), payload=payload)
    head = opened(sheet).locator("th[data-key=team]")
    expect(head).to_contain_text("waits for approval")
    type_into(sheet, "seats", "50")
    expect(head).to_contain_text("edited since approval was asked")


def test_the_columns_out_of_sight_are_counted_and_one_press_away(catalog: None, signed_in: Any) -> None:
    for _ in range(6):
        PlanFactory()
    page = opened(signed_in("finance", width=1000))
    button = page.locator("#sheet-ahead")
    expect(button).to_have_text(re.compile(r"^\d more columns →$"))
    button.click()
    assert page.locator(".sheet-frame").evaluate("frame => frame.scrollLeft") > 0
    page.locator(".sheet-frame").evaluate("frame => frame.scrollTo(9999, 0)")
    expect(button).to_be_hidden()
    assert not page.faults  # type: ignore[attr-defined]


def test_an_add_on_of_flat_amounts_proposes_per_unit(catalog: None, signed_in: Any) -> None:
    pack = PlanVersionFactory(plan=AddOnFactory(key="pack", name="Pack"))
    PlanTermFactory(version=pack, feature=Feature.objects.get(key="storage"), amount=10**9, typed_unit="GB")
    page = opened(signed_in("finance"))
    cell(page, "pack", "storage").click()
    expect(page.locator("#cell-notes")).to_contain_text("the same however many are bought")
    page.keyboard.type("1 GB per unit")
    press(page, "Enter", "ArrowUp")
    says(page, "pack", "storage", "1 GB per unit")
    expect(page.locator("#cell-notes")).not_to_contain_text("however many")
