"""What every page about equipment has in common: the asset it is about, its addresses, and forms that show first."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.admin.pages import AccountFormPage, AccountPage, account_url
from entitlements.models import Account
from journal.domain.refusal import Refusal
from support.models import Asset
from support.queries.assets.tokens import asset_token

VIEW, EDIT, PRODUCTS = "support.view_asset", "support.edit_asset", "support.edit_product"
LIST = "admin:support_asset_changelist"
CHANGE, CONFIRM = "change", "confirm"


def asset_url(asset: Asset, page: str = "") -> str:
    """The address of an asset's page, or of one of its further pages."""
    return reverse(f"admin:support_asset_{page or 'page'}", args=[asset.pk])


@contextmanager
def rehearsal() -> Iterator[None]:
    """Whatever is written inside is taken back: what an action would refuse or change is known before it is done."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class SeesAssets(AccountPage):
    """Who may not look at equipment is turned away before learning which there is."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "list_url": reverse(LIST),
            "account_url": account_url(self.account),
            "may_edit": self.request.user.has_perm(EDIT),
        }


class AssetPage(SeesAssets):
    """A page about one asset; the customer is whoever has it now."""

    @cached_property
    def asset(self) -> Asset:
        rows = Asset.objects.select_related(
            "account__market", "account__owner", "account__parent", "product", "location", "replaces__product"
        )
        return get_object_or_404(rows, pk=self.kwargs["asset"])

    @cached_property
    def account(self) -> Account:
        return self.asset.account

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "asset": self.asset, "back": asset_url(self.asset)}


class ShowsFirst(SeesAssets, AccountFormPage):
    """A form that says what would change before it is done. Without anything to say it is done at once."""

    permission: ClassVar[str] = EDIT
    template_name = "support/assets/form.html"
    button: ClassVar[str] = "Save"
    show: ClassVar[str] = ""  # what the first button says where there is something to see before
    danger: ClassVar[bool] = False

    def effects(self, given: dict[str, Any]) -> list[str]:
        """What it would change, in sentences; the action has been rehearsed and isn't refused."""
        return []

    def perform(self, given: dict[str, Any]) -> Asset:
        raise NotImplementedError

    def said(self, asset: Asset) -> str:
        raise NotImplementedError

    def act(self, form: Form) -> HttpResponse:
        step, given = self.request.POST.get("step", ""), form.cleaned_data
        if step == CHANGE:
            return self.render_to_response(self.get_context_data(form=form))
        if step != CONFIRM and (effects := self._foreseen(given)):
            return self.render_to_response(self.get_context_data(form=form, effects=effects))
        asset = self.perform(given)
        self.tell(self.said(asset))
        return HttpResponseRedirect(asset_url(asset))

    def _foreseen(self, given: dict[str, Any]) -> list[str]:
        effects = self.effects(given)
        if effects:
            with rehearsal():
                self.perform(given)
            self.__dict__.pop("asset", None)  # what was rehearsed is not so
        return effects

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"button": self.button, "show": self.show or self.button, "danger": self.danger}
        return {**shown, **super().get_context_data(**kwargs)}


class AssetFormPage(ShowsFirst, AssetPage):
    """A form about one asset, with what it looked like when it was opened; about a retired one there is none."""

    of_retired: ClassVar[bool] = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (self.asset.retired_at is not None) is not self.of_retired:
            self.refuse(
                Refusal(
                    f"{self.asset} is {'in service' if self.of_retired else 'retired'}: there is nothing to do here."
                )
            )
            return HttpResponseRedirect(asset_url(self.asset))
        return super().get(request, *args, **kwargs)

    @property
    def seen(self) -> str:
        return asset_token(self.asset)
