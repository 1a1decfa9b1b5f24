"""Looking again at what is billed: at one finding, at all that wait for the same, at all that is billed for an account."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from entitlements import billing_systems
from entitlements.actions.billed.runs import start_looking
from entitlements.admin.billed.pages import FindingAsk
from entitlements.admin.billed.words import SETTLE, VIEW
from entitlements.admin.pages import AccountFormPage, account_url
from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BilledSubscription
from entitlements.queries.billed.findings import waiting_alike
from entitlements.queries.billed.listing import billed_for
from journal.admin.connections.pages import vendor_words
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal
from journal.models import Job

MOST_AT_ONCE = 10  # each is a question to another system, and the reader waits
NOT_YET = "It couldn’t be looked at yet, so nothing is given so far:"
LOOKED = frozenset(FindingKind) - {FindingKind.PUSH}


class LookAgainPage(FindingAsk):
    """How it stands there now; what the desk has follows it, or is only compared where the two differ."""

    title = "Look again"
    kinds = LOOKED
    button: ClassVar[str] = "Look again"

    def lead(self) -> str:
        there = vendor_words(self.finding.connection)
        if self.kind is FindingKind.DRIFT:
            return (
                f"{there} is asked how it stands there now, and the two are compared. Nothing the customer has changes."
            )
        return f"{there} is asked how it stands there now, and what the desk has follows it."

    def settle(self, form: forms.Form) -> str | Job:
        return self.system.look_again(finding=self.finding, by=self.by, at=self.at)


class LookAgainAllPage(LookAgainPage):
    """The same for every open finding that waits for the same thing, as long work."""

    title = "Look again at all that wait for it"
    kinds = frozenset({FindingKind.UNLINKED, FindingKind.DOUBTFUL})
    button: ClassVar[str] = "Look again at all of them"

    def lead(self) -> str:
        number = waiting_alike(self.finding).count()
        waits = "One subscription waits" if number == 1 else f"{number} subscriptions wait"
        return f"{waits} for the same. {super().lead()}"

    def settle(self, form: forms.Form) -> str | Job:
        return start_looking(finding=self.finding, by=self.by, at=self.at)


class LookAtAccountPage(AccountFormPage):
    """Everything that is billed for one account, asked for as it stands now and followed."""

    permission: ClassVar[str] = SETTLE
    template_name = "entitlements/billed/look_at_account.html"
    title = "Look again at what is billed"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form(self, *, data: Any = None) -> forms.Form:
        return forms.Form(data)

    def rows(self) -> list[BilledSubscription]:
        return list(billed_for(self.account)[:MOST_AT_ONCE])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "rows": self.rows(),
            "back": account_url(self.account, part="subscriptions"),
        }

    def act(self, form: forms.Form) -> HttpResponse:
        rows = self.rows()
        if not rows:
            raise Refusal("Nothing is billed for this account.")
        words = say_looked([partial(_look_at, row, by=self.by, at=self.at) for row in rows])
        return self.done(words, part="subscriptions")


def _look_at(row: BilledSubscription, *, by: Actor, at: datetime) -> str:
    system = billing_systems.system_of(row.connection.vendor)
    if system is None:
        raise Refusal(f"The desk no longer knows the system that bills {row.billing_id}.")
    return system.look_at(billed=row, by=by, at=at)


def say_looked(looks: Iterable[Callable[[], str]]) -> str:
    """Look at each in turn, and say what came of it; the first that can't be looked at ends it, unless it was the first.

    What was looked at before stays looked at: each is whole by itself.
    """
    said: dict[str, int] = {}
    for number, look in enumerate(looks):
        try:
            words = look()
        except Refusal as refusal:
            if not number:
                raise
            return f"{_in_all(said)} Then it stopped: {refusal.message}"
        said[words] = said.get(words, 0) + 1
    return _in_all(said)


def _in_all(said: dict[str, int]) -> str:
    return " ".join(words if times == 1 else f"{times} times: {words}" for words, times in said.items())
