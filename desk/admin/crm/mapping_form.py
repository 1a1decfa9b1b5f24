"""The form of a rule: of what it speaks, and what that becomes; every value with where it is read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from django import forms

from catalog.models import Feature, Plan
from catalog.models.plan import Interval
from desk.admin.crm.mapping_fields import PLAIN, Asked, ask_for_reading, asked, field_of, reading_given, typed_of
from desk.admin.crm.mapping_pages import SeenForm
from desk.domain.crm.mapping import Condition, Rule, Target
from desk.integrations.crm.offering import Offers
from desk.integrations.crm.port import Offered
from entitlements.admin.fields import offer
from entitlements.domain.facts import Mode

CONDITIONS = 3
TARGETS = [
    (Target.PLAN.value, "A plan or an add-on, with a quantity"),
    (Target.FEATURE.value, "A change to one feature"),
    (Target.TRIAL.value, "A longer trial"),
    (Target.NOTHING.value, "Nothing, on purpose: a fee, a training"),
]
INTERVALS = [("", "As agreed"), (Interval.MONTH.value, "Every month"), (Interval.YEAR.value, "Every year")]
MODES = [
    ("", "Choose"),
    (Mode.ADD.value, "Add this much, or these, to what they have"),
    (Mode.REPLACE.value, "Set it to exactly this; a feature gate is given"),
    (Mode.AT_LEAST.value, "Make it at least this"),
    (Mode.AT_MOST.value, "Make it at most this"),
    (Mode.DENY.value, "Deny it"),
]
READ = {
    "quantity": ("How many", "such as 5", "All empty: as many as the line says, or 1 of a deal as a whole."),
    "value": ("How much, or which", "such as 500 GB", "As on the plan sheet: 500 GB, Unlimited, the name of a choice; "
              "several choices with ; between. A plain number in a field is so many of the feature’s unit."),
    "days": ("Days more", "such as 14", "By how many days the trial becomes longer; or say through which day, below."),
    "starts": ("First day", "such as 2026-03-01", "All empty: the contract’s first day, as the terms say."),
    "through": ("Last day", "such as 2026-03-31", "All empty: as long as the contract lasts, as the terms say. "
                "Of a trial: the day through which it lasts then, instead of days more."),
}  # fmt: skip


class RuleForm(SeenForm):
    """`where_1` and `values_1` are the first condition."""

    target = forms.ChoiceField(
        label="It becomes",
        choices=TARGETS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it becomes."},
    )
    products = forms.CharField(
        label="Codes of products",
        required=False,
        widget=forms.Textarea(attrs={**PLAIN, "rows": 2}),
        help_text="As the CRM spells them, each on a line of its own.",
    )
    plan = forms.ChoiceField(label="Plan or add-on", required=False)
    interval = forms.ChoiceField(label="Paid", required=False, choices=INTERVALS, widget=forms.RadioSelect)
    feature = forms.ChoiceField(label="Feature", required=False)
    mode = forms.ChoiceField(label="What to do", required=False, choices=MODES)
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=200,
        help_text="Stands beside the line in the contract.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, data: Any = None, *, offers: Offers, plans: Mapping[str, Plan], features: Iterable[Feature],
        rule: Rule | None = None, **options: Any,
    ) -> None:  # fmt: skip
        opened = {} if rule is None else typed(rule)
        options["initial"] = {**opened, **options.get("initial", {})}
        super().__init__(data, **options)
        self.offers, self.rule = offers, rule
        self._offer_products()
        self._offer_ours(plans, features)
        for name, (words, such_as, _) in READ.items():
            self._ask(name, words, such_as)
        for number in range(1, CONDITIONS + 1):
            self._ask_condition(number)

    def _offer_products(self) -> None:
        """To be ticked where the CRM says which there are; what it doesn't list is typed."""
        own = self.rule.products if self.rule else ()
        listed = {one.name.casefold(): one.name for one in self.offers.products}
        if not listed:
            self.initial["products"] = "\n".join(own)
            return
        choices = [(one.name, _with_code(one)) for one in self.offers.products]
        self.fields["others"] = forms.CharField(
            label="Other codes of products",
            required=False,
            widget=forms.Textarea(attrs={**PLAIN, "rows": 2}),
            help_text="Such as the CRM doesn’t list, each on a line of its own.",
        )
        self.fields["products"] = forms.MultipleChoiceField(
            label="Products", required=False, choices=choices, widget=forms.CheckboxSelectMultiple
        )
        self.initial["products"] = [listed[code.casefold()] for code in own if code.casefold() in listed]
        self.initial["others"] = "\n".join(code for code in own if code.casefold() not in listed)

    def _offer_ours(self, plans: Mapping[str, Plan], features: Iterable[Feature]) -> None:
        sorts = groupby(plans.values(), key=lambda plan: plan.kind)
        groups = [("Plans" if kind == "plan" else "Add-ons", [(p.key, p.name) for p in own]) for kind, own in sorts]
        own = self.rule.plan if self.rule else ""
        if own and own not in plans:
            groups.append(("As it is", [(own, f"{own}: not on sale any more")]))
        offer(self, "plan", [("", "Choose"), *groups])
        grouped = groupby(features, key=lambda feature: feature.group)
        named = [(str(group), [(feature.key, feature.name) for feature in members]) for group, members in grouped]
        offer(self, "feature", [("", "Choose"), *named])

    def _ask(self, name: str, words: str, such_as: str) -> None:
        own = {"reading": getattr(self.rule, name)} if self.rule else {}
        ask_for_reading(
            self,
            name,
            words=words,
            written=such_as,
            deal_fields=self.offers.deal_fields,
            line_fields=self.offers.line_fields,
            away=bool(self.offers.away),
            **own,
        )

    def _ask_condition(self, number: int) -> None:
        there = self.rule.where[number - 1] if self.rule and len(self.rule.where) >= number else None
        fields = {one.name: one for one in (*self.offers.deal_fields, *self.offers.line_fields)}
        self.fields[f"where_{number}"] = field_of(
            list(fields.values()), label="Field", away=bool(self.offers.away), own=there.field if there else ""
        )
        text = forms.TextInput(attrs={**PLAIN, "placeholder": "such as New business; Renewal"})
        self.fields[f"values_{number}"] = forms.CharField(label="is", required=False, max_length=1000, widget=text)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for number in range(1, CONDITIONS + 1):
            field, values = given.get(f"where_{number}"), given.get(f"values_{number}")
            if field and not split(values):
                self.add_error(f"values_{number}", f"Say which values {field} has to have, with ; between.")
            if values and not field and f"where_{number}" not in self.errors:
                self.add_error(f"where_{number}", "Say of which field.")
        return given

    def asked(self) -> Rule:
        """The rule as it was said; its key is the action's to give."""
        given = self.cleaned_data
        target = Target(given["target"])
        read: dict[str, Any] = {name: reading_given(self, name) for name in _read_by(target)}
        plan = {"plan": given["plan"], "interval": given["interval"]} if target is Target.PLAN else {}
        mode = Mode(given["mode"]) if given["mode"] else None
        feature = {"feature": given["feature"], "mode": mode} if target is Target.FEATURE else {}
        return Rule(
            "", target, products=self._products(), where=tuple(self._conditions()), note=given["note"],
            **plan, **feature, **read,
        )  # fmt: skip

    def _products(self) -> tuple[str, ...]:
        given = self.cleaned_data
        ticked = given["products"]
        if isinstance(ticked, str):
            return tuple(split(ticked, by="\n"))
        return (*ticked, *split(given["others"], by="\n"))

    def _conditions(self) -> Iterator[Condition]:
        given = self.cleaned_data
        for number in range(1, CONDITIONS + 1):
            if given[f"where_{number}"]:
                yield Condition(given[f"where_{number}"], tuple(split(given[f"values_{number}"])))
        yield from self.rule.where[CONDITIONS:] if self.rule else ()

    # For the page ---------------------------------------------------------------------------------------------------
    def reading(self) -> dict[str, Asked]:
        return {name: asked(self, name, help=words) for name, (_, _, words) in READ.items()}

    def conditions(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"where_{number}"], self[f"values_{number}"]) for number in range(1, CONDITIONS + 1)]

    def has_conditions(self) -> bool:
        return any(field.value() or values.value() for field, values in self.conditions())

    def has_days(self) -> bool:
        asked_for = [part for name in ("starts", "through") for _, part in self.reading()[name].parts]
        return any(part.value() or part.errors for part in asked_for)


def typed(rule: Rule) -> dict[str, Any]:
    """What the form of a rule is opened with."""
    found: dict[str, Any] = {
        "target": rule.target.value,
        "plan": rule.plan,
        "interval": rule.interval,
        "feature": rule.feature,
        "mode": rule.mode.value if rule.mode else "",
        "note": rule.note,
    }
    for name in READ:
        found |= typed_of(name, getattr(rule, name))
    for number, one in enumerate(rule.where[:CONDITIONS], start=1):
        found |= {f"where_{number}": one.field, f"values_{number}": "; ".join(one.values)}
    return found


def split(text: str | None, *, by: str = ";") -> list[str]:
    return [one.strip() for one in re.split(f"[{by}]", text or "") if one.strip()]


def _read_by(target: Target) -> tuple[str, ...]:
    match target:
        case Target.PLAN:
            return ("quantity", "starts", "through")
        case Target.FEATURE:
            return ("value", "starts", "through")
        case Target.TRIAL:
            return ("days", "through")
    return ()


def _with_code(one: Offered) -> str:
    return one.words if one.words.casefold() == one.name.casefold() else f"{one.words} ({one.name})"
