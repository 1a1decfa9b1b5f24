"""Changes that are planned and still to come: moving one to another day, and calling it off."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from django.shortcuts import get_object_or_404

from catalog.domain.window import end_through
from entitlements.actions.plan_changes import cancel_change, reschedule
from entitlements.admin.life.asking import DayField, Outlook, first_instant
from entitlements.admin.life.state_pages import OnlyAskPage, SubscriptionPage
from entitlements.admin.life.timing_form import ReasonedAskForm
from entitlements.admin.selling.asking import SellingForm
from entitlements.domain.timing import ChangeSort, Timing
from entitlements.models import Subscription, SubscriptionChange
from journal.admin.pages import FormOf
from journal.domain.refusal import Refusal


class PlannedChangePage(SubscriptionPage[FormOf]):
    """A page about a change that is still to come, by its own number; another account's is not found."""

    @cached_property
    def change(self) -> SubscriptionChange:
        rows = SubscriptionChange.objects.select_related("subscription__account", "item__plan")
        return get_object_or_404(rows, pk=self.kwargs["change"], subscription__account=self.account)

    @cached_property
    def subscription(self) -> Subscription:
        return self.change.subscription

    def begin(self) -> None:
        if self.change.cancelled_at is not None:
            raise Refusal(f"{self.change.words} was called off already.")
        if self.change.effective_at <= self.at:
            raise Refusal(f"{self.change.words} has taken effect already. Change it anew instead.")


class MoveForm(SellingForm):
    on = DayField(label="From which day on", error_messages={"required": "Say which day."})


class ChangeMovePage(PlannedChangePage[MoveForm]):
    title = "Move a change to come"
    button = "Move it"
    show = "Show what it becomes"

    @property
    def ends(self) -> bool:
        return self.change.sort == ChangeSort.CANCEL

    def form(self, *, data: Any = None) -> MoveForm:
        form = MoveForm(data, initial=self.opened_with())
        if self.ends:
            form.fields["on"].label = "The last day"
        form.fields["on"].help_text = f"In {self.zone}, the customer’s zone."
        return form

    def now_facts(self) -> Sequence[tuple[str, str]]:
        return [("What is to come", self.change.words), ("When", self.say(self.change.effective_at))]

    def wanted(self, form: MoveForm) -> datetime:
        day = form.cleaned_data["on"]
        if self.ends:
            return end_through(day, self.zone)
        return first_instant(day, zone=self.zone, at=self.at, field="on")

    def outlook(self, form: MoveForm) -> Outlook:
        old, new = (self.say(instant) for instant in (self.change.effective_at, self.wanted(form)))
        notes = ["The days of access afterwards stay as many as they were."] if self.ends else []
        if self.change.timing == Timing.AT_RENEWAL:
            notes.append("It no longer follows the renewal: it keeps the day you say here.")
        return Outlook(self.change.words, [("Before", old), ("It becomes", new)], notes=notes)

    def carry_out(self, form: MoveForm) -> str:
        change = reschedule(change=self.change, effective_at=self.wanted(form), by=self.by, at=self.at)
        return f"{change.words}, now on {self.say(change.effective_at)}."


class ChangeCallOffPage(PlannedChangePage[ReasonedAskForm], OnlyAskPage[ReasonedAskForm]):
    title = "Call off a change to come"
    button = "Call it off"
    leave = "Leave it planned"

    def form(self, *, data: Any = None) -> ReasonedAskForm:
        return ReasonedAskForm(data, initial=self.opened_with())

    def outlook(self, form: ReasonedAskForm) -> Outlook:
        facts = [("Planned for", self.say_past(self.change.effective_at)), ("By", self.change.recorded_by)]
        if self.change.reason:
            facts.append(("Because", self.change.reason))
        return Outlook(self.change.words, facts, notes=["It is as if it had never been planned."])

    def carry_out(self, form: ReasonedAskForm) -> str:
        change = cancel_change(change=self.change, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return f"{change.words} is called off."
