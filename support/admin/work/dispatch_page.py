""" "What may be done here?": for whoever drives there, on a phone. By a serial number, or a customer and their device."""

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from entitlements.admin.pages import VIEW as VIEW_ACCOUNTS
from entitlements.admin.pages import account_url
from entitlements.models import Account
from entitlements.queries.accounts import account_by_key, find_accounts
from entitlements.queries.contracts.wording import say_day
from journal.admin.pages import Page
from journal.domain.refusal import NotFound
from support.admin.cases.pages import HANDLE, case_url
from support.admin.cases.pages import VIEW as VIEW_CASES
from support.admin.cases.words import state_badge
from support.admin.work.pages import LOOK_UP, RECORD, dispatch_url, record_url
from support.admin.work.wording import visit_line
from support.models import Asset, Visit
from support.queries.assets.finding import asset_by_serial
from support.queries.devices import devices_of, number_of_devices
from support.queries.lookup import MOST_MATCHES
from support.queries.service_history import service_history
from support.queries.visits import open_visits_of, visits_due_on
from support.queries.work.authorised import Authorised, Share, authorised
from support.queries.work.open_cases import open_cases_on

LONGEST = 320
THREE, FEW, MANY = 3, 5, 30


class DispatchPage(Page):
    permission: ClassVar[str] = LOOK_UP
    template_name = "support/work/dispatch.html"
    title = "What may be done here?"

    @cached_property
    def typed(self) -> str:
        return self.request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]

    @cached_property
    def asset(self) -> Asset | None:
        """The device named in the address, or the one alone that has the number typed."""
        asked = self.request.GET.get("asset", "")
        if asked.isdecimal() and len(asked) < 18:
            return Asset.objects.select_related("account", "product", "location").filter(pk=int(asked)).first()
        return self.devices[0] if len(self.devices) == 1 and not self._chosen_account else None

    @cached_property
    def devices(self) -> list[Asset]:
        """Everything that has the serial number typed."""
        return asset_by_serial(self.typed) if self.typed else []

    @cached_property
    def account(self) -> Account | None:
        if self.asset is not None:
            return self.asset.account
        if self._chosen_account is not None:
            return self._chosen_account
        return self.accounts[0] if len(self.accounts) == 1 else None

    @cached_property
    def accounts(self) -> list[Account]:
        return find_accounts(text=self.typed, limit=MOST_MATCHES) if self.typed and not self.devices else []

    @cached_property
    def _chosen_account(self) -> Account | None:
        asked = self.request.GET.get("account", "").replace("\x00", "")[:LONGEST]
        try:
            return account_by_key(asked) if asked else None
        except NotFound:
            return None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        account = self.account
        return {
            **super().get_context_data(**kwargs),
            "typed": self.typed,
            "account": account,
            "asset": self.asset,
            "choices": [_device(one) for one in self.devices] if account is None else [],
            "matches": [(one, dispatch_url(account=one.key, q=self.typed)) for one in self.accounts]
            if account is None
            else [],
            **(self._answer(account) if account is not None else {}),
        }

    def _answer(self, account: Account) -> dict[str, Any]:
        asset, user = self.asset, self.request.user
        found = authorised(account, asset=asset, at=self.at)
        cases = open_cases_on(account, asset, limit=FEW) if user.has_perm(VIEW_CASES) else []
        visits = visits_due_on(asset, limit=THREE) if asset is not None else open_visits_of(account, limit=THREE)
        devices = devices_of(account, limit=MANY) if asset is None else []
        return {
            "found": found,
            "shares": [_share(share) for share in found.shares],
            "headline": _headline(found),
            "warranties": [(one, say_day(one.through_on)) for one in found.warranties],
            "cases": [(case, case_url(case), state_badge(case.state)) for case in cases],
            "history": service_history(account, asset=asset, at=self.at),
            "visits": [visit_line(visit, at=self.at) for visit in visits],
            "due": _due(visits, at=self.at) if user.has_perm(RECORD) else None,
            "own_devices": [_device(one) for one in devices],
            "more_devices": max(0, number_of_devices(account) - len(devices)) if asset is None else 0,
            "account_url": account_url(account) if user.has_perm(VIEW_ACCOUNTS) else "",
            "record": record_url(asset=asset.pk if asset else "", account=account.key) if user.has_perm(RECORD) else "",
            "may_open": user.has_perm(HANDLE),
        }


def _due(visits: list[Visit], *, at: datetime) -> dict[str, Any] | None:
    """The visit that may take place today, if there is one."""
    due = next((one for one in visits if one.from_on <= at.astimezone(ZoneInfo(one.cover.zone)).date()), None)
    return visit_line(due, at=at) if due is not None else None


def _device(asset: Asset) -> dict[str, Any]:
    return {"asset": asset, "url": dispatch_url(asset=asset.pk)}


def _share(share: Share) -> dict[str, Any]:
    colour = "green" if share.customer == 0 else "red" if share.customer == 100 else "amber"
    return {"share": share, "colour": colour, "name": share.aspect.words}


def _headline(found: Authorised) -> tuple[str, str]:
    """One sentence for whoever reads nothing else, and its colour."""
    if found.device_matters:
        return "It depends on the device. Which one is it?", "amber"
    covered = [share.aspect.value for share in found.shares if share.customer == 0]
    paid = [share for share in found.shares if share.customer]
    if not paid:
        return "Everything is covered.", "green"
    if len(paid) == len(found.shares) and all(share.customer == 100 for share in paid):
        return "Nothing is covered: the customer pays for all of it.", "red"
    verb = "are" if len(covered) > 1 else "is"
    told = f"{' and '.join(covered).capitalize()} {verb} covered; t" if covered else "T"
    return f"{told}he customer pays for {' and '.join(_paid(share) for share in paid)}.", "amber"


def _paid(share: Share) -> str:
    return share.aspect.value if share.customer == 100 else f"{share.customer} % of {share.aspect.value}"
