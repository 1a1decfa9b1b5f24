"""The questions about a made-up case; all of them stand in the address."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.http import QueryDict

from catalog.domain.countries import NoCountry, country_code
from entitlements.admin.moments import read_moment
from entitlements.models import Account
from journal.admin.fields import MomentInput
from support.domain.case_events import CaseEvent, CaseState, Channel, EventKind, Opener
from support.models import Milestone, Severity, SlaPolicyVersion

BLANK_ROWS, MOST_ROWS = 3, 40
MESSAGES = (
    ("public_reply", "An agent answers publicly"),
    ("customer_message", "The customer writes"),
    ("automatic_reply", "An automatic reply goes out"),
    ("internal_note", "An internal note is written"),
    ("assigned", "The case is assigned"),
)
STATES = {
    CaseState.WAITING: "It waits for the customer from here on",
    CaseState.ON_HOLD: "It is on hold from here on",
    CaseState.OPEN: "It goes on, open",
    CaseState.RESOLVED: "It is resolved",
    CaseState.CLOSED: "It is closed",
    CaseState.CANCELLED: "It is cancelled",
}


@dataclass(slots=True)
class EventRow:
    """What was typed for one thing that happens to the case."""

    what: str = ""
    when: str = ""
    problem: str = ""


class MomentField(forms.CharField):
    """A day and a time as typed; which instant it is depends on the zone of the question."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=MomentInput(), max_length=40, **options)


class TryForm(forms.Form):
    version = forms.ModelChoiceField(
        SlaPolicyVersion.objects.none(), label="By what policy", empty_label=None, error_messages={"required": "Choose one."}
    )  # fmt: skip
    severity = forms.ModelChoiceField(Severity.objects.all(), label="Severity", empty_label=None, to_field_name="key")
    channel = forms.ChoiceField(label="By", choices=[(one.value, one.words) for one in Channel])
    opener = forms.ChoiceField(
        label="Opened by", choices=[(Opener.CUSTOMER, "The customer"), (Opener.AGENT, "An agent, unasked")]
    )
    account = forms.CharField(
        label="As if of customer", required=False, max_length=64,
        help_text="A key. Its zone, its country and what rules do for it are taken. Empty: those above.",
    )  # fmt: skip
    zone = forms.CharField(
        label="Time zone", required=False, max_length=64, widget=forms.TextInput(attrs={"list": "zones"}),
        help_text="The customer’s. Every time here is said and shown in it.",
    )  # fmt: skip
    country = forms.CharField(
        label="Country", required=False, max_length=2, help_text="Two letters, for public holidays. Empty: none count."
    )
    opened = MomentField(label="Opened at")
    look = MomentField(label="Looked at", required=False, help_text="Empty: right after the last thing that happens.")

    def __init__(self, data: QueryDict, *, versions: Any, **options: Any) -> None:
        super().__init__(data, **options)
        chooser = self.fields["version"]
        assert isinstance(chooser, forms.ModelChoiceField)
        chooser.queryset = versions
        chooser.label_from_instance = version_label  # type: ignore[method-assign,assignment]  # Django's own way, on one field
        self.rows = list(_typed_rows(data))
        self.zones = sorted(available_timezones())

    def clean_account(self) -> Account | None:
        key = self.cleaned_data["account"].replace("\x00", "").strip()
        found = Account.objects.filter(key=key).first() if key else None
        if key and found is None:
            raise forms.ValidationError("No customer has this key; look it up, or leave it empty.")
        return found

    def clean_zone(self) -> str:
        zone = str(self.cleaned_data["zone"].strip() or "UTC")
        if zone not in available_timezones():
            raise forms.ValidationError("That is no time zone; write one like Europe/Amsterdam.")
        return zone

    def clean_country(self) -> str:
        typed = self.cleaned_data["country"].strip()
        try:
            return country_code(typed) if typed else ""
        except NoCountry as mistake:
            raise forms.ValidationError(str(mistake)) from mistake

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if account := given.get("account"):
            given["zone"], given["country"] = account.zone, account.country
        zone = given.get("zone", "UTC")
        for name in ("opened", "look"):
            typed = given.get(name)
            given[name] = self._moment(name, typed, zone) if typed else None
        opened = given.get("opened")
        self.events = tuple(self._read_rows(opened, zone)) if opened else ()
        if any(row.problem for row in self.rows):
            self.add_error(None, "Something that happens couldn’t be read; it is said beside its line.")
        if opened and given["look"] and given["look"] < opened:
            self.add_error("look", "That is before it was opened.")
        return given

    def _moment(self, name: str, typed: str, zone: str) -> datetime | None:
        found = read_moment(typed, zone=zone)
        if found is None:
            self.add_error(name, f"“{typed}” is no moment; write a day and a time.")
        return found

    def _read_rows(self, opened: datetime, zone: str) -> Iterator[CaseEvent]:
        for seq, row in enumerate(self.rows, start=1):
            if not row.what and not row.when:
                continue
            at = read_moment(row.when, zone=zone)
            event = event_of(row.what)
            if event is None:
                row.problem = "Choose what happens."
            elif at is None:
                row.problem = "Write a day and a time."
            elif at < opened:
                row.problem = "That is before the case was opened."
            else:
                yield CaseEvent(at=at, seq=seq, kind=event[0], to=event[1])

    @property
    def happenings(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What may happen, in groups."""
        severities = [(f"severity:{row.key}", f"Severity becomes {row.name}") for row in Severity.objects.all()]
        by_hand = [
            (f"{verb}:{key}", f"{name}: {said} by hand")
            for key, name in self._by_hand()
            for verb, said in (("started", "started"), ("met", "met"))
        ]
        groups = [
            ("Messages", list(MESSAGES)),
            ("State", [(f"state:{state.value}", words) for state, words in STATES.items()]),
            ("Severity", severities),
        ]
        return [*groups, ("Own milestones", by_hand)] if by_hand else groups

    def _by_hand(self) -> list[tuple[str, str]]:
        version = self.cleaned_data.get("version") if hasattr(self, "cleaned_data") else None
        rows = Milestone.objects.filter(version=version, kind="own")
        return [(row.key, row.name) for row in rows if "by_hand" in (row.starts, row.stops)]


def event_of(what: str) -> tuple[EventKind, str] | None:
    """ "state:waiting" → (STATE, "waiting"); None for what nobody offered."""
    kind, _, to = what.partition(":")
    try:
        found = EventKind(kind)
        if found is EventKind.STATE:
            CaseState(to)
    except ValueError:
        return None
    return None if found is EventKind.OPENED else (found, to)


def version_label(version: SlaPolicyVersion) -> str:
    said = {"draft": "draft", "asked": "waits for approval", "in_force": "in force"}[version.state]
    return f"{version.policy}, version {version.number} ({said})"


def _typed_rows(data: QueryDict) -> Iterator[EventRow]:
    """As many as were typed, and some blank ones to go on with."""
    whats, whens = data.getlist("what"), data.getlist("when")
    typed = [EventRow(what, when.strip()) for what, when in zip(whats, whens, strict=False) if what or when.strip()]
    yield from typed[:MOST_ROWS]
    blank = BLANK_ROWS + (BLANK_ROWS if "more" in data else 0)
    yield from (EventRow() for _ in range(min(blank, MOST_ROWS - len(typed[:MOST_ROWS]))))


def asked_with(data: QueryDict, *, defaults: dict[str, str]) -> QueryDict:
    """What the address asks, and for what it leaves out what a first look shows."""
    asked = data.copy()
    for name, value in defaults.items():
        if name not in asked:
            asked[name] = value
    return asked


def chosen(rows: Sequence[SlaPolicyVersion], tier: str) -> SlaPolicyVersion | None:
    """The version a link to a tier means: the one in force, else its draft."""
    own = [row for row in rows if row.policy.tier == tier]
    return next((row for row in own if row.state == "in_force"), own[0] if own else None)
