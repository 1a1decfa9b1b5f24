"""How the forms of overrides, loans and contracts ask for a value and a reason, and read what was answered."""

from typing import Any

import pytest
from django import forms

from catalog.domain.values import Aggregation, Choice, ConfigType, FeatureShape, Kind
from entitlements.admin.promises import ask_for_mode, ask_for_reason_code, ask_for_value, value_given
from entitlements.models import ReasonCode
from tests.entitlements.world import GB

LEVELS = (Choice("basic", "Basic"), Choice("smart", "Smart"))
GATE = FeatureShape("sso", "Single sign-on", Kind.GATE)
STORAGE = FeatureShape("storage", "Storage", Kind.METERED, unit="GB", scale=10**9, aggregation=Aggregation.SUM)
TIER = FeatureShape("tier", "Tier", Kind.CONFIG, config_type=ConfigType.RANKED, choices=LEVELS)
ROLES = FeatureShape("roles", "Roles", Kind.CONFIG, config_type=ConfigType.SET, choices=LEVELS)
MOTTO = FeatureShape("motto", "Motto", Kind.CONFIG, config_type=ConfigType.TEXT)


class Asking(forms.Form):
    mode = forms.ChoiceField()
    value = forms.CharField(required=False)
    reason_code = forms.ChoiceField(widget=forms.RadioSelect)


def asking(shape: FeatureShape, data: Any = None, codes: tuple[ReasonCode, ...] = ()) -> Asking:
    form = Asking(data)
    ask_for_mode(form, shape=shape)
    ask_for_value(form, shape=shape)
    ask_for_reason_code(form, codes)
    return form


@pytest.mark.parametrize(
    ("shape", "mode", "typed", "value"),
    [
        (GATE, "replace", "", True),
        (STORAGE, "add", "20 GB", 20 * GB),
        (TIER, "at_least", "smart", "smart"),
        (ROLES, "add", ["basic", "smart"], frozenset({"basic", "smart"})),
        (MOTTO, "replace", "Onward", "Onward"),
    ],
)
def test_a_value_is_asked_for_and_read_as_its_feature_is(
    shape: FeatureShape, mode: str, typed: Any, value: object
) -> None:
    form = asking(shape, {"mode": mode, "value": typed})
    assert form.is_valid()
    assert value_given(form, shape=shape)[0] == value


def test_the_unit_it_was_typed_in_is_kept() -> None:
    form = asking(STORAGE, {"mode": "add", "value": "20 GB"})
    assert form.is_valid()
    assert value_given(form, shape=STORAGE)[1] == "GB"


def test_a_denial_takes_no_value() -> None:
    form = asking(STORAGE, {"mode": "deny", "value": "much"})
    assert form.is_valid()
    assert value_given(form, shape=STORAGE) == (None, "")
    assert not form.errors


@pytest.mark.parametrize(
    ("shape", "typed", "words"),
    [(STORAGE, "much", "is no amount"), (STORAGE, "", "Say how much"), (ROLES, [], "Choose at least one")],
)
def test_what_cannot_be_read_is_said_beside_it(shape: FeatureShape, typed: Any, words: str) -> None:
    form = asking(shape, {"mode": "add", "value": typed})
    assert form.is_valid()
    assert value_given(form, shape=shape) == (None, "")
    assert words in form.errors["value"][0]


def test_what_is_no_choice_is_complained_of_once() -> None:
    form = asking(TIER, {"mode": "at_least", "value": "gold"})
    assert not form.is_valid()
    assert value_given(form, shape=TIER) == (None, "")
    assert len(form.errors["value"]) == 1


@pytest.mark.parametrize(("shape", "first"), [(GATE, "replace"), (STORAGE, "add"), (MOTTO, "replace")])
def test_the_most_usual_is_chosen(shape: FeatureShape, first: str) -> None:
    assert asking(shape)["mode"].value() == first
    assert ("value" in asking(shape).fields) == (shape is not GATE)


def test_a_reason_says_when_to_choose_it_and_nothing_of_it_runs() -> None:
    form = asking(
        GATE, codes=(ReasonCode(key="deal", name="Deal", note="<b>Signed</b>"), ReasonCode(key="a", name="A"))
    )
    shown = str(form["reason_code"])
    assert 'Deal <span class="desk-muted">&lt;b&gt;Signed&lt;/b&gt;</span>' in shown
    assert 'value="a"' in shown


def test_without_a_list_no_reason_is_asked() -> None:
    assert "reason_code" not in asking(GATE).fields
