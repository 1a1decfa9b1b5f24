"""What the desk’s own classifier is taught by: example phrases, and what staff said of tickets; and the teaching itself.

Taught anew is a further version; a decision keeps the one it was made with. Learning takes a minute, so it is asked for
here, and done by a worker (`turns`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.models import Feature
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale
from support.actions.cases.handling import spoken
from support.domain.intake.settings import TaughtBy
from support.domain.intake.wanting import LEARNT
from support.intake.encoder import Encoder, MiniLM
from support.intake.head import Head, HeadUnreadable
from support.intake.tfidf import TfidfEncoder
from support.intake.training import examples_of, train
from support.intake.weights import WeightsAltered, WeightsMissing
from support.models import ClassifierVersion, ExamplePhrase, Teaching
from support.queries.intake.material import Material, evidence_of, judged_by_staff, material
from support.queries.intake.settings import intake_settings
from support.queries.intake.topics import number_of_labels

PERMISSION = "support.teach_intake"
LONGEST_PHRASE = 500
ONE = 1  # there is one teaching at a time, and one row
OTHERS = ("model", "tfidf", "minilm")  # readers that are judged beside the one that is taught


class PhraseKnown(Invalid):
    """The phrase speaks for another feature already."""


@dataclass(frozen=True, slots=True)
class _Borne:
    """What staff's labels bear out."""

    thresholds: Mapping[str, float | None]
    evidence: Mapping[str, Any]


@transaction.atomic
def add_phrase(*, text: str, feature: Feature | None, by: Actor, at: datetime) -> ExamplePhrase:
    """Said how customers ask about a feature; None: about none of these. Where it stands already, nothing is written."""
    by.require(PERMISSION)
    said = " ".join(spoken(text).split())
    if not said:
        raise Invalid("Write how a customer would put it.", field="text")
    if len(said) > LONGEST_PHRASE:
        raise Invalid(f"Keep it to {LONGEST_PHRASE} characters; this has {len(said):,}.", field="text")
    for row in ExamplePhrase.objects.filter(text__iexact=said, retired_at__isnull=True).select_related("feature"):
        if row.feature == feature:
            return row
        where = f"“{row.feature.name}”" if row.feature else "“None of these”"
        raise PhraseKnown(f"{where} has this phrase already. Take it back there first.", field="text")
    deed = begin(by=by, at=at)
    phrase = ExamplePhrase(feature=feature, text=said, taught_by=TaughtBy.STAFF, added_at=at, added_by=by.name)
    keep(phrase, deed=deed)
    about = feature.key if feature else "none of these"
    record(deed, "example_phrase:add", subject=phrase, changes={"phrase": [None, said], "about": [None, about]})
    return phrase


@transaction.atomic
def retire_phrase(*, phrase: ExamplePhrase, by: Actor, at: datetime) -> ExamplePhrase:
    """Took a phrase back: from its next teaching on the classifier doesn’t know it."""
    by.require(PERMISSION)
    held = ExamplePhrase.objects.select_for_update().get(pk=phrase.pk)
    if held.retired_at is not None:
        raise Stale("This phrase was taken back already.")
    held.retired_at = at
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    record(deed, "example_phrase:retire", subject=held, changes={"phrase": [held.text, None]})
    return held


@transaction.atomic
def ask_teaching(*, by: Actor, at: datetime, rest: timedelta = timedelta()) -> Teaching:
    """Asked that the classifier be taught by all there is; a worker takes it up within seconds.

    What waits already isn't asked for twice; what is asked for while one is under way comes after it. `rest`: nothing
    is asked for so soon after one that went well.
    """
    by.require(PERMISSION)
    held = Teaching.objects.select_for_update().filter(pk=ONE).first()
    if held is not None and (_is_coming(held) or _rests(held, at=at, rest=rest)):
        return held
    held = held or Teaching(pk=ONE)
    before, held.asked_at, held.asked_by, held.attempts = held.asked_at, at, by.name, 0
    deed = begin(by=by, at=at)
    keep(held, deed=deed)
    asked = [before and before.isoformat(), at.isoformat()]
    record(deed, "classifier:ask_teaching", subject=held, changes={"asked": asked})
    return held


def _is_coming(held: Teaching) -> bool:
    return held.is_open and held.begun_for != held.asked_at


def _rests(held: Teaching, *, at: datetime, rest: timedelta) -> bool:
    went_well = not held.is_open and not held.failed and held.ended_at is not None
    return went_well and held.ended_at is not None and held.ended_at > at - rest


def teach_classifier(*, by: Actor, at: datetime, folder: Path) -> ClassifierVersion | None:
    """The classifier was taught by all there is now; None where it knows all that already.

    Learning takes seconds, so it is done before anything is held; where somebody else taught it meanwhile, theirs stands.
    How sure it has to be is told by staff's labels of tickets read by its kind: per outcome the lowest confidence from
    which on errors stay within what the settings allow, by an upper bound; with fewer than thirty, never.
    """
    by.require(PERMISSION)
    newest = ClassifierVersion.objects.first()
    known, model = material(), _minilm(folder)
    kind, weights = ("tfidf", "") if model is None else (model.kind, model.digest)
    encoder = model or words_of(known)
    borne, labels = _borne(kind), number_of_labels()
    same = newest is not None and (newest.kind, newest.weights_digest, newest.examples_digest) == (
        kind, weights, known.digest
    ) and _fits(newest, encoder)  # fmt: skip
    if newest is not None and same and newest.thresholds == borne.thresholds and newest.evidence == borne.evidence:
        return None
    learnt = bytes(newest.learnt) if newest is not None and same else _learnt(encoder, known)
    version = ClassifierVersion(
        number=1 if newest is None else newest.number + 1, kind=kind, weights_digest=weights,
        examples_digest=known.digest, taught_at=at, examples=known.phrases, labels=labels, topics=known.plain,
        thresholds=borne.thresholds, evidence=borne.evidence, learnt=learnt,
    )  # fmt: skip
    return _kept(version, newest, by=by, at=at)


def words_of(known: Material) -> TfidfEncoder:
    """The plainer way to read: by the words of the very phrases."""
    said = [text for topic in known.topics for text in examples_of(topic)] + [one.text for one in known.taught]
    return TfidfEncoder(said or ["nothing"])


def _minilm(folder: Path) -> MiniLM | None:
    try:
        return MiniLM.load(folder)
    except (WeightsMissing, WeightsAltered, ImportError):  # or what they run with isn’t installed
        return None


def _fits(version: ClassifierVersion, encoder: Encoder) -> bool:
    """Whether it can be read by still: another release of the desk, or of what it learns with, may write otherwise."""
    try:
        return Head.from_bytes(bytes(version.learnt)).encoder == encoder.digest
    except HeadUnreadable:
        return False


def _learnt(encoder: Encoder, known: Material) -> bytes:
    return train(encoder, known.topics, known.taught).to_bytes()


def _borne(kind: str) -> _Borne:
    """Of other readers the same, beside: whoever reads must have been right itself."""
    most_error = intake_settings().most_error_percent / 100
    own = evidence_of(judged_by_staff(kind), most_error=most_error)
    others = {
        other: evidence_of(judged, most_error=most_error)
        for other in OTHERS
        if other != kind and any((judged := judged_by_staff(other)).values())
    }
    thresholds = {outcome.value: own[outcome.value]["threshold"] for outcome in LEARNT}
    return _Borne(thresholds, {**own, "others": others} if others else own)


@transaction.atomic
def _kept(
    version: ClassifierVersion, newest: ClassifierVersion | None, *, by: Actor, at: datetime
) -> ClassifierVersion | None:
    latest = ClassifierVersion.objects.select_for_update().first()
    if (latest and latest.pk) != (newest and newest.pk):
        return None
    deed = begin(by=by, at=at)
    keep(version, deed=deed)
    changes = {
        "phrases": [newest and newest.examples, version.examples],
        "labelled tickets": [newest and newest.labels, version.labels],
        "sure from": [newest and newest.thresholds, version.thresholds],
    }
    record(deed, "classifier:teach", subject=version, changes=changes)
    return version
