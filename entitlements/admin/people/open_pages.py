"""Opening an account, and suspending, closing or reopening one."""

from functools import cached_property
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect

from catalog.domain.values import PlanKind
from catalog.models import Market, Plan
from entitlements.actions.accounts import open_account, set_standing
from entitlements.actions.contacts import add_contact
from entitlements.actions.subscriptions import start
from entitlements.admin.fields import ReasonField
from entitlements.admin.pages import AccountFormPage, account_url
from entitlements.admin.people.dealing_fields import DealingForm
from entitlements.admin.wording import STANDING_WORDS
from entitlements.domain.facts import Standing
from entitlements.models import Account
from entitlements.models.account import ACCOUNT_KEY, AccountKind
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.holdings import standings
from entitlements.queries.preview import with_standing
from journal.admin.fields import WholeNumberField
from journal.admin.pages import FormPage
from journal.domain.refusal import Refusal, Stale

START = "entitlements.start_subscription"
NOW_WORDS = {Standing.OPEN: "open", Standing.SUSPENDED: "suspended", Standing.CLOSED: "closed"}


class OpeningForm(DealingForm):
    name = forms.CharField(label="Name", max_length=200)
    key = forms.CharField(
        label="Key",
        max_length=64,
        validators=[ACCOUNT_KEY],
        help_text="How products and engineers call it, for example acme-bv. It never changes.",
    )
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label="Country",
        required=False,
        help_text="Two letters, for example NL.",
        error_messages={"invalid": "Write the two letters of the country, for example NL."},
    )
    zone = forms.CharField(
        label="Time zone",
        initial="UTC",
        max_length=64,
        help_text="The customer's own: days such as “through 31 March” are meant there. For example Europe/Amsterdam.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    domain = forms.CharField(
        label="Domain", required=False, max_length=253, help_text="Of its e-mail addresses, for example acme.example."
    )
    contact_name = forms.CharField(label="Contact", required=False, max_length=200)
    contact_email = forms.EmailField(label="E-mail of the contact", required=False)
    plan = forms.ModelChoiceField(
        label="First plan", required=False, queryset=Plan.objects.none(), empty_label="None yet"
    )
    trial_days = WholeNumberField(
        label="Days of trial", required=False, min_value=1, max_value=365, help_text="Empty: it is bought at once."
    )
    field_order = ("name", "key", "kind", "sales_channel", "reseller")

    def __init__(self, data: Any = None, *, may_start: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.zones = sorted(available_timezones())
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ModelChoiceField)
        plan.queryset = Plan.objects.filter(kind=PlanKind.PLAN, versions__rollouts__isnull=False).distinct()
        if not may_start:
            del self.fields["plan"], self.fields["trial_days"]

    def clean_zone(self) -> str:
        zone = self.cleaned_data["zone"].strip()
        if zone not in available_timezones():
            raise forms.ValidationError("No time zone has this name. Write one such as Europe/Amsterdam.")
        return zone

    def clean_domain(self) -> str:
        domain = self.cleaned_data["domain"].strip().lower().removeprefix("@")
        if domain and ("." not in domain or " " in domain or "/" in domain or "@" in domain):
            raise forms.ValidationError("Write the domain alone, for example acme.example.")
        return domain

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("contact_email") and not given.get("contact_name"):
            given["contact_name"] = given["contact_email"]
        if given.get("contact_name") and not given.get("contact_email") and "contact_email" not in self.errors:
            self.add_error("contact_email", "Give the contact's e-mail address, or leave the contact out.")
        if given.get("trial_days") and not given.get("plan"):
            self.add_error("plan", "Choose the plan that is tried, or leave out the trial.")
        if given.get("plan") and given.get("kind") == AccountKind.INTERNAL:
            self.add_error("plan", "What an internal account holds needs an end: open it, then start its plan.")
        return given


class OpenAccountPage(FormPage):
    permission = "entitlements.open_account"
    template_name = "entitlements/open_account.html"
    title = "Open an account"

    def form(self, *, data: Any = None) -> OpeningForm:
        return OpeningForm(data, may_start=self.request.user.has_perm(START), initial={"zone": self.zone})

    @transaction.atomic
    def act(self, form: OpeningForm) -> HttpResponse:
        """All of it or nothing: a plan that isn't on sale leaves no account behind."""
        given = form.cleaned_data
        who: dict[str, Any] = {"by": self.by, "at": self.at}
        account = open_account(
            key=given["key"],
            name=given["name"],
            zone=given["zone"],
            country=given["country"],
            market=market_of(given["country"]),
            owner=self.request.user,
            kind=given["kind"],
            sales_channel=given["sales_channel"],
            reseller=given["reseller"],
            domains=[given["domain"]] if given["domain"] else [],
            **who,
        )
        if given["contact_email"]:
            add_contact(account=account, name=given["contact_name"], email=given["contact_email"], **who)
        if given.get("plan"):
            start(account=account, plan=given["plan"], trial_days=given["trial_days"], **who)
        self.tell(f"{account} is open, and you own it.")
        return HttpResponseRedirect(account_url(account))


def market_of(country: str) -> Market | None:
    """The market the country belongs to, if one was drawn that holds it; of several the one of fewest countries."""
    holding = [market for market in Market.objects.all() if country and country.upper() in market.countries]
    return min(holding, key=lambda market: len(market.countries), default=None)


class StandingForm(forms.Form):
    """`seen` is how the account stood when the form was opened: pressed twice, the second press is refused."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = ReasonField()


class StandingPage(AccountFormPage):
    permission = "entitlements.set_standing"
    template_name = "entitlements/standing.html"

    @cached_property
    def wanted(self) -> Standing:
        try:
            return Standing(self.kwargs["standing"])
        except ValueError:
            raise Http404 from None

    @property
    def current(self) -> Standing:
        return standings(account_ids=[self.account.pk], at=self.at)[self.account.pk]

    def form(self, *, data: Any = None) -> StandingForm:
        return StandingForm(data, initial={"seen": self.current})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        verbs = {Standing.OPEN: "Reopen", Standing.SUSPENDED: "Suspend", Standing.CLOSED: "Close"}
        before = entitlements_of(account=self.account, at=self.at)
        after = with_standing(account=self.account, standing=self.wanted, at=self.at)
        return {
            **super().get_context_data(**kwargs),
            "title": f"{verbs[self.wanted]} {self.account}",
            "verb": verbs[self.wanted],
            "wanted": self.wanted,
            "current_words": STANDING_WORDS[self.current].lower(),
            "same": self.current is self.wanted,
            "granted_before": sum(found.granted for found in before.values()),
            "granted_after": sum(found.granted for found in after.values()),
            "kept": [found.shape.name for found in after.values() if found.granted],
        }

    @transaction.atomic
    def act(self, form: forms.Form) -> HttpResponse:
        Account.objects.select_for_update(no_key=True).get(pk=self.account.pk)
        if self.current != form.cleaned_data["seen"]:
            raise Stale(f"Since you opened this form, {self.account} was made {NOW_WORDS[self.current]}. Look again.")
        if self.current is self.wanted:
            raise Refusal(f"{self.account} is {NOW_WORDS[self.current]} already.")
        set_standing(
            account=self.account, standing=self.wanted, reason=form.cleaned_data["reason"], by=self.by, at=self.at
        )
        return self.done(f"{self.account} is {NOW_WORDS[self.wanted]} from now on.")
