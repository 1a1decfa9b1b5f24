"""Publishing by keyboard in a real browser: to the end, with a second person, on a phone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from catalog.actions.publishing import roll_out
from catalog.domain.rollouts import Audience
from catalog.models import PlanVersion, Rollout
from config.roles import install
from entitlements.actions.sweep import sweep
from entitlements.models import Account
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM
from tests.browser.conftest import as_colleague
from tests.catalog.factories import publish_now
from tests.entitlements.publishing import a_draft
from tests.entitlements.world import DAY, GB, Catalog, account, catalog, subscribed, value

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture
def sold(live_server: Any) -> Catalog:
    install()  # the flush of the test before took the roles along
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    now = datetime.now(UTC)
    found = account("acme", at=now - 20 * DAY)
    subscribed(found, sold.team, at=now - 19 * DAY)
    return found


def draft_of(sold: Catalog, **gives: Any) -> PlanVersion:
    return a_draft(sold, at=datetime.now(UTC) - DAY, **gives)


def open_steps(signed_in: Any, version: PlanVersion, role: str = "finance", **shape: Any) -> Any:
    page = signed_in(role, **shape)
    page.goto(reverse("admin:catalog_publish", args=[version.pk]))
    return page


def follow(page: Any, name: str) -> None:
    """A link or a button, reached and pressed as a keyboard does."""
    page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first.focus()
    page.keyboard.press("Enter")


def test_the_whole_way_by_keyboard(signed_in: Any, sold: Catalog, acme: Account) -> None:
    page = open_steps(signed_in, draft_of(sold, storage=200 * GB))
    follow(page, "Go on: who gets it")
    page.get_by_text("1 account: 1 gains.").first.wait_for()
    page.get_by_role("radio", name="New customers only").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    follow(page, "Go on: check and publish")
    page.get_by_text("Everybody who holds Team gets it now.").wait_for()
    page.get_by_label("Why").focus()
    page.keyboard.type("Competitors give more")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Team v2 is published.").wait_for()
    assert value(acme, "storage", datetime.now(UTC)) == 200 * GB
    assert page.faults == []


def test_what_takes_away_waits_for_a_colleague_and_then_takes_effect(
    signed_in: Any, sold: Catalog, acme: Account
) -> None:
    version = draft_of(sold, sso=None)
    page = open_steps(signed_in, version)
    page.goto(reverse("admin:entitlements_publish_check", args=[version.pk]) + "?audience=now")
    page.get_by_label("Why").fill("Too dear")
    page.get_by_role("button", name="Ask for approval").click()
    page.get_by_text("Someone else has to approve it now").wait_for()
    colleague = as_colleague(signed_in("finance"))
    colleague.goto(reverse("admin:entitlements_publish_check", args=[version.pk]) + "?audience=now")
    colleague.get_by_role("link", name="Approve the request").click()
    colleague.get_by_role("button", name="Approve").click()
    colleague.get_by_text("The request was approved.").wait_for()
    assert value(acme, "sso", datetime.now(UTC)) is None


def test_scheduled_it_happens_by_itself(signed_in: Any, sold: Catalog, acme: Account) -> None:
    version = draft_of(sold, storage=200 * GB)
    page = open_steps(signed_in, version)
    follow(page, "Go on: who gets it")
    page.get_by_role("radio", name="Everybody, on a date").check()
    page.get_by_label("From the start of").fill("2099-04-01")
    follow(page, "Go on: check and publish")
    page.get_by_text("Everybody who holds Team gets it on 1 April 2099 (UTC).").wait_for()
    page.get_by_label("Why").fill("As announced")
    page.get_by_role("button", name="Publish Team v2").click()
    page.get_by_text("It happens by itself; nobody has to be awake.").wait_for()
    assert value(acme, "storage", datetime(2099, 3, 31, tzinfo=UTC)) == 100 * GB
    assert value(acme, "storage", datetime(2099, 4, 1, tzinfo=UTC)) == 200 * GB


def test_a_draft_whose_base_moved_says_so_with_what_moved(signed_in: Any, sold: Catalog, acme: Account) -> None:
    now = datetime.now(UTC)
    first = sold.team.versions.get(number=1)
    publish_now(a_draft(sold, storage=50 * GB, at=now - 3 * DAY), at=now - 2 * DAY)
    version = draft_of(sold, storage=200 * GB)
    roll_out(
        version=first, audience=Audience.NOW, effective_at=None, reason="Back", by=SYSTEM, at=now - timedelta(hours=1)
    )
    page = open_steps(signed_in, version)
    page.get_by_role("heading", name="What changed meanwhile").wait_for()
    page.get_by_role("button", name="Compare anew with Team v1").click()
    page.get_by_text("The draft is compared with what customers get now.").wait_for()


def test_the_list_of_accounts_comes_as_a_file(signed_in: Any, sold: Catalog, acme: Account) -> None:
    version = draft_of(sold, storage=200 * GB)
    page = open_steps(signed_in, version)
    follow(page, "Go on: who gets it")
    page.get_by_role("link", name="Which accounts").first.click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download these as CSV").click()
    assert downloading.value.suggested_filename == "team-v2-impact.csv"


def test_a_cohort_is_made_on_the_way(signed_in: Any, sold: Catalog, acme: Account) -> None:
    page = open_steps(signed_in, draft_of(sold, storage=200 * GB))
    follow(page, "Go on: who gets it")
    page.get_by_role("link", name="make one").click()
    page.get_by_label("Name").fill("Early birds")
    page.get_by_role("button", name="Show who is in it").click()
    page.get_by_role("heading", name="Early birds: 1 account").wait_for()
    page.get_by_role("button", name="Make the cohort").click()
    page.get_by_text("Nobody joins or leaves it any more.").first.wait_for()
    assert page.get_by_role("radio", name="A cohort: accounts you choose").is_checked()


@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1280, True)])
def test_every_step_fits_the_screen(signed_in: Any, sold: Catalog, acme: Account, width: int, dark: bool) -> None:
    version = draft_of(sold, sso=None, storage=200 * GB)
    page = open_steps(signed_in, version, width=width, dark=dark)
    for name in ("publish", "publish_who", "publish_check", "publish_accounts", "publish_done", "rollout"):
        shown = sold.team.versions.get(number=1) if name == "rollout" else version
        page.goto(reverse(f"admin:entitlements_{name}", args=[shown.pk]) + "?audience=now")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert page.faults == []


def test_the_telling_is_seen_to_go_on(signed_in: Any, sold: Catalog, acme: Account) -> None:
    now = datetime.now(UTC)
    sweep(at=now - DAY)
    publish_now(draft_of(sold, storage=200 * GB), at=now)
    sweep(at=now)
    work_off(at=now)
    page = signed_in("finance")
    page.goto(reverse("admin:entitlements_publish_done", args=[Rollout.objects.latest("pk").version_id]))
    page.get_by_role("link", name="Done, 1 of 1 accounts").click()
    page.get_by_text("1 feature: Storage").wait_for()
