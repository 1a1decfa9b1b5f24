"""The base of the catalog's lists: they show, and lead to the pages on which things change."""

from typing import Any

from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from journal.admin.base import RecordedModelAdmin
from journal.admin.pages import Page

ZONE = "UTC"


class CatalogAdmin(RecordedModelAdmin):
    """Read-only; what a page shows beyond columns comes from a query through a template."""

    class Media:
        css = {"all": ("desk/pages.css",)}

    def part(self, template: str, **context: Any) -> SafeString:
        return render_to_string(f"catalog/parts/{template}.html", {"zone": ZONE, **context})

    def page_at(self, route: str, page: type[Page], name: str) -> URLPattern:
        """A page of its own that hangs on this list."""
        return path(route, self.admin_site.admin_view(page.as_view(model_admin=self)), name=name)
