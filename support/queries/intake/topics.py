"""What a classifier may name: the catalog's features, with how customers ask about each. Nothing here writes."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence

from catalog.models import Feature
from support.domain.intake.settings import Stage
from support.domain.intake.understood import NONE_OF_THESE, Topic
from support.models import ExamplePhrase, IntakeDecision

MOST_EXAMPLES = 50  # of one feature: the newest


def topics() -> list[Topic]:
    """Every feature, in the catalog's order, and NONE_OF_THESE last; two reads."""
    phrases: dict[str, list[str]] = defaultdict(list)
    rows = ExamplePhrase.objects.filter(retired_at__isnull=True).order_by("-pk")
    for key, text in rows.values_list("feature__key", "text"):
        if len(phrases[key or NONE_OF_THESE]) < MOST_EXAMPLES:
            phrases[key or NONE_OF_THESE].append(text)
    known = [
        Topic(key, name, note, examples=tuple(phrases[key]))
        for key, name, note in Feature.objects.values_list("key", "name", "note")
    ]
    return [*known, Topic(NONE_OF_THESE, "None of these", examples=tuple(phrases[NONE_OF_THESE]))]


def digest_of(known: Sequence[Topic]) -> str:
    """Names what a classifier was taught by; the same for the same features and phrases in whatever order."""
    said = sorted([one.key, one.name, one.note, sorted(one.examples)] for one in known)
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def number_of_labels(most: int | None = None) -> int:
    """How many tickets staff have labelled; all of them are settled, which an index knows. No more are counted than
    `most`, for whoever only asks whether there are so many."""
    return IntakeDecision.objects.filter(stage=Stage.SETTLED, labels__isnull=False).order_by()[:most].count()
