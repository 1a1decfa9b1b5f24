"""Who wrote the versions of a policy and put them in force, when and why; and which plans lead to its tier."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from catalog.domain.values import TermState
from catalog.models import Feature, PlanTerm
from catalog.models.plan import VersionState as PlanState
from journal.models import AuditEvent
from support.models import SlaPolicy, SlaPolicyVersion
from support.snapshots import SUPPORT_TIER

MOST_EVENTS = 400


@dataclass(frozen=True, slots=True)
class VersionStory:
    """One version with who wrote it last, and who put it in force; both empty where nobody is on record."""

    version: SlaPolicyVersion
    written_by: str = ""
    in_force_by: str = ""
    in_force_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class GivingPlan:
    """A plan of which some published versions give the tier."""

    name: str
    versions: tuple[int, ...]


def versions_of(policy: SlaPolicy) -> list[VersionStory]:
    """Newest first; three reads."""
    versions = list(policy.versions.order_by("number"))
    events = _events(policy, versions)
    held = sorted((v for v in versions if v.in_force_from), key=lambda v: (v.in_force_from, v.number))
    ends = {one.pk: following.in_force_from for one, following in pairwise(held)}
    return [
        VersionStory(
            version,
            written_by=_who(events, version.written_at),
            in_force_by=_who(events, version.in_force_from),
            in_force_until=ends.get(version.pk),
        )
        for version in reversed(versions)
    ]


def plans_giving(tier: str) -> list[GivingPlan]:
    """Plans and add-ons whose own terms give the choice, by published versions; two reads."""
    rows = PlanTerm.objects.filter(
        feature__key=SUPPORT_TIER, state=TermState.VALUE, text=tier, version__state=PlanState.PUBLISHED
    )
    found: dict[str, set[int]] = {}
    for name, number in rows.order_by("version__plan__position").values_list("version__plan__name", "version__number"):
        found.setdefault(name, set()).add(number)
    return [GivingPlan(name, tuple(sorted(numbers))) for name, numbers in found.items()]


def tier_choices() -> dict[str, str]:
    """The choices of the support tier, from least to most, by key; empty before the catalog has the feature."""
    feature = Feature.objects.filter(key=SUPPORT_TIER).first()
    return {} if feature is None else {choice.key: choice.label for choice in feature.shape.choices}


def _events(policy: SlaPolicy, versions: Sequence[SlaPolicyVersion]) -> dict[datetime, str]:
    """Who acted on the policy or a version of it at an instant: an act and what it wrote share their moment."""
    own = AuditEvent.objects.filter(subject_type="slapolicy", subject_key=str(policy.pk))
    keys = [str(version.pk) for version in versions]
    of_versions = AuditEvent.objects.filter(subject_type="slapolicyversion", subject_key__in=keys)
    rows = [*own.order_by("-seq")[:MOST_EVENTS], *of_versions.order_by("-seq")[:MOST_EVENTS]]
    return {row.at: row.actor_name for row in rows}


def _who(events: dict[datetime, str], at: datetime | None) -> str:
    return "" if at is None else events.get(at, "")
