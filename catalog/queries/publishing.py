"""What stands in the way of publishing a draft, said before anybody presses the button."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.values import Scaling, TermState
from catalog.models import Feature, Plan, PlanTerm, PlanVersion, Rollout
from catalog.queries.instants import say_instant
from catalog.queries.versions import rollouts_of


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason, in words, and the cells in which to mend it."""

    told: str
    features: tuple[Feature, ...] = ()

    @property
    def sentence(self) -> str:
        names = ", ".join(str(feature) for feature in self.features)
        return f"{self.told}: {names}." if names else f"{self.told}."


def blockers(*, version: PlanVersion, at: datetime) -> tuple[Blocker, ...]:
    """Everything that must be settled before the draft can be published; empty when nothing is in the way."""
    terms = list(
        PlanTerm.objects.filter(version=version)
        .select_related("feature__group", "group", "seats_of")
        .order_by("feature__group__position", "feature__position", "pk")
    )
    if not terms:
        return (Blocker("It says nothing about any feature yet"),)
    found = [
        _of_state(terms, TermState.UNSETTLED, "These cells are not settled yet"),
        _of_state(
            (term for term in terms if term.sold_as_id is None),
            TermState.ADD_ON,
            "Create or choose the add-on that sells",
        ),
        _cycle(terms),
        _included(version),
        _scheduled(version, at=at),
    ]
    return tuple(blocker for blocker in found if blocker is not None)


def scheduled_rollouts(*, plan: Plan, at: datetime) -> list[Rollout]:
    """Publications of the plan that are still to come: publishing over them would leave two answers to one question."""
    return [rollout for rollout in rollouts_of(plans=[plan]) if rollout.effective_at > at]


def _of_state(terms: Iterable[PlanTerm], state: TermState, told: str) -> Blocker | None:
    waiting = [term for term in terms if term.state == state]
    if not waiting:
        return None
    return Blocker(told, tuple(term.feature for term in waiting if term.feature is not None))


def _cycle(terms: Iterable[PlanTerm]) -> Blocker | None:
    features: dict[int, Feature] = {}
    leads: dict[int, set[int]] = {}
    for term in terms:
        if term.scaling == Scaling.PER_SEAT_OF and term.feature is not None and term.seats_of is not None:
            features |= {term.feature.pk: term.feature, term.seats_of.pk: term.seats_of}
            leads.setdefault(term.feature.pk, set()).add(term.seats_of.pk)
    circle = next((start for start in leads if _reaches(start, leads)), None)
    if circle is None:
        return None
    return Blocker(
        "These would scale with themselves, because what they are counted per leads back to them", (features[circle],)
    )


def _reaches(start: int, leads: Mapping[int, set[int]]) -> bool:
    seen: set[int] = set()
    ahead = set(leads[start])
    while ahead:
        step = ahead.pop()
        if step == start:
            return True
        seen.add(step)
        ahead |= leads.get(step, set()) - seen
    return False


def _included(version: PlanVersion) -> Blocker | None:
    if version.includes is None or not version.includes.is_draft:
        return None
    return Blocker(f"It includes {version.includes}, which is still a draft; publish that one first")


def _scheduled(version: PlanVersion, *, at: datetime) -> Blocker | None:
    coming = scheduled_rollouts(plan=version.plan, at=at)
    if not coming:
        return None
    first = coming[0]
    return Blocker(
        f"{first.version} is scheduled for {say_instant(first.effective_at)}; publish this one once that has happened"
    )
