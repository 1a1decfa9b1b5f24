"""A customer who leaves: cancelling a subscription, and keeping it going after all."""

from datetime import datetime
from typing import Any

from catalog.domain.window import end_through
from entitlements.actions.lifecycle import cancel, keep_going
from entitlements.admin.fields import ReasonField
from entitlements.admin.life.asking import Outlook, Stage
from entitlements.admin.life.state_pages import OnlyAskPage, SubscriptionPage
from entitlements.admin.life.timing_form import ReasonedAskForm, WhenForm, stages_of
from entitlements.admin.wording import say_end
from entitlements.domain.lifecycle import Move, State
from entitlements.domain.timing import Proration, Timing
from entitlements.queries.life.change_dates import LONGEST_WIND_DOWN, usual_keep_days
from entitlements.queries.life.plan_changes import preview_cancellation
from entitlements.queries.life.planned import pending_cancellation
from journal.admin.fields import WholeNumberField
from journal.domain.refusal import Refusal


class CancelForm(WhenForm):
    keep_days = WholeNumberField(
        label="Days of access afterwards",
        min_value=0,
        max_value=LONGEST_WIND_DOWN,
        help_text="Calendar days in which the customer keeps what the plan says for leaving. 0: none.",
    )
    reason = ReasonField()
    field_order = ("timing", "on", "keep_days", "proration", "reason")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["on"].label = "The last day"
        self.fields["on"].help_text = f"It ends with this day, in {self.zone}."

    def wanted(self, *, at: datetime) -> dict[str, Any]:
        on = end_through(self.cleaned_data["on"], self.zone) if self.when is Timing.ON_DATE else None
        if on is not None and on <= at:
            raise Refusal("This day has passed. Choose today or a later day.", field="on")
        return {"timing": self.when, "on": on, "keep_days": self.cleaned_data["keep_days"]}


class CancelPage(SubscriptionPage[CancelForm]):
    move = Move.CANCEL
    title = "Cancel a subscription"
    button = "Cancel the subscription"
    leave = "Keep it"
    danger = True

    def begin(self) -> None:
        known = pending_cancellation(self.subscription, at=self.at)
        if known is not None:
            when = self.say_past(known.effective_at)
            raise Refusal(f"It is cancelled already, as of {when}. Move that, or keep it going.")
        super().begin()

    def form(self, *, data: Any = None) -> CancelForm:
        days = usual_keep_days(self.subscription, at=self.at)
        timings = self.timings()
        initial = self.opened_with(keep_days=days, timing=timings[min(1, len(timings) - 2)][0].value)
        return CancelForm(data, timings=timings, zone=self.zone, initial=initial)

    def timings(self) -> list[tuple[Timing, str]]:
        """A trial renews nothing: it is left at its end. The gentler way is offered first chosen."""
        trial_end = self.held.trial_ends_at if self.state is State.TRIAL else None
        renewal = self.renewal()
        later = []
        if trial_end is not None:
            later = [(Timing.AT_RENEWAL, f"At the end of the trial, {self.say(trial_end)}")]
        elif renewal is not None:
            later = [(Timing.AT_RENEWAL, f"At the next renewal, {self.say(renewal)}")]
        return [(Timing.NOW, "Now"), *later, (Timing.ON_DATE, "With a day, given below")]

    def outlook(self, form: CancelForm) -> Outlook:
        found = preview_cancellation(subscription=self.subscription, at=self.at, **form.wanted(at=self.at))
        facts = [("Why", form.cleaned_data["reason"])]
        if found.effective_at is not None and found.ends_at is not None:
            days = form.cleaned_data["keep_days"]
            lasts = f"{days} day{'' if days == 1 else 's'}, {say_end(found.ends_at, zone=self.zone)}"
            after = lasts if found.ends_at > found.effective_at else "none"
            facts = [("Cancelled as of", self.say(found.effective_at)), ("Access afterwards", after), *facts]
        stages = stages_of(self, found) if found.effective_at != found.ends_at else []
        if found.ends_at is not None:
            later = found.ends_at > self.at
            when = f"From {self.say(found.ends_at)} on" if later else "From now on"
            stages.append(Stage(when, found.afterwards, later=later))
        notes = ["Until it has ended, “Keep it going” takes the cancellation back."] if found.ends_at else []
        return Outlook(
            f"Subscription {self.subscription.number} is cancelled",
            facts,
            stages,
            notes=notes if found.ends_at and found.ends_at > self.at else [],
            refused=found.refusals,
        )

    def carry_out(self, form: CancelForm) -> str:
        given = form.cleaned_data
        change = cancel(
            subscription=self.subscription,
            **form.wanted(at=self.at),
            proration=Proration(given["proration"]),
            reason=given["reason"],
            by=self.by,
            at=self.at,
        )
        when = "now" if change.effective_at <= self.at else f"as of {self.say(change.effective_at)}"
        return f"Subscription {self.subscription.number} is cancelled {when}."


class KeepPage(OnlyAskPage[ReasonedAskForm]):
    move = Move.KEEP
    title = "Keep a subscription going"
    button = "Keep it going"
    leave = "Let it end"

    def begin(self) -> None:
        super().begin()
        if pending_cancellation(self.subscription, at=self.at) is None:
            raise Refusal(f"Subscription {self.subscription.number} is not cancelled.")

    def form(self, *, data: Any = None) -> ReasonedAskForm:
        return ReasonedAskForm(data, initial=self.opened_with())

    def outlook(self, form: ReasonedAskForm) -> Outlook:
        change = pending_cancellation(self.subscription, at=self.at)
        if change is None:
            raise Refusal(f"Subscription {self.subscription.number} is not cancelled.")
        former = next((end for _, end in change.ended if end), None)
        becomes = self.say_through(datetime.fromisoformat(former)) if former else "on, until somebody ends it"
        facts = [("Cancelled as of", self.say_past(change.effective_at)), ("It then runs", becomes)]
        if change.reason:
            facts.append(("Because", change.reason))
        return Outlook(f"Subscription {self.subscription.number} goes on", facts)

    def carry_out(self, form: ReasonedAskForm) -> str:
        keep_going(subscription=self.subscription, reason=form.cleaned_data["reason"], by=self.by, at=self.at)
        return f"Subscription {self.subscription.number} goes on; the cancellation is taken back."
