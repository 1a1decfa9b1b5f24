"""The plan sheet as a spreadsheet, in a real browser: by keyboard, mouse, clipboard, and without any script."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect

from catalog.actions.cells import CellWrite, write_cells
from catalog.actions.drafts import open_draft
from catalog.models import Feature, Plan, PlanTerm, PlanVersion
from config.roles import install
from journal.domain.actor import SYSTEM
from tests.browser.conftest import session_of
from tests.catalog.factories import (
    FeatureFactory,
    FeatureGroupFactory,
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    RolesFactory,
    SeatsFactory,
    StorageFactory,
    TierFactory,
    publish_now,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]
NOW = datetime.now(UTC)
FEATURES = ("seats", "storage", "sso", "tier", "roles")


@pytest.fixture
def catalog(live_server: Any) -> None:
    """Three plans with five features each; Team has a draft."""
    install()  # the flush of the test before took the roles along
    group = FeatureGroupFactory(name="Limits")
    made = [SeatsFactory, StorageFactory, FeatureFactory, TierFactory, RolesFactory]
    seats, storage, sso, tier, roles = (
        factory(key=key, name=key.capitalize(), group=group) for factory, key in zip(made, FEATURES, strict=True)
    )
    for size, key in enumerate(("free", "pro", "team"), start=1):
        version = PlanVersionFactory(plan=PlanFactory(key=key, name=key.capitalize()))
        PlanTermFactory(version=version, feature=seats, amount=size)
        PlanTermFactory(version=version, feature=storage, amount=size * 10**9, typed_unit="GB")
        PlanTermFactory(version=version, feature=sso, state="value" if key == "team" else "not_included")
        PlanTermFactory(version=version, feature=tier, text="basic")
        PlanTermFactory(version=version, feature=roles, choices=["owner"])
        publish_now(version)
    open_draft(plan=Plan.objects.get(key="team"), by=SYSTEM, at=NOW)


@pytest.fixture
def sheet(catalog: None, signed_in: Any) -> Page:
    page = signed_in("finance")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return opened(page)


def opened(page: Page) -> Page:
    page.goto(reverse("admin:catalog_sheet"))
    page.locator("#plan-sheet.is-live").wait_for()
    return page


def cell(page: Page, plan: str, feature: str) -> Locator:
    return page.locator(f"#cell-{plan}-{feature}")


def says(page: Page, plan: str, feature: str, text: str) -> None:
    """The cell shows it, and the server has kept it."""
    expect(cell(page, plan, feature)).to_have_attribute("data-text", text)
    expect(cell(page, plan, feature)).not_to_have_class(re.compile("is-pending"))


def at_hand(page: Page, plan: str, feature: str) -> None:
    expect(cell(page, plan, feature)).to_be_focused()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def kept(plan: str, feature: str) -> PlanTerm:
    version = PlanVersion.objects.filter(plan__key=plan).latest("number")
    return PlanTerm.objects.get(version=version, feature__key=feature)


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    press(page, "Control+v")


def saved(page: Page) -> None:
    expect(page.locator("#sheet-state")).to_have_text("Saved")
    assert not page.faults  # type: ignore[attr-defined]  # noted by the fixture


def test_it_is_a_grid_with_one_place_in_the_tab_order(sheet: Page) -> None:
    grid = sheet.get_by_role("grid", name="Plan sheet")
    expect(grid).to_have_attribute("aria-rowcount", "7")  # the headings, the group, its five features
    expect(grid).to_have_attribute("aria-colcount", "4")
    assert grid.locator("td[tabindex='0']").count() == 1
    assert cell(sheet, "pro", "storage").evaluate("c => [c.ariaColIndex, c.parentElement.ariaRowIndex]") == ["3", "4"]


def test_the_keyboard_walks_everywhere(sheet: Page) -> None:
    cell(sheet, "free", "seats").click()
    press(sheet, "ArrowRight", "ArrowDown")
    at_hand(sheet, "pro", "storage")
    press(sheet, "End")
    at_hand(sheet, "team", "storage")
    press(sheet, "Tab")
    at_hand(sheet, "free", "sso")
    press(sheet, "Shift+Tab", "Home")
    at_hand(sheet, "free", "storage")
    press(sheet, "Control+End")
    at_hand(sheet, "team", "roles")
    press(sheet, "Control+ArrowLeft", "Control+Home", "PageDown")
    at_hand(sheet, "free", "roles")


def test_escape_and_tab_leave_the_sheet(sheet: Page) -> None:
    cell(sheet, "free", "seats").click()
    press(sheet, "Escape", "Tab")
    assert sheet.evaluate("document.activeElement.closest('td')") is None


def test_typing_replaces_and_enter_keeps(sheet: Page) -> None:
    cell(sheet, "team", "seats").click()
    sheet.keyboard.type("25")
    press(sheet, "Enter")
    at_hand(sheet, "team", "storage")
    says(sheet, "team", "seats", "25")
    saved(sheet)
    assert kept("team", "seats").amount == 25
    expect(sheet.locator("#sheet-changes")).to_contain_text("1 change in 1 plan")
    press(sheet, "ArrowUp")
    expect(sheet.locator("#cell-notes")).to_contain_text("was 3 in v1")


def test_f2_changes_what_stands_there_and_escape_leaves_it(sheet: Page) -> None:
    cell(sheet, "team", "storage").click()
    press(sheet, "F2")
    expect(sheet.locator("#sheet-editor input")).to_have_value("3 GB")
    sheet.keyboard.type("9 TB")
    press(sheet, "Escape")
    at_hand(sheet, "team", "storage")
    says(sheet, "team", "storage", "3 GB")
    assert kept("team", "storage").amount == 3 * 10**9


def test_what_is_typed_is_read_as_it_is_typed(sheet: Page) -> None:
    cell(sheet, "team", "storage").click()
    sheet.keyboard.type("500 mb")
    expect(sheet.locator(".sheet-reading")).to_have_text("= 500 MB; hard limit")
    sheet.keyboard.type(" or so")
    expect(sheet.locator(".sheet-reading")).to_have_class(re.compile("is-wrong"))


def test_space_turns_a_switch(sheet: Page) -> None:
    cell(sheet, "team", "sso").click()
    press(sheet, "Space")
    says(sheet, "team", "sso", "not included")
    press(sheet, "Enter")
    says(sheet, "team", "sso", "on")
    saved(sheet)


def test_a_ranked_choice_is_taken_from_its_list(sheet: Page) -> None:
    cell(sheet, "team", "tier").click()
    press(sheet, "Enter")
    expect(sheet.get_by_role("option", name="Basic")).to_have_class(re.compile("is-active"))
    press(sheet, "ArrowUp", "Enter")
    says(sheet, "team", "tier", "Smart")
    press(sheet, "ArrowUp")
    sheet.keyboard.type("bas")
    press(sheet, "Tab")
    says(sheet, "team", "tier", "Basic")


def test_a_set_is_ticked(sheet: Page) -> None:
    cell(sheet, "team", "roles").click()
    press(sheet, "Enter", "ArrowDown", "Space", "ArrowDown", "Space", "Enter")
    says(sheet, "team", "roles", "Owner, Developer, Billing")
    press(sheet, "Enter", "Space", "ArrowDown", "Space", "ArrowDown", "Space", "Enter")
    says(sheet, "team", "roles", "nothing from the list")
    assert kept("team", "roles").choices == []


def test_what_can_not_be_read_stays_in_sight_until_it_is_mended(sheet: Page) -> None:
    seats = cell(sheet, "team", "seats")
    seats.click()
    sheet.keyboard.type("a few")
    press(sheet, "Enter")
    expect(seats).to_have_class(re.compile("is-bad"))
    expect(sheet.locator("#sheet-state")).to_contain_text("Not saved")
    assert kept("team", "seats").amount == 3
    press(sheet, "ArrowUp", "F2")
    expect(sheet.locator("#sheet-editor input")).to_have_value("a few")
    sheet.keyboard.type("4")
    press(sheet, "Enter")
    says(sheet, "team", "seats", "4")
    saved(sheet)


def test_delete_says_nothing_and_a_plan_below_shines_through(sheet: Page) -> None:
    cell(sheet, "team", "seats").click()
    press(sheet, "Delete")
    says(sheet, "team", "seats", "")
    press(sheet, "ArrowUp", "Enter", "ArrowDown", "ArrowDown", "Enter")  # the group: Unlimited
    expect(cell(sheet, "team", "seats")).to_have_class(re.compile("is-inherited"))
    expect(cell(sheet, "team", "seats")).to_have_text("Unlimited")
    expect(cell(sheet, "team", "seats")).to_have_attribute("data-from", "from the group Limits")


def test_typing_in_a_published_column_opens_a_draft_once(sheet: Page) -> None:
    cell(sheet, "pro", "seats").click()
    sheet.keyboard.type("20")
    press(sheet, "Enter")
    expect(sheet.get_by_role("heading", name="Open a draft of Pro?")).to_be_visible()
    press(sheet, "Enter")
    says(sheet, "pro", "seats", "20")
    sheet.keyboard.type("20 GB")
    press(sheet, "Enter")
    says(sheet, "pro", "storage", "20 GB")
    assert PlanVersion.objects.filter(plan__key="pro", state="draft").count() == 1
    expect(sheet.locator("#sheet-changes")).to_contain_text("2 changes in 1 plan")


def test_no_draft_is_opened_against_ones_will(sheet: Page) -> None:
    cell(sheet, "pro", "seats").click()
    sheet.keyboard.type("20")
    press(sheet, "Enter")
    sheet.get_by_role("button", name="Not now").click()
    says(sheet, "pro", "seats", "2")
    assert not PlanVersion.objects.filter(plan__key="pro", state="draft").exists()


BLOCK = "10\t20\t30\n10 GB\tlots\t30 GB\nyes\tno\t✓\n"


def test_a_block_with_a_bad_cell_is_written_only_as_far_as_people_want(sheet: Page) -> None:
    for plan in ("free", "pro"):
        open_draft(plan=Plan.objects.get(key=plan), by=SYSTEM, at=NOW)
    opened(sheet)
    cell(sheet, "free", "seats").click()
    paste(sheet, BLOCK)
    expect(sheet.get_by_role("heading", name="1 of 9 cells can’t be read")).to_be_visible()
    expect(sheet.locator("#ask-bad tbody")).to_contain_text("Pro, Storage")
    press(sheet, "Enter")  # write nothing
    says(sheet, "free", "seats", "1")
    assert kept("team", "seats").amount == 3
    cell(sheet, "free", "seats").click()
    paste(sheet, BLOCK)
    sheet.get_by_role("button", name="Write the 8 good cells only").click()
    says(sheet, "free", "storage", "10 GB")
    says(sheet, "pro", "storage", "2 GB")
    says(sheet, "free", "sso", "on")
    saved(sheet)
    press(sheet, "Control+z")
    says(sheet, "free", "sso", "not included")
    says(sheet, "team", "seats", "3")


def test_a_bad_block_opens_no_draft(sheet: Page) -> None:
    cell(sheet, "free", "seats").click()
    paste(sheet, BLOCK)
    sheet.get_by_role("button", name="Write nothing").click()
    says(sheet, "free", "seats", "1")
    assert PlanVersion.objects.filter(state="draft").count() == 1


def test_a_block_is_copied_as_other_spreadsheets_read_it(sheet: Page) -> None:
    cell(sheet, "pro", "seats").click()
    press(sheet, "Shift+ArrowRight", "Shift+ArrowDown", "Control+c")
    assert sheet.evaluate("navigator.clipboard.readText()") == "2\t3\n2 GB\t3 GB"
    assert sheet.locator("td[aria-selected=true]").count() == 4


def test_what_is_cut_goes_where_it_is_pasted(sheet: Page) -> None:
    cell(sheet, "team", "seats").click()
    press(sheet, "Control+x")
    says(sheet, "team", "seats", "")
    press(sheet, "Control+v")
    says(sheet, "team", "seats", "3")


def test_a_single_cell_fills_the_block_it_is_pasted_into(sheet: Page) -> None:
    open_draft(plan=Plan.objects.get(key="pro"), by=SYSTEM, at=NOW)
    opened(sheet)
    cell(sheet, "pro", "seats").click()
    press(sheet, "Shift+ArrowRight")
    paste(sheet, "77")
    says(sheet, "pro", "seats", "77")
    says(sheet, "team", "seats", "77")


def test_filling_right_and_down(sheet: Page) -> None:
    cell(sheet, "team", "storage").click()
    press(sheet, "Control+r")
    says(sheet, "team", "storage", "2 GB")
    sheet.locator("tr.sheet-band td").last.click()
    sheet.keyboard.type("unl")
    press(sheet, "Enter", "ArrowUp", "Shift+ArrowDown", "Control+d")
    says(sheet, "team", "seats", "Unlimited")


def test_undo_and_redo_go_through_every_edit(sheet: Page) -> None:
    cell(sheet, "team", "seats").click()
    for number in ("10", "20", "30"):
        sheet.keyboard.type(number)
        press(sheet, "Enter", "ArrowUp")
    says(sheet, "team", "seats", "30")
    press(sheet, "Control+z", "Control+z")
    says(sheet, "team", "seats", "10")
    press(sheet, "Control+z")
    says(sheet, "team", "seats", "3")
    expect(sheet.locator("#sheet-undo")).to_be_disabled()
    press(sheet, "Control+y", "Control+Shift+z")
    says(sheet, "team", "seats", "20")
    saved(sheet)
    assert kept("team", "seats").amount == 20


def test_find_marks_steps_and_filters(sheet: Page) -> None:
    cell(sheet, "free", "seats").click()
    press(sheet, "Control+f")
    sheet.keyboard.type(" gb")
    expect(sheet.locator("#sheet-find [data-part=told]")).to_have_text("3 found")
    press(sheet, "Enter", "Enter")
    expect(sheet.locator("#cell-where")).to_have_text("Pro · Storage")
    sheet.get_by_label("only these rows").check()
    assert [row.get_attribute("data-name") for row in sheet.locator("tbody tr:visible").all()] == ["Storage"]
    sheet.locator("#sheet-find-line").press("Escape")
    assert sheet.locator("tbody tr:visible").count() == 6


def someone_else_writes(text: str) -> None:
    draft = PlanVersion.objects.get(state="draft")
    write = CellWrite(draft, Feature.objects.get(key="storage"), text)
    write_cells(writes=[write], tokens={draft.pk: draft.edits}, by=SYSTEM, at=NOW)


@pytest.mark.parametrize(("answer", "seats"), [("Reload theirs, drop mine", "3"), ("write mine on top", "50")])
def test_who_was_faster_is_shown_and_never_overwritten(sheet: Page, answer: str, seats: str) -> None:
    someone_else_writes("99 GB")
    cell(sheet, "team", "seats").click()
    sheet.keyboard.type("50")
    press(sheet, "Enter")
    expect(sheet.locator("#ask-conflict")).to_contain_text("storage: 3 GB → 99 GB")
    expect(sheet.locator("#ask-conflict")).to_contain_text("Team, Seats: 50")
    assert kept("team", "seats").amount == 3
    sheet.get_by_role("button", name=answer).click()
    says(sheet, "team", "storage", "99 GB")
    says(sheet, "team", "seats", seats)
    assert kept("team", "storage").amount == 99 * 10**9


def test_two_pages_at_once_end_in_what_was_written_last(sheet: Page, signed_in: Any) -> None:
    other = opened(signed_in("finance"))
    cell(other, "team", "seats").click()
    other.keyboard.type("40")
    press(other, "Enter")
    says(other, "team", "seats", "40")
    cell(sheet, "team", "seats").click()
    sheet.keyboard.type("50")
    press(sheet, "Enter")
    expect(sheet.locator("#ask-conflict")).to_contain_text("seats: 3 → 40")
    sheet.get_by_role("button", name="Reload theirs, drop mine").click()
    says(sheet, "team", "seats", "40")


def test_a_published_draft_takes_no_more_edits(sheet: Page) -> None:
    publish_now(PlanVersion.objects.get(state="draft"), at=NOW)
    cell(sheet, "team", "seats").click()
    sheet.keyboard.type("50")
    press(sheet, "Enter")
    expect(sheet.get_by_role("button", name="write mine on top")).to_be_hidden()
    sheet.get_by_role("button", name="Reload theirs, drop mine").click()
    says(sheet, "team", "seats", "3")
    expect(sheet.locator("th[data-key=team]")).not_to_have_attribute("data-draft", "1")


def test_an_edit_waits_while_nobody_answers(sheet: Page) -> None:
    turned_away = []

    def away(route: Any) -> None:
        turned_away.append(route.request.url)
        route.abort()

    sheet.route("**/sheet/cells/", away, times=1)
    cell(sheet, "team", "seats").click()
    sheet.keyboard.type("50")
    press(sheet, "Enter")
    expect(sheet.locator("#sheet-state")).to_contain_text("no connection")
    says(sheet, "team", "seats", "50")
    saved(sheet)
    assert len(turned_away) == 1


def test_keys_never_wait_for_the_server(sheet: Page) -> None:
    held: list[Any] = []
    sheet.route("**/sheet/cells/", lambda route: held.append(route), times=1)
    cell(sheet, "team", "seats").click()
    for text in ("50", "60 GB"):
        sheet.keyboard.type(text)
        press(sheet, "Enter")
    expect(cell(sheet, "team", "storage")).to_have_text("60 GB")
    at_hand(sheet, "team", "sso")
    assert kept("team", "seats").amount == 3
    held[0].continue_()
    says(sheet, "team", "storage", "60 GB")
    saved(sheet)


def test_a_hidden_column_stays_hidden_in_the_address(sheet: Page) -> None:
    sheet.locator("th[data-key=pro] summary").click()
    sheet.get_by_role("link", name="Hide this column").locator("visible=true").click()
    expect(cell(sheet, "pro", "seats")).to_be_hidden()
    assert sheet.url.endswith("?hide=pro")
    cell(sheet, "free", "seats").click()
    press(sheet, "ArrowRight")
    at_hand(sheet, "team", "seats")
    sheet.reload()
    expect(cell(sheet, "pro", "seats")).to_be_hidden()
    sheet.get_by_text("Columns", exact=True).click()
    sheet.locator("#sheet-columns").get_by_label("Pro").uncheck()
    expect(cell(sheet, "pro", "seats")).to_be_visible()


def order(page: Page) -> list[str]:
    return page.locator("thead th[data-key]").evaluate_all("all => all.map(one => one.dataset.key)")


def test_columns_move_by_keyboard_menu_and_mouse(sheet: Page) -> None:
    cell(sheet, "team", "seats").click()
    press(sheet, "Alt+Shift+ArrowLeft")
    saved(sheet)
    assert order(sheet) == ["free", "team", "pro"]
    at_hand(sheet, "team", "seats")
    sheet.locator("th[data-key=free] summary").click()
    sheet.locator("th[data-key=free]").get_by_role("button", name="Move right").click()
    saved(sheet)
    sheet.locator("th[data-key=pro] .sheet-price").drag_to(sheet.locator("th[data-key=team] .sheet-price"))
    saved(sheet)
    assert order(sheet) == ["pro", "team", "free"]
    opened(sheet)
    assert order(sheet) == ["pro", "team", "free"]


def test_the_menu_of_a_column_is_reached_by_keyboard(sheet: Page) -> None:
    cell(sheet, "free", "seats").click()
    press(sheet, "ArrowUp", "ArrowUp", "ArrowRight", "Enter")
    expect(sheet.locator("th[data-key=pro] details")).to_have_attribute("open", "")
    press(sheet, "Escape", "ArrowDown", "ArrowDown")
    at_hand(sheet, "pro", "seats")


def test_shift_enter_leads_to_every_rule_of_the_cell(sheet: Page) -> None:
    cell(sheet, "team", "seats").click()
    press(sheet, "Shift+Enter")
    sheet.wait_for_url("**/cell/**")


def test_a_question_mark_tells_the_keys(sheet: Page) -> None:
    cell(sheet, "team", "seats").click()
    press(sheet, "?")
    expect(sheet.get_by_role("heading", name="Working in the sheet")).to_be_visible()
    press(sheet, "Escape")
    at_hand(sheet, "team", "seats")


def test_a_phone_can_read_and_write(catalog: None, signed_in: Any) -> None:
    page = opened(signed_in("finance", width=390, dark=True))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    team = cell(page, "team", "seats")
    team.scroll_into_view_if_needed()
    team.dblclick()
    page.locator("#sheet-editor input").fill("12")
    assert page.locator("#sheet-editor").evaluate("box => box.getBoundingClientRect().right") <= 390
    press(page, "Enter")
    says(page, "team", "seats", "12")


def test_whoever_may_not_write_can_still_walk_find_and_copy(catalog: None, signed_in: Any) -> None:
    page = opened(signed_in("support"))
    cell(page, "team", "seats").click()
    press(page, "5", "Enter", "Delete", "ArrowRight")
    assert page.locator("#sheet-editor").is_hidden()
    says(page, "team", "seats", "3")
    assert not page.faults


def test_the_engineers_view_is_walked_and_copied_too(sheet: Page) -> None:
    sheet.get_by_role("link", name="For engineers").click()
    sheet.locator("#plan-sheet.is-live").wait_for()
    sheet.locator("td", has_text="seats").first.click()
    press(sheet, "Shift+ArrowRight", "Control+c")
    assert sheet.evaluate("navigator.clipboard.readText()") == "seats\tcapacity"


def test_without_scripts_the_forms_do_it(catalog: None, chromium: Browser, live_server: Any) -> None:
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": session_of("finance"), "url": live_server.url}])
    page = context.new_page()
    page.goto(reverse("admin:catalog_sheet"))
    cell(page, "team", "seats").get_by_role("link").click()
    page.get_by_label("What the plan gives").fill("25")
    page.get_by_role("button", name="Save").click()
    expect(cell(page, "team", "seats")).to_have_text("25")
    page.locator("th[data-key=pro] summary").click()
    page.locator("th[data-key=pro]").get_by_role("button", name="Move left").click()
    assert [one.get_attribute("data-key") for one in page.locator("thead th[data-key]").all()] == [
        "pro",
        "free",
        "team",
    ]
    page.locator("th[data-key=free] summary").click()
    page.locator("th[data-key=free]").get_by_role("button", name="Open a draft").click()
    assert PlanVersion.objects.filter(plan__key="free", state="draft").exists()
    context.close()


BLOCKS: list[list[list[str]]] = [
    [["1", "2"], ["3", ""]],
    [['"custom"', "a\tb"], ['say "so"', "x"]],
    [[""]],
    [["8 GB, then $0.125 per GB", "✓"]],
]


def test_blocks_of_text_read_back_as_they_were_written(sheet: Page) -> None:
    script = "blocks => import('/static/catalog/sheet/tsv.js').then(m => blocks.map(b => m.readTsv(m.writeTsv(b))))"
    assert sheet.evaluate(script, BLOCKS) == BLOCKS
    read = "texts => import('/static/catalog/sheet/tsv.js').then(m => texts.map(t => m.readTsv(t)))"
    told = ["a\tb\r\nc\td\r\n", '"two\nlines"\tx\n', '"open', '"quoted" and more\ty']
    assert sheet.evaluate(read, told) == [
        [["a", "b"], ["c", "d"]], [["two lines", "x"]], [['"open']], [['"quoted" and more', "y"]],
    ]  # fmt: skip
