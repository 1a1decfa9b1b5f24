"""What is asked for a launch: what, where, how, and the days in a stated zone."""

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import Http404
from django.shortcuts import get_object_or_404

from catalog.domain.values import PlanKind
from catalog.domain.window import end_through, start_of_day
from catalog.holders import accounts_by_market
from catalog.models import Feature, Market, Plan
from catalog.models.market import MarketUse
from catalog.queries.launches import EVERYWHERE
from catalog.queries.markets import Thing
from journal.admin.fields import DayInput

ALL_MARKETS, EXCEPT = "everywhere", "except-"
USES = [
    (MarketUse.SOLD, "Sold: it may be offered and bought there"),
    (MarketUse.PROVIDED, "Provided: who has it may use it there"),
]


def thing_named(name: str) -> Thing:
    """ "plan-3" or "feature-7"; 404 where there is none."""
    sort, _, pk = name.partition("-")
    if not pk.isdecimal() or sort not in {"plan", "feature"}:
        raise Http404
    return get_object_or_404(Plan, pk=pk) if sort == "plan" else get_object_or_404(Feature, pk=pk)


def name_of(thing: Thing) -> str:
    return f"{thing._meta.model_name}-{thing.pk}"


class LaunchForm(forms.Form):
    thing = forms.ChoiceField(label="What")
    market = forms.ChoiceField(label="Where")
    uses = forms.MultipleChoiceField(
        label="How",
        choices=USES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose whether it is sold there, provided there, or both."},
    )
    starts_on = forms.DateField(
        label="From the start of",
        required=False,
        widget=DayInput,
        help_text="Empty: from now on.",
    )
    through_on = forms.DateField(
        label="Through",
        required=False,
        widget=DayInput,
        help_text="That day included. Empty: without end.",
    )
    said_in = forms.CharField(
        label="Days are those of",
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
        help_text="A time zone, for example Europe/Amsterdam. The day begins at midnight there.",
    )
    reason = forms.CharField(
        label="Why",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands in the audit beside your name.",
        error_messages={"required": "Give a reason: whoever looks at this later will ask."},
    )

    def __init__(self, data: Any = None, *, at: datetime, **options: Any) -> None:
        super().__init__(data, **options)
        self.at = at
        self.zones = sorted(available_timezones())
        things = self.fields["thing"]
        assert isinstance(things, forms.ChoiceField)
        things.choices = _things()
        where = self.fields["market"]
        assert isinstance(where, forms.ChoiceField)
        where.choices = _places(at)

    def clean_said_in(self) -> str:
        zone = self.cleaned_data["said_in"].strip()
        if zone not in available_timezones():
            raise forms.ValidationError("No time zone has this name. Write one such as Europe/Amsterdam.")
        return zone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        zone = given.get("said_in")
        for field, otherwise in (("starts_on", "now"), ("through_on", "no end")):
            day = given.get(field)
            if day and zone and end_through(day, zone) <= self.at:
                self.add_error(
                    field, f"That day has passed; leave it empty for {otherwise}, or choose one still to come."
                )
        if given.get("through_on") and given.get("starts_on") and given["through_on"] < given["starts_on"]:
            self.add_error("through_on", "It can't end before it starts.")
        return given

    @property
    def place(self) -> dict[str, Market | None]:
        """The market it is in, none for everywhere; and the one it is left out of, where every other one is meant."""
        chosen = self.cleaned_data["market"]
        if chosen == ALL_MARKETS:
            return {"market": None, "but": None}
        market = Market.objects.get(pk=chosen.removeprefix(EXCEPT))
        return {"market": None, "but": market} if chosen.startswith(EXCEPT) else {"market": market, "but": None}

    @property
    def instants(self) -> tuple[datetime | None, datetime | None]:
        """From now where the first day is today; through the last day as it ends in the zone."""
        first, last, zone = (self.cleaned_data[name] for name in ("starts_on", "through_on", "said_in"))
        starts = None if first is None else start_of_day(first, zone)
        return (None if starts is None or starts <= self.at else starts), last and end_through(last, zone)

    @property
    def asked(self) -> dict[str, Any]:
        """The arguments of the action."""
        starts_at, ends_at = self.instants
        return {
            **self.place,
            "thing": thing_named(self.cleaned_data["thing"]),
            "uses": [MarketUse(use) for use in self.cleaned_data["uses"]],
            "starts_at": starts_at,
            "ends_at": ends_at,
        }


def _places(at: datetime) -> list[tuple[str, str] | tuple[str, list[tuple[str, str]]]]:
    """Each market with how many accounts it has, everywhere, and everywhere but one of them."""
    counted, markets = accounts_by_market(at=at), list(Market.objects.all())
    found = [(str(market.pk), f"{market} ({_accounts(counted.get(market.pk, 0))})") for market in markets]
    whole = (ALL_MARKETS, f"{EVERYWHERE} ({_accounts(sum(counted.values()))})")
    if len(markets) < 2:
        return [whole, *found]
    return [whole, *found, ("Every market except", [(f"{EXCEPT}{m.pk}", f"All except {m}") for m in markets])]


def _accounts(number: int) -> str:
    return f"{number:,} account{'' if number == 1 else 's'}"


def _things() -> list[tuple[str, list[tuple[str, str]]]]:
    plans, features = list(Plan.objects.all()), list(Feature.objects.select_related("group"))
    return [
        ("Plans", [(name_of(plan), plan.name) for plan in plans if plan.kind == PlanKind.PLAN]),
        ("Add-ons", [(name_of(plan), plan.name) for plan in plans if plan.kind == PlanKind.ADD_ON]),
        ("Features", [(name_of(feature), feature.name) for feature in features]),
    ]
