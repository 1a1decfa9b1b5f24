"""Who an account is to us and how it came to buy: the same fields where it is opened and where it is edited."""

from typing import Any

from django import forms

from entitlements.models import Account
from entitlements.models.account import AccountKind, SalesChannel
from entitlements.queries.accounts import account_by_key
from journal.domain.refusal import NotFound

KINDS = [
    (AccountKind.CUSTOMER.value, "A customer"),
    (AccountKind.PARTNER.value, "A partner, who may sell to other accounts"),
    (
        AccountKind.INTERNAL.value,
        "Internal: our own people. What it holds always ends, and counts in no revenue figure",
    ),
]
CHANNELS = [("", "Not said"), *((channel.value, channel.words) for channel in SalesChannel)]
DEALING = ("kind", "sales_channel", "reseller")


class DealingForm(forms.Form):
    kind = forms.ChoiceField(label="Kind of account", choices=KINDS, widget=forms.RadioSelect, initial=KINDS[0][0])
    sales_channel = forms.ChoiceField(
        label="Sales channel", choices=CHANNELS, required=False, help_text="How it came to buy."
    )
    reseller = forms.CharField(
        label="Sold by",
        required=False,
        max_length=200,
        help_text="The key of the partner who sells to it; the channel is then the reseller.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_reseller(self) -> Account | None:
        return account_named(self.cleaned_data["reseller"])


def account_named(typed: str) -> Account | None:
    """The account of the key or id that was typed; None where nothing was."""
    key = typed.strip()
    if not key:
        return None
    try:
        return account_by_key(key)
    except NotFound as nobody:
        raise forms.ValidationError(nobody.message) from None


def say_dealing(account: Any) -> str:
    """ "Customer, sold by Halden IT", "Customer, self-service", "Internal"."""
    kind = AccountKind(account.kind).words
    if account.reseller is not None:
        return f"{kind}, sold by {account.reseller}"
    return f"{kind}, {SalesChannel(account.sales_channel).words.lower()}" if account.sales_channel else kind
