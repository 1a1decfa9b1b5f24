"""In which order features stand in their group, and groups beside each other: a step at a time, by buttons."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.actions.arrangement import order_features, order_groups
from catalog.admin.feature_pages import EDIT
from catalog.admin.pages import Page
from catalog.models import Feature, FeatureGroup
from journal.domain.refusal import Invalid, Refusal

FEATURES, GROUPS = "features", "groups"


def order_url(group: FeatureGroup) -> str:
    return reverse("admin:catalog_order", args=[group.pk])


class OrderPage(Page):
    """The features of one group, and the groups it stands among."""

    permission = EDIT
    template_name = "catalog/features/order.html"

    @cached_property
    def group(self) -> FeatureGroup:
        return get_object_or_404(FeatureGroup.objects.select_related("parent"), pk=self.kwargs["group_id"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        group = self.group
        features = list(Feature.objects.filter(group=group).order_by("position", "pk"))
        beside = list(FeatureGroup.objects.filter(parent=group.parent).order_by("position", "pk"))
        return {
            **super().get_context_data(**kwargs),
            "title": f"Order of {group}",
            "group": group,
            "lists": [(FEATURES, f"Features of {group}", features), (GROUPS, _beside(group), beside)],
            "back": reverse("admin:catalog_featuregroup_change", args=[group.pk]),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """`was` is the order as the page showed it, `up` or `down` the row whose button was pressed."""
        given = request.POST
        try:
            was = [_number(part) for part in given.get("was", "").split()]
            wanted = stepped(was, _number(given.get("up") or given.get("down", "")), by=-1 if "up" in given else 1)
            told: dict[str, Any] = {"was": was, "by": self.by, "at": self.at}
            if given.get("list") == GROUPS:
                order_groups(groups=wanted, **told)
            else:
                order_features(group=self.group, features=wanted, **told)
        except Refusal as refusal:
            self.refuse(refusal)
        return HttpResponseRedirect(order_url(self.group))


def stepped(order: Sequence[int], key: int, *, by: int) -> list[int]:
    """The order with one of it a place on; at either end it stays."""
    if key not in order:
        raise Invalid("What you moved isn't there any more. Look at the order as it stands now.")
    after, place = list(order), order.index(key)
    if 0 <= place + by < len(after):
        after[place], after[place + by] = after[place + by], after[place]
    return after


def _beside(group: FeatureGroup) -> str:
    return f"Groups in {group.parent}" if group.parent else "Groups of the sheet"


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
