"""What speaks about each feature in a version: its own terms, those of the versions it includes, and those of groups."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from catalog.domain.cases import GENERAL, Case, cases_between
from catalog.domain.groups import heard
from catalog.domain.speaking import Written, speaker
from catalog.domain.values import Enforcement, FeatureShape, TermState
from catalog.domain.version_diff import TermFacts
from catalog.models import Feature, FeatureGroup, PlanTerm, PlanVersion
from catalog.queries.term_rows import case_of, facts_of, reading_of, with_all
from catalog.queries.vocabulary import groups_above, measures


@dataclass(frozen=True, slots=True)
class Speaking:
    """The term that speaks about a feature in a case: where it was written, and what the feature hears of it."""

    term: PlanTerm
    version: PlanVersion  # that wrote it
    facts: TermFacts
    depth: int = 0
    distance: int = 0

    @property
    def inherited(self) -> bool:
        return bool(self.depth or self.distance)

    @property
    def origin(self) -> str:
        """ "from Team v3", "from the group Security"; nothing for a term of the version's own for the feature."""
        steps = [f"from {self.version}"] if self.depth else []
        steps += [f"from the group {self.term.group}"] if self.distance else []
        return ", ".join(steps)


class Effective:
    """All that can speak in one version, by feature."""

    def __init__(self, written: Mapping[int, Iterable[tuple[Written, Speaking]]]) -> None:
        self._written = {feature: [one for one, _ in pairs] for feature, pairs in written.items()}
        self._speaking = {
            (feature, one.id, one.depth, one.distance): speaking
            for feature, pairs in written.items()
            for one, speaking in pairs
        }

    @property
    def features(self) -> set[int]:
        return set(self._written)

    def speaking(self, feature: int, case: Case = GENERAL) -> Speaking | None:
        """What speaks about the feature, by its id, in the case; None where the version says nothing."""
        found = speaker(self._written.get(feature, ()), case=case)
        return None if found is None else self._speaking[feature, found.id, found.depth, found.distance]

    def written_for(self, feature: int) -> set[Case]:
        """The cases that some term on the feature is written for."""
        return {one.case for one in self._written.get(feature, ())}

    def items(self) -> Iterator[tuple[tuple[int, Case], Speaking]]:
        """What speaks in every case in which anything may speak differently, the general one first."""
        for feature in self._written:
            for case in cases_between(self.written_for(feature)):
                speaking = self.speaking(feature, case)
                if speaking is not None:
                    yield (feature, case), speaking


def effective_terms(version: PlanVersion) -> Effective:
    return effective_of([version])[version.pk]


def effective_of(versions: Iterable[PlanVersion]) -> dict[int, Effective]:
    """What speaks in each of the versions, by its id; in six reads however many they are."""
    wanted = [version.pk for version in versions]
    known = {version.pk: version for version in PlanVersion.objects.select_related("plan")}
    ladders = {pk: _ladder(pk, known) for pk in wanted}
    reached = {step for ladder in ladders.values() for step in ladder}
    terms: dict[int, list[PlanTerm]] = {pk: [] for pk in reached}
    for term in with_all(PlanTerm.objects.filter(version__in=reached)).order_by("pk"):
        terms[term.version_id].append(term)
    reach = _Reach()
    return {pk: _effective(ladder, terms, known=known, reach=reach) for pk, ladder in ladders.items()}


def _ladder(pk: int, known: Mapping[int, PlanVersion]) -> list[int]:
    """The version and, below it, each version it includes."""
    steps: list[int] = []
    step: int | None = pk
    while step is not None and step not in steps:
        steps.append(step)
        step = known[step].includes_id
    return steps


def _effective(
    ladder: Iterable[int],
    terms: Mapping[int, Iterable[PlanTerm]],
    *,
    known: Mapping[int, PlanVersion],
    reach: "_Reach",
) -> Effective:
    found: dict[int, list[tuple[Written, Speaking]]] = {}
    for depth, step in enumerate(ladder):
        for term in terms[step]:
            for feature, distance, facts in reach.of(term):
                written = Written(term.pk, case_of(term), facts, depth, distance)
                speaking = Speaking(term, known[step], facts, depth, distance)
                found.setdefault(feature.pk, []).append((written, speaking))
    return Effective(found)


class _Reach:
    """Which features a term speaks about, and what each hears of it."""

    def __init__(self) -> None:
        self._features = list(Feature.objects.order_by("pk"))
        groups = list(FeatureGroup.objects.all())
        self._measures = measures(self._features, groups)
        parents = {group.pk: group.parent_id for group in groups}
        self._members: dict[int, list[tuple[Feature, int]]] = {group.pk: [] for group in groups}
        for feature in self._features:
            for distance, group in enumerate(groups_above(feature.group_id, parents), start=1):
                self._members[group].append((feature, distance))

    def of(self, term: PlanTerm) -> Iterator[tuple[Feature, int, TermFacts]]:
        if term.feature is not None:
            reading = reading_of(term, shape=term.feature.shape)
            yield term.feature, 0, facts_of(reading, enforcement=Enforcement(term.enforcement))
        elif term.group_id is not None:
            measure = self._measures[term.group_id]
            for feature, distance in self._members[term.group_id]:
                facts = _heard_facts(term, shape=feature.shape, measure=measure)
                if facts is not None:
                    yield feature, distance, facts


def _heard_facts(term: PlanTerm, *, shape: FeatureShape, measure: FeatureShape | None) -> TermFacts | None:
    amount = None if term.amount is None else Decimal(term.amount)
    found = heard(state=TermState(term.state), amount=amount, shape=shape, measure=measure)
    if found is None:
        return None
    reading = replace(reading_of(term, shape=measure), state=found[0], value=found[1])
    return facts_of(reading, enforcement=Enforcement(term.enforcement))
