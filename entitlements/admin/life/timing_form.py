"""When a change takes effect, as several forms ask it, and the stages that it leads to."""

from collections.abc import Sequence
from typing import Any

from django import forms

from entitlements.admin.fields import ReasonField, offer
from entitlements.admin.life.asking import DayField, Stage
from entitlements.admin.life.state_pages import SubscriptionPage
from entitlements.admin.selling.asking import SellingForm
from entitlements.domain.timing import Proration, Timing
from entitlements.queries.life.plan_changes import ChangePreview

SETTLING = [(rule.value, rule.words) for rule in Proration]


class WhenForm(SellingForm):
    """Now, at the renewal, or on a day of the customer's calendar."""

    timing = forms.ChoiceField(label="When", widget=forms.RadioSelect, initial=Timing.NOW.value)
    on = DayField(label="On which day", required=False)
    proration = forms.ChoiceField(
        label="How billing settles it",
        choices=SETTLING,
        widget=forms.RadioSelect,
        initial=Proration.NONE.value,
        help_text="Recorded for whoever bills; nothing is computed here.",
    )

    def __init__(self, *args: Any, timings: Sequence[tuple[Timing, str]], zone: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        offer(self, "timing", [(timing.value, words) for timing, words in timings])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("timing") == Timing.ON_DATE and not given.get("on") and "on" not in self.errors:
            self.add_error("on", "Say which day.")
        return given

    @property
    def when(self) -> Timing:
        return Timing(self.cleaned_data["timing"])


class ReasonedAskForm(SellingForm):
    reason = ReasonField(required=False)


def stages_of(page: SubscriptionPage[Any], found: ChangePreview) -> list[Stage]:
    if found.effective_at is None:
        return []
    later = found.effective_at > page.at
    return [
        Stage(f"From {page.say(found.effective_at)} on" if later else "From now on", found.differences, later=later)
    ]
