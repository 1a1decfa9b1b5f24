"""Issuing a licence, giving it a new key, its dates, and handing it to another customer."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.actions.licences.issuing import Issued, edit_licence, issue, renew_key, token_of
from entitlements.actions.licences.purchases import require_recipients, send_key
from entitlements.actions.licences.transferring import transfer
from entitlements.admin.licences.forms import SEND, AccountField, EditForm, IssueForm, RenewKeyForm, TransferForm
from entitlements.admin.licences.pages import ISSUE, LicenceAsk, licence_url
from entitlements.admin.licences.standing_pages import in_use
from entitlements.admin.licences.words import sentences, shown_key
from entitlements.admin.pages import account_url
from entitlements.models import Account, LicencePolicy
from journal.admin.base import version_of
from journal.admin.pages import FormPage, Page
from journal.domain.refusal import Stale

LIST = "admin:entitlements_licence_changelist"


class WhoseForm(forms.Form):
    account = AccountField()


class HandsOver(Page):
    """What follows a new key: the one page that shows it, or word that it is on its way."""

    def hand(self, make: Callable[[], Issued], *, to: Account, how: str, done: str) -> HttpResponse:
        """Make the key, and send it in the same transaction where it is to be sent."""
        with transaction.atomic():
            if how == SEND:
                require_recipients(to)
            issued = make()
            sent = send_key(issued, at=self.at) if how == SEND else 0
        if how != SEND:
            return self._shown(issued, title=done)
        people = "1 person" if sent == 1 else f"{sent} people"
        self.tell(f"{done}. It is on its way to {people} at {to}.")
        return HttpResponseRedirect(licence_url(issued.licence))

    def _shown(self, issued: Issued, *, title: str) -> HttpResponse:
        """No browser keeps it, and no address leads to it again."""
        licence = issued.licence
        told = {
            "title": title,
            "licence": licence,
            "account": licence.account,
            "key_shown": shown_key(licence.prefix),
            "plain": issued.key,
            "back": licence_url(licence),
        }
        context = {**self.model_admin.admin_site.each_context(self.request), **told}
        response = self.response_class(self.request, ["entitlements/licences/key.html"], context)
        response["Cache-Control"] = "no-store"
        return response


class IssuePage(HandsOver, FormPage[forms.Form]):
    """Two steps on one address: whose it is, then how it behaves and until when."""

    permission: ClassVar[str] = ISSUE
    template_name = "entitlements/licences/issue.html"
    title = "Issue a licence"

    @cached_property
    def account(self) -> Account | None:
        key = self.request.GET.get("account", "").replace("\x00", "").strip()
        return get_object_or_404(Account, key=key) if key else None

    def form(self, *, data: Any = None) -> forms.Form:
        if self.account is None:
            return WhoseForm(data)
        had = ",".join(str(pk) for pk in self.account.licences.order_by("pk").values_list("pk", flat=True))
        return IssueForm(data, account=self.account, at=self.at, initial={"seen": had})

    def act(self, form: Any) -> HttpResponse:
        given = form.cleaned_data
        if self.account is None:
            return HttpResponseRedirect(issue_url(given["account"]))
        make = partial(
            issue,
            account=self.account,
            policy=given["policy"],
            subscription=given["subscription"],
            seen=[int(pk) for pk in given["seen"].split(",") if pk.isdecimal()],
            **form.dates(),
            by=self.by,
            at=self.at,
        )
        return self.hand(make, to=self.account, how=given["hand_over"], done="The licence was issued")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        policies = list(LicencePolicy.objects.filter(retired_at__isnull=True)) if self.account else []
        return {
            **super().get_context_data(**kwargs),
            "account": self.account,
            "back": account_url(self.account, part="licences") if self.account else reverse(LIST),
            "policies": [(policy, list(sentences(policy))) for policy in policies],
        }


def issue_url(account: Account) -> str:
    return f"{reverse('admin:entitlements_licence_issue')}?account={account.key}"


class RenewKeyPage(HandsOver, LicenceAsk):
    permission: ClassVar[str] = ISSUE
    title = "Renew the key of a licence"
    button = "Make a new key"
    lead = (
        "The licence stays as it is, with its dates and the places where it is active. The key it has now stops at "
        "once: whatever asks with it is refused until it has the new one."
    )
    danger = True

    def form(self, *, data: Any = None) -> RenewKeyForm:
        return RenewKeyForm(data, licence=self.licence, initial={"seen": version_of(self.licence)})

    def facts(self) -> list[tuple[str, str]]:
        return in_use(self.licence, zone=self.zone, at=self.at)

    def act(self, form: Any) -> HttpResponse:
        given = form.cleaned_data
        if given["seen"] != version_of(self.licence):
            raise Stale("This licence was changed since you opened the page, perhaps by this page itself. Look again.")
        make = partial(renew_key, licence=self.licence, reason=given["reason"], by=self.by, at=self.at)
        return self.hand(make, to=self.licence.account, how=given["hand_over"], done="The key was renewed")


class EditPage(LicenceAsk):
    permission: ClassVar[str] = ISSUE
    title = "Edit a licence"
    button = "Save"
    lead = "A change holds from the second you save it, for whatever asks with its key."

    def form(self, *, data: Any = None) -> EditForm:
        row = self.licence
        told = {name: getattr(row, name) for name in ("name", "environment", "through_on", "maintenance_until")}
        return EditForm(data, initial={**told, "seen": token_of(row)})

    def act(self, form: Any) -> HttpResponse:
        row, given = self.licence, form.cleaned_data
        untouched = row.through_on is None and given["through_on"] is None
        edit_licence(
            licence=row, **form.dates(), expires_at=row.expires_at if untouched else None, reason=given["reason"], seen=given["seen"],
            by=self.by, at=self.at,
        )  # fmt: skip
        return self.done("The licence was changed.")


class TransferPage(LicenceAsk):
    permission: ClassVar[str] = ISSUE
    form_class = TransferForm
    title = "Hand a licence to another customer"
    button = "Hand it over"
    lead = (
        "Its key goes on working, and gives what the other customer has. It leaves its subscription, and has to be "
        "activated anew wherever it ran. If whoever has the key shall lose it, give it a new one afterwards."
    )
    danger = True

    def facts(self) -> list[tuple[str, str]]:
        return in_use(self.licence, zone=self.zone, at=self.at)

    def act(self, form: Any) -> HttpResponse:
        given = form.cleaned_data
        transfer(licence=self.licence, account=given["account"], reason=given["reason"], by=self.by, at=self.at)
        return self.done(f"The licence belongs to {given['account']} now.")
