"""What the pages about cases have in common: their address, and a part of them that stays right while it is open."""

from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse

from journal.admin.pages import Page
from journal.api.conditional import etag_of, is_unchanged
from support.models import Case

VIEW = "support.view_case"
HANDLE = "support.handle_case"
LIVE = "live"  # ?part=live asks for nothing but the part that moves


def case_url(case: Case) -> str:
    return reverse("admin:support_case", args=[case.pk])


class LivePage(Page):
    """A page of which a part is fetched again every few seconds; where nothing changed, the answer is 304 and cheap.

    `live_template` is that part, which the whole page includes; `mark` changes as soon as the part would. Who may not
    look at cases is turned away before learning whether there is one.
    """

    permission: ClassVar[str] = VIEW
    live_template: ClassVar[str]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def zone(self) -> str:
        """The reader's; a zone that no longer exists is read as UTC."""
        named = super().zone
        try:
            return ZoneInfo(named).key
        except (LookupError, ValueError, OSError):
            return "UTC"

    def mark(self) -> str:
        raise NotImplementedError

    def live_context(self) -> dict[str, Any]:
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.GET.get("part") != LIVE:
            return self.render_to_response(self.get_context_data())
        etag = etag_of(f"{self.mark()} {request.user.pk} {request.get_full_path()}".encode())
        unchanged = is_unchanged(request.headers.get("If-None-Match", ""), etag)
        answer = HttpResponseNotModified() if unchanged else self._fragment(request)
        answer["ETag"], answer["Cache-Control"] = etag, "private, no-cache"
        return answer

    def _fragment(self, request: HttpRequest) -> HttpResponse:
        return TemplateResponse(request, self.live_template, {**self.live_context(), "now_ms": self._now_ms}).render()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), **self.live_context(), "now_ms": self._now_ms}

    @property
    def _now_ms(self) -> int:
        """The server's clock, by which the browser counts on."""
        return int(self.at.timestamp() * 1000)


class AboutCase:
    """One case, by the number in the address."""

    kwargs: dict[str, Any]

    @cached_property
    def case(self) -> Case:
        cases = Case.objects.select_related("account", "severity", "team", "product", "asset__product")
        return get_object_or_404(cases, pk=self.kwargs["case"])
