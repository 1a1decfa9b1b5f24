"""Which plans carry everything of which lower plan, and which of them lag behind its newest version."""

from django.db.models import F, OuterRef, Subquery

from catalog.models import PlanVersion


def ladder(version: PlanVersion) -> list[PlanVersion]:
    """The version and, below it, each version it includes; a circle, which nothing lets come about, ends it."""
    steps: list[PlanVersion] = []
    step: PlanVersion | None = version
    while step is not None and step not in steps:
        steps.append(step)
        step = step.includes
    return steps


def including_older(lower: PlanVersion) -> list[PlanVersion]:
    """The newest version of each plan that includes an older version of this one's plan: a draft is offered for it."""
    newest = PlanVersion.objects.filter(plan=OuterRef("plan")).order_by("-number").values("number")[:1]
    found = PlanVersion.objects.annotate(newest=Subquery(newest)).filter(
        number=F("newest"), includes__plan=lower.plan_id, includes__number__lt=lower.number
    )
    return list(found.select_related("plan", "includes__plan").order_by("plan__position", "plan"))
