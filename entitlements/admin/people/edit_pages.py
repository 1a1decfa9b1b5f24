"""What is known of a customer itself: its name, country, market, zone, owner and parent; and what changing it does."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db.models import Q

from catalog.domain.countries import NoCountry, country_code
from catalog.models import Market
from catalog.queries.instants import say_instant
from entitlements.actions.account_facts import check_facts
from entitlements.actions.accounts import edit_account
from entitlements.admin.fields import ReasonField
from entitlements.admin.life.asking import LifePage, Outlook, Stage
from entitlements.admin.people.dealing_fields import DEALING, DealingForm, account_named
from entitlements.admin.people.open_pages import market_of
from entitlements.admin.selling.asking import SellingForm
from entitlements.admin.wording import NOTED_WORDS, zone_name
from entitlements.models import Account
from entitlements.models.account import AccountKind, SalesChannel
from entitlements.queries.account_preview import EditPreview, edited, preview_edit
from journal.admin.base import version_of
from journal.models import Staff

TOUCHING = frozenset({"market", "zone", "parent"})  # what may change what the customer has
REASONED = TOUCHING | {"kind"}
COLUMNS = ("name", "country", "market", "zone", "owner", "parent", *DEALING)
FIELDS = ("name", *DEALING, "country", "market", "zone", "owner", "parent", "reason")


class AccountForm(DealingForm, SellingForm):
    """`seen` is the account as it stood when the form was opened."""

    name = forms.CharField(label="Name", max_length=200)
    country = forms.CharField(label="Country", required=False, max_length=2, help_text="Two letters, for example NL.")
    market = forms.ModelChoiceField(
        label="Market",
        required=False,
        queryset=Market.objects.none(),
        empty_label="No market",
        help_text="Decides what is sold to the customer, and what of it is provided there.",
    )
    zone = forms.CharField(
        label="Time zone",
        max_length=64,
        help_text="The customer’s own, for example Europe/Amsterdam. Days to come are meant there.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    owner = forms.ModelChoiceField(
        label="Owner",
        required=False,
        queryset=Staff.objects.none(),
        empty_label="Nobody",
        help_text="The account manager, who is told what ends.",
    )
    parent = forms.CharField(
        label="Belongs to",
        required=False,
        max_length=200,
        help_text="The key of the parent account; empty: it stands for itself.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = ReasonField(required=False)
    field_order = FIELDS

    def __init__(self, data: Any = None, *, account: Account, **options: Any) -> None:
        super().__init__(data, **options)
        self.account = account
        self.zones = sorted(available_timezones())
        market, owner = self.fields["market"], self.fields["owner"]
        assert isinstance(market, forms.ModelChoiceField)
        assert isinstance(owner, forms.ModelChoiceField)
        market.queryset = Market.objects.all()
        owner.queryset = Staff.objects.filter(Q(is_active=True) | Q(pk=account.owner_id)).order_by(
            "first_name", "last_name", "username"
        )

    def clean_country(self) -> str:
        try:
            return country_code(self.cleaned_data["country"])
        except NoCountry as unknown:
            raise forms.ValidationError(str(unknown)) from None

    def clean_zone(self) -> str:
        zone = self.cleaned_data["zone"].strip()
        if zone not in available_timezones():
            raise forms.ValidationError("No time zone has this name. Write one such as Europe/Amsterdam.")
        return zone

    def clean_parent(self) -> Account | None:
        return account_named(self.cleaned_data["parent"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if REASONED & self.changed().keys() and not given.get("reason") and not self.errors:
            self.add_error("reason", "Say why: this decides what the customer has, or how it is counted.")
        return given

    def changed(self) -> dict[str, Any]:
        """What is otherwise than it stands, by column."""
        given = {name: self.cleaned_data[name] for name in COLUMNS if name in self.cleaned_data}
        if given.get("reseller") and given.get("sales_channel") in {"", self.account.sales_channel}:
            given["sales_channel"] = SalesChannel.RESELLER.value
        return {name: value for name, value in given.items() if getattr(self.account, name) != value}


class AccountEditPage(LifePage[AccountForm]):
    permission = "entitlements.open_account"
    title = "Edit an account"
    button = "Save it"
    part = "overview"

    def form(self, *, data: Any = None) -> AccountForm:
        account = self.account
        initial = {name: getattr(account, name) for name in COLUMNS}
        initial |= {name: initial[name].key if initial[name] else "" for name in ("parent", "reseller")}
        return AccountForm(data, account=account, initial=self.opened_with(**initial))

    def token(self) -> str:
        return version_of(Account.objects.get(pk=self.account.pk))

    def stale(self) -> str:
        return f"Someone else changed what is known of {self.account} since you opened this form. Look again."

    def outlook(self, form: AccountForm) -> Outlook:
        changed = form.changed()
        if not changed:
            return Outlook(f"{self.account} stays as it is", (), refused=["Nothing differs from what stands there."])
        was = {name: getattr(self.account, name) for name in changed}
        check_facts(edited(self.account, **changed), was=was, at=self.at)
        found = preview_edit(account=self.account, at=self.at, **changed)
        stages = [Stage("From now on", found.effects)] if TOUCHING & changed.keys() else []
        facts = [
            (NOTED_WORDS[name], f"{_say(getattr(self.account, name))} → {_say(new)}") for name, new in changed.items()
        ]
        return Outlook(f"{self.account} becomes", facts, stages, notes=self._notes(form, changed, found))

    def _notes(self, form: AccountForm, changed: dict[str, Any], found: EditPreview) -> list[str]:
        notes = _of_the_market(form) if changed.keys() & {"market", "country"} else []
        notes += KIND_NOTES.get(changed.get("kind", ""), [])
        if "zone" in changed:
            notes += [
                f"Subscription {one.subscription} renews on {say_instant(one.after, zone=changed['zone'])} instead of "
                f"{say_instant(one.before, zone=self.zone)}."
                for one in found.renewals
            ]
            notes.append(
                "What has a day already keeps it: a trial, an override or a change “through 31 March” ends with that "
                f"day in {zone_name(self.zone)}, as it was said. Only days said from now on are meant in "
                f"{zone_name(changed['zone'])}."
            )
        if TOUCHING & changed.keys() and found.children:
            number = f"{found.children} account{'s belong' if found.children > 1 else ' belongs'}"
            notes.append(f"{number} to {self.account}; what is inherited or shared follows it.")
        return notes

    def carry_out(self, form: AccountForm) -> str:
        account = edit_account(
            account=self.account, reason=form.cleaned_data["reason"], by=self.by, at=self.at, **form.changed()
        )
        return f"{account} is saved."


def _of_the_market(form: AccountForm) -> list[str]:
    """A word where country and market don't go together: that may be meant, and is more often forgotten."""
    country, market = form.cleaned_data["country"], form.cleaned_data["market"]
    own = market_of(country)
    if own is None or own == market:
        return []
    return [
        f"{country} belongs to the market {own}, and the account will be in {market or 'no market'}. Is that meant?"
    ]


KIND_NOTES = {
    AccountKind.INTERNAL: ["No revenue figure counts it any more, and whatever it is sold or granted needs an end."],
    AccountKind.PARTNER: ["From then on other accounts can be sold to by it."],
    AccountKind.CUSTOMER: ["It counts in the revenue figures like any other customer."],
}
WORDS = {one.value: one.words for one in (*AccountKind, *SalesChannel)}


def _say(value: Any) -> str:
    if isinstance(value, Account):
        return f"{value} ({value.key})"
    if isinstance(value, str) and value in WORDS:
        return WORDS[value]
    return "nothing" if value in {None, ""} else str(value)
