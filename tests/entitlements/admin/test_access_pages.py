"""Where products asked, and what they were told."""

from datetime import timedelta

import pytest
from django.test import Client

from tests.catalog.factories import FeatureFactory
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import AccountFactory
from tests.entitlements.usage_factories import AccessCountFactory, DecisionTraceFactory
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def asked_at() -> None:
    """Images were refused 30 of 100 times in two hours, the export never; three days ago a job was refused."""
    images, export = FeatureFactory(key="images", name="Images"), FeatureFactory(key="export", name="Export")
    AccessCountFactory(point="POST /v1/images", feature=images, hour=AT, granted=50, denied=10)
    AccessCountFactory(point="POST /v1/images", feature=images, hour=AT - HOUR, granted=20, denied=20)
    AccessCountFactory(point="", feature=export, hour=AT, granted=5)
    AccessCountFactory(point="nightly job", feature=export, hour=AT - 3 * DAY, granted=0, denied=7)
    acme = AccountFactory(key="acme", name="Acme", zone="UTC")
    answer = {"because": ["Free gives 1", "Refused: 2 would be 1 over the limit of 1."]}
    DecisionTraceFactory(account=acme, feature=images, point="POST /v1/images", at=AT, answer=answer)


def test_points_with_the_most_refused_first(support_desk: Client, asked_at: None) -> None:
    said = text_of(support_desk.get(url("access")))
    assert "POST /v1/images 70 30 30 % unnamed 5 0 0 %" in said
    assert "nightly job" not in said
    assert "nightly job 0 7 100 %" in text_of(support_desk.get(url("access"), {"days": "30"}))


def test_one_point_by_feature_and_over_time_with_its_refusals(support_desk: Client, asked_at: None) -> None:
    response = support_desk.get(url("access"), {"point": "POST /v1/images"})
    said = text_of(response)
    assert "Images 70 30 30 %" in said
    assert "Refused: 2 would be 1 over the limit of 1." in said
    steps = [step["words"] for step in response.context["steps"]]
    assert (len(steps), steps[-2:]) == (
        24, ["08:00 UTC: 20 granted, 20 refused", "09:00 UTC: 50 granted, 10 refused"],
    )  # fmt: skip


def test_over_30_days_it_is_told_by_the_day(support_desk: Client, asked_at: None) -> None:
    response = support_desk.get(url("access"), {"point": "nightly job", "days": "30", "feature": "export"})
    steps = [step["words"] for step in response.context["steps"]]
    assert (len(steps), steps[-4]) == (30, "27 February: 0 granted, 7 refused")
    assert "Export, over time" in text_of(response)


def test_a_point_without_a_name_has_a_page(support_desk: Client, asked_at: None) -> None:
    assert "Export 5 0 0 %" in text_of(support_desk.get(url("access"), {"point": ""}))


def test_where_nobody_asked_it_says_so(support_desk: Client) -> None:
    assert "Nobody asked in this time" in text_of(support_desk.get(url("access")))
    assert "Nobody asked here in this time" in text_of(support_desk.get(url("access"), {"point": "new"}))


def test_a_trace_tells_every_reason(support_desk: Client, asked_at: None) -> None:
    listed = support_desk.get(url("decisiontrace_changelist"), {"q": "acme"})
    [row] = listed.context["cl"].result_list
    said = text_of(support_desk.get(url("decisiontrace_change", row.pk)))
    for words in (
        "Acme",
        "Refused",
        "How much: 1",
        "Free gives 1",
        "2 would be 1 over the limit of 1",
        "Try the check",
    ):
        assert words in said


def test_traces_are_found_by_a_part_of_the_point(support_desk: Client, asked_at: None) -> None:
    for typed, number in (("images", 1), ("elsewhere", 0)):
        listed = support_desk.get(url("decisiontrace_changelist"), {"q": typed})
        assert len(listed.context["cl"].result_list) == number
