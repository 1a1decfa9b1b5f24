"""The desk’s own classifier, as it was taught last: made once for each process, and again when there is a newer one.

Where the model’s weights are missing or altered on this machine, the plainer one reads by the same phrases, and says so,
until they are made anew.
"""

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from catalog.models import Feature
from support.actions.intake.teaching import words_of
from support.domain.intake.understood import Reading, Topic
from support.intake.embedded import EmbeddedClassifier, HeadOfAnother
from support.intake.encoder import MiniLM
from support.intake.head import Head, HeadUnreadable
from support.intake.training import train
from support.intake.weights import WeightsAltered, WeightsMissing, stamp_of
from support.models import ClassifierVersion
from support.queries.intake.material import read_material

TFIDF = "tfidf"
UNTAUGHT = "The classifier hasn’t been taught anything yet."
logger = logging.getLogger("support.intake")


@dataclass(frozen=True, slots=True)
class Own:
    """What the desk’s own classifier made of some texts; `version` as it was taught."""

    readings: Sequence[Reading]
    kind: str = ""
    maker: str = ""
    version: ClassifierVersion | None = None


@dataclass(frozen=True, slots=True)
class _Made:
    """`fault`: why it isn’t the one that was taught; `stamp` of the weights as they stood then."""

    version: ClassifierVersion
    folder: Path
    classifier: EmbeddedClassifier
    fault: str = ""
    stamp: object = None

    def is_of(self, version: int, folder: Path) -> bool:
        """Whether it is still the one to read by: weights that were missing may be there by now."""
        same = (self.version.pk, self.folder) == (version, folder)
        return same and (not self.fault or self.stamp == stamp_of(folder))

    @property
    def words(self) -> str:
        maker = self.classifier.maker
        said = f"{maker.kind} {self.version.number} {maker.digest[:12]}"
        return f"{said} ({self.fault})" if self.fault else said


_made: _Made | None = None
_encoder: tuple[Path, MiniLM] | None = None
_lock = threading.Lock()


def read(texts: Sequence[str]) -> Own:
    """One read of the database where nobody taught it since, and one more for the features there are now."""
    made = _newest()
    if made is None:
        return Own([Reading(failed=UNTAUGHT) for _ in texts], kind="untaught")
    topics = [Topic(key, name, note) for key, name, note in Feature.objects.values_list("key", "name", "note")]
    return Own(made.classifier.read(texts, topics), made.classifier.maker.kind, made.words, made.version)


def fault() -> str:
    """Why tickets aren’t read by what was taught; empty where they are."""
    made = _newest()
    return UNTAUGHT if made is None else made.fault


def forget() -> None:
    """For tests, and where the weights were made anew while the process runs."""
    global _made, _encoder
    with _lock:
        _made = _encoder = None


def _begin_anew() -> None:
    """A process that was forked off: a model that another thread was using just then would never answer here."""
    global _lock, _made, _encoder
    _lock, _made, _encoder = threading.Lock(), None, None


os.register_at_fork(after_in_child=_begin_anew)


def _newest() -> _Made | None:
    global _made
    latest = ClassifierVersion.objects.values_list("pk", flat=True).first()
    if latest is None:
        return None
    folder = Path(settings.DESK_MODELS)
    made = _made
    if made is not None and made.is_of(latest, folder):
        return made
    with _lock:
        if _made is None or not _made.is_of(latest, folder):
            _made = _make(ClassifierVersion.objects.get(pk=latest), folder)
        return _made


def _make(version: ClassifierVersion, folder: Path) -> _Made:
    why, stamp = "", stamp_of(folder)
    try:
        head = Head.from_bytes(bytes(version.learnt))
        if version.kind == TFIDF:
            return _Made(version, folder, EmbeddedClassifier(words_of(read_material(version.topics)), head))
        return _Made(version, folder, EmbeddedClassifier(_minilm(folder), head))
    except WeightsMissing:
        why = "its weights are missing"
    except WeightsAltered:
        why = "its weights were altered"
    except (HeadUnreadable, HeadOfAnother):
        why = "what it had learnt fits other weights"
    except ImportError as missing:
        why = f"{missing.name} isn’t installed"
    logger.warning("Tickets are read by the plainer classifier: of the one that was taught, %s", why)
    known = read_material(version.topics)
    encoder = words_of(known)
    own = EmbeddedClassifier(encoder, train(encoder, known.topics, known.taught))
    return _Made(version, folder, own, why, stamp)


def _minilm(folder: Path) -> MiniLM:
    """Loaded once: a further version needs the same."""
    global _encoder
    if _encoder is None or _encoder[0] != folder:
        _encoder = (folder, MiniLM.load(folder))
    return _encoder[1]
