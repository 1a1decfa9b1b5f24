"""Pages on a draft; and what they say once it is no draft any more, because somebody published or discarded it."""

from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from catalog.admin.pages import EDIT, FormPage, Page, sheet_url
from catalog.models import Plan, PlanVersion
from catalog.models.plan import VersionState
from catalog.queries.instants import say_instant
from journal.admin.pages import FormOf
from journal.models import AuditEvent

CONFLICT = 409


class DraftPage(FormPage[FormOf]):
    """A page with one form on a draft. Where another tab or hand ended the draft, it says so and leads on."""

    permission = EDIT

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(self.permission):
            raise PermissionDenied
        if self.found is None or not self.found.is_draft:
            return EndedDraftPage.as_view(model_admin=self.model_admin)(request, version_id=kwargs["version_id"])
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def found(self) -> PlanVersion | None:
        versions = PlanVersion.objects.select_related("plan", "after_trial", "includes__plan")
        return versions.filter(pk=self.kwargs["version_id"]).first()

    @property
    def version(self) -> PlanVersion:
        assert self.found is not None
        return self.found


class EndedDraftPage(Page):
    """What was sent here was not saved: the draft is gone, and this is how to go on."""

    permission = EDIT
    template_name = "catalog/ended_draft.html"
    title = "This draft is no longer open"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(), status=CONFLICT)

    post = get

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = PlanVersion.objects.select_related("plan").filter(pk=self.kwargs["version_id"]).first()
        told, plan = (_published(version, zone=self.zone), version.plan) if version else self._discarded()
        draft = plan.versions.filter(state=VersionState.DRAFT).first() if plan else None
        return {
            **super().get_context_data(**kwargs),
            "told": told,
            "plan": plan,
            "draft": draft,
            "sent": self.request.method == "POST",
            "back": sheet_url(version=draft or version),
        }

    def _discarded(self) -> tuple[str, Plan | None]:
        """What the history still knows of a draft that was thrown away."""
        history = PlanVersion.history.filter(id=self.kwargs["version_id"])  # type: ignore[attr-defined]
        last = history.order_by("-history_date", "-history_id").first()
        if last is None:
            raise Http404
        event = AuditEvent.objects.filter(pk=last.history_change_reason).first()
        plan = Plan.objects.filter(pk=last.plan_id).first()
        by = f" by {event.actor_name}" if event else ""
        name = f"{plan} v{last.number}" if plan else "This draft"
        return f"{name} was discarded on {say_instant(last.history_date, zone=self.zone)}{by}.", plan


def _published(version: PlanVersion, *, zone: str) -> str:
    assert version.published_at is not None
    when = say_instant(version.published_at, zone=zone)
    return f"{version} was published on {when} by {version.published_by}, and never changes again."
