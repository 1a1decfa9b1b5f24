"""The questions about how licences of one product behave."""

from typing import Any

from django import forms

from catalog.domain.values import Kind
from catalog.models import Feature, Plan
from entitlements.actions.licences.policies import PolicyTerms
from entitlements.admin.fields import ReasonField, offer
from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.models import LicencePolicy
from journal.admin.fields import DayInput, WholeNumberField

BEATS = (
    ("", "None is asked for"),
    ("300", "5 minutes"),
    ("3600", "An hour"),
    ("21600", "6 hours"),
    ("86400", "A day"),
    ("604800", "A week"),
    ("2592000", "30 days"),
)
NO_PLAN = "None: licences are issued by hand"
NO_FEATURE = "None: the number above"


class PolicyForm(forms.Form):
    """`seen` is the policy as the form showed it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    key = forms.SlugField(
        label="Key", max_length=60, help_text="By which programs name it: small letters, digits and “_”. It stays."
    )
    name = forms.CharField(label="Name", max_length=120, help_text="The product, as customers know it.")
    plan = forms.ModelChoiceField(
        Plan.objects.all(), label="Comes with", required=False, empty_label=NO_PLAN,
        help_text="Whoever buys this plan or add-on from now on gets a licence, and its key by e-mail.",
    )  # fmt: skip
    bound_to = forms.ChoiceField(
        label="Bound to", widget=forms.RadioSelect, choices=[(one.value, one.words) for one in BoundTo]
    )
    activation_limit = WholeNumberField(
        label="Active on at most", required=False, min_value=1, help_text="Empty: on any number."
    )
    activation_feature = forms.ModelChoiceField(
        Feature.objects.filter(kind=Kind.CAPACITY), label="Or as many as the account has of", required=False,
        empty_label=NO_FEATURE, help_text="The limit is then sold with plans, add-ons and overrides.",
    )  # fmt: skip
    overage = forms.ChoiceField(label="Beyond it", choices=[(one.value, one.words) for one in Overage])
    heartbeat_seconds = forms.ChoiceField(
        label="Sign of life", required=False, choices=BEATS,
        help_text="What is silent for so long gives its place free. The software has to be made for it.",
    )  # fmt: skip
    offline_days = WholeNumberField(
        label="Days without asking", required=False, min_value=1,
        help_text="How long a signed file lets the software run. It can’t be called back in that time. Empty: no files.",
    )  # fmt: skip
    validations_a_month = WholeNumberField(
        label="Validations in a month", required=False, min_value=1, help_text="Empty: as many as are asked."
    )
    maintenance_months = WholeNumberField(
        label="Months of maintenance", required=False, min_value=1,
        help_text="A new licence covers versions that come out in so many months. Empty: every version.",
    )  # fmt: skip
    reason = ReasonField()

    FEW: tuple[str, ...] = ("key", "name", "plan", "bound_to", "activation_limit", "activation_feature", "overage")

    def __init__(self, data: Any = None, *, policy: LicencePolicy | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        beat = None if policy is None else policy.heartbeat_seconds
        if beat is not None and str(beat) not in dict(BEATS):
            offer(self, "heartbeat_seconds", [*BEATS, (str(beat), f"{beat} seconds")])
        del self.fields["key" if policy is not None else "reason"]

    def terms(self) -> PolicyTerms:
        given = self.cleaned_data
        told = {name: given[name] for name in (
            "name", "plan", "activation_limit", "activation_feature", "offline_days", "validations_a_month",
            "maintenance_months",
        )}  # fmt: skip
        return PolicyTerms(
            **told,
            bound_to=BoundTo(given["bound_to"]),
            overage=Overage(given["overage"]),
            heartbeat_seconds=int(given["heartbeat_seconds"]) if given["heartbeat_seconds"] else None,
        )


def as_it_stands(policy: LicencePolicy) -> dict[str, Any]:
    return {
        name: getattr(policy, name)
        for name in (
            "name", "plan", "bound_to", "activation_limit", "activation_feature", "overage", "heartbeat_seconds",
            "offline_days", "validations_a_month", "maintenance_months",
        )
    }  # fmt: skip


class RetireForm(forms.Form):
    reason = ReasonField()


class ReleaseForm(forms.Form):
    version = forms.CharField(
        label="Version", max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="As the software names itself, such as 4.2.0.",
    )  # fmt: skip
    released_on = forms.DateField(label="Came out on", widget=DayInput)


class WithdrawForm(forms.Form):
    reason = ReasonField()
