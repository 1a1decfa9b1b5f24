"""The questions about a licence: whose, under which policy, until when."""

from datetime import datetime
from typing import Any

from django import forms

from entitlements.actions.licences.purchases import recipients
from entitlements.admin.fields import ReasonField, offer
from entitlements.models import Account, Licence, LicencePolicy, Subscription
from entitlements.queries.accounts import account_by_key, find_accounts
from journal.admin.fields import DayInput
from journal.domain.refusal import NotFound

SHOW, SEND = "show", "send"
FEW = 6
NO_SUBSCRIPTION = "None: it goes by the account alone"
OFF = {"autocomplete": "off", "spellcheck": "false"}


class AccountField(forms.CharField):
    """One customer, found by whatever finds just one."""

    def __init__(self, *, label: str = "Customer", **options: Any) -> None:
        super().__init__(
            label=label, max_length=200, help_text="Its key, its name, a domain, or an id from any system.",
            widget=forms.TextInput(attrs=OFF), error_messages={"required": "Say whose it is."}, **options,
        )  # fmt: skip

    def clean(self, value: Any) -> Account:
        typed = str(super().clean(value)).replace("\x00", "")
        try:
            return account_by_key(typed)
        except NotFound as nobody:
            found = find_accounts(text=typed, limit=FEW)
            if len(found) == 1:
                return found[0]
            named = ", ".join(f"{one} ({one.key})" for one in found)
            raise forms.ValidationError(f"Which of these? {named}" if found else nobody.message) from None


class SubscriptionField(forms.ModelChoiceField):
    """By its number and its plans."""

    def label_from_instance(self, obj: Any) -> str:
        plans = dict.fromkeys(item.plan.name for item in obj.items.all())
        return f"Subscription {obj.number}: {', '.join(plans) or 'nothing in it yet'}"


class DatesForm(forms.Form):
    """What may be said of a licence, and edited; days end at midnight where the customer is."""

    name = forms.CharField(label="Name", max_length=200, required=False, help_text="What it is for, such as “Plant in Graz”.")  # fmt: skip
    environment = forms.CharField(
        label="Environment", max_length=40, required=False, widget=forms.TextInput(attrs=OFF),
        help_text="The only one it is good for, such as production. Empty: any.",
    )  # fmt: skip
    through_on = forms.DateField(
        label="Last day", required=False, widget=DayInput,
        help_text="Empty: it goes on as long as its subscription and its account do.",
    )  # fmt: skip
    maintenance_until = forms.DateField(
        label="Covers versions released through", required=False, widget=DayInput,
        help_text="Empty: every version, or as the policy says for a new licence.",
    )  # fmt: skip

    def dates(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("name", "environment", "through_on", "maintenance_until")}


class IssueForm(DatesForm):
    """The second step: the customer is known, so its subscriptions are offered. `seen` are the licences it had then."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    policy = forms.ModelChoiceField(
        LicencePolicy.objects.filter(retired_at__isnull=True), label="Policy", empty_label="Choose",
        error_messages={"required": "Choose how it behaves."},
    )  # fmt: skip
    subscription = SubscriptionField(
        Subscription.objects.none(), label="Subscription", required=False, empty_label=NO_SUBSCRIPTION,
        help_text="It sleeps while this one gives nothing.",
    )  # fmt: skip
    hand_over = forms.ChoiceField(label="The key", widget=forms.RadioSelect, initial=SHOW)
    field_order = (
        "seen",
        "policy",
        "subscription",
        "name",
        "environment",
        "through_on",
        "maintenance_until",
        "hand_over",
    )

    def __init__(self, data: Any = None, *, account: Account, at: datetime, **options: Any) -> None:
        super().__init__(data, **options)
        offer_subscriptions(self, account, at=at)
        offer_hand_over(self, account)
        self.fields[
            "through_on"
        ].help_text = f"Through the end of this day in {account.zone}. Empty: no end of its own."


class RenewKeyForm(forms.Form):
    """`seen` is the licence as the form showed it, so that a page sent twice renews once."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    hand_over = forms.ChoiceField(label="The new key", widget=forms.RadioSelect, initial=SHOW)
    reason = ReasonField()

    def __init__(self, data: Any = None, *, licence: Licence, **options: Any) -> None:
        super().__init__(data, **options)
        offer_hand_over(self, licence.account)


class EditForm(DatesForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = ReasonField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["maintenance_until"].help_text = "Empty: every version."


class TransferForm(forms.Form):
    account = AccountField(label="To which customer")
    reason = ReasonField()


def offer_subscriptions(form: forms.Form, account: Account, *, at: datetime) -> None:
    chooser = form.fields["subscription"]
    assert isinstance(chooser, forms.ModelChoiceField)
    live = [row.pk for row in account.subscriptions.all() if row.ends_at is None or row.ends_at > at]
    chooser.queryset = account.subscriptions.filter(pk__in=live).prefetch_related("items__plan")


def offer_hand_over(form: forms.Form, account: Account) -> None:
    """Shown to whoever makes it, or sent to the customer's people without anybody here reading it."""
    people = recipients(account)
    told = [(SHOW, "Show it to me, this once")]
    if people:
        told.append((SEND, f"E-mail it to {' and '.join(one.email for one in people)}"))
    offer(form, "hand_over", told)
    if not people:
        form.fields[
            "hand_over"
        ].help_text = "Nobody there gets notices, so it can’t be sent. A contact who does can be added."
