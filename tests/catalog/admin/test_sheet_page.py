"""The plan sheet as people see it."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from catalog.actions.drafts import open_draft
from catalog.actions.terms import set_term
from catalog.domain.values import TermState
from journal.domain.actor import SYSTEM
from tests.catalog.factories import (
    AddOnFactory,
    FeatureFactory,
    PlanTermFactory,
    PlanVersionFactory,
    StorageFactory,
    TierFactory,
    published_version,
)
from tests.catalog.page import import_real_page

pytestmark = pytest.mark.django_db


def page(client: Client, **query: str) -> str:
    response = client.get(reverse("admin:catalog_sheet"), query)
    assert response.status_code == 200
    return response.content.decode()


def heading(shown: str, plan: str) -> str:
    """The opening tag of a column's heading."""
    start = shown.index(f'data-key="{plan}"')
    return shown[start : shown.index(">", start) + 1]


def test_the_real_page_stands_on_the_sheet_in_words(finance_desk: Client, at: datetime) -> None:
    import_real_page(at=at)
    shown = page(finance_desk)
    for words in (
        "8 GB, then $0.125 per GB",
        "7 days",
        "Smart CDN",
        "50,000 a billing period",
        "set per customer",
        "sold as an add-on",
        "“Coming soon”",
        "By agreement with sales",
        "19 cells wait for a person",
    ):
        assert words in shown


def test_an_empty_sheet_says_what_to_do(finance_desk: Client) -> None:
    assert "Import a price page" in page(finance_desk)
    assert "Name an add-on" in page(finance_desk, kind="add_on")


def test_a_cell_of_a_draft_leads_to_its_form(finance_desk: Client) -> None:
    term = PlanTermFactory()
    assert reverse("admin:catalog_term_edit", args=[term.version_id, term.feature_id]) in page(finance_desk)


def test_a_published_cell_leads_nowhere_but_a_draft_may_be_opened(finance_desk: Client) -> None:
    version = published_version()
    shown = page(finance_desk)
    assert reverse("admin:catalog_term_edit", args=[version.pk, version.terms.get().feature_id]) not in shown
    assert reverse("admin:catalog_draft_open", args=[version.plan_id]) in shown


def test_a_changed_cell_shows_what_it_was(finance_desk: Client, at: datetime) -> None:
    version = published_version(feature=StorageFactory(), amount=8 * 10**9, typed_unit="GB")
    draft = open_draft(plan=version.plan, by=SYSTEM, at=at)
    set_term(version=draft, feature=draft.terms.get().feature, reading="10 GB", edits=0, by=SYSTEM, at=at)
    assert "was 8 GB" in page(finance_desk)
    assert "was 8 GB" not in page(finance_desk, show="published")


def test_support_reads_the_sheet_without_buttons(support_desk: Client) -> None:
    term = PlanTermFactory()
    shown = page(support_desk)
    assert str(term.feature) in shown
    assert "Review" not in shown
    assert "New plan" not in shown


def test_what_the_address_asks_wrongly_is_read_as_usual(finance_desk: Client) -> None:
    PlanTermFactory()
    assert page(finance_desk, kind="nonsense", show="nonsense")


def test_plans_and_add_ons_stand_on_one_sheet_or_each_alone(finance_desk: Client) -> None:
    AddOnFactory(name="Extra backups")
    PlanTermFactory()
    assert "Extra backups" in page(finance_desk)
    assert "Extra backups" in page(finance_desk, kind="add_on")
    assert "Extra backups" not in page(finance_desk, kind="plan")


def test_a_hidden_column_stays_out_of_sight(finance_desk: Client) -> None:
    PlanTermFactory(version__plan__key="team")
    assert " hidden>" not in heading(page(finance_desk), "team")
    assert " hidden>" in heading(page(finance_desk, hide="team"), "team")


def test_the_menu_hides_a_column_and_keeps_what_was_asked(finance_desk: Client) -> None:
    PlanTermFactory(version__plan__key="team")
    assert 'href="?kind=plan&amp;hide=team"' in page(finance_desk, kind="plan")


def test_an_inherited_cell_says_from_where(finance_desk: Client) -> None:
    feature = FeatureFactory(group__name="Security")
    PlanTermFactory(feature=None, group=feature.group)
    assert 'data-from="from the group Security"' in page(finance_desk)


def test_the_rows_bring_their_editors_along(finance_desk: Client) -> None:
    PlanTermFactory(feature=TierFactory(), text="smart")
    shown = page(finance_desk)
    assert 'data-editor="list"' in shown
    assert "[&quot;Smart&quot;, &quot;Smart&quot;, 0]" in shown


def test_the_footer_counts_what_each_draft_changes(finance_desk: Client, at: datetime) -> None:
    version = published_version(feature=StorageFactory(), amount=8 * 10**9, typed_unit="GB")
    draft = open_draft(plan=version.plan, by=SYSTEM, at=at)
    assert f"{draft}: no changes yet" in page(finance_desk)
    set_term(version=draft, feature=draft.terms.get().feature, reading="10 GB", edits=0, by=SYSTEM, at=at)
    assert f"{draft}: 1 change<" in page(finance_desk)


def test_a_plan_that_was_never_published_has_a_first_version(finance_desk: Client) -> None:
    version = PlanTermFactory().version
    assert f"{version}: first version" in page(finance_desk)


def test_engineers_read_keys_and_raw_values(support_desk: Client) -> None:
    PlanTermFactory(feature=StorageFactory(key="storage_gb"), amount=8 * 10**9)
    shown = page(support_desk, view="engineer")
    for words in ("storage_gb", "GB = 1,000,000,000 B", "8000000000 B", "most_generous", "When the desk is away"):
        assert words in shown


def test_support_can_not_write_in_it(support_desk: Client) -> None:
    PlanTermFactory()
    assert "data-may-edit" not in page(support_desk)
    assert 'draggable="true"' not in page(support_desk)


def test_a_published_sheet_is_only_to_read(finance_desk: Client) -> None:
    published_version()
    assert "data-may-edit" in page(finance_desk)
    assert "data-may-edit" not in page(finance_desk, show="published")


def test_a_sheet_without_features_says_what_to_do(finance_desk: Client) -> None:
    PlanVersionFactory()
    assert "Declare a feature" in page(finance_desk)


def test_words_from_a_price_page_can_not_become_markup(finance_desk: Client) -> None:
    PlanTermFactory(state=TermState.UNSETTLED, source_text='<script>alert("x")</script>')
    assert "<script>alert" not in page(finance_desk)


def test_the_list_of_what_waits_leads_to_each_cell(finance_desk: Client) -> None:
    term = PlanTermFactory(state=TermState.UNSETTLED, source_text="Coming soon")
    shown = finance_desk.get(reverse("admin:catalog_vague")).content.decode()
    assert "Coming soon" in shown
    assert reverse("admin:catalog_term_edit", args=[term.version_id, term.feature_id]) in shown


def test_the_list_says_when_nothing_waits(finance_desk: Client) -> None:
    assert "Nothing waits" in finance_desk.get(reverse("admin:catalog_vague")).content.decode()


def test_a_cell_of_a_group_or_of_a_special_case_leads_to_its_own_form(finance_desk: Client) -> None:
    feature = StorageFactory()
    term = PlanTermFactory(feature=feature, amount=1)
    PlanTermFactory(version=term.version, feature=feature, phase="trial", amount=1)
    shown = page(finance_desk)
    assert f"{reverse('admin:catalog_term_edit', args=[term.version_id, feature.pk])}?phase=trial" in shown
    assert reverse("admin:catalog_group_edit", args=[term.version_id, feature.group_id]) in shown


def test_a_draft_can_be_compared_with_what_is_published(finance_desk: Client, at: datetime) -> None:
    version = published_version()
    draft = open_draft(plan=version.plan, by=SYSTEM, at=at)
    assert f"?left={version.pk}&amp;right={draft.pk}" in page(finance_desk)
