"""What a draft changes for those who hold the plan."""

from catalog.domain.version_diff import Change, diff
from catalog.models import Feature, PlanVersion
from catalog.queries.terms import snapshot_terms
from catalog.queries.versions import newest_published


def diff_of_draft(*, version: PlanVersion) -> tuple[Change, ...]:
    """Every difference between the draft and the version published before it, in the order of the sheet."""
    return diff(
        plan=version.plan.name,
        old=snapshot_terms(version=newest_published(plan=version.plan)),
        new=snapshot_terms(version=version),
        shapes={feature.key: feature.shape for feature in Feature.objects.select_related("group")},
    )
