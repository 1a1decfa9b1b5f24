"""What stands in the way of publishing a draft, said before anybody presses the button."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from catalog.domain.rollouts import Audience
from catalog.domain.values import Scaling, TermState
from catalog.domain.version_diff import Change, lowers
from catalog.models import Feature, Plan, PlanTerm, PlanVersion, Rollout
from catalog.queries.changes import diff_versions
from catalog.queries.instants import say_instant
from catalog.queries.versions import newest_published, rollouts_of

TOLD = 3  # of what moved, so many differences stand in a sentence; the review shows all


@dataclass(frozen=True, slots=True)
class Blocker:
    """One reason, in words, and the cells in which to mend it."""

    told: str
    features: tuple[Feature, ...] = ()

    @property
    def sentence(self) -> str:
        names = ", ".join(str(feature) for feature in self.features)
        return f"{self.told}: {names}." if names else f"{self.told}."


@dataclass(frozen=True, slots=True)
class MovedBase:
    """What customers get is no longer what it was when the draft was opened, and how the two differ."""

    was: PlanVersion | None
    is_now: PlanVersion
    changes: tuple[Change, ...]

    @property
    def sentence(self) -> str:
        told = "; ".join(change.sentence for change in self.changes[:TOLD])
        more = f"; and {len(self.changes) - TOLD} more" if len(self.changes) > TOLD else ""
        return (
            f"This draft was opened when customers got {self.was or 'nothing yet'}; since then they get "
            f"{self.is_now}. "
            f"{told or 'The two say the same'}{more}. Compare the draft anew, then publish it."
        )


def blockers(*, version: PlanVersion, at: datetime, audience: Audience | None = None) -> tuple[Blocker, ...]:
    """Everything that must be settled before the draft can be published; empty when nothing is in the way.

    Before an audience is chosen, another publication stands in the way only where it does for every audience.
    """
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
        _scheduled(version, audience, at=at),
    ]
    return tuple(blocker for blocker in found if blocker is not None)


def scheduled_rollouts(*, plan: Plan, at: datetime) -> list[Rollout]:
    """Publications of the plan that are still to come; those called off aren't."""
    coming = (rollout for rollout in rollouts_of(plans=[plan]) if rollout.cancelled_at is None)
    return [rollout for rollout in coming if rollout.effective_at > at]


def met_by(*, plan: Plan, audience: Audience | None, at: datetime) -> Rollout | None:
    """A publication still to come that a new one for this audience meets: both would answer the same question."""
    asked = tuple(Audience) if audience is None else (audience,)
    for rollout in scheduled_rollouts(plan=plan, at=at):
        if all(one.meets(Audience(rollout.audience)) for one in asked):
            return rollout
    return None


def say_met(met: Rollout) -> str:
    return (
        f"{met.version} is scheduled for {say_instant(met.effective_at)}; "
        "publish this one once that has happened, or call that off first"
    )


def base_moved(*, version: PlanVersion) -> MovedBase | None:
    """How what customers get has changed since the draft was opened; None where it hasn't."""
    base = version.base
    now = newest_published(plan=version.plan)
    if now is None or (base is not None and now.pk == base.pk):
        return None
    return MovedBase(base, now, diff_versions(old=base, new=now))


def losses(*, version: PlanVersion, moves_from: Iterable[int]) -> tuple[Change, ...]:
    """What this version takes away: from what is sold now, and from what each version gives whose holders move to it.

    The same loss against several versions is told once for each way it is said.
    """
    moved = _still_had(version.plan) & set(moves_from)
    olds = {old.pk: old for old in PlanVersion.objects.filter(pk__in=moved).select_related("plan")}
    sold = newest_published(plan=version.plan)
    if sold is not None:
        olds.setdefault(sold.pk, sold)
    olds.pop(version.pk, None)
    found: dict[str, Change] = {}
    for pk in sorted(olds, reverse=True):
        for change in diff_versions(old=olds[pk], new=version):
            if lowers([change]):
                found.setdefault(change.sentence, change)
    return tuple(found.values())


def _still_had(plan: Plan) -> set[int]:
    """The versions somebody may have: since everybody was moved, only that one and those published later.

    Whoever is held on an earlier one is left aside: what was taken from it has been approved when it was published.
    """
    had: set[int] = set()
    for rollout in rollouts_of(plans=[plan]):
        if rollout.cancelled_at is None:
            moves_everybody = Audience(rollout.audience) in {Audience.NOW, Audience.ON_DATE}
            had = {rollout.version_id} if moves_everybody else had | {rollout.version_id}
    return had


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


def _scheduled(version: PlanVersion, audience: Audience | None, *, at: datetime) -> Blocker | None:
    met = met_by(plan=version.plan, audience=audience, at=at)
    return None if met is None else Blocker(say_met(met))
