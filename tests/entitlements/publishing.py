"""Drafts to publish, and the acts of publishing them, as tests of the wizard and its actions need them."""

from datetime import datetime
from typing import Any

from catalog.actions.drafts import open_draft
from catalog.domain.rollouts import Audience, Publication
from catalog.domain.values import Value
from catalog.models import Feature, Plan, PlanVersion
from entitlements.queries.publishing.impact import Impact, impact
from journal.actions.deeds import begin, keep, remove
from journal.domain.actor import SYSTEM
from tests.entitlements.world import AT, DAY, Catalog, term


def a_draft(sold: Catalog, *, plan: Plan | None = None, at: datetime = AT - DAY, **gives: Value | None) -> PlanVersion:
    """A draft of Team, or of the plan named, that gives this of each feature; None takes the feature away."""
    draft = open_draft(plan=plan or sold.team, by=SYSTEM, at=at)
    for key, value in gives.items():
        feature: Feature = getattr(sold, key)
        for row in draft.terms.filter(feature=feature):
            remove(row, deed=begin(by=SYSTEM, at=at))
        if value is not None:
            keep(term(draft, feature, value), deed=begin(by=SYSTEM, at=at))
    draft.refresh_from_db()
    return draft


def asked_for(version: PlanVersion, audience: Audience = Audience.NOW, **more: Any) -> Publication:
    return Publication(**{"audience": audience, "effective_at": None, "edits": version.edits} | more)


def counted(version: PlanVersion, publication: Publication, *, at: datetime = AT) -> Impact:
    return impact(
        version=version,
        audience=publication.audience,
        effective_at=publication.effective_at,
        cohort_key=publication.cohort_key,
        at=at,
    )
