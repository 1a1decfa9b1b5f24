"""The page of an asset: where it is, its dates, its warranties, what covers it now, and its life."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from catalog.queries.instants import say_instant
from entitlements.admin.pages import account_url
from support.admin.assets.pages import AssetPage, asset_url
from support.admin.assets.timeline import drawn
from support.admin.assets.words import COLOURS, asset_state, say_borne, say_span, say_tier
from support.admin.cases.pages import HANDLE, case_url
from support.domain.cover_terms import SHARES, Aspect
from support.domain.covers import Candidate, Choice
from support.models import Asset, Case, Warranty
from support.queries.assets.service import Happened, Kind, replacements, service_history
from support.queries.assets.warranties import span_held, waits_for
from support.queries.covering import About, covering

OPEN_HERE = 12


class ShowPage(AssetPage):
    template_name = "support/assets/show.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asset, may_edit = self.asset, self.request.user.has_perm("support.edit_asset")
        warranties = list(asset.warranties.select_related("inherited_from__asset").order_by("starts_at", "pk"))
        found = replacements(asset)
        story = [self._line(one) for one in service_history(asset)]
        return {
            **super().get_context_data(**kwargs),
            "title": str(asset),
            "state": asset_state(asset),
            "days": list(self._days()),
            "warranties": [self._warranty(row) for row in warranties],
            "drawing": drawn(warranties, at=self.at),
            "waits": waits_for(asset),
            "covered": self._covered(),
            "story": story,
            "open_here": OPEN_HERE,
            "before": [self._chained(one) for one in found.before],
            "after": [self._chained(one) for one in found.after],
            "buttons": list(self._buttons()) if may_edit else [],
            "elsewhere": [] if asset.retired_at else list(self._elsewhere()),
            "held_since": say_instant(asset.held_since, zone=self.zone),
            "retired": say_instant(asset.retired_at, zone=self.zone) if asset.retired_at else "",
            "product_url": reverse("admin:support_product_change", args=[asset.product_id]),
            "history": reverse("admin:support_asset_history", args=[asset.pk]),
        }

    def _days(self) -> Iterator[tuple[str, Any]]:
        asset = self.asset
        yield "Shipped", asset.shipped_on
        yield "Installed", asset.installed_on
        yield "Invoiced", asset.invoiced_on
        yield "In service", asset.in_service_on

    def _warranty(self, row: Warranty) -> dict[str, Any]:
        state = span_held(row).state(self.at)
        ends = span_held(row).rest(self.at) is not None and self.asset.retired_at is None
        heir = row.inherited_from
        return {
            "row": row,
            "state": state.words,
            "colour": COLOURS[state],
            "span": say_span(row, at=self.at),
            "bears": say_borne(row),
            "from": {"words": heir.asset.serial, "url": asset_url(heir.asset)} if heir else None,
            "void_url": reverse("admin:support_asset_void", args=[row.asset_id, row.pk]) if ends else "",
        }

    def _covered(self) -> dict[str, Any] | None:
        """Who decides what is owed on it now, and everybody who might have; nothing about a retired one."""
        if self.asset.retired_at is not None:
            return None
        choice = covering(self.account, at=self.at, about=About(asset=self.asset)).choice
        return {
            "aspects": [(aspect.words, *_decided(choice, aspect)) for aspect in Aspect],
            "kept": [_candidate(one) for one in choice.candidates if one.kept],
            "lost": [_candidate(one) for one in choice.candidates if not one.kept],
        }

    def _line(self, one: Happened) -> dict[str, Any]:
        link = case_url(Case(pk=one.link)) if one.kind is Kind.CASE and one.link else ""
        other = None if one.account.pk == self.asset.account_id else one.account
        return {
            "at": say_instant(one.at, zone=self.zone),
            "kind": one.kind.value,
            "words": one.words,
            "further": one.further,
            "url": link,
            "whose": other,
            "whose_url": account_url(other) if other else "",
        }

    def _chained(self, one: Asset) -> dict[str, Any]:
        swapped = say_instant(one.held_since, zone=self.zone) if one.replaces_id else ""
        return {"asset": one, "url": asset_url(one), "since": swapped, "reason": one.retire_reason}

    def _elsewhere(self) -> Iterator[tuple[str, str]]:
        """What a reader in front of the device may want next."""
        user, asset = self.request.user, self.asset
        if user.has_perm("support.look_up_cover"):
            yield "What may be done here?", f"{reverse('admin:support_dispatch')}?{urlencode({'asset': asset.pk})}"
        if user.has_perm(HANDLE):
            asked = urlencode({"account": self.account.key, "asset": asset.serial})
            yield "Open a case about it", f"{reverse('admin:support_case_open')}?{asked}"

    def _buttons(self) -> Iterator[tuple[str, str]]:
        if self.asset.retired_at is not None:
            yield "Bring it back", asset_url(self.asset, "back")
            return
        yield "Put right", asset_url(self.asset, "edit")
        yield "Move to another location", asset_url(self.asset, "relocate")
        yield "Give to another customer", asset_url(self.asset, "move")
        yield "Replace", asset_url(self.asset, "replace")
        yield "Retire", asset_url(self.asset, "retire")


def _decided(choice: Choice, aspect: Aspect) -> tuple[str, str]:
    """(how much, by what)"""
    winner = choice.winners.get(aspect)
    if winner is None:
        return ("No promised tier" if aspect is Aspect.RESPONSE else "Charged in full"), ""
    if aspect not in SHARES:
        return say_tier(winner.tier or ""), winner.name
    borne = choice.borne(aspect)
    whole = {0: "Charged in full", 100: "Covered in full"}
    return whole.get(borne, f"{borne} % covered, {100 - borne} % charged"), winner.name


def _candidate(one: Candidate) -> dict[str, str]:
    return {"name": one.cover.name, "source": one.cover.source.words, "why": one.reason}
