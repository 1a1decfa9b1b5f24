"""What every page of the catalog has in common: who may see it, and what they may do there."""

from typing import Any, ClassVar

from django.urls import reverse

from catalog.domain.values import PlanKind
from catalog.models import PlanVersion
from journal.admin import pages
from journal.admin.pages import FormOf

VIEW = "catalog.view_planversion"
EDIT = "catalog.change_planversion"
PUBLISH = "catalog.publish_plan"


class Page(pages.Page):
    permission: ClassVar[str] = VIEW

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        may_edit = user.has_perm(EDIT)
        mine = {"may_edit": may_edit, "may_name": may_edit, "may_publish": user.has_perm(PUBLISH)}
        return {**super().get_context_data(**kwargs), **mine}


class FormPage(Page, pages.FormPage[FormOf]):
    """A page of the catalog with one form."""


def sheet_url(*, version: PlanVersion | None = None, feature_key: str = "") -> str:
    """The sheet on which the version stands, at the cell if one is named."""
    address = reverse("admin:catalog_sheet")
    if version is None:
        return address
    kind = f"?kind={PlanKind.ADD_ON}" if version.plan.kind == PlanKind.ADD_ON else ""
    return f"{address}{kind}" + (f"#cell-{version.plan.key}-{feature_key}" if feature_key else "")
