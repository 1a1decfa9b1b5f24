"""Telling the billing anew what the catalog has."""

from typing import ClassVar

from django import forms

from entitlements.admin.billed.pages import FindingAsk
from entitlements.domain.billed.findings import FindingKind
from journal.admin.connections.pages import vendor_words
from journal.domain.refusal import Refusal
from journal.models import Job

TOLD_OF_ONE = "It is about one subscription: it stands among the deliveries, and is sent again from there."


class PushAgainPage(FindingAsk):
    title = "Push again"
    kinds = frozenset({FindingKind.PUSH})
    button: ClassVar[str] = "Push again"

    def lead(self) -> str:
        there = vendor_words(self.finding.connection)
        return f"{there} is told again which features there are, and which product carries them. What it has already stays."

    def settle(self, form: forms.Form) -> str | Job:
        if self.finding.billing_id:
            raise Refusal(TOLD_OF_ONE)
        return self.system.push_again(finding=self.finding, by=self.by, at=self.at)
