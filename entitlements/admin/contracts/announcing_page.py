"""How many days ahead the end of one contract is announced, where it shall be otherwise than for every contract."""

import re
from typing import Any

from django import forms
from django.http import HttpResponse

from entitlements.actions.contracts import announce_ahead
from entitlements.admin.contracts.pages import ContractFormPage
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.announcements import Audience, reminders_set
from entitlements.queries.contracts.token import contract_token

NUMBERS = re.compile(r"[0-9]{1,3}")
UNREADABLE = "Write numbers of days with commas between them, such as 90, 60, 30."


class DaysField(forms.CharField):
    """ "90, 60, 30" -> [90, 60, 30]; nothing: as for every contract."""

    def clean(self, value: Any) -> Any:
        typed = [part for part in re.split(r"[,;\s]+", super().clean(value)) if part]
        if not all(NUMBERS.fullmatch(part) for part in typed):
            raise forms.ValidationError(UNREADABLE)
        return [int(part) for part in typed]


class AnnouncingForm(forms.Form):
    days = DaysField(label="Days before its end", required=False, max_length=120)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class AnnouncingPage(ContractFormPage):
    title = "When its end is announced"

    def form(self, *, data: Any = None) -> AnnouncingForm:
        own = ", ".join(str(day) for day in self.contract.announced_days)
        form = AnnouncingForm(data, initial={"days": own, "seen": contract_token(self.contract)})
        form.fields["days"].help_text = f"Such as 90, 60, 30. Empty: {self._usual()}"
        return form

    def _usual(self) -> str:
        """What the table says of every contract."""
        table = reminders_set()
        told = [(who, sorted(table.days[EndOf.CONTRACT, who], reverse=True)) for who in Audience]
        said = [f"{', '.join(map(str, days))} to the {who.value}" for who, days in told if days]
        return f"as every contract’s, {' and '.join(said)}." if said else "nobody is told."

    def act(self, form: AnnouncingForm) -> HttpResponse:
        announce_ahead(contract=self.contract, **form.cleaned_data, by=self.by, at=self.at)
        days = form.cleaned_data["days"]
        if not days:
            return self.done("Its end is announced as that of every contract.")
        return self.done(f"Its end is announced {', '.join(map(str, sorted(set(days), reverse=True)))} days ahead.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        intro = (
            "Of a contract that renews by itself, counted from the end of the running term. What was announced "
            "already isn’t told again; an end that moves is announced anew."
        )
        return {**super().get_context_data(**kwargs), "intro": intro}
