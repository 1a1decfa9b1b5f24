"""What the classifier is taught: how many phrases each feature has, and which. Nothing here writes."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from catalog.models import Feature
from support.domain.intake.settings import TaughtBy
from support.domain.intake.understood import NONE_OF_THESE
from support.models import ClassifierVersion, ExamplePhrase
from support.queries.intake.material import material

ENOUGH = 5  # phrases below which a feature is hardly known


@dataclass(frozen=True, slots=True)
class Known:
    """A feature with how many phrases staff wrote for it, and how many their corrections taught. `key` "": none of these."""

    key: str
    name: str
    by_staff: int
    corrections: int

    @property
    def all(self) -> int:
        return self.by_staff + self.corrections

    @property
    def few(self) -> bool:
        return self.all < ENOUGH


def known_features() -> list[Known]:
    """Those with the fewest first; none of these comes last. Two reads."""
    by_staff = Count("pk", filter=Q(taught_by=TaughtBy.STAFF))
    rows = ExamplePhrase.objects.filter(retired_at__isnull=True).order_by().values("feature__key")
    found = {row["feature__key"]: row for row in rows.annotate(staff=by_staff, n=Count("pk"))}

    def known(key: str | None, name: str) -> Known:
        row = found.get(key, {"staff": 0, "n": 0})
        return Known(key or NONE_OF_THESE, name, row["staff"], row["n"] - row["staff"])

    features = [known(key, name) for key, name in Feature.objects.values_list("key", "name")]
    return [*sorted(features, key=lambda one: (one.all, one.name)), known(None, "None of these")]


def phrases(*, feature: str | None, typed: str) -> QuerySet[ExamplePhrase]:
    """The newest first; `feature` None: of any, "": of none of these."""
    rows = ExamplePhrase.objects.filter(retired_at__isnull=True).select_related("feature", "decision").order_by("-pk")
    if feature is not None:
        rows = rows.filter(feature__key=feature) if feature else rows.filter(feature__isnull=True)
    return rows.filter(text__icontains=typed) if typed else rows


def newest_version() -> ClassifierVersion | None:
    """Without what it learnt, which is large."""
    return ClassifierVersion.objects.defer("learnt", "topics").first()


def is_taught(version: ClassifierVersion) -> bool:
    """Whether it knows all phrases there are, and none that was taken back."""
    return version.examples_digest == material().digest
