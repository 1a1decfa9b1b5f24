"""The form for an override: as many questions as its feature needs, answered the way people type."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django import forms

from catalog.domain.values import Nature, Value
from catalog.domain.window import start_of_day
from catalog.domain.words import say_value
from catalog.models import Feature
from entitlements.actions.overrides import check_day
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.promises import ask_for_mode, ask_for_reason_code, ask_for_value, value_given
from entitlements.domain.facts import Mode
from entitlements.models import Account, Override, ReasonCode, Subscription
from entitlements.queries.concessions import token_of
from entitlements.queries.holdings import HeldSubscription
from entitlements.queries.reasons import reason_code_by_key, reason_codes
from journal.admin.fields import DayInput
from journal.domain.refusal import Refusal

WHOLE_ACCOUNT = "account"


class FeatureChoiceForm(forms.Form):
    """The first question, where the reader didn't come from a feature's own line."""

    feature = forms.ChoiceField(label="Feature")

    def __init__(self, *args: Any, features: Iterable[Feature], **options: Any) -> None:
        super().__init__(*args, **options)
        groups = groupby(features, key=lambda feature: feature.group)
        offer(self, "feature", [(str(group), [(f.key, f.name) for f in own]) for group, own in groups])


class OverrideForm(forms.Form):
    """`seen` are the overrides of the feature the form was opened with, so that nothing is granted twice."""

    ESSENTIAL = ("mode", "value", "through_on", "reason_code", "reason")

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    mode = forms.ChoiceField(
        label="What to do", widget=forms.RadioSelect, error_messages={"required": "Choose what to do."}
    )
    value = forms.CharField(label="How much", required=False)
    through_on = forms.DateField(label="Last day", required=False, widget=DayInput)
    reason_code = forms.ChoiceField(
        label="Reason", widget=forms.RadioSelect, error_messages={"required": "Choose a reason from the list."}
    )
    reason = ReasonField(help_text="Shown wherever this override explains an answer.")
    scope = forms.ChoiceField(label="Where it holds", widget=forms.RadioSelect)
    from_on = forms.DateField(label="First day", required=False, widget=DayInput)
    review_on = forms.DateField(
        label="Review it on",
        required=False,
        widget=DayInput,
        help_text="Needed for the whole account where there is no last day.",
    )
    link = forms.URLField(label="Deal or ticket", required=False, max_length=200, assume_scheme="https")

    def __init__(
        self, data: Any = None, *, account: Account, feature: Feature, held: Iterable[HeldSubscription], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.read_value: Value | None = None
        self.typed_unit = ""
        self.account, self.shape = account, feature.shape
        ask_for_mode(self, shape=self.shape)
        live = [(str(found.number), _scope_words(found)) for found in held if found.live]
        offer(self, "scope", [*live, (WHOLE_ACCOUNT, "The whole account, whatever it has bought")])
        ask_for_value(self, shape=self.shape)
        ask_for_reason_code(self, self.reason_codes())
        self._name_the_zone(account.zone)

    def _name_the_zone(self, zone: str) -> None:
        first, last = self.fields["from_on"], self.fields["through_on"]
        first.help_text = f"Empty: from now on. A day begins at midnight in {zone}."
        last.help_text = f"It holds through the end of this day in {zone}. Empty: as long as the subscription lasts."

    def essential(self) -> list[forms.BoundField]:
        return [self[name] for name in self.ESSENTIAL if name in self.fields]

    def further(self) -> list[forms.BoundField]:
        """What most overrides can leave as it is; folded away until it matters."""
        return [field for field in self if field.name not in self.ESSENTIAL and not field.is_hidden]

    def further_matters(self) -> bool:
        return any(
            field.errors or (self.is_bound and field.name != "scope" and field.value()) for field in self.further()
        )

    def reason_codes(self) -> list[ReasonCode]:
        return list(reason_codes())

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.read_value, self.typed_unit = value_given(self, shape=self.shape)
        first, last = given.get("from_on"), given.get("through_on")
        for name in ("from_on", "through_on", "review_on"):
            self._check_day(name, given.get(name))
        if first and last and last < first:
            self.add_error("through_on", "The last day is before the first day.")
        return given

    def _check_day(self, name: str, day: date | None) -> None:
        try:
            check_day(day, field=name)
        except Refusal as refusal:
            self.add_error(refusal.field, refusal.message)

    def asked(self) -> dict[str, Any]:
        """The arguments of the action, all but who and when."""
        given = self.cleaned_data
        first: date | None = given.get("from_on")
        return {
            "mode": Mode(given["mode"]),
            "value": self.read_value,
            "typed_unit": self.typed_unit,
            "subscription": self._subscription(),
            "starts_at": start_of_day(first, self.account.zone) if first else None,
            "through_on": given["through_on"],
            "review_on": given["review_on"],
            "reason_code": self._reason_code(),
            "reason": given["reason"],
            "link": given["link"],
        }

    def _subscription(self) -> Subscription | None:
        scope = self.cleaned_data["scope"]
        return None if scope == WHOLE_ACCOUNT else Subscription.objects.get(account=self.account, number=int(scope))

    def _reason_code(self) -> ReasonCode | None:
        key = self.cleaned_data.get("reason_code")
        return reason_code_by_key(key) if key else None

    def seen_ids(self) -> frozenset[int]:
        return frozenset(int(pk) for pk in self.cleaned_data["seen"].split(",") if pk.isdigit())


class EditForm(OverrideForm):
    """The same questions about an override there is, answered as it stands; `seen` is its token."""

    def __init__(self, data: Any = None, *, override: Override, **options: Any) -> None:
        self.override = override
        options = {"initial": _as_it_stands(override), **options}
        super().__init__(data, account=override.account, feature=override.feature, **options)
        del self.fields["from_on"]
        self._offer_own_scope()
        self.fields["reason"].label = "Why it changes"

    def reason_codes(self) -> list[ReasonCode]:
        """With its own, which may have been retired since."""
        codes, own = list(reason_codes()), self.override.reason_code
        return codes if own is None or own in codes else [*codes, own]

    def _offer_own_scope(self) -> None:
        own, field = self.override.subscription, self.fields["scope"]
        assert isinstance(field, forms.ChoiceField)
        offered = [(str(key), words) for key, words in field.choices]  # type: ignore[misc, union-attr]
        if own is not None and str(own.number) not in dict(offered):
            offer(self, "scope", [(str(own.number), f"Subscription {own.number}, which gives nothing now"), *offered])

    def changes(self) -> dict[str, Any]:
        """The arguments of the action that were answered otherwise than it stands."""
        asked, names = self.asked(), {"scope": "subscription"}
        changed = {names.get(name, name) for name in self.changed_data}
        if "mode" in changed and asked["mode"] is Mode.DENY:
            changed.add("value")
        if "value" in changed:
            changed.add("typed_unit")
        return {name: asked[name] for name in asked if name in changed - {"reason", "seen"}}


def _as_it_stands(override: Override) -> dict[str, Any]:
    scope = WHOLE_ACCOUNT if override.subscription is None else str(override.subscription.number)
    return {
        "seen": token_of(override),
        "mode": override.mode,
        "value": _as_typed(override),
        "through_on": override.through_on,
        "review_on": override.review_on,
        "reason_code": override.reason_code.key if override.reason_code else "",
        "scope": scope,
        "link": override.link,
    }


def _as_typed(override: Override) -> Any:
    value, shape = override.value, override.feature.shape
    if value is None or shape.nature is Nature.GATE:
        return ""
    if isinstance(value, frozenset):
        return sorted(value)
    if shape.nature is Nature.QUANTITY:
        return say_value(value, shape=shape, typed_unit=override.typed_unit)
    return str(value)


class RenewForm(forms.Form):
    """Through which day, and why; everything else stays as it is."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    through_on = forms.DateField(
        label="New last day", widget=DayInput, error_messages={"required": "Say through which day it goes on."}
    )
    reason = ReasonField(help_text="Shown wherever this override explains an answer.")

    def __init__(self, data: Any = None, *, override: Override, **options: Any) -> None:
        super().__init__(data, initial={"seen": token_of(override)}, **options)
        zone = override.account.zone
        self.fields["through_on"].help_text = f"It holds through the end of this day in {zone}."


def _scope_words(held: HeldSubscription) -> str:
    plans = ", ".join(item.plan for item in held.plans) or "its trial is over"
    return f"Subscription {held.number} ({plans}); it sleeps while that gives nothing"
