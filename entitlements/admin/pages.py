"""What every page about one account has in common."""

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.models import Feature
from entitlements.models import Account, Subscription
from entitlements.queries.holdings import HeldSubscription, holdings
from journal.admin.pages import FormPage, Page
from journal.domain.refusal import Refusal

VIEW = "entitlements.view_account"
OVERVIEW = "overview"
WITHIN = {"extras": "subscriptions", "answers": "entitlements"}


def account_url(account: Account, *, part: str = "") -> str:
    """The address of an account's page, of one of its tabs, or of a part within one; the page itself is the desk's."""
    tab = WITHIN.get(part, part)
    name = f"admin:desk_account_{tab}" if tab and tab != OVERVIEW else "admin:desk_account"
    return reverse(name, args=[account.key]) + (f"#{part}" if part in WITHIN else "")


class AccountPage(Page):
    """A page about one account. Who may not look at accounts is turned away before learning whether it exists."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def account(self) -> Account:
        accounts = Account.objects.select_related("market", "owner", "parent")
        return get_object_or_404(accounts, key=self.kwargs["key"])

    @property
    def zone(self) -> str:
        """Everything about a customer is said in the customer's zone."""
        return self.account.zone

    @cached_property
    def subscription(self) -> Subscription:
        rows = Subscription.objects.select_related("account")
        return get_object_or_404(rows, account=self.account, number=self.kwargs["number"])

    @cached_property
    def held(self) -> HeldSubscription:
        held = holdings(account_ids=[self.account.pk], at=self.at)[self.account.pk]
        return next(found for found in held if found.id == self.subscription.pk)

    def feature(self, key: str) -> Feature:
        return get_object_or_404(Feature.objects.select_related("group"), key=key)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "account": self.account,
            "back": account_url(self.account),
            "at": self.at,
            "may": _permissions(self.request),
        }


class AccountPageMoved(AccountPage):
    """Where the account's page used to stand; what was asked goes along."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        return HttpResponseRedirect(account_url(self.account) + (f"?{query}" if query else ""))


class AccountFormPage(AccountPage, FormPage):
    """A form about one account; after it the reader is back on the account."""

    def done(self, message: str, *, part: str = "") -> HttpResponse:
        self.tell(message)
        return HttpResponseRedirect(account_url(self.account, part=part))

    def gone(self, refusal: Refusal) -> HttpResponse:
        """Back to the account with the reason why the form has nothing to offer any more."""
        self.refuse(refusal)
        return HttpResponseRedirect(account_url(self.account))


def _permissions(request: HttpRequest) -> dict[str, bool]:
    """What the reader's role allows, for the buttons; each action checks again."""
    names = (
        "open_account",
        "set_standing",
        "start_subscription",
        "extend_trial",
        "convert_trial",
        "grant_override",
        "revoke_override",
    )
    return {name: request.user.has_perm(f"entitlements.{name}") for name in names}
