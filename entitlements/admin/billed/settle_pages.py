"""Deciding a difference: taking what the billing says, or keeping what the desk has and saying why."""

from typing import Any, ClassVar

from django import forms

from entitlements.actions.billed.findings import keep_ours
from entitlements.admin.billed.pages import FindingAsk, SeenForm
from entitlements.admin.fields import ReasonField
from entitlements.domain.billed.findings import ABOUT_FEATURE, FindingKind, FindingState, may_be_kept
from entitlements.queries.billed.listing import asked_second
from journal.admin.connections.pages import vendor_words
from journal.domain.refusal import Refusal
from journal.models import Approval, Job

KEEP, LEAVE = "Keep ours", "Leave it as it is"


class TakeTheirsPage(FindingAsk):
    title = "Take theirs"
    kinds = frozenset({FindingKind.DRIFT})
    states = frozenset({FindingState.OPEN, FindingState.KEPT})  # what was kept can be taken after all
    button: ClassVar[str] = "Take theirs"

    def lead(self) -> str:
        there = vendor_words(self.finding.connection)
        whose = self.finding.account or "The customer"
        return (
            f"{there} is asked once more how it stands there now, and {whose} has that from then on: what stands under "
            "“The desk has” becomes what stands under “The billing says”."
        )

    def warning(self) -> str:
        asked = asked_second(self.finding)
        if asked is not None and asked.state == Approval.State.PENDING:
            return f"{asked.requested_by_name} has asked to keep ours, and nobody has decided about that yet."
        return ""

    def settle(self, form: forms.Form) -> str | Job:
        if self.finding.about.startswith(ABOUT_FEATURE):
            raise Refusal(self.finding.to_do)
        return self.system.take_theirs(finding=self.finding, by=self.by, at=self.at)


class KeepForm(SeenForm):
    reason = ReasonField(help_text="Why the desk is right here. It stands in the audit beside your name.")


class KeepOursPage(FindingAsk):
    form_class = KeepForm

    def fits(self) -> bool:
        return may_be_kept(self.kind, self.finding.about)

    @property
    def title(self) -> str:  # type: ignore[override]
        return KEEP if self.kind is FindingKind.DRIFT else LEAVE

    @property
    def button(self) -> str:  # type: ignore[override]
        return self.title

    def lead(self) -> str:
        there = vendor_words(self.finding.connection)
        if self.kind is not FindingKind.DRIFT:
            return "It is left as it is, and isn’t found again as long as it stays the same."
        return (
            f"What the desk has stays, whatever {there} says about just this. As soon as something else differs, it is "
            "found again. Nothing is changed there: put it right there too, if it is wrong."
        )

    def settle(self, form: forms.Form) -> str | Job:
        given: dict[str, Any] = {"finding": self.finding, "reason": form.cleaned_data["reason"]}
        told = keep_ours(**given, by=self.by, at=self.at)
        if isinstance(told, Approval):
            return "A second person is asked. Until they have said yes, it stays open."
        return "It is kept as it is."
