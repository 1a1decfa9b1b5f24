"""What the pages about a subscription's life and an account's own data have in common.

As where something is sold (`selling.py`), each asks twice on one address: a form, then what it leads to, stage by
stage, and the button. Nothing is written before the button.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol

from django import forms

from catalog.domain.values import TermState
from catalog.domain.window import end_through, start_of_day
from catalog.queries.instants import say_instant
from entitlements.actions.overrides import check_day
from entitlements.admin.selling.asking import SellingPage
from entitlements.admin.wording import say_end, say_left
from entitlements.domain.figures import Direction, FeatureEffect
from entitlements.domain.resolution import Resolution
from entitlements.domain.saying import INSTEAD
from entitlements.queries.life.as_if import effects
from journal.admin.fields import DayInput
from journal.admin.pages import FormOf
from journal.domain.refusal import Refusal

LESS = "less"
SAME = "Nothing is different for the customer."
GONE = INSTEAD[TermState.NOT_INCLUDED]
LONGEST_LIST = 8


class Effect(Protocol):
    """One feature that the customer would have otherwise, whoever worked it out."""

    @property
    def name(self) -> str: ...
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Stage:
    """What the customer has otherwise from a moment on; `later`: compared with what they would have by then."""

    when: str
    effects: Sequence[Effect]
    same: str = SAME
    later: bool = False

    @property
    def lines(self) -> list[tuple[Effect, str]]:
        """Losses first: they are what a customer asks about."""
        told = [(effect, _word(effect)) for effect in self.effects]
        return sorted(told, key=lambda line: line[1] != LESS)

    @property
    def nothing_left(self) -> bool:
        """So many features go, and all of them, that a sentence says more than their list."""
        return len(self.effects) > LONGEST_LIST and all(effect.after == GONE for effect in self.effects)

    @property
    def everything_back(self) -> bool:
        return len(self.effects) > LONGEST_LIST and all(effect.before == GONE for effect in self.effects)

    @property
    def before_word(self) -> str:
        return "Otherwise" if self.later else "Now"


def _word(effect: Any) -> str:
    if isinstance(effect, FeatureEffect):
        return {Direction.WORSE: LESS, Direction.BETTER: "more"}.get(effect.direction, "other")
    return LESS if effect.worse else "more"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would be done, and what it leads to. `refused`: why it can't be done like this, before anybody presses."""

    what: str
    facts: Sequence[tuple[str, str]]
    stages: Sequence[Stage] = ()
    over: Sequence[Any] = ()
    notes: Sequence[str] = ()
    refused: Sequence[str] = ()


class LifePage(SellingPage[FormOf]):
    """Two steps on one address. Subclasses give the form, the outlook and the act."""

    template_name = "entitlements/life/ask.html"
    part: ClassVar[str] = "subscriptions"
    show: ClassVar[str] = "Show what it changes"

    def preview(self, form: FormOf) -> Any:
        return self.outlook(form)

    def outlook(self, form: FormOf) -> Outlook:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs["form"]
        if form.is_bound and "preview" not in kwargs:
            # The form is shown anew beside how things stand now, so that is what it was opened with from here on.
            form.data = form.data.copy()
            form.data["seen"] = self.token()
        return {**super().get_context_data(**kwargs), "show": self.show, "now_facts": self.now_facts()}

    def now_facts(self) -> Sequence[tuple[str, str]]:
        """How it stands now, above the form."""
        return ()

    def say(self, instant: datetime) -> str:
        """An instant in the customer's zone; the moment of the request is simply now."""
        return "now" if instant <= self.at else say_instant(instant, zone=self.zone)

    def say_past(self, instant: datetime) -> str:
        return say_instant(instant, zone=self.zone)

    def say_through(self, end: datetime) -> str:
        """ "through 16 March 2026 (Amsterdam), for 14 days"."""
        return f"{say_end(end, zone=self.zone)}, for {say_left(end, at=self.at).removesuffix(' left')}"


def stage(
    when: str,
    before: Mapping[str, Resolution],
    after: Mapping[str, Resolution],
    *,
    same: str = "",
    later: bool = False,
) -> Stage:
    return Stage(when, effects(before, after), same or SAME, later)


class DayField(forms.DateField):
    """A day of the customer's calendar; one that can only be a slip of the pen is refused."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=DayInput, **options)

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        try:
            check_day(day, field="day")
        except Refusal as refusal:
            raise forms.ValidationError(refusal.message) from None
        return day


def first_instant(day: date, *, zone: str, at: datetime, field: str) -> datetime:
    """When something begins that is to happen on a day: today is now."""
    if end_through(day, zone) <= at:
        raise Refusal("This day has passed. Choose today or a later day.", field=field)
    return max(start_of_day(day, zone), at)
