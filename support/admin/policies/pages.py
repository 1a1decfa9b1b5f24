"""What every page about one policy has in common: the tier it is tied to, who may see it, where its pages stand."""

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from journal.admin.pages import Page
from support.domain.policy_faults import Known
from support.models import Severity, SlaPolicy, SlaPolicyVersion
from support.queries.policies import in_force, open_version, read_known

VIEW, EDIT, APPROVE = "support.view_slapolicy", "support.edit_sla", "support.approve_sla"


def policy_url(policy: SlaPolicy, page: str = "") -> str:
    """The address of a policy's page, or of one of its further pages."""
    return reverse(f"admin:support_policy{f'_{page}' if page else ''}", args=[policy.tier])


class PolicyPage(Page):
    """Who may not look at policies is turned away before learning which there are."""

    permission: ClassVar[str] = VIEW

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def policy(self) -> SlaPolicy:
        return get_object_or_404(SlaPolicy, tier=self.kwargs["tier"])

    @cached_property
    def in_force(self) -> SlaPolicyVersion | None:
        return in_force(self.policy, at=self.at)

    @cached_property
    def open_version(self) -> SlaPolicyVersion | None:
        """What is being drafted, or waits for a second person."""
        return open_version(self.policy)

    @cached_property
    def known(self) -> Known:
        return read_known(at=self.at)

    @cached_property
    def severities(self) -> list[Severity]:
        return list(Severity.objects.all())

    @property
    def calendar_names(self) -> dict[str, str]:
        return {key: calendar.name for key, calendar in self.known.calendars.items()}

    @property
    def severity_names(self) -> dict[str, str]:
        return {row.key: row.name for row in self.severities}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return {
            **super().get_context_data(**kwargs),
            "policy": self.policy,
            "in_force": self.in_force,
            "open_version": self.open_version,
            "back": policy_url(self.policy),
            "list_url": reverse("admin:support_slapolicy_changelist"),
            "may_edit": user.has_perm(EDIT),
            "may_approve": user.has_perm(APPROVE),
        }
