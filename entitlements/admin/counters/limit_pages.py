"""The own limits of an account's users, agents, devices and tasks."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.domain.amounts import UnreadableCell, example_of
from catalog.domain.values import Kind
from catalog.domain.window import last_day, start_of_day
from catalog.domain.words import say_value
from catalog.models import Feature
from entitlements.actions.usage.subjects import (
    PERMISSION,
    lift_subject_limit,
    say_subject_limit,
    set_subject_limit,
    subject_limit_of,
    token_of,
)
from entitlements.admin.counters.slices import first_of, sliced
from entitlements.admin.evidence.question_form import read_amount
from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.pages import AccountFormPage, AccountPage, account_url
from entitlements.domain.usage.charging import REFUSED
from entitlements.models import Account, SubjectLimit
from entitlements.models.usage import LONGEST_NAME
from entitlements.queries.usage.counters import subject_limits_of
from journal.admin.base import PAGE
from journal.admin.fields import DayInput

EACH, IN_ALL = "each", "in_all"


def limits_url(account: Account) -> str:
    return reverse("admin:entitlements_subject_limits", args=[account.key])


class LimitsPage(AccountPage):
    permission: ClassVar[str] = "entitlements.view_subjectlimit"
    template_name = "entitlements/counters/limits.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").replace("\x00", "").strip()
        found = subject_limits_of(self.account, text=text, first=first_of(self.request.GET), most=PAGE + 1)
        page = sliced(self.request, found)
        return {
            **super().get_context_data(**kwargs),
            "title": f"{self.account.name}: limits of users and agents",
            "back": account_url(self.account, part="usage"),
            "page": page,
            "lines": [{"row": row, "words": say_subject_limit(row), "over": self._over(row)} for row in page.rows],
            "typed": text,
            "may_set": self.request.user.has_perm(PERMISSION),
        }

    def _over(self, row: SubjectLimit) -> bool:
        return row.ends_at is not None and row.ends_at <= self.at


class LimitForm(forms.Form):
    """`seen` is the limit as the form showed it, for the feature and subject that it was opened with."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    feature = forms.ChoiceField(label="Of which feature")
    subject = forms.CharField(
        label="Whose",
        max_length=LONGEST_NAME,
        help_text="As products name the user, agent, device or task when they ask: agent:researcher, user:4711.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    amount = forms.CharField(label="At most", max_length=60)
    lasts = forms.ChoiceField(
        label="For how long",
        widget=forms.RadioSelect,
        choices=[(EACH, "In each period of the feature"), (IN_ALL, "In all: a budget for a task")],
        initial=EACH,
    )
    from_on = forms.DateField(label="First day", required=False, widget=DayInput)
    through_on = forms.DateField(label="Last day", required=False, widget=DayInput)
    reason = ReasonField()

    def __init__(self, data: Any = None, *, account: Account, features: list[Feature], **options: Any) -> None:
        super().__init__(data, **options)
        self.account, self.known = account, {feature.key: feature for feature in features}
        offer(self, "feature", [(feature.key, feature.name) for feature in features])
        examples = {example_of(feature.shape) for feature in features}
        self.fields["amount"].help_text = f"As you would say it: {', or '.join(sorted(examples)[:3])}."
        zone = account.zone
        self.fields[
            "from_on"
        ].help_text = f"Of a budget. Empty: from now on, or as it was. A day begins at midnight in {zone}."
        self.fields[
            "through_on"
        ].help_text = f"Of a budget, through the end of the day in {zone}. After it nothing more may be used under this name, until the limit is set anew or lifted."

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        feature, typed = self.known.get(given.get("feature", "")), given.get("amount", "").strip()
        if feature is not None and typed:
            try:
                given["amount"] = read_amount(typed, shape=feature.shape)
            except UnreadableCell as unreadable:
                self.add_error("amount", str(unreadable))
        return given

    def asked(self) -> dict[str, Any]:
        given, zone = self.cleaned_data, self.account.zone
        first, last = given["from_on"], given["through_on"]
        return {
            "amount": given["amount"],
            "in_all": given["lasts"] == IN_ALL,
            "starts_at": start_of_day(first, zone) if first else None,
            "ends_at": _end_of(last, zone) if last else None,
        }


def _end_of(day: date, zone: str) -> datetime:
    return start_of_day(day + timedelta(days=1), zone)


class LimitSetPage(AccountFormPage):
    """Set or changed: the feature and the subject, if they are known, are part of the address."""

    permission: ClassVar[str] = PERMISSION
    template_name = "entitlements/counters/limit.html"
    title = "Limit a user or an agent"

    @cached_property
    def limit(self) -> SubjectLimit | None:
        """The one there is of what the form is about."""
        asked = self.request.POST or self.request.GET
        feature = Feature.objects.filter(key=asked.get("feature", "").replace("\x00", "")).first()
        subject = asked.get("subject", "").replace("\x00", "").strip()
        return None if feature is None else subject_limit_of(self.account, feature, subject)

    def form(self, *, data: Any = None) -> LimitForm:
        kinds = [Kind.METERED, Kind.CAPACITY, Kind.CREDIT]
        features = [one for one in Feature.objects.filter(kind__in=kinds) if _stops(one)]
        return LimitForm(data, account=self.account, features=features, initial=self._as_it_stands())

    def _as_it_stands(self) -> dict[str, Any]:
        limit, asked = self.limit, self.request.GET
        told: dict[str, Any] = {
            "seen": token_of(limit),
            "feature": asked.get("feature", ""),
            "subject": asked.get("subject", ""),
        }
        if limit is not None:
            amount = say_value(Decimal(limit.amount), shape=limit.feature.shape)
            last = last_day(limit.ends_at, self.zone) if limit.ends_at else None
            told |= {"amount": amount, "lasts": IN_ALL if limit.in_all else EACH, "through_on": last}
        return told

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "back": limits_url(self.account),
            "now": say_subject_limit(self.limit),
        }

    def act(self, form: LimitForm) -> HttpResponse:
        given = form.cleaned_data
        asked = form.asked()
        limit = set_subject_limit(
            account=self.account, feature=form.known[given["feature"]], subject=given["subject"], **asked,
            reason=given["reason"], seen=given["seen"], by=self.by, at=self.at,
        )  # fmt: skip
        self.tell(f"{limit.subject} may use {say_subject_limit(limit)} of {limit.feature}.")
        return HttpResponseRedirect(limits_url(self.account))


def _stops(feature: Feature) -> bool:
    shape = feature.shape
    return shape.kind is not Kind.METERED or shape.aggregation in REFUSED


class LiftForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField()


class LimitLiftPage(AccountFormPage):
    permission: ClassVar[str] = PERMISSION
    template_name = "entitlements/counters/lift.html"
    title = "Lift a limit"

    @cached_property
    def limit(self) -> SubjectLimit:
        rows = SubjectLimit.objects.select_related("feature", "account")
        return get_object_or_404(rows, pk=self.kwargs["limit"], account=self.account)

    def form(self, *, data: Any = None) -> LiftForm:
        return LiftForm(data, initial={"seen": token_of(self.limit)})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "back": limits_url(self.account),
            "limit": self.limit,
            "now": say_subject_limit(self.limit),
        }

    def act(self, form: LiftForm) -> HttpResponse:
        row, given = self.limit, form.cleaned_data
        lift_subject_limit(
            account=self.account, feature=row.feature, subject=row.subject, reason=given["reason"],
            seen=given["seen"], by=self.by, at=self.at,
        )  # fmt: skip
        self.tell(f"Only the account’s own limit of {row.feature} bounds {row.subject} now.")
        return HttpResponseRedirect(limits_url(self.account))
