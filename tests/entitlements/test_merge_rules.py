"""Nothing that points to an account is forgotten when it is merged."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from entitlements import merge_rules
from entitlements.merge_rules import OWN_COLUMNS, Fate, MergeRule, rules
from entitlements.models import Account

KEYS = ("account_key",)  # what text columns that hold an account's key are called


def pointing() -> Iterator[str]:
    """Every column of every table that leads to an account, by "app.Model.column"."""
    for model in apps.get_models():
        if model._meta.model_name.startswith("historical"):
            continue  # versions tell the past and are never rewritten
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many):
            if field.related_model is Account or field.name in KEYS:
                yield f"{model._meta.label}.{field.name}"


def test_every_relation_to_an_account_has_a_rule():
    missing = set(pointing()) - {rule.relation for rule in rules()}
    assert not missing, f"Say in entitlements/merge_rules.py what becomes of {sorted(missing)}"


def test_every_rule_is_about_a_relation():
    assert {rule.relation for rule in rules()} <= set(pointing())


def test_every_column_of_an_account_is_thought_of():
    own = {field.name for field in Account._meta.concrete_fields if field.related_model is not Account}
    assert own == OWN_COLUMNS


def test_what_moves_is_under_history():
    """Or what was believed before the merge would be lost."""
    for rule in rules(Fate.MOVES, Fate.UNLESS_SAME):
        assert hasattr(rule.model, "history"), rule.relation


def test_unless_the_same_says_what_is_the_same():
    assert all(rule.alike is not None for rule in rules(Fate.UNLESS_SAME))


@pytest.mark.parametrize("kind", [models.OneToOneField, models.ManyToManyField])
def test_a_relation_of_another_kind_would_need_thought(kind):
    """One row for one account can't simply move where the other has one.

    The sweep's failure stays; how an account is doing moves only where the other has none.
    """
    found = {relation for relation in pointing() if isinstance(_field(relation), kind)}
    assert found <= {"entitlements.SweepFailure.account", "support.AccountHealth.account"}
    assert all(rule.alike is not None for rule in rules(Fate.UNLESS_SAME) if rule.relation in found)


def _field(relation):
    model, _, column = relation.rpartition(".")
    return apps.get_model(model)._meta.get_field(column)


def test_a_relation_has_one_rule():
    other = MergeRule("entitlements.Contract.account", Fate.STAYS, "Contracts", "They stay.")
    with pytest.raises(ValueError, match="registered already"):
        merge_rules.register(other)
