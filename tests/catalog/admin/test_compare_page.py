"""Any two versions side by side."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.models import PlanVersion
from tests.catalog.factories import (
    FeatureFactory,
    MarketFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    PriceLineFactory,
    StorageFactory,
    publish_now,
)
from tests.entitlements.admin.reading import text_of

pytestmark = pytest.mark.django_db
GB = 10**9


@pytest.fixture
def two(db: None) -> tuple[PlanVersion, PlanVersion]:
    """Free: 1 GB, no single sign-on, 3 projects. Team: 8 GB (5 GB in a trial), single sign-on, 3 projects, $25."""
    storage, projects = StorageFactory(key="storage", name="Storage"), StorageFactory(key="projects", name="Projects")
    free, team = PlanVersionFactory(plan__name="Free"), PlanVersionFactory(plan__name="Team")
    for version, amount in ((free, GB), (team, 8 * GB)):
        PlanTermFactory(version=version, feature=storage, amount=amount, typed_unit="GB")
        PlanTermFactory(version=version, feature=projects, amount=3 * GB, typed_unit="GB")
    PlanTermFactory(version=team, feature=storage, phase="trial", amount=5 * GB, typed_unit="GB")
    PlanTermFactory(version=team, feature=FeatureFactory(key="sso", name="Single sign-on"))
    PlanPriceFactory(version=team)
    return publish_now(free), publish_now(team)


def page(client: Client, left: PlanVersion, right: PlanVersion, **asked: str) -> str:
    return text_of(client.get(reverse("admin:catalog_compare"), {"left": left.pk, "right": right.pk} | asked))


def test_only_what_differs_is_shown_first(support_desk: Client, two: tuple[PlanVersion, PlanVersion]) -> None:
    said = page(support_desk, *two)
    assert "Price No price yet $25 a month Other price" in said
    assert "Storage 1 GB 8 GB Better" in said
    assert "Storage During a trial 1 GB 5 GB Better" in said
    assert "Single sign-on – on Better" in said
    assert "Projects" not in said


def test_better_at_another_price_is_told_as_both(support_desk: Client, two: tuple[PlanVersion, PlanVersion]) -> None:
    storage = two[0].terms.get(feature__key="storage").feature
    draft = PlanVersionFactory(plan__name="Gold")
    term = PlanTermFactory(version=draft, feature=storage, amount=9 * GB, typed_unit="GB", enforcement="track")
    PriceLineFactory(term=term, per_amount=GB)
    assert "Storage 1 GB 9 GB, then $0.125 per GB Better, other price" in page(support_desk, two[0], draft)


def test_the_other_way_round_is_worse(support_desk: Client, two: tuple[PlanVersion, PlanVersion]) -> None:
    said = page(support_desk, *reversed(two))
    assert "Storage 8 GB 1 GB Worse" in said
    assert "Single sign-on on – Worse" in said


def test_everything_is_shown_when_asked_for(support_desk: Client, two: tuple[PlanVersion, PlanVersion]) -> None:
    assert "Projects 3 GB 3 GB" in page(support_desk, *two, show="all")


def test_a_draft_stands_beside_what_is_published(support_desk: Client, two: tuple[PlanVersion, PlanVersion]) -> None:
    draft = PlanVersionFactory(plan=two[1].plan, includes=two[0])
    said = page(support_desk, two[0], draft, show="all")
    assert "Storage 1 GB 1 GB from Free v1" in said
    assert "Team v2 · Draft" in said


def test_a_version_beside_itself_has_nothing_to_show(
    support_desk: Client, two: tuple[PlanVersion, PlanVersion]
) -> None:
    assert "Nothing differs." in page(support_desk, two[0], two[0])


def test_what_a_group_says_is_heard_by_its_features(support_desk: Client, two: tuple[PlanVersion, PlanVersion]) -> None:
    sso = FeatureFactory(name="Audit log")
    draft = PlanVersionFactory(plan__name="Gold")
    PlanTermFactory(version=draft, feature=None, group=sso.group)
    assert f"Audit log – on from the group {sso.group} Better" in page(support_desk, two[0], draft)


def test_a_term_for_a_market_names_it(support_desk: Client, two: tuple[PlanVersion, PlanVersion]) -> None:
    draft = PlanVersionFactory(plan__name="Gold")
    term = {"feature": two[0].terms.get(feature__key="storage").feature, "amount": 2 * GB, "typed_unit": "GB"}
    PlanTermFactory(version=draft, market=MarketFactory(name="Europe"), **term)
    assert "Storage In Europe 1 GB 2 GB Better" in page(support_desk, two[0], draft)


def test_the_table_is_downloaded_and_starts_no_formula(
    support_desk: Client, two: tuple[PlanVersion, PlanVersion]
) -> None:
    PlanTermFactory(version=(draft := PlanVersionFactory(plan__key="gold")), feature=FeatureFactory(name="=1+1"))
    asked = {"left": two[0].pk, "right": draft.pk, "format": "csv"}
    response = support_desk.get(reverse("admin:catalog_compare"), asked)
    lines = response.content.decode().splitlines()
    assert lines[0] == f"Group,Feature,Case,Free v1,{draft},For customers"
    assert any(",'=1+1,," in line for line in lines)
    assert response.headers["Content-Disposition"].endswith(f'{two[0].plan.key}-v1-gold-v1.csv"')


def test_without_a_choice_there_is_a_list_to_choose_from(support_desk: Client, two: object) -> None:
    said = text_of(support_desk.get(reverse("admin:catalog_compare")))
    assert "Choose two versions" in said
    assert "Team v1 · On sale" in said


def test_a_version_that_isnt_there_is_not_found(support_desk: Client) -> None:
    assert support_desk.get(reverse("admin:catalog_compare"), {"left": "99999"}).status_code == 404


def test_the_number_of_reads_doesnt_grow_with_the_versions(
    support_desk: Client, two: tuple[PlanVersion, PlanVersion]
) -> None:
    with CaptureQueriesContext(connection) as few:
        page(support_desk, *two, show="all")
    for _ in range(5):
        PlanTermFactory()
    with CaptureQueriesContext(connection) as many:
        page(support_desk, *two, show="all")
    assert len(many) == len(few)
