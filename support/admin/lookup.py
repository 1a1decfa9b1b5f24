"""The cover lookup: one search box, the answer in plain words."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.views.generic import TemplateView

from support.queries.answers import Match
from support.queries.lookup import MOST_MATCHES, lookup

PERMISSION = "support.look_up_cover"
LONGEST = 320


class LookupPage(TemplateView):
    template_name = "support/lookup.html"
    admin_site: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        searched = self.request.GET.get("q", "").strip()[:LONGEST]
        account = self.request.GET.get("account", "")[:64]
        found = lookup(text=searched, account=account or None, at=timezone.now())
        self.request.current_app = self.admin_site.name
        return {
            **self.admin_site.each_context(self.request),
            **super().get_context_data(**kwargs),
            "title": "Is this customer covered?",
            "searched": searched,
            "answer": found.answer,
            "note": found.note,
            "matches": [_choice(match, searched) for match in found.matches],
            "more": len(found.matches) == MOST_MATCHES,
        }


def _choice(match: Match, searched: str) -> dict[str, str]:
    return {
        "account": match.account,
        "name": match.name,
        "country": match.country,
        "query": urlencode({"q": searched, "account": match.account}),
    }
