"""What is asked about equipment."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from entitlements.admin.fields import ReasonField
from entitlements.models import Account
from journal.admin.fields import DayInput, WholeNumberField
from support.domain.cover_terms import WarrantyBasis
from support.domain.serials import LONGEST, serial_fault
from support.domain.warranties import LONGEST_MONTHS, Days
from support.models import Asset, Location, Product
from support.queries.policy_history import tier_choices

OFF = {"autocomplete": "off", "spellcheck": "false"}
BASES = [(basis.value, f"From the day it was {basis.value}") for basis in WarrantyBasis]


def day_field(label: str, help_text: str = "") -> forms.DateField:
    wrong = {"invalid": "Write a day, such as 2026-03-31."}
    return forms.DateField(label=label, required=False, widget=DayInput, help_text=help_text, error_messages=wrong)


def percent_field(what: str) -> WholeNumberField:
    return WholeNumberField(
        label=f"{what} borne, in percent", required=False, min_value=0, max_value=100,
        help_text="Empty: nothing is said about it." if what == "Labour" else "",
    )  # fmt: skip


class SerialField(forms.CharField):
    def __init__(self, **options: Any) -> None:
        told: dict[str, Any] = {
            "label": "Serial number", "max_length": LONGEST, "widget": forms.TextInput(attrs=OFF),
            "help_text": "As it stands on the plate. Spaces, hyphens and capitals don’t matter when it is looked for.",
            "error_messages": {"required": "Give a serial number."},
        }  # fmt: skip
        super().__init__(**told | options)

    def clean(self, value: Any) -> str:
        said = str(super().clean(value))
        if said and (fault := serial_fault(said)):
            raise forms.ValidationError(fault)
        return said


class SeenForm(forms.Form):
    """Remembers what its reader was looking at, so that nobody overwrites what they never saw."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)
    folded: ClassVar[tuple[str, ...]] = ()  # what is seldom filled in
    folded_words: ClassVar[str] = ""

    @property
    def essential(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in self.folded]

    @property
    def further(self) -> list[forms.BoundField]:
        return [field for field in self if field.name in self.folded]

    @property
    def further_matters(self) -> bool:
        """What is wrong, or was filled in, isn't hidden."""
        return self.is_bound and any(field.errors or field.data for field in self.further)


class DaysForm(SeenForm):
    shipped_on = day_field("Shipped on")
    installed_on = day_field("Installed on")
    invoiced_on = day_field("Invoiced on")
    in_service_on = day_field("In service since")

    def days(self) -> Days:
        said = self.cleaned_data
        return Days(said["shipped_on"], said["installed_on"], said["invoiced_on"], said["in_service_on"])


def places_of(account: Account) -> QuerySet[Location]:
    return Location.objects.filter(account=account).order_by("name", "pk")


class PlaceField(forms.ModelChoiceField):
    """One of the customer's locations, by its name alone: whose it is, is known."""

    def __init__(self, account: Account, **options: Any) -> None:
        told: dict[str, Any] = {"label": "Location", "required": False, "empty_label": "Not known"}
        super().__init__(places_of(account), **told | options)

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class RegisterForm(DaysForm):
    product = forms.ModelChoiceField(
        Product.objects.filter(retired_at__isnull=True), label="Product", empty_label="Choose one",
        to_field_name="key", error_messages={"required": "Which product is it?"},
    )  # fmt: skip
    serial = SerialField()
    name = forms.CharField(
        label="What the customer calls it", required=False, max_length=200, help_text="Such as Press A, or Gate 2."
    )
    external_id = forms.CharField(
        label="Id in another system", required=False, max_length=200, widget=forms.TextInput(attrs=OFF)
    )
    held_since = day_field("The customer has it since", "Empty: since the earliest of the days above, or since now.")
    field_order = ("product", "serial", "name", "location", "shipped_on", "installed_on", "invoiced_on",
                   "in_service_on", "held_since", "external_id", "seen")  # fmt: skip

    def __init__(self, data: Any = None, *, account: Account, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.fields["location"] = PlaceField(account)
        self.order_fields(self.field_order)


class EditForm(DaysForm):
    serial = SerialField()
    name = forms.CharField(label="What the customer calls it", required=False, max_length=200)
    external_id = forms.CharField(
        label="Id in another system", required=False, max_length=200, widget=forms.TextInput(attrs=OFF)
    )
    field_order = ("serial", "name", "location", "shipped_on", "installed_on", "invoiced_on", "in_service_on",
                   "external_id", "seen")  # fmt: skip

    def __init__(self, data: Any = None, *, asset: Asset, seen: str) -> None:
        names = ("serial", "name", "location", "shipped_on", "installed_on", "invoiced_on", "in_service_on", "external_id")  # fmt: skip
        super().__init__(data, initial={"seen": seen} | {name: getattr(asset, name) for name in names})
        self.fields["location"] = PlaceField(asset.account)
        self.order_fields(self.field_order)


class RelocateForm(SeenForm):
    def __init__(self, data: Any = None, *, asset: Asset, seen: str) -> None:
        super().__init__(data, initial={"location": asset.location, "seen": seen})
        self.fields["location"] = PlaceField(asset.account, label="It stands at")


class MoveForm(SeenForm):
    moved_on = day_field("It went on", "Empty: today.")
    reason = ReasonField()

    def __init__(self, data: Any = None, *, to: Account, seen: str) -> None:
        super().__init__(data, initial={"seen": seen})
        self.fields["location"] = PlaceField(to, label=f"Location at {to}")
        self.order_fields(("location", "moved_on", "reason", "seen"))


class ReplaceForm(DaysForm):
    product = forms.ModelChoiceField(
        Product.objects.filter(retired_at__isnull=True), label="Product of the new one", to_field_name="key",
        required=False, empty_label="The same",
    )  # fmt: skip
    serial = SerialField(label="Serial number of the new one")
    swapped_on = day_field("Swapped on", "Empty: today. What was left of the warranty on that day goes on.")
    reason = ReasonField()
    folded = ("shipped_on", "installed_on", "invoiced_on", "in_service_on")
    folded_words = "Dates of the new one"
    field_order = ("serial", "product", "swapped_on", "reason", "shipped_on", "installed_on", "invoiced_on",
                   "in_service_on", "seen")  # fmt: skip


class RetireForm(SeenForm):
    retired_on = day_field("Out of service since", "Empty: today.")
    reason = ReasonField()


class BackForm(SeenForm):
    reason = ReasonField()


class WarrantyForm(SeenForm):
    folded = ("tier", "priority")
    folded_words = "Support tier, place in line"
    name = forms.CharField(
        label="Name", max_length=200, initial="Extended warranty", error_messages={"required": "What is it called?"}
    )
    basis = forms.ChoiceField(label="Counted", choices=BASES, widget=forms.RadioSelect, initial=WarrantyBasis.SHIPPED)
    first_on = day_field("First day", "Empty: the day it is counted from.")
    months = WholeNumberField(
        label="So many months", required=False, min_value=1, max_value=LONGEST_MONTHS,
        help_text="Or give its last day instead.",
    )  # fmt: skip
    through_on = day_field("Through")
    labour, parts, travel = percent_field("Labour"), percent_field("Parts"), percent_field("Travel")
    tier = forms.ChoiceField(
        label="Support tier it comes with", required=False, help_text="How fast somebody answers about it, if agreed."
    )
    priority = WholeNumberField(
        label="Number in line", required=False, min_value=1, max_value=999,
        help_text="1 goes before every other cover, however generous. Empty: the more generous one wins.",
    )  # fmt: skip
    transferable = forms.BooleanField(label="It goes along to another customer", required=False, initial=True)

    def __init__(self, data: Any = None, *, seen: str, basis: str, first_on: date | None = None) -> None:
        super().__init__(data, initial={"seen": seen, "basis": basis, "first_on": first_on})
        chooser = self.fields["tier"]
        assert isinstance(chooser, forms.ChoiceField)
        chooser.choices = [("", "None"), *tier_choices().items()]


class VoidForm(SeenForm):
    reason = ReasonField()


class LocationForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=200, help_text="Such as Plant 2, packaging.",
        error_messages={"required": "Give the location a name, such as Plant 2."},
    )  # fmt: skip
    address = forms.CharField(
        label="Address", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    country = forms.CharField(label="Country", required=False, max_length=60, help_text="Two letters, such as NL.")
    zone = forms.CharField(
        label="Time zone", required=False, max_length=64, help_text="Such as Europe/Amsterdam. Empty: the customer’s."
    )
