"""What relies on a feature's shape: values stored in it would mean something else if it changed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel

from catalog.models import DimensionChoice, Feature, FeatureGroup, PlanTerm, PlanVersion, SubLimit
from catalog.models.plan import VersionState

NAMED = 5  # so many are named, the others counted


@dataclass(frozen=True, slots=True)
class Use:
    """One sort of thing that uses the feature: "Plans", with the first of them named."""

    what: str
    named: tuple[str, ...]
    more: int = 0

    def __str__(self) -> str:
        rest = f" and {self.more} more" if self.more else ""
        return f"{self.what}: {', '.join(self.named)}{rest}"


def first_use(*, feature: Feature) -> PlanVersion | models.Model | None:
    """The plan version or other row that uses the feature as it is stored; None while nothing does."""
    row = next(_rows_naming(feature), None) or _term_on_group(feature)
    return row.version if isinstance(row, PlanTerm) else row


def uses_of(*, feature: Feature) -> tuple[Use, ...]:
    """Everything that keeps the feature from being removed, by sort, for a person who has to clear it away."""
    found: dict[str, list[str]] = {}
    for relation in _protecting(Feature):
        rows = _naming(relation, feature)
        if relation.related_model is PlanTerm:
            versions = PlanVersion.objects.filter(terms__in=rows).select_related("plan").distinct()
            found.setdefault("Plans", []).extend(str(version) for version in versions.order_by("plan", "number"))
        else:
            noun = str(relation.related_model._meta.verbose_name_plural).capitalize()
            found.setdefault(noun, []).extend(str(row) for row in rows.order_by("pk"))
    found["Plans, through its group"] = [str(version) for version in published_for_groups(groups=_above(feature))]
    return tuple(_use(what, list(dict.fromkeys(names))) for what, names in found.items() if names)


def sold(*, feature: Feature) -> bool:
    """Whether anybody may hold the feature: a version beyond its draft speaks about it, or something else names it."""
    published = PlanTerm.objects.exclude(version__state=VersionState.DRAFT)
    if published.filter(models.Q(feature=feature) | models.Q(seats_of=feature)).exists():
        return True
    if published_for_groups(groups=_above(feature)):
        return True
    others = (relation for relation in _protecting(Feature) if relation.related_model is not PlanTerm)
    return any(_naming(relation, feature).exists() for relation in others)


def published_for_groups(*, groups: Collection[int]) -> list[PlanVersion]:
    """The versions beyond their draft that say something for one of the groups as a whole."""
    versions = PlanVersion.objects.filter(terms__group__in=groups).exclude(state=VersionState.DRAFT)
    return list(versions.select_related("plan").distinct().order_by("plan", "number"))


def counted_by(*, choices: Collection[DimensionChoice]) -> models.Model | None:
    """What already relies on how much a choice counts: a published sub-limit, or use that was counted."""
    limits = SubLimit.objects.filter(choice__in=choices).exclude(term__version__state=VersionState.DRAFT)
    limit = limits.select_related("term__version__plan").first()
    if limit is not None:
        return limit.term.version
    for relation in _protecting(DimensionChoice):
        if relation.related_model is not SubLimit:
            row = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": choices}).first()
            if row is not None:
                return row
    return None


def groups_above(group: FeatureGroup | None) -> list[int]:
    """The group and every group it stands in, from the nearest up."""
    above: list[int] = []
    while group is not None and group.pk not in above:
        above.append(group.pk)
        group = group.parent
    return above


def _above(feature: Feature) -> list[int]:
    """Of the feature as it is stored, whatever an edit has put into memory."""
    return groups_above(Feature.objects.select_related("group").get(pk=feature.pk).group)


def _protecting(model: type[models.Model]) -> Iterator[ForeignObjectRel]:
    """A row of any app that keeps the feature from being deleted uses it; what would go with it is part of it."""
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is models.PROTECT:
            yield relation


def _naming(relation: ForeignObjectRel, feature: Feature) -> models.QuerySet:
    return relation.related_model._base_manager.filter(**{relation.field.name: feature})


def _rows_naming(feature: Feature) -> Iterator[models.Model]:
    for relation in _protecting(Feature):
        yield from _naming(relation, feature).order_by("pk")[:1]


def _term_on_group(feature: Feature) -> PlanTerm | None:
    return PlanTerm.objects.filter(group__in=_above(feature)).select_related("version__plan").first()


def _use(what: str, names: list[str]) -> Use:
    return Use(what, tuple(names[:NAMED]), more=max(0, len(names) - NAMED))
