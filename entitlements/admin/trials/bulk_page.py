"""Extending the trials of several customers alike: where each would end, one reason, and what became of each."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from entitlements.actions.trial_bulk import MOST_AT_ONCE, Outcome, extend_each
from entitlements.admin.pages import VIEW
from entitlements.admin.trials.forms import PRESETS, Extension, ExtensionForm, Length, extension, parse_end
from entitlements.admin.wording import say_end, say_left
from entitlements.models import Account, SubscriptionPhase
from entitlements.queries.holdings import HeldSubscription, holdings
from entitlements.queries.life.trials import trials_of
from entitlements.queries.policies import policy_rules
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal

LIKE_AN_ID = re.compile(r"[0-9]{1,18}")
NOT_OURS = "This form is not as we made it. Choose the customers from the list again."


@dataclass(frozen=True, slots=True)
class Line:
    """One running trial, and where each length on offer leads."""

    trial: SubscriptionPhase
    account: Account
    plans: str
    end: str
    left: str
    after: str
    extensions: Sequence[Extension]


class ExtendTrialsPage(FormPage[ExtensionForm]):
    permission = "entitlements.extend_trial"
    template_name = "entitlements/extend_trials.html"
    title = "Extend trials"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.has_perm(self.permission) and request.user.has_perm(VIEW) and len(self.chosen) > MOST_AT_ONCE:
            self.refuse(
                Refusal(f"At most {MOST_AT_ONCE} customers at once. Narrow the list down and go on from there.")
            )
            return HttpResponseRedirect(reverse("admin:entitlements_account_changelist"))
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def chosen(self) -> list[Account]:
        """The customers that the address names; what is no number is passed over."""
        ids = [int(text) for text in self.request.GET.get("accounts", "").split(",") if LIKE_AN_ID.fullmatch(text)]
        return list(Account.objects.filter(pk__in=ids[: MOST_AT_ONCE + 1]).order_by("name", "pk"))

    @cached_property
    def trials(self) -> list[SubscriptionPhase]:
        found = trials_of(account_ids=[account.pk for account in self.chosen], at=self.at)
        return [trial for account in self.chosen for trial in found[account.pk]]

    def form(self, *, data: Any = None) -> ExtensionForm:
        seen = {str(trial.subscription_id): trial.ends_at.isoformat() for trial in self.trials if trial.ends_at}
        presets = [(days, f"+{days} days") for days in PRESETS]
        return ExtensionForm(
            data, presets=presets, where="in each customer's own zone", initial={"seen": json.dumps(seen)}
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lengths = [kwargs["shown"]] if "shown" in kwargs else [Length(days=days) for days in PRESETS]
        trying = {trial.subscription.account_id for trial in self.trials}
        return {
            **super().get_context_data(**kwargs),
            "lengths": lengths,
            "lines": self._lines(lengths),
            "without": [account for account in self.chosen if account.pk not in trying],
            "back": reverse("admin:entitlements_account_changelist"),
        }

    def _lines(self, lengths: Sequence[Length]) -> list[Line]:
        held = holdings(account_ids=[account.pk for account in self.chosen], at=self.at)
        by_id = {found.id: found for many in held.values() for found in many}
        judged = {"by": self.by, "rules": policy_rules()}
        return [self._line(trial, by_id[trial.subscription_id], lengths, judged) for trial in self.trials]

    def _line(self, trial: SubscriptionPhase, held: HeldSubscription, lengths: Sequence[Length], judged: Any) -> Line:
        account = trial.subscription.account
        assert trial.ends_at is not None  # every trial ends
        return Line(
            trial,
            account,
            ", ".join(item.version for item in held.plans),
            say_end(trial.ends_at, zone=account.zone),
            say_left(trial.ends_at, at=self.at),
            "a sale by itself" if held.with_card else held.after_trial or "nothing",
            [extension(trial, length, zone=account.zone, **judged) for length in lengths],
        )

    def act(self, form: ExtensionForm) -> HttpResponse:
        wanted = form.wanted()
        if form.must_be_shown():
            given = self.request.POST.copy()
            given["shown"] = wanted.said
            return self.render_to_response(self.get_context_data(form=self.form(data=given), shown=wanted))
        outcomes = extend_each(
            seen=parse_seen(form.cleaned_data["seen"]),
            days=wanted.days,
            until=wanted.until,
            reason=form.cleaned_data["reason"],
            by=self.by,
            at=self.at,
        )
        context = {**self.get_context_data(form=form), **self._done(outcomes)}
        return self.response_class(
            self.request, "entitlements/extended_trials.html", context, using=self.template_engine
        )

    def _done(self, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """What became of each, in the zone of each."""
        lines = [(outcome, *_said(outcome)) for outcome in outcomes]
        extended = sum(outcome.new_end is not None for outcome in outcomes)
        waiting = sum(outcome.waits for outcome in outcomes)
        return {
            "outcomes": lines,
            "extended": extended,
            "waiting": waiting,
            "refused": len(outcomes) - extended - waiting,
        }


def _said(outcome: Outcome) -> tuple[str, str]:
    zone = outcome.subscription.account.zone
    new_end = "" if outcome.new_end is None else say_end(outcome.new_end, zone=zone)
    return say_end(outcome.old_end, zone=zone), new_end


def parse_seen(text: str) -> dict[int, datetime]:
    """The trials with their ends as the form carries them."""
    try:
        read = json.loads(text)
        pairs = [(int(pk), str(end)) for pk, end in read.items()]
    except (ValueError, AttributeError):
        raise Refusal(NOT_OURS) from None
    return {pk: parse_end(end) for pk, end in pairs}


def bulk_url(account_ids: Sequence[int]) -> str:
    """The page about these customers' trials."""
    return f"{reverse('admin:entitlements_trials_extend')}?accounts={','.join(map(str, account_ids))}"
