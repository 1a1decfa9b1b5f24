"""What a classifier is taught by: phrases for each feature, what staff made of tickets, and how right it was on those.

Nothing here writes.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Feature
from support.domain.intake.deciding import follow
from support.domain.intake.outcomes import Article, FeatureStanding, Offered, Outcome, Plays, Reason
from support.domain.intake.settings import TaughtBy
from support.domain.intake.thresholds import Labelled, most_errors, threshold_for
from support.domain.intake.understood import NONE_OF_THESE, Topic
from support.domain.intake.wanting import LEARNT
from support.intake.training import Taught
from support.models import ExamplePhrase, IntakeDecision

MOST_PHRASES = 50  # of one feature, by one kind of teacher: the newest
MOST_JUDGED = 5_000  # labelled decisions that are looked at: the newest
# What follows by what was read, rather than by a field or by what is owed to the customer at all.
READ = frozenset({Reason.COVERED, Reason.ARTICLE_FIRST, Reason.NOT_INCLUDED, Reason.LIMIT_REACHED})


@dataclass(frozen=True, slots=True)
class Material:
    """Features with the phrases staff gave for them; and what they said a text is about, NONE_OF_THESE among it."""

    topics: tuple[Topic, ...]
    taught: tuple[Taught, ...]

    @property
    def plain(self) -> dict[str, Any]:
        """As it is kept with what was learnt from it."""
        return {
            "topics": [[one.key, one.name, one.note, list(one.examples)] for one in self.topics],
            "taught": [[one.text, one.label] for one in self.taught],
        }

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.plain, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def phrases(self) -> int:
        return sum(len(one.examples) for one in self.topics) + len(self.taught)


def material() -> Material:
    """As it stands: two reads."""
    said: dict[tuple[str, bool], list[str]] = defaultdict(list)
    rows = ExamplePhrase.objects.filter(retired_at__isnull=True).order_by("-pk")
    for key, text, by in rows.values_list("feature__key", "text", "taught_by"):
        by_hand = bool(key) and by == TaughtBy.STAFF
        if len(said[key or NONE_OF_THESE, by_hand]) < MOST_PHRASES:
            said[key or NONE_OF_THESE, by_hand].append(text)
    topics = tuple(
        Topic(key, name, note, examples=tuple(said[key, True]))
        for key, name, note in Feature.objects.values_list("key", "name", "note")
    )
    keys = [*(topic.key for topic in topics), NONE_OF_THESE]
    return Material(topics, tuple(Taught(text, key) for key in keys for text in said[key, False]))


def read_material(plain: Mapping[str, Any]) -> Material:
    """What a version was taught by, as it was kept."""
    topics = tuple(Topic(key, name, note, examples=tuple(said)) for key, name, note, said in plain["topics"])
    return Material(topics, tuple(Taught(text, label) for text, label in plain["taught"]))


def judged_by_staff(kind: str) -> dict[Outcome, list[Labelled]]:
    """By outcome: how sure this kind of reader was of it, and whether it was the right one by what staff said.

    Each was read before anybody labelled it, so a reader is never judged on what it had learnt from that very ticket.
    """
    found: dict[Outcome, list[Labelled]] = {outcome: [] for outcome in LEARNT}
    rows = IntakeDecision.objects.filter(read_by=kind, labels__isnull=False).order_by("-pk")
    columns = ("parts", "readings", "engine", "labels", "settled_outcome")
    for parts, readings, engine, labels, settled in rows.values_list(*columns)[:MOST_JUDGED]:
        for outcome, one in _judged(parts, readings, engine, labels, settled):
            found[outcome].append(one)
    return found


def evidence_of(judged: Mapping[Outcome, Sequence[Labelled]], *, most_error: float) -> dict[str, dict[str, Any]]:
    """Per outcome the confidence from which on it is right often enough, and how many were right of how many above it.

    No threshold: of all, and never by itself.
    """
    found = {}
    for outcome, labelled in judged.items():
        threshold = threshold_for(labelled, most_error=most_error)
        above = [one for one in labelled if threshold is None or one.confidence >= threshold]
        wrong = sum(not one.right for one in above)
        bound = round(most_errors(wrong, len(above)), 6) if above else 1.0
        found[outcome.value] = {
            "right": len(above) - wrong, "of": len(above), "bound": bound, "threshold": threshold
        }  # fmt: skip
    return found


def _judged(
    parts: Sequence[Mapping[str, Any]],
    readings: Sequence[Mapping[str, Any]],
    engine: Mapping[str, Any],
    labels: Sequence[str | None],
    settled: str,
) -> Iterator[tuple[Outcome, Labelled]]:
    for part, reading, label in zip(parts, readings, labels, strict=False):
        named = _named(part)
        if named is None or reading["given"]:
            continue
        # Of one request alone, what followed it is what followed the ticket.
        right = settled == named if len(parts) == 1 else True
        if label is None and len(parts) > 1:
            continue
        if label is not None:
            right = right and _right_outcome(engine, label) is named
        yield named, Labelled(float(part["confidence"]), right)


def _named(part: Mapping[str, Any]) -> Outcome | None:
    """What a reading came to, whether it was followed or only proposed."""
    if part["proposed"] is not None:
        outcome = Outcome(part["proposed"])
    elif part["reason"] in READ:
        outcome = Outcome(part["outcome"])
    else:
        return None
    return outcome if outcome in LEARNT else None


def _right_outcome(engine: Mapping[str, Any], label: str) -> Outcome:
    """What the engine had said of the feature that was meant. It wasn't asked about one nobody named: then it was wrong."""
    told = engine.get("features", {}).get(label)
    return Outcome.HOLD if told is None else follow(standing_from(told)).outcome


def standing_from(told: Mapping[str, Any]) -> FeatureStanding:
    """What the engine said of a feature, as it was kept with a decision."""
    article = told["article"]
    return FeatureStanding(
        key=told["key"], name=told["name"], granted=told["granted"], why=told["why"],
        limit_reached=told["limit_reached"], offers=tuple(Offered(**one) for one in told["offers"]),
        article=article and Article(article["title"], article["url"], Plays(article["plays"])),
        withheld=told.get("withheld", ""),
    )  # fmt: skip
