"""Declaring, editing and removing a feature in the back office, in finance's words."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Feature, FeatureGroup
from tests.catalog.factories import (
    DimensionChoiceFactory,
    FeatureFactory,
    FeatureGroupFactory,
    FeatureRevisionFactory,
    PlanTermFactory,
    RetentionFactory,
    StorageFactory,
    TierFactory,
    published_version,
)

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:catalog_{name}", args=args)


def described(**said: Any) -> dict[str, Any]:
    group = FeatureGroup.objects.first() or FeatureGroupFactory()
    return {"name": "API calls", "key": "api_calls", "group": group.pk, "kind": "gate"} | said


def declare(desk: Client, **said: Any) -> Any:
    return desk.post(url("feature_new"), described(**said), follow=True)


def test_the_form_speaks_finance_s_words(finance_desk: Client) -> None:
    page = finance_desk.get(url("feature_new")).content.decode().casefold()
    for word in ("feature gate", "usage limit", "seats and capacity", "configuration", "credits"):
        assert word in page
    for word in ("boolean", "string", "enum", "integer", "json"):
        assert f">{word}" not in page
        assert f" {word} " not in page


def test_without_a_group_the_page_says_what_to_do(finance_desk: Client) -> None:
    assert "Make a group first" in finance_desk.get(url("feature_new")).content.decode()


def test_a_gate_is_declared(finance_desk: Client) -> None:
    page = declare(finance_desk, name="Single sign-on", key="sso")
    feature = Feature.objects.get()
    assert (feature.key, feature.kind, feature.unit) == ("sso", "gate", "")
    assert "Single sign-on is declared" in page.content.decode()


@pytest.mark.parametrize(
    ("said", "stored"),
    [
        (
            {"kind": "metered", "measure": "counts", "noun": "call", "aggregation": "sum", "reset": "minute"},
            ("metered", "call", 1, "sum", "", "more"),
        ),
        ({"kind": "capacity", "measure": "bytes", "byte_unit": "GB"}, ("capacity", "GB", 10**9, "", "", "more")),
        ({"kind": "credit", "measure": "time", "time_unit": "hour"}, ("credit", "hour", 3600, "", "", "more")),
        (
            {"kind": "config", "config_type": "duration", "setting_time_unit": "day", "better": "less"},
            ("config", "day", 86_400, "", "duration", "less"),
        ),
        (
            {"kind": "config", "config_type": "size", "setting_byte_unit": "MB"},
            ("config", "MB", 10**6, "", "size", "more"),
        ),
        ({"kind": "config", "config_type": "text"}, ("config", "", 1, "", "text", "more")),
    ],
)
def test_each_kind_is_declared(said: dict[str, str], stored: tuple[Any, ...], finance_desk: Client) -> None:
    declare(finance_desk, **said)
    row = Feature.objects.get()
    assert (row.kind, row.unit, row.scale, row.aggregation, row.config_type, row.better) == stored


def test_a_list_is_written_one_choice_a_line(finance_desk: Client) -> None:
    declare(finance_desk, kind="config", config_type="ranked", choices="Basic\nsmart | Smart CDN")
    feature = Feature.objects.get()
    assert (feature.choices, feature.better) == ([["basic", "Basic"], ["smart", "Smart CDN"]], "listed")


def test_when_it_starts_again_is_a_rule_from_now_on(finance_desk: Client) -> None:
    declare(finance_desk, kind="metered", noun="call", reset="minute")
    assert Feature.objects.get().revisions.get().default_reset == "minute"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "metered", "measure": "counts"}, "noun"),
        ({"kind": "config"}, "config_type"),
        ({"kind": "config", "config_type": "set"}, "choices"),
        ({"kind": "config", "config_type": "set", "choices": "A | B"}, "choices"),
        ({"key": "Api Calls"}, "key"),
        ({"kind": ""}, "kind"),
    ],
)
def test_a_mistake_stands_beside_its_input(said: dict[str, str], field: str, finance_desk: Client) -> None:
    page = declare(finance_desk, **said)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not Feature.objects.exists()


def test_a_key_that_is_taken_is_told_beside_it(finance_desk: Client) -> None:
    FeatureFactory(key="api_calls")
    assert "already a feature" in declare(finance_desk).context["form"].errors["key"][0]


def test_who_gets_it_at_once_through_its_group_is_told(finance_desk: Client) -> None:
    gold = published_version(group=FeatureGroupFactory(), feature=None)
    page = declare(finance_desk, group=FeatureGroup.objects.get().pk)
    assert f"Who has {gold} has it at once" in page.content.decode()


@pytest.mark.parametrize("factory", [FeatureFactory, StorageFactory, RetentionFactory, TierFactory])
def test_the_form_of_an_unused_feature_shows_it_as_it_is(factory: Any, finance_desk: Client) -> None:
    feature = factory()
    address = url("feature_edit", feature.pk)
    form = finance_desk.get(address).context["form"]
    shown = {name: value for name, value in form.initial.items() if value is not None}
    assert "Nothing would change" in finance_desk.post(address, shown).content.decode()
    assert finance_desk.post(address, shown | {"note": "New"}).status_code == 302
    shape = feature.shape
    feature.refresh_from_db()
    assert (feature.note, feature.shape) == ("New", shape)


def test_a_used_feature_says_why_its_shape_stays_and_what_may_change(finance_desk: Client) -> None:
    feature = TierFactory()
    term = PlanTermFactory(feature=feature, text="basic")
    page = finance_desk.get(url("feature_edit", feature.pk))
    assert f"because {term.version} uses it" in page.content.decode()
    assert set(page.context["form"].fields) == {"version_token", "name", "group", "note", "sold_as_add_on"}

    given = {**page.context["form"].initial, "name": "Delivery tier"}
    finance_desk.post(url("feature_edit", feature.pk), given)
    feature.refresh_from_db()
    assert (feature.name, len(feature.choices)) == ("Delivery tier", 2)


def test_two_who_edit_at_once_do_not_overwrite_each_other(finance_desk: Client) -> None:
    feature = FeatureFactory(name="SSO")
    address = url("feature_edit", feature.pk)
    given = {k: v for k, v in finance_desk.get(address).context["form"].initial.items() if v is not None}
    finance_desk.post(address, given | {"note": "First"})
    page = finance_desk.post(address, given | {"note": "Second"})
    assert "Someone else changed this" in page.content.decode()
    feature.refresh_from_db()
    assert feature.note == "First"


def test_the_feature_s_page_says_everything_about_it(finance_desk: Client) -> None:
    feature = DimensionChoiceFactory(name="Large model", weight_thousandths=5000).dimension.feature
    FeatureRevisionFactory(feature=feature, kept_when_suspended=True)
    term = PlanTermFactory(feature=feature, amount=1)
    page = finance_desk.get(url("feature_change", feature.pk)).content.decode()
    for words in ("Large model counts as 5", f"Plans: {term.version}", "A suspended account keeps it.", "In force"):
        assert words in page
    for address in ("feature_edit", "feature_rules", "dimension_add"):
        assert url(address, feature.pk) in page


def test_sales_read_it_without_buttons(sign_in: Any) -> None:
    feature = FeatureFactory()
    page = sign_in("sales").get(url("feature_change", feature.pk)).content.decode()
    assert url("feature_edit", feature.pk) not in page


def test_a_feature_is_removed_after_a_question(finance_desk: Client) -> None:
    feature = FeatureFactory(name="Mistake")
    address = url("feature_remove", feature.pk)
    assert "Remove Mistake?" in finance_desk.get(address).content.decode()
    finance_desk.post(address)
    assert not Feature.objects.exists()


def test_a_used_feature_is_not_and_the_page_says_where_it_is_used(finance_desk: Client) -> None:
    feature = FeatureFactory()
    term = PlanTermFactory(feature=feature)
    page = finance_desk.post(url("feature_remove", feature.pk)).content.decode()
    assert "can&#x27;t be removed, because it is used" in page
    assert f"Plans: {term.version}" in page
