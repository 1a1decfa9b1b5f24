"""The form of a cover, as people say it: days, percents, what it reaches; and what was typed as a draft."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from entitlements.admin.fields import ReasonField, offer
from entitlements.models import Account, Contract, ContractLine
from entitlements.queries.contracts.wording import say_line
from journal.admin.fields import DayInput
from support.domain.case_events import Channel
from support.domain.cover_draft import CoverDraft, end_instant, first_instant, next_instant
from support.domain.cover_terms import SHARES
from support.domain.covers import Scope
from support.queries.policy_history import tier_choices

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
LARGEST = 1_000_000
PICKED = ("assets", "locations", "products", "contacts")


class Day(forms.DateField):
    def __init__(self, **options: Any) -> None:
        messages = {"invalid": "Write a day, such as 2027-03-31."}
        super().__init__(widget=DayInput, required=False, error_messages=messages, **options)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(f"Choose a day from {EARLIEST.year} to {LATEST.year}.")
        return day


class Whole(forms.IntegerField):
    """A whole number or nothing; whether it is in range is said by the cover's own checks."""

    def __init__(self, **options: Any) -> None:
        messages = {"invalid": "Write a whole number, or leave it empty."}
        told = {**messages, "min_value": messages["invalid"], "max_value": messages["invalid"]}
        super().__init__(required=False, error_messages=told, min_value=-LARGEST, max_value=LARGEST, **options)

    def widget_attrs(self, widget: Any) -> dict[str, Any]:
        return {"inputmode": "numeric"}


class Picked(forms.TypedMultipleChoiceField):
    """Numbers of things that were ticked; whose they are is said by the cover's own checks."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, coerce=int, widget=forms.CheckboxSelectMultiple, **options)

    def valid_value(self, value: Any) -> bool:
        return str(value).isdecimal() and len(str(value)) < 16


class CoverForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label="What it is called", max_length=200, required=False,
        help_text="As both sides know it: “Maintenance of the pumps”.",
    )  # fmt: skip
    contract = forms.ChoiceField(label="Under contract", required=False)
    line = Whole(label="Line of the contract", help_text="Its number; empty: the contract as a whole.")
    starts = Day(label="From")
    through = Day(label="Through", help_text="The last day; empty: as long as its contract, or until somebody ends it.")
    tier = forms.ChoiceField(
        label="Response", required=False, help_text="How fast somebody answers, by the tier’s promise."
    )
    labour = Whole(label="Labour, percent", help_text="Empty: it says nothing about labour. 0: none of it is borne.")
    parts = Whole(label="Parts, percent", help_text="Empty: it says nothing about parts.")
    travel = Whole(label="Travel, percent", help_text="Empty: it says nothing about travel.")
    visits_a_year = Whole(label="Maintenance visits a year", help_text="Empty: none.")
    assets = Picked(label="Devices")
    locations = Picked(label="Places")
    products = Picked(label="Kinds of equipment")
    contacts = Picked(label="People who may ask")
    channels = forms.MultipleChoiceField(
        label="Asked for by", required=False, choices=[(one.value, one.words) for one in Channel],
        widget=forms.CheckboxSelectMultiple, help_text="Nothing ticked: by every channel.",
    )  # fmt: skip
    children = forms.BooleanField(label="Child accounts too", required=False)
    counted = forms.BooleanField(label="Cases count on the prepaid help", required=False)
    authorisation = forms.CharField(
        label="To be authorised first", required=False, max_length=300,
        help_text="What, and by whom, before work begins: “Parts over 2,000 € by the plant manager”.",
    )  # fmt: skip
    priority = Whole(label="Place beside other covers", help_text="1 comes first. Empty: the more generous one wins.")
    reason = ReasonField(required=False)

    def __init__(self, data: Any = None, *, account: Account, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial={"channels": [], **(initial or {})})
        offer(self, "contract", [("", "No contract: agreed by itself"), *_contracts(account)])
        offer(self, "tier", [("", "Nothing is said about response"), *reversed(tier_choices().items())])
        self.fields["starts"].help_text = f"The first day, in {account.zone.replace('_', ' ')}. Empty: from now."

    def without(self, *names: str) -> "CoverForm":
        for name in names:
            del self.fields[name]
        return self

    @property
    def plain_fields(self) -> list[Any]:
        """What the reader fills in line by line; what is picked and ticked stands apart."""
        return [field for field in self.visible_fields() if field.name not in PICKED]

    def draft(self, *, zone: str, at: datetime, was: CoverDraft | None = None) -> CoverDraft:
        """What was typed. `was`: the cover it amends; if that has begun, today means now."""
        said = self.cleaned_data
        begun = was is not None and was.starts_at <= at
        first = (next_instant if begun else first_instant)(said.get("starts"), zone=zone, at=at)
        return CoverDraft(
            name=said["name"],
            starts_at=first,
            ends_at=end_instant(said["through"], zone=zone) if said["through"] else _kept_end(was),
            zone=zone,
            contract=int(said["contract"]) if said["contract"] else None,
            line=said["line"],
            tier=said["tier"],
            shares={aspect: said[aspect.value] for aspect in SHARES if said[aspect.value] is not None},
            authorisation=said["authorisation"],
            priority=said["priority"],
            children=said["children"],
            counted=said["counted"],
            visits_a_year=said["visits_a_year"] or 0,
            scope=_scope(said),
        )


def _scope(said: Mapping[str, Any]) -> Scope:
    named: dict[str, Any] = {name: frozenset(said[name]) for name in (*PICKED, "channels")}
    return Scope(**named)


def _kept_end(was: CoverDraft | None) -> datetime | None:
    """An end in the middle of a day can't be typed as a day, so an empty field keeps it."""
    return was.ends_at if was is not None and was.ends_at is not None and was.through_on is None else None


def _contracts(account: Account) -> Iterable[tuple[str, str]]:
    for row in Contract.objects.filter(account=account):
        yield str(row.pk), str(row)


def lines_of_contracts(account: Account) -> list[tuple[str, int, str]]:
    """Every line of the customer's signed contracts: the contract's number, the line's, what it gives."""
    rows = ContractLine.objects.filter(version__contract__account=account, version__state="signed")
    rows = rows.select_related("version__contract", "plan", "feature").order_by("version__contract", "number")
    latest = {(row.version.contract.key, row.number): row for row in rows.order_by("version__number")}
    return [(key, number, row.note or say_line(row)) for (key, number), row in sorted(latest.items())]


def initial_of(draft: CoverDraft, *, seen: str = "", at: datetime | None = None) -> dict[str, Any]:
    """What the form shows of a cover that is written on. `at`: of one that has begun, from today."""
    zone = ZoneInfo(draft.zone)
    starts = draft.starts_at if at is None else max(draft.starts_at, at)
    return {
        "seen": seen,
        "name": draft.name,
        "contract": str(draft.contract or ""),
        "line": draft.line,
        "starts": starts.astimezone(zone).date(),
        "through": draft.through_on,
        "tier": draft.tier,
        **{aspect.value: draft.shares.get(aspect) for aspect in SHARES},
        "visits_a_year": draft.visits_a_year or None,
        **{name: sorted(getattr(draft.scope, name)) for name in PICKED},
        "channels": sorted(draft.scope.channels),
        "children": draft.children,
        "counted": draft.counted,
        "authorisation": draft.authorisation,
        "priority": draft.priority,
    }
