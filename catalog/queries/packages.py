"""Packages: plans and add-ons that say something for whole groups, and what each member of a group gets by that."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.domain.groups import INCLUDED, heard
from catalog.domain.sayings import NOT_INCLUDED, SET_PER_CUSTOMER, SOLD_AS_ADD_ON, TO_BE_SETTLED
from catalog.domain.trial_ends import say_trial_end
from catalog.domain.values import AtTrialEnd, FeatureShape, TermState, Value
from catalog.domain.words import say_value
from catalog.models import Feature, FeatureGroup, PlanTerm, PlanVersion
from catalog.models.plan import VersionState
from catalog.queries.terms import cell_text, say_cell, with_all
from catalog.queries.vocabulary import groups_above, measures

_SILENT = {
    TermState.NOT_INCLUDED: NOT_INCLUDED,
    TermState.SET_PER_CUSTOMER: SET_PER_CUSTOMER,
    TermState.ADD_ON: SOLD_AS_ADD_ON,
    TermState.UNSETTLED: TO_BE_SETTLED,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A feature of a group in one version: what it gives, and by which path; no words where it says nothing of it."""

    feature: Feature
    words: str
    path: str
    gives: bool

    @property
    def unheard(self) -> bool:
        return not self.words


@dataclass(frozen=True, slots=True)
class Branch:
    """A group of a package: what is said for it as a whole, its features, and the groups below."""

    group: FeatureGroup
    words: str
    members: tuple[Member, ...]
    branches: "tuple[Branch, ...]"


@dataclass(frozen=True, slots=True)
class Package:
    version: PlanVersion
    branches: tuple[Branch, ...]


def packages() -> tuple[Package, ...]:
    """The newest version of each plan and add-on that says something for a group, drafts included, in eight reads."""
    newest = _newest_versions()
    terms = list(with_all(PlanTerm.objects.filter(version__in=newest, phase="", market=None, interval="")))
    groups = {group.pk: group for group in FeatureGroup.objects.all()}
    features = list(Feature.objects.all())
    # Nothing below this line reads the database.
    shelf = _Shelf(terms, groups, features)
    ordered = sorted(newest.values(), key=lambda version: (version.plan.position, version.plan_id))
    found = (Package(version, shelf.branches(version, newest)) for version in ordered if version.pk in shelf.sold)
    return tuple(package for package in found if package.branches)


def _newest_versions() -> dict[int, PlanVersion]:
    """The newest version of each plan, with every version that one of them includes, by id."""
    every = {row.pk: row for row in PlanVersion.objects.select_related("plan").order_by("plan", "number")}
    newest = {row.plan_id: row for row in every.values() if row.state != VersionState.RETIRED}
    wanted = {row.pk: row for row in newest.values()}
    for row in list(wanted.values()):
        step = row.includes_id
        while step is not None and step not in wanted:
            wanted[step] = every[step]
            step = every[step].includes_id
    return wanted


class _Shelf:
    """The general terms at hand, found by version and by what they are written for."""

    def __init__(
        self, terms: Iterable[PlanTerm], groups: Mapping[int, FeatureGroup], features: Iterable[Feature]
    ) -> None:
        self.groups = groups
        self.parents = {pk: group.parent_id for pk, group in groups.items()}
        self.features: dict[int, list[Feature]] = defaultdict(list)
        for feature in features:
            self.features[feature.group_id].append(feature)
        every = sorted((f for own in self.features.values() for f in own), key=lambda feature: feature.pk)
        self.measures = measures(every, groups.values())
        self.for_feature: dict[tuple[int, int], PlanTerm] = {}
        self.for_group: dict[tuple[int, int], PlanTerm] = {}
        for term in terms:
            if term.feature_id is not None:
                self.for_feature[term.version_id, term.feature_id] = term
            elif term.group_id is not None:
                self.for_group[term.version_id, term.group_id] = term
        self.sold = {version for version, _group in self.for_group}

    def branches(self, version: PlanVersion, versions: Mapping[int, PlanVersion]) -> tuple[Branch, ...]:
        """The topmost groups the version says something for, each with all below it."""
        ladder = list(_ladder(version, versions))
        said = [group for spoken_for, group in self.for_group if spoken_for == version.pk]
        tops = [
            g for g in self.groups if g in said and not set(groups_above(self.parents[g], self.parents)) & set(said)
        ]
        return tuple(self._branch(group, ladder) for group in tops)

    def _branch(self, group: int, ladder: list[PlanVersion]) -> Branch:
        term = next((t for step in ladder if (t := self.for_group.get((step.pk, group)))), None)
        below = [pk for pk, parent in self.parents.items() if parent == group]
        return Branch(
            self.groups[group],
            "" if term is None else cell_text(term, measure=self.measures[group]),
            tuple(self._member(feature, ladder) for feature in self.features[group]),
            tuple(self._branch(pk, ladder) for pk in below),
        )

    def _member(self, feature: Feature, ladder: list[PlanVersion]) -> Member:
        """Of each version on the ladder, the feature's own line speaks before its group's, the nearer group first."""
        for depth, step in enumerate(ladder):
            included = f", by {step}" if depth else ""
            own = self.for_feature.get((step.pk, feature.pk))
            if own is not None:
                return Member(feature, say_cell(own), f"its own line{included}", gives=_gives(own))
            for group in groups_above(feature.group_id, self.parents):
                member = self._through(feature, group, step, included)
                if member is not None:
                    return member
        return Member(feature, "", "", gives=False)

    def _through(self, feature: Feature, group: int, step: PlanVersion, included: str) -> Member | None:
        term = self.for_group.get((step.pk, group))
        if term is None:
            return None
        amount = None if term.amount is None else Decimal(term.amount)
        measure = self.measures[group]
        said = heard(state=TermState(term.state), amount=amount, shape=feature.shape, measure=measure)
        if said is None:
            return None
        words = _words(*said, shape=feature.shape, typed_unit=term.typed_unit)
        if kept := say_trial_end(AtTrialEnd(term.at_trial_end), term.kept_days):
            words = f"{words}, {kept}"
        return Member(feature, words, f"through {self.groups[group]}{included}", gives=said[1] is not None)


def _ladder(version: PlanVersion, versions: Mapping[int, PlanVersion]) -> Iterator[PlanVersion]:
    step: PlanVersion | None = version
    while step is not None:
        yield step
        step = versions.get(step.includes_id) if step.includes_id else None


def _gives(term: PlanTerm) -> bool:
    return term.state in {TermState.VALUE, TermState.UNLIMITED}


def _words(state: TermState, value: Value | None, *, shape: FeatureShape, typed_unit: str) -> str:
    if value is None:
        return _SILENT[state]
    return INCLUDED if value is True else say_value(value, shape=shape, typed_unit=typed_unit)
