"""What every page about one account has in common."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from catalog.models import Feature
from catalog.queries.instants import say_instant
from entitlements.models import Account, Subscription
from entitlements.queries.holdings import HeldSubscription, holdings
from entitlements.queries.merged import number_now
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
        if request.user.has_perm(self.permission) and self.account.merged_into is not None:
            return self._led_on(self.account.merged_into)
        return super().dispatch(request, *args, **kwargs)

    def _led_on(self, into: Account) -> HttpResponse:
        """The same page of the account that this one was merged into, with a word; nothing of a form is saved."""
        former, asked = self.account, self.request
        assert former.merged_at is not None  # it is set together with whom it was merged into
        told = f"{former} ({former.key}) was merged into {into} on {say_instant(former.merged_at, zone=into.zone)}."
        if asked.method != "GET":
            messages.error(asked, f"Nothing was saved: {told} Look at it there.")
            return HttpResponseRedirect(account_url(into))
        messages.info(asked, f"{told} This is {into}.")
        place = {**self.kwargs, "key": into.key}
        if "number" in place:
            place["number"] = number_now(former=former, account=into, number=place["number"])
        if asked.resolver_match is None or None in place.values() or "key" not in self.kwargs:
            return HttpResponseRedirect(account_url(into))
        query = asked.META.get("QUERY_STRING", "")
        address = reverse(asked.resolver_match.view_name, kwargs=place)
        return HttpResponseRedirect(f"{address}?{query}" if query else address)

    @cached_property
    def account(self) -> Account:
        accounts = Account.objects.select_related("market", "owner", "parent", "reseller", "merged_into")
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

    @property
    def came_from(self) -> str:
        """The page of ours that sent the reader here and has them back afterwards; never one of anybody else's."""
        wanted = self.request.GET.get("next", "")
        return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""

    def feature(self, key: str) -> Feature:
        return get_object_or_404(Feature.objects.select_related("group"), key=key)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "account": self.account,
            "back": self.came_from or account_url(self.account),
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
        return HttpResponseRedirect(self.came_from or account_url(self.account, part=part))

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
