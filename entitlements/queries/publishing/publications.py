"""Publications in words, as the wizard, a request for approval and a notice say them; and which are asked for."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from catalog.domain.rollouts import Audience, Publication, publication_payload
from catalog.domain.version_diff import Change
from catalog.models import PlanVersion
from catalog.queries.instants import say_instant
from catalog.queries.publishing import losses
from entitlements.domain.figures import Figures, Tally, say_figures
from entitlements.models import Cohort
from entitlements.queries.publishing.impact import INLINE, Impact, impact
from entitlements.queries.publishing.reached import moved_by, reachable
from journal.models import Approval, Job

KIND = "publication"
COUNTING = "impact"
TOLD = 20  # so many changes stand in a request; the review shows all


def pending_request(version: PlanVersion) -> Approval | None:
    """The request about the version that waits for a second person."""
    return requests_about(version).filter(state=Approval.State.PENDING).first()


def requests_about(version: PlanVersion) -> QuerySet[Approval]:
    return Approval.objects.filter(
        kind=KIND, subject_type=version._meta.model_name or "", subject_key=str(version.pk)
    ).order_by("-requested_at", "-pk")


def what_it_takes_away(version: PlanVersion, publication: Publication) -> tuple[Change, ...]:
    """What a second person has to approve; nothing where everybody only gains."""
    return losses(version=version, moves_from=moved_by(version) if publication.audience.moves else [])


def too_many_to_wait(version: PlanVersion, publication: Publication, *, at: datetime) -> bool:
    """Whether so many accounts could be reached that counting them is long work."""
    return publication.audience.moves and reachable(version=version, at=at).count() > INLINE


def say_whom(version: PlanVersion, publication: Publication, *, zone: str = "UTC") -> str:
    """ "Everybody who holds Team gets it on 1 April 2026 (Amsterdam)." """
    plan = version.plan
    day = "" if publication.effective_at is None else say_instant(publication.effective_at, zone=zone)
    since = f" from {day} on" if day else ""
    match publication.audience:
        case Audience.NEW_CUSTOMERS:
            return f"New customers get it{since or ' from now on'}; whoever holds {plan} keeps what they have."
        case Audience.AT_RENEWAL:
            return f"Everybody who holds {plan} gets it at their first renewal{since or ' from now on'}."
        case Audience.COHORT:
            return f"The accounts in “{cohort_name(publication.cohort_key)}” get it{since or ' now'}; nobody else does."
        case Audience.ON_DATE:
            return f"Everybody who holds {plan} gets it on {day}."
        case _:
            return f"Everybody who holds {plan} gets it now."


def cohort_name(key: str) -> str:
    return Cohort.objects.filter(key=key).values_list("name", flat=True).first() or key


def summary_of(version: PlanVersion, publication: Publication, counted: Impact, changes: Sequence[Change]) -> str:
    """All that a second person needs to decide, in words and numbers."""
    verb = "Publish" if version.is_draft else "Move customers to"
    figures = counted.figures
    lines = [
        f"{verb} {version}. {say_whom(version, publication)}",
        f"{say_figures(figures, counted.lines)}, counted on {say_instant(figures.moment)}.",
        "What it takes away:",
        *(f"· {change.sentence}" for change in changes[:TOLD]),
    ]
    if len(changes) > TOLD:
        lines.append(f"· and {len(changes) - TOLD} more")
    return "\n".join(lines)


def key_of(version: PlanVersion, publication: Publication) -> str:
    """What names a publication among the counts made as long work."""
    told = publication_payload(
        audience=publication.audience,
        effective_at=publication.effective_at,
        edits=publication.edits,
        cohort_key=publication.cohort_key,
    )
    return f"{version.pk}:{':'.join(str(value) for value in told.values())}"


def counts_of(version: PlanVersion, publication: Publication) -> QuerySet[Job]:
    """The counts of this very publication, the latest first."""
    return Job.objects.filter(kind=COUNTING, payload__key=key_of(version, publication)).order_by("-pk")


def counted_at(version: PlanVersion, publication: Publication, *, at: datetime) -> Impact | None:
    """The impact: counted on the spot, or by the last long work that did; None where that has yet to be done."""
    if not too_many_to_wait(version, publication, at=at):
        return impact(
            version=version,
            audience=publication.audience,
            effective_at=publication.effective_at,
            cohort_key=publication.cohort_key,
            at=at,
        )
    job = counts_of(version, publication).filter(state=Job.State.DONE).first()
    if job is None:
        return None
    tally = Tally.from_json(job.result["tally"])
    return Impact(publication, Figures.from_json(job.result["figures"]), tally.lines())
