"""What every page about covers has in common: their addresses, and the one cover that is looked at."""

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from entitlements.admin.pages import account_url
from entitlements.models import Account
from journal.admin.pages import Page
from journal.models import Approval
from support.domain.cover_draft import CoverPlace
from support.models import Cover
from support.queries.covers.reading import CoverRead, read_cover
from support.queries.covers.waiting import pending_change

VIEW, WRITE, APPROVE = "support.view_cover", "support.write_cover", "support.approve_cover"
TAB = "coverage"
COLOURS = {
    CoverPlace.IN_FORCE: "green",
    CoverPlace.TO_COME: "blue",
    CoverPlace.ENDED: "grey",
    CoverPlace.CALLED_OFF: "grey",
}


def cover_url(cover: Cover | int, page: str = "") -> str:
    """The address of a cover's page, or of one of its further pages."""
    pk = cover if isinstance(cover, int) else cover.pk
    return reverse(f"admin:support_cover{f'_{page}' if page else ''}", args=[pk])


class CoversPage(Page):
    """Who may not look at covers is turned away before learning which there are."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return {
            **super().get_context_data(**kwargs),
            "list_url": reverse("admin:support_cover_changelist"),
            "may_write": user.has_perm(WRITE),
        }


class CoverPage(CoversPage):
    """A page about one cover; everything is said in the zone its days were said in."""

    @cached_property
    def cover(self) -> Cover:
        rows = Cover.objects.select_related("account", "contract", "follows")
        return get_object_or_404(rows, pk=self.kwargs["cover"])

    @property
    def account(self) -> Account:
        return self.cover.account

    @cached_property
    def read(self) -> CoverRead:
        return read_cover(self.cover)

    @property
    def zone(self) -> str:
        return self.cover.zone

    @property
    def place(self) -> CoverPlace:
        return self.read.place(self.at)

    @cached_property
    def following(self) -> Cover | None:
        """The version, or the renewal, that goes on from it."""
        return Cover.objects.filter(follows=self.cover).first()

    @cached_property
    def waiting(self) -> Approval | None:
        return pending_change(self.cover)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {
            **super().get_context_data(**kwargs),
            "cover": self.cover,
            "account": self.account,
            "account_url": account_url(self.account, part=TAB),
            "back": cover_url(self.cover),
            "words": self.read.words,
            "place": (self.place.words, COLOURS[self.place]),
        }
