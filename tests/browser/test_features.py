"""Features, rules, packages and links in a real browser, by keyboard and on a phone."""

from typing import Any

import pytest

from catalog.models import BillingLink, Feature, FeatureRevision
from config.roles import install
from journal.models import Approval
from tests.browser.conftest import session_of
from tests.catalog.factories import (
    FeatureFactory,
    FeatureGroupFactory,
    FeatureRevisionFactory,
    SeatsFactory,
    published_version,
)
from tests.entitlements.gold import gold_support

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, serialized_rollback=False),
]


@pytest.fixture(autouse=True)
def _roles(live_server: Any) -> None:
    install()  # the flush of the test before took the roles along


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_the_form_shows_only_what_the_kind_needs_and_proposes_a_key(signed_in: Any) -> None:
    FeatureGroupFactory(name="API")
    page = signed_in("finance")
    page.goto("/admin/catalog/feature/new/")
    assert page.get_by_label("What one of them is called").is_hidden()

    page.get_by_label("Name").fill("API calls (v2)")
    assert page.get_by_label("Key").input_value() == "api_calls_v2"
    page.get_by_label("Group").select_option(label="API")
    page.get_by_label("Usage limit:").check()
    page.get_by_label("What one of them is called").fill("call")
    assert page.get_by_text("The list, one choice a line").is_hidden()
    page.get_by_role("button", name="Declare it").click()
    page.get_by_text("API calls (v2) is declared").wait_for()
    assert Feature.objects.get().unit == "call"
    assert not page.faults


def test_the_whole_form_is_there_without_javascript(chromium: Any, live_server: Any) -> None:
    FeatureGroupFactory(name="API")
    context = chromium.new_context(java_script_enabled=False, base_url=live_server.url)
    context.add_cookies([{"name": "sessionid", "value": session_of("finance"), "url": live_server.url}])
    page = context.new_page()
    page.goto("/admin/catalog/feature/new/")
    for part in ("How it is counted", "What the setting is", "When it starts again"):
        assert page.get_by_text(part).first.is_visible()
    page.get_by_label("Name").fill("Seats")
    page.get_by_label("Key").fill("seats")
    page.get_by_label("Group").select_option(label="API")
    page.get_by_label("Seats and capacity:").check()
    page.get_by_label("What one of them is called").fill("seat")
    page.get_by_role("button", name="Declare it").click()
    assert Feature.objects.get().kind == "capacity"
    context.close()


def test_the_rules_are_said_live_while_somebody_chooses(signed_in: Any) -> None:
    feature = SeatsFactory()
    page = signed_in("finance")
    page.goto(f"/admin/catalog/feature/{feature.pk}/rules/")
    page.get_by_label("Customers in a trial").select_option("deny")
    page.get_by_text("trials and unpaid customers are refused").first.wait_for()
    page.get_by_role("button", name="See what changes").press("Enter")
    page.get_by_role("button", name="Set these rules").press("Enter")
    page.get_by_text("hold from now on").wait_for()
    assert FeatureRevision.objects.latest("effective_at").fallback_trial == "deny"
    assert not page.faults


def test_what_takes_something_away_ends_with_a_request(signed_in: Any) -> None:
    feature = FeatureFactory(name="SSO")
    FeatureRevisionFactory(feature=feature, kept_when_suspended=True)
    published_version(feature=feature)
    page = signed_in("finance")
    page.goto(f"/admin/catalog/feature/{feature.pk}/rules/")
    page.get_by_label("A suspended account keeps it").uncheck()
    page.get_by_text("Customers lose something").wait_for()
    page.get_by_label("Why").fill("Policy")
    page.get_by_role("button", name="See what changes").click()
    page.get_by_role("button", name="Ask a second person").click()
    page.get_by_text("has asked for other rules").wait_for()
    assert Approval.objects.get().reason == "Policy"


def test_a_package_is_made_and_read_on_a_phone(signed_in: Any) -> None:
    gold_support()
    page = signed_in("finance", width=390, dark=True)
    page.goto("/admin/catalog/featuregroup/packages/")
    assert page.get_by_text("24/7 phone").is_visible()
    assert fits(page)
    page.get_by_role("link", name="New package").click()
    page.get_by_label("Name").fill("Silver support")
    page.get_by_label("Premium services").select_option("Included")
    page.get_by_role("button", name="Make the package").click()
    page.get_by_text("Silver support has a first draft").wait_for()
    assert not page.faults


@pytest.mark.parametrize("width", [390, 1280])
def test_links_are_filled_in_and_nothing_is_cut_off(width: int, signed_in: Any) -> None:
    feature = FeatureFactory(name="SSO")
    page = signed_in("finance", width=width)
    page.goto("/admin/catalog/billinglink/of-the-system/")
    assert fits(page)
    page.get_by_label("SSO: Feature").fill("feat_sso")
    page.get_by_role("button", name="Save all of it").click()
    page.get_by_text("Everything is linked.").wait_for()
    assert BillingLink.objects.get().feature == feature
