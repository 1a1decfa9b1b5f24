"""Taking an extension back, and letting a trial that is over run again: what each leads to, before the button."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from catalog.domain.window import add_days
from entitlements.actions.sales import version_to_sell
from entitlements.actions.trial_reactivation import lapsed_trial, reactivate, tried_items, what_ends
from entitlements.actions.trials import LONGEST_EXTENSION, end_before, end_of, judge_extension, running_trial
from entitlements.actions.trials import undo_extension as undo
from entitlements.admin.fields import ReasonField
from entitlements.admin.life.asking import Outlook, stage
from entitlements.admin.life.state_pages import OnlyAskPage, SubscriptionPage
from entitlements.admin.selling.asking import SellingForm
from entitlements.admin.wording import say_end, say_left
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import Move
from entitlements.models import Subscription, SubscriptionItem, SubscriptionPhase
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.life.as_if import as_if
from entitlements.queries.life.trials import undo_open
from journal.admin.fields import WholeNumberField
from journal.domain.refusal import Refusal
from journal.models import Approval

USUAL_DAYS = 7


class UndoExtensionPage(OnlyAskPage[SellingForm]):
    permission = "entitlements.extend_trial"
    move = Move.UNDO_EXTENSION
    title = "Undo the extension of a trial"
    button = "Undo the extension"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            end_before(self.trial, at=self.at)
            return super().get(request, *args, **kwargs)
        except Refusal as refusal:
            return self.gone(refusal)

    @property
    def trial(self) -> SubscriptionPhase:
        return running_trial(self.subscription, at=self.at, move=self.move)

    def form(self, *, data: Any = None) -> SellingForm:
        return SellingForm(data, initial=self.opened_with())

    def outlook(self, form: SellingForm) -> Outlook:
        trial = self.trial
        old_end = end_before(trial, at=self.at)
        open_until = undo_open(trial, at=self.at)
        facts = [
            ("The trial runs", self.say_through(end_of(trial))),
            ("Without the extension", self.say_through(old_end)),
            ("Can be undone", say_left(open_until, at=self.at) if open_until else ""),
        ]
        trial.ends_at = old_end
        same = "Nothing is different then."
        return Outlook(
            "The trial ends as it did before",
            facts,
            [self.led_to(f"From {self.say(old_end)} on, if nobody converts it", trial, at=old_end, same=same)],
            notes=["It no longer counts as extended."],
        )

    def carry_out(self, form: SellingForm) -> str:
        trial = undo(subscription=self.subscription, by=self.by, at=self.at)
        return f"The extension was undone. The trial runs {say_end(end_of(trial), zone=self.zone)}, as it did before."


class ReactivationForm(SellingForm):
    days = WholeNumberField(
        label="Days of trial",
        min_value=1,
        max_value=LONGEST_EXTENSION,
        initial=USUAL_DAYS,
        help_text="Calendar days from now on, in the customer's zone.",
    )
    reason = ReasonField()


class ReactivateTrialPage(SubscriptionPage[ReactivationForm]):
    permission = "entitlements.extend_trial"
    move = Move.REACTIVATE_TRIAL
    title = "Reactivate a trial"
    button = "Reactivate the trial"
    intro = (
        "The trial runs again as a new subscription from now on. What the customer had between the end of the trial "
        "and now stays as it was."
    )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            lapsed_trial(self.subscription, at=self.at, asked_at=self.at)
            return super().get(request, *args, **kwargs)
        except Refusal as refusal:
            return self.gone(refusal)

    @cached_property
    def lapsed(self) -> SubscriptionPhase:
        return lapsed_trial(self.subscription, at=self.at, asked_at=self.at)

    def form(self, *, data: Any = None) -> ReactivationForm:
        return ReactivationForm(data, initial=self.opened_with(days=USUAL_DAYS))

    def outlook(self, form: ReactivationForm) -> Outlook:
        given = form.cleaned_data
        end = add_days(self.at, given["days"], self.zone)
        judged = judge_extension(trial=self.lapsed, days=given["days"], by=self.by)
        rows = list(self._rows(days=given["days"]))
        after = {at: as_if(account=self.account, rows=rows, at=at) for at in (self.at, end)}
        now = entitlements_of(account=self.account, at=self.at)
        tried = ", ".join(item.plan.name for item in tried_items(self.lapsed))
        return Outlook(
            f"{tried} is tried again for {given['days']} day{'' if given['days'] == 1 else 's'}",
            [
                ("The trial ended", self.say_past(end_of(self.lapsed))),
                ("It would run", self.say_through(end)),
                ("Extended so far", _say_times(self.lapsed.extended_times)),
                ("Who decides", judged.because),
                ("Why", given["reason"]),
            ],
            [
                stage("From now on" if judged.within else "From the approval on", now, after[self.at]),
                stage(
                    f"From {self.say(end)} on, if nobody converts it",
                    now,
                    after[end],
                    same="They are back to what they have now.",
                ),
            ],
        )

    def _rows(self, *, days: int) -> Iterator[Model]:
        """What would stand then, in rows that nobody has kept."""
        for row in what_ends(self.lapsed, at=self.at):
            row.ends_at = self.at
            yield row
        new = Subscription(pk=-1, account=self.account, number=0, starts_at=self.at)
        yield new
        for number, item in enumerate(tried_items(self.lapsed), start=1):
            yield SubscriptionItem(
                pk=-number,
                subscription=new,
                plan=item.plan,
                version=version_to_sell(item.plan, self.at),
                quantity=item.quantity,
                interval=item.interval,
                starts_at=self.at,
                recorded_at=self.at,
            )
        end = add_days(self.at, days, self.zone)
        yield SubscriptionPhase(pk=-1, subscription=new, phase=Phase.TRIAL, starts_at=self.at, ends_at=end)

    def carry_out(self, form: ReactivationForm) -> str:
        given = form.cleaned_data
        made = reactivate(
            subscription=self.subscription, days=given["days"], reason=given["reason"], by=self.by, at=self.at
        )
        if isinstance(made, Approval):
            return "It waits for approval that the trial runs again; until then nothing changes."
        return f"The trial runs again, {self.say_through(end_of(made))}."


def _say_times(times: int) -> str:
    before = "never" if not times else "once" if times == 1 else f"{times} times"
    return f"{before}; this counts as an extension"
