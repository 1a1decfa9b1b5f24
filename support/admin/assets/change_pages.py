"""What becomes of an asset: it stands elsewhere, goes to another customer, is replaced, retired, or brought back."""

from datetime import date, datetime
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from catalog.domain.window import start_of_day
from support.actions.assets.moving import move_asset
from support.actions.assets.replacing import replace_asset
from support.actions.assets.retiring import bring_asset_back, retire_asset
from support.admin.assets.forms import BackForm, MoveForm, RelocateForm, ReplaceForm, RetireForm
from support.admin.assets.pages import AssetFormPage
from support.admin.assets.register_pages import days_in
from support.admin.cases.finding import Meant, meant
from support.domain.warranties import instant_of
from support.models import Asset
from support.queries.assets.effects import effects_of_moving, effects_of_replacing, effects_of_retiring


class ChangePage(AssetFormPage):
    """Something that happened on a day, and stands in the audit with its reason."""

    show = "Show what changes"

    def moment(self, day: date | None) -> datetime:
        """The day as an instant where the asset is; one that is still to come stays so, for the action to refuse."""
        zone = self.asset.account.zone
        if day is not None and day > self.at.astimezone(ZoneInfo(zone)).date():
            return start_of_day(day, zone)
        return instant_of(day, zone=zone, at=self.at, not_before=self.asset.held_since)


class RelocatePage(AssetFormPage):
    title = "Move it to another location"
    button = "Move it"

    def form(self, *, data: Any = None) -> RelocateForm:
        return RelocateForm(data, asset=self.asset, seen=self.seen)

    def perform(self, given: dict[str, Any]) -> Asset:
        return move_asset(asset=self.asset, location=given["location"], seen=given["seen"], by=self.by, at=self.at)

    def said(self, asset: Asset) -> str:
        return f"{asset} is at {asset.location.name} now." if asset.location else f"Where {asset} stands isn’t known."


class MovePage(ChangePage):
    """First to whom, then where and when, then what goes along."""

    title = "Give it to another customer"
    button = "Move it"

    @cached_property
    def meant(self) -> Meant:
        return meant(self.request.GET)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.asset.retired_at is None and (self.meant.account is None or self._same):
            return self.render_to_response(self.get_context_data())
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.meant.account is None or self._same:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)

    @property
    def _same(self) -> bool:
        return self.meant.account is not None and self.meant.account.pk == self.asset.account_id

    def form(self, *, data: Any = None) -> MoveForm:
        assert self.meant.account is not None  # get and post have looked
        return MoveForm(data, to=self.meant.account, seen=self.seen)

    def effects(self, given: dict[str, Any]) -> list[str]:
        assert self.meant.account is not None
        return effects_of_moving(self.asset, to=self.meant.account, at=self.moment(given["moved_on"]))

    def perform(self, given: dict[str, Any]) -> Asset:
        return move_asset(
            asset=self.asset, account=self.meant.account, location=given["location"], reason=given["reason"],
            moved_at=self.moment(given["moved_on"]), seen=given["seen"], by=self.by, at=self.at,
        )  # fmt: skip

    def said(self, asset: Asset) -> str:
        return f"{asset} is {asset.account}’s now."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asking = self.meant.account is None or self._same
        shown = {"meant": self.meant, "asking": asking, "same": self._same, "to": self.meant.account}
        return {**super().get_context_data(**kwargs), **shown}


class ReplacePage(ChangePage):
    title = "Replace it by another unit"
    button = "Replace it"

    def form(self, *, data: Any = None) -> ReplaceForm:
        return ReplaceForm(data, initial={"seen": self.seen})

    def effects(self, given: dict[str, Any]) -> list[str]:
        return effects_of_replacing(self.asset, at=self.moment(given["swapped_on"]))

    def perform(self, given: dict[str, Any]) -> Asset:
        return replace_asset(
            asset=self.asset, serial=given["serial"], product=given["product"], reason=given["reason"],
            swapped_at=self.moment(given["swapped_on"]), days=days_in(given), seen=given["seen"],
            by=self.by, at=self.at,
        )  # fmt: skip

    def said(self, asset: Asset) -> str:
        return f"{asset} took the place of {asset.replaces.serial if asset.replaces else 'the other one'}."


class RetirePage(ChangePage):
    title = "Take it out of service"
    button = "Retire it"
    danger: ClassVar[bool] = True

    def form(self, *, data: Any = None) -> RetireForm:
        return RetireForm(data, initial={"seen": self.seen})

    def effects(self, given: dict[str, Any]) -> list[str]:
        return effects_of_retiring(self.asset, at=self.moment(given["retired_on"]))

    def perform(self, given: dict[str, Any]) -> Asset:
        return retire_asset(
            asset=self.asset, reason=given["reason"], retired_at=self.moment(given["retired_on"]),
            seen=given["seen"], by=self.by, at=self.at,
        )  # fmt: skip

    def said(self, asset: Asset) -> str:
        return f"{asset} is retired; its history stays."


class BackPage(AssetFormPage):
    title = "Bring it back into service"
    button = "Bring it back"
    of_retired = True
    intro = "What its retiring ended goes on again; a warranty that another unit took over stays with that one."

    def form(self, *, data: Any = None) -> BackForm:
        return BackForm(data, initial={"seen": self.seen})

    def perform(self, given: dict[str, Any]) -> Asset:
        return bring_asset_back(asset=self.asset, reason=given["reason"], seen=given["seen"], by=self.by, at=self.at)

    def said(self, asset: Asset) -> str:
        return f"{asset} is in service again."

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "intro": self.intro}
