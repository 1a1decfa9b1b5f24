"""What a reviewer answers in place: until when an override may stay, why it goes, or what the owner is asked."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from entitlements.admin.fields import ReasonField
from entitlements.domain.reviewing import USUALLY_KEPT
from entitlements.models import Override
from entitlements.queries.concessions import token_of
from journal.admin.fields import DayInput


class ActForm(forms.Form):
    """A form of one line of the queue; `seen` is the override as the line showed it."""

    act: str
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, override: Override, at: datetime) -> None:
        named = f"{self.act}-{override.pk}-%s"
        super().__init__(data, auto_id=named, initial={"seen": token_of(override), **self.usual(override, at)})

    def usual(self, override: Override, at: datetime) -> dict[str, Any]:
        return {}


class KeepForm(ActForm):
    act = "keep"
    review_on = forms.DateField(label="Look at it again on", widget=DayInput, required=False)
    reason = ReasonField()

    def __init__(self, data: Any = None, *, override: Override, at: datetime) -> None:
        super().__init__(data, override=override, at=at)
        if override.ends_at is not None and override.ends_at <= at:
            del self.fields["review_on"]

    def usual(self, override: Override, at: datetime) -> dict[str, Any]:
        day = (at + USUALLY_KEPT).astimezone(ZoneInfo(override.account.zone)).date()
        return {"review_on": day.isoformat()}  # as the browser's own calendar takes it


class RemoveForm(ActForm):
    act = "remove"
    reason = ReasonField()


class AskForm(ActForm):
    act = "ask"
    note = forms.CharField(
        label="What you ask",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It goes by e-mail to whoever looks after the customer.",
        initial="Is this still needed? Until when?",
    )
