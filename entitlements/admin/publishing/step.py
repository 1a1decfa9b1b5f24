"""What every step of publishing has in common: the version, the way through the steps, the changes in a table."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import reverse

from catalog.actions.second_person import APPROVE, PUBLISH
from catalog.admin.pages import VIEW, sheet_url
from catalog.domain.version_diff import Change, ChangeKind, lowers
from catalog.models import Feature, PlanVersion
from catalog.queries.versions import newest_published
from entitlements.admin.wording import zone_name
from entitlements.queries.publishing.publications import pending_request
from journal.admin.pages import Page

_KINDS = {
    ChangeKind.ADDED: "Added",
    ChangeKind.REMOVED: "Removed",
    ChangeKind.RAISED: "Better",
    ChangeKind.LOWERED: "Worse",
    ChangeKind.CHANGED: "Different",
    ChangeKind.PRICE_CHANGED: "Price",
}
STEPS = (("publish", "What changes"), ("publish_who", "Who gets it"), ("publish_check", "Check and publish"))


def step_url(name: str, version: PlanVersion, query: str = "") -> str:
    return reverse(f"admin:entitlements_{name}", args=[version.pk]) + (f"?{query}" if query else "")


class PublishPage(Page):
    """A step of publishing. Whoever may see the plans may read along; only those who may publish get the buttons."""

    permission: ClassVar[str] = VIEW
    step: ClassVar[str] = ""

    @cached_property
    def version(self) -> PlanVersion:
        versions = PlanVersion.objects.select_related("plan", "after_trial", "includes", "base__plan")
        return get_object_or_404(versions, pk=self.kwargs["version_id"])

    @cached_property
    def published(self) -> PlanVersion | None:
        """What is compared with: the version published last; of that one, what customers got before it."""
        found = newest_published(plan=self.version.plan)
        return self.version.base if found is not None and found.pk == self.version.pk else found

    @cached_property
    def first(self) -> bool:
        return newest_published(plan=self.version.plan) is None

    @property
    def query(self) -> str:
        return self.request.GET.urlencode()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return {
            **super().get_context_data(**kwargs),
            "version": self.version,
            "published": self.published,
            "draft": self.version.is_draft,
            "first": self.first,
            "steps": [(words, step_url(name, self.version, self.query), name == self.step) for name, words in STEPS],
            "query": self.query,
            "pending": pending_request(self.version),
            "may_publish": user.has_perm(PUBLISH),
            "may_approve": user.has_perm(APPROVE),
            "may_edit": user.has_perm("catalog.change_planversion"),
            "sheet": sheet_url(version=self.version),
            "zone_name": zone_name(self.zone),
        }

    def named_title(self, verb: str) -> str:
        return f"{verb} {self.version}" if self.version.is_draft else f"Move customers to {self.version}"


def change_lines(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """The changes as a table shows them."""
    names = dict(Feature.objects.values_list("key", "name"))
    return [
        {
            "change": change,
            "name": names.get(change.feature, change.feature),
            "words": _KINDS.get(change.kind, change.kind.value.replace("_", " ").capitalize()),
            "red": lowers([change]),
        }
        for change in changes
    ]
