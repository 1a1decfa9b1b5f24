"""Saying whose a case is: what that promises it, from its opening on, before it is done."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse, HttpResponseRedirect

from entitlements.models import Account
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal
from support.actions.cases.opening import set_account
from support.admin.cases.clock_lines import Reader, clock_lines
from support.admin.cases.finding import Meant, meant
from support.admin.cases.pages import HANDLE, AboutCase, case_url
from support.domain.case_events import Channel, Opener
from support.queries.cases.foreseen import foreseen
from support.queries.cases.promising import about_for


class WhoseForm(forms.Form):
    """Nothing but the button: the account stands in the address."""


class CaseAccountPage(AboutCase, FormPage[WhoseForm]):
    permission: ClassVar[str] = HANDLE
    template_name = "support/cases/account.html"
    title = "Whose case is it?"

    @cached_property
    def meant(self) -> Meant:
        return meant(self.request.GET)

    @property
    def whose(self) -> Account | None:
        """Not the one it belongs to already."""
        found = self.meant.account
        return found if found is None or found.pk != self.case.account_id else None

    def form(self, *, data: Any = None) -> WhoseForm:
        return WhoseForm(data)

    def act(self, form: WhoseForm) -> HttpResponse:
        if self.meant.account is None:
            raise Refusal("Find the customer first.")
        set_account(case=self.case, account=self.meant.account, by=self.by, at=self.at)
        self.tell(f"{self.case.number} belongs to {self.meant.account} now; its clocks count anew from its opening.")
        return HttpResponseRedirect(case_url(self.case))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        whose = self.whose
        return {
            **super().get_context_data(**kwargs),
            "case": self.case,
            "meant": self.meant,
            "account": whose,
            "same": self.meant.account is not None and whose is None,
            "preview": self._preview(whose) if whose is not None else None,
            "back": case_url(self.case),
        }

    def _preview(self, account: Account) -> dict[str, Any]:
        case = self.case
        found = foreseen(
            account, severity=case.severity, channel=Channel(case.channel), opener=Opener(case.opener),
            opened_at=case.opened_at, at=self.at, known_at=case.recorded_at, about=about_for(account, case),
        )  # fmt: skip
        reader = Reader(self.at, self.zone, account.zone)
        return {"found": found, "lines": clock_lines(found.clocks, (), reader=reader), "severity": case.severity}
