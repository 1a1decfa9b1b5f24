"""What cells may name beside their own feature, as it stands in the catalog now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.domain.groups import is_mixed, measure_of
from catalog.domain.values import FeatureShape, Nature, PlanKind
from catalog.domain.vocabulary import Vocabulary
from catalog.models import DimensionChoice, Feature, FeatureGroup, Market, Plan


@dataclass(frozen=True, slots=True)
class Words:
    """The names for reading and saying cells, and what bears them, by key.

    `measures` tells by group in what an amount is said of it, `mixed` of which groups none can be said; choices are
    spelled (feature, "dimension.choice").
    """

    vocabulary: Vocabulary
    features: Mapping[str, Feature]
    add_ons: Mapping[str, Plan]
    markets: Mapping[str, Market]
    choices: Mapping[tuple[str, str], DimensionChoice]
    measures: Mapping[int, FeatureShape | None]
    mixed: frozenset[int]

    @property
    def market_names(self) -> Mapping[str, str]:
        return {key: market.name for key, market in self.markets.items()}


def words() -> Words:
    """Five reads, whatever the number of cells that are read or said with it."""
    features = {row.key: row for row in Feature.objects.order_by("pk")}
    add_ons = {row.key: row for row in Plan.objects.filter(kind=PlanKind.ADD_ON)}
    choices, groups = _choices(), list(FeatureGroup.objects.all())
    members = members_of(features.values(), groups)
    return Words(
        vocabulary=Vocabulary(
            counted={key: row.name for key, row in features.items() if row.shape.nature is Nature.QUANTITY},
            add_ons={key: row.name for key, row in add_ons.items()},
            choices=_names(choices),
        ),
        features=features,
        add_ons=add_ons,
        markets={row.key: row for row in Market.objects.all()},
        choices=choices,
        measures=measures(features.values(), groups),
        mixed=frozenset(group for group, shapes in members.items() if is_mixed(shapes)),
    )


def measures(features: Iterable[Feature], groups: Iterable[FeatureGroup]) -> dict[int, FeatureShape | None]:
    """By group, in what an amount is said of everything in it and in the groups below it."""
    return {group: measure_of(shapes) for group, shapes in members_of(features, groups).items()}


def members_of(features: Iterable[Feature], groups: Iterable[FeatureGroup]) -> dict[int, list[FeatureShape]]:
    """By group, what stands in it and in the groups below it, in the order of the features."""
    parents = {group.pk: group.parent_id for group in groups}
    members: dict[int, list[FeatureShape]] = {pk: [] for pk in parents}
    for feature in features:
        for group in groups_above(feature.group_id, parents):
            members[group].append(feature.shape)
    return members


def groups_above(group: int | None, parents: Mapping[int, int | None]) -> list[int]:
    """The group and those it stands in, the nearest first."""
    above: list[int] = []
    while group is not None and group not in above:
        above.append(group)
        group = parents.get(group)
    return above


def choice_key(choice: DimensionChoice) -> str:
    """How a choice of a dimension is spelled: "model.large"."""
    return f"{choice.dimension.key}.{choice.key}"


def _choices() -> dict[tuple[str, str], DimensionChoice]:
    rows = DimensionChoice.objects.select_related("dimension__feature")
    ordered = rows.order_by("dimension__position", "dimension", "position", "pk")
    return {(row.dimension.feature.key, choice_key(row)): row for row in ordered}


def _names(choices: Mapping[tuple[str, str], DimensionChoice]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (feature, key), row in choices.items():
        found.setdefault(feature, {})[key] = row.name
    return found
