"""What relies on a feature's shape: values stored in it would mean something else if it changed."""

from collections.abc import Iterator

from django.db import models
from django.db.models.fields.reverse_related import ForeignObjectRel

from catalog.models import Feature, FeatureGroup, PlanTerm, PlanVersion


def first_use(*, feature: Feature) -> PlanVersion | models.Model | None:
    """The plan version or other row that uses the feature as it is stored; None while nothing does."""
    row = next(_rows_naming(feature), None) or _term_on_group(feature)
    return row.version if isinstance(row, PlanTerm) else row


def _rows_naming(feature: Feature) -> Iterator[models.Model]:
    """A row of any app that keeps the feature from being deleted uses it; what would go with it is part of it."""
    for relation in Feature._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is models.PROTECT:
            naming = relation.related_model._base_manager.filter(**{relation.field.name: feature})
            yield from naming.order_by("pk")[:1]


def _term_on_group(feature: Feature) -> PlanTerm | None:
    above: list[int] = []
    group: FeatureGroup | None = Feature.objects.select_related("group").get(pk=feature.pk).group
    while group is not None and group.pk not in above:
        above.append(group.pk)
        group = group.parent
    return PlanTerm.objects.filter(group__in=above).select_related("version__plan").first()
