"""Making and changing promotional codes: what one gives is chosen first, then how much of it, for whom and how long."""

from collections.abc import Mapping
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import urlencode

from catalog.actions.promo_codes import EDIT, CodeTerms, create_campaign, create_code, edit_code
from catalog.admin.offer_days import OfferDaysForm, days_of
from catalog.admin.pages import FormPage
from catalog.admin.rows import refuse_stale, token_of
from catalog.domain.amounts import UnreadableCell, example_of
from catalog.domain.cells import read_cell
from catalog.domain.promotions import GIVING_MODES, MOST_CODES, MOST_DAYS
from catalog.domain.values import Nature, PlanKind, Value
from catalog.domain.words import say_value
from catalog.models import Feature, Market, Plan, PromoCode
from catalog.models.offer import Gift
from catalog.queries.promotions import given_value, say_gift
from journal.admin.fields import WholeNumberField

GIFTS = [
    (Gift.TRIAL.value, "A plan to try"),
    (Gift.ADD_ON.value, "An add-on"),
    (Gift.OVERRIDE.value, "More of one feature"),
]
MODE_WORDS = {
    "add": "Add this to what they have",
    "at_least": "Make it at least this",
    "replace": "Set it to exactly this",
}
LIMITS = ("days", "starts_at", "ends_at", "market", "max_redemptions", "max_per_account")


class GiftForm(forms.Form):
    """The first question: what it gives, and of which feature."""

    gives = forms.ChoiceField(label="What it gives", choices=GIFTS, widget=forms.RadioSelect, initial=Gift.TRIAL.value)
    feature = forms.ChoiceField(label="Feature (only for more of one feature)", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        features = groupby(Feature.objects.select_related("group"), key=lambda feature: feature.group)
        chooser = self.fields["feature"]
        assert isinstance(chooser, forms.ChoiceField)
        known = [(str(group), [(feature.key, feature.name) for feature in own]) for group, own in features]
        chooser.choices = [("", "Choose"), *known]


class TermsForm(OfferDaysForm):
    """What the code gives, once it is known of which sort it is; only the questions of that sort are asked."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label="Name", max_length=120, help_text="What it is for, for example Spring fair.")
    plan = forms.ModelChoiceField(
        label="Plan", queryset=Plan.objects.none(), error_messages={"required": "Choose what it gives."}
    )
    quantity = WholeNumberField(label="How many", min_value=1, max_value=1_000_000, initial=1)
    mode = forms.ChoiceField(label="What to do", widget=forms.RadioSelect)
    value = forms.CharField(label="How much", max_length=500)
    days = WholeNumberField(
        label="For how many days", min_value=1, max_value=MOST_DAYS, help_text="From the redemption on."
    )
    max_redemptions = WholeNumberField(
        label="At most so many redemptions", required=False, min_value=1, help_text="Empty: no limit."
    )
    max_per_account = WholeNumberField(label="At most so often by one customer", min_value=1, initial=1)
    market = forms.ModelChoiceField(
        label="Only for customers in", queryset=Market.objects.all(), required=False, empty_label="Everywhere"
    )
    reason = forms.CharField(label="Why", required=False, max_length=500, help_text="It stands in the audit.")

    def __init__(self, *args: Any, gives: Gift, feature: Feature | None, fresh: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.gives, self.feature = gives, feature
        self.read_value: Value | None = None
        self.typed_unit = ""
        self._ask_what()
        if fresh:
            del self.fields["reason"]

    def _ask_what(self) -> None:
        unasked = {"plan", "quantity"} if self.gives is Gift.OVERRIDE else {"mode", "value"}
        for name in unasked | ({"quantity"} if self.gives is Gift.TRIAL else set()):
            del self.fields[name]
        if self.feature is not None and self.gives is Gift.OVERRIDE:
            self._ask_of(self.feature)
        elif self.gives is not Gift.OVERRIDE:
            kind = PlanKind.PLAN if self.gives is Gift.TRIAL else PlanKind.ADD_ON
            chooser = self.fields["plan"]
            assert isinstance(chooser, forms.ModelChoiceField)
            chooser.label = "Plan" if kind is PlanKind.PLAN else "Add-on"
            chooser.queryset = Plan.objects.filter(kind=kind, versions__rollouts__isnull=False).distinct()

    def _ask_of(self, feature: Feature) -> None:
        shape = feature.shape
        chooser = self.fields["mode"]
        assert isinstance(chooser, forms.ChoiceField)
        chooser.choices = [(mode, MODE_WORDS[mode]) for mode in GIVING_MODES[shape.nature]]
        chooser.initial = GIVING_MODES[shape.nature][0]
        if shape.nature is Nature.GATE:
            del self.fields["value"]
            chooser.choices = [("replace", "Give it")]
            return
        labels = ", ".join(choice.label for choice in shape.choices)
        self.fields["value"].help_text = {
            Nature.QUANTITY: f"As you would say it: {example_of(shape)}, or Unlimited.",
            Nature.RANKED: f"One of: {labels}.",
            Nature.SET: f"Some of: {labels}; with commas between.",
        }.get(shape.nature, "As customers read it.")

    def clean_value(self) -> str:
        typed = str(self.cleaned_data["value"])
        assert self.feature is not None  # without one this isn't asked
        try:
            reading = read_cell(typed, shape=self.feature.shape)
        except UnreadableCell as unreadable:
            raise forms.ValidationError(str(unreadable)) from None
        if reading.value is None or reading.prices:
            raise forms.ValidationError(f"“{typed}” is no value {self.feature} can have.")
        self.read_value, self.typed_unit = reading.value, reading.typed_unit
        return typed

    def terms(self, row: PromoCode | None = None) -> CodeTerms:
        given = self.cleaned_data
        gate = self.feature is not None and self.feature.shape.nature is Nature.GATE
        return CodeTerms(
            gives=self.gives,
            days=given["days"],
            plan=given.get("plan"),
            quantity=given.get("quantity") or 1,
            feature=self.feature,
            mode=given.get("mode", ""),
            value=True if gate else self.read_value,
            typed_unit=self.typed_unit,
            market=given["market"],
            max_redemptions=given["max_redemptions"],
            max_per_account=given["max_per_account"],
            **self.instants(row),
        )


class CodeForm(TermsForm):
    code = forms.CharField(
        label="Code",
        max_length=60,
        help_text="What the customer types, for example SPRING-26. Small letters and spaces make no difference.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("code", "name", "plan", "quantity", "mode", "value", *LIMITS, "reason")


class EditForm(TermsForm):
    field_order = ("name", "plan", "quantity", "mode", "value", *LIMITS, "reason")


class CampaignForm(TermsForm):
    campaign = forms.CharField(label="Campaign", max_length=64, help_text="Its codes are found and counted by this.")
    begins_with = forms.CharField(
        label="Each code begins with", max_length=24, required=False, help_text="For example FAIR; then eight letters."
    )
    number = WholeNumberField(label="How many codes", min_value=1, max_value=MOST_CODES)
    field_order = ("campaign", "begins_with", "number", "name", "plan", "quantity", "mode", "value", *LIMITS)


class GiftChosenPage(FormPage[Any]):
    """Two questions on one address: the sort of gift, which then stands in the address, and the rest."""

    permission = EDIT
    template_name = "catalog/promo_codes/form.html"
    button = "Create it"

    @cached_property
    def asked(self) -> Mapping[str, str]:
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def gives(self) -> Gift | None:
        said = self.asked.get("gives")
        return Gift(said) if said in set(Gift) else None

    @cached_property
    def feature(self) -> Feature | None:
        key = self.asked.get("feature")
        return get_object_or_404(Feature.objects.select_related("group"), key=key) if key else None

    @property
    def chosen(self) -> bool:
        return self.gives is not None and (self.gives is not Gift.OVERRIDE or self.feature is not None)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.chosen:
            return super().get(request, *args, **kwargs)
        form = GiftForm(request.GET if self.gives else None)
        if self.gives and form.is_valid():
            form.add_error("feature", "Choose the feature it gives more of.")
        return self.render_to_response(self.get_context_data(form=form, choosing=True))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.chosen else self.get(request)

    def sort(self) -> dict[str, Any]:
        about = self.feature if self.gives is Gift.OVERRIDE else None
        return {"gives": self.gives, "feature": about, "zone": self.zone}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "back": reverse("admin:catalog_promocode_changelist"),
            "button": self.button,
            "gives": self.gives,
            "gift_words": dict(GIFTS).get(self.gives.value if self.gives else "", ""),
            "feature": self.feature,
        }


class CodeNewPage(GiftChosenPage):
    title = "New promotional code"

    def form(self, *, data: Any = None) -> CodeForm:
        return CodeForm(data, fresh=True, **self.sort())

    def act(self, form: CodeForm) -> HttpResponse:
        given = form.cleaned_data
        code = create_code(code=given["code"], name=given["name"], terms=form.terms(), by=self.by, at=self.at)
        self.tell(f"{code} gives {say_gift(code)}.")
        return HttpResponseRedirect(reverse("admin:catalog_promocode_change", args=[code.pk]))


class CampaignPage(GiftChosenPage):
    title = "New campaign"
    button = "Make the codes"

    def form(self, *, data: Any = None) -> CampaignForm:
        return CampaignForm(data, fresh=True, initial={"max_redemptions": 1}, **self.sort())

    def act(self, form: CampaignForm) -> HttpResponse:
        given = form.cleaned_data
        codes = create_campaign(
            campaign=given["campaign"].strip(),
            begins_with=given["begins_with"],
            number=given["number"],
            name=given["name"],
            terms=form.terms(),
            by=self.by,
            at=self.at,
        )
        self.tell(f"{len(codes):,} codes were made for {given['campaign']}. Download them from this list.")
        query = urlencode({"campaign": given["campaign"].strip()})
        return HttpResponseRedirect(f"{reverse('admin:catalog_promocode_changelist')}?{query}")


class CodeEditPage(FormPage[EditForm]):
    permission = EDIT
    template_name = "catalog/promo_codes/form.html"
    title = "Change a promotional code"

    @cached_property
    def code(self) -> PromoCode:
        rows = PromoCode.objects.select_related("plan", "feature__group", "market")
        return get_object_or_404(rows, pk=self.kwargs["code_id"])

    def form(self, *, data: Any = None) -> EditForm:
        row = self.code
        plain = ("name", "plan", "quantity", "mode", "days", "max_redemptions", "max_per_account", "market")
        shown = {name: getattr(row, name) for name in plain} | days_of(row, zone=self.zone)
        value = given_value(row)
        if row.feature is not None and value is not None:
            shown["value"] = say_value(value, shape=row.feature.shape, typed_unit=row.typed_unit)
        initial = {**shown, "seen": token_of(row)}
        return EditForm(data, gives=Gift(row.gives), feature=row.feature, fresh=False, zone=self.zone, initial=initial)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = reverse("admin:catalog_promocode_change", args=[self.code.pk])
        used = self.code.redemptions.exists()
        return {
            **super().get_context_data(**kwargs),
            "title": f"Change {self.code}",
            "back": back,
            "button": "Save it",
            "code": self.code,
            "used": used,
        }

    @transaction.atomic
    def act(self, form: EditForm) -> HttpResponse:
        row = PromoCode.objects.select_for_update().get(pk=self.code.pk)
        refuse_stale(form.cleaned_data["seen"], row)
        given = form.cleaned_data
        terms = form.terms(row)
        edit_code(code=row, name=given["name"], terms=terms, reason=given["reason"], by=self.by, at=self.at)
        self.tell(f"{row} stands as you wrote it.")
        return HttpResponseRedirect(reverse("admin:catalog_promocode_change", args=[row.pk]))
