"""All that the page of one case shows, read at once; how it stands is reckoned for the very moment."""

from dataclasses import dataclass
from datetime import datetime

from support.domain.clocks.standing import standing_of
from support.domain.clocks.values import CaseFacts, CaseStanding
from support.domain.milestones import MilestoneKind, MilestoneTerms, Trigger
from support.models import Case, CaseAlert, CaseEvent, CasePromise
from support.snapshots import snapshot_cases


@dataclass(frozen=True, slots=True)
class ShownCase:
    case: Case
    facts: CaseFacts
    standing: CaseStanding
    events: tuple[CaseEvent, ...]
    promises: tuple[CasePromise, ...]
    alerts: tuple[CaseAlert, ...]

    @property
    def promise(self) -> CasePromise | None:
        """What speaks last; of those that begin together the one made last."""
        return max(self.promises, key=lambda row: (row.starts_at, row.pk), default=None)

    @property
    def milestones(self) -> dict[str, MilestoneTerms]:
        """Of every policy it was ever promised, by key; the last one's words stand."""
        return {
            each.key: each for terms in self.facts.terms if terms.policy is not None for each in terms.policy.milestones
        }

    def by_hand(self, side: str) -> list[MilestoneTerms]:
        """The own milestones that somebody starts ("starts") or meets ("stops") by saying so."""
        return [
            each
            for each in self.milestones.values()
            if each.kind is MilestoneKind.OWN and getattr(each, side) is Trigger.BY_HAND
        ]


def shown_case(case: Case, *, at: datetime) -> ShownCase:
    """Three reads and those of the snapshot."""
    facts = snapshot_cases([case])[case.pk]
    promises = case.promises.select_related("policy_version__policy")
    return ShownCase(
        case=case,
        facts=facts,
        standing=standing_of(facts, now=at),
        events=tuple(case.events.all()),
        promises=tuple(promises),
        alerts=tuple(case.alerts.select_related("clock")),
    )
