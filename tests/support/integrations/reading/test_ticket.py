"""Who reads a ticket, and what becomes of it where they can’t: a reading that says why, and never an error."""

import logging
import os

import pytest

from catalog.models import Feature
from journal.domain.actor import SYSTEM
from support.actions.intake import teaching
from support.actions.intake.teaching import add_phrase, teach_classifier
from support.domain.intake.settings import ReadBy
from support.domain.intake.tickets import Ticket
from support.domain.intake.understood import Reading
from support.intake.weights import RECORD, WeightsAltered, WeightsMissing
from support.integrations.reading import embedded, model
from support.integrations.reading.ticket import read_ticket
from support.models import ClassifierVersion, IntakeSettings
from support.queries.intake.deciding import Read
from tests.catalog.factories import FeatureFactory
from tests.fakes.models import meant, pretended_model
from tests.support.casework import NOW
from tests.support.factories import SeverityFactory
from tests.support.intake.fake import NOTHING, TOPICS, WordEncoder

pytestmark = pytest.mark.django_db
BACKUP = Ticket("Backup", "Please restore yesterday's backup.")


class Encoder(WordEncoder):
    """In the place of the model’s weights: `load` finds them, or doesn’t."""

    kind = "minilm"
    fault: Exception | None = None
    loads = 0

    @classmethod
    def load(cls, folder) -> "Encoder":
        cls.loads += 1
        if cls.fault is not None:
            raise cls.fault
        return cls()


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> type[Encoder]:
    for place in (teaching, embedded):
        monkeypatch.setattr(place, "MiniLM", Encoder)
    monkeypatch.setattr(Encoder, "fault", None)
    monkeypatch.setattr(Encoder, "loads", 0)
    return Encoder


@pytest.fixture(autouse=True)
def _forgotten():
    embedded.forget()
    yield
    embedded.forget()


@pytest.fixture
def _phrases() -> None:
    for topic in TOPICS:
        feature = FeatureFactory(key=topic.key, name=topic.name)
        for text in topic.examples:
            add_phrase(text=text, feature=feature, by=SYSTEM, at=NOW)
    for text in NOTHING:
        add_phrase(text=text, feature=None, by=SYSTEM, at=NOW)


def teach(folder) -> ClassifierVersion | None:
    return teach_classifier(by=SYSTEM, at=NOW, folder=folder)


def read(ticket: Ticket = BACKUP, *, feature: str = "", **settings) -> Read:
    return read_ticket(ticket, feature=feature, settings=IntakeSettings(pk=1, **settings))


def first(found: Read) -> str:
    return found.understood[0].reading.candidates[0].feature


@pytest.mark.usefixtures("_phrases")
def test_it_reads_by_what_was_taught_last(weights, tmp_path, django_assert_max_num_queries):
    version = teach(tmp_path)
    assert (version.kind, version.weights_digest) == ("minilm", "words-1")
    found = read()
    assert (first(found), found.kind, found.version, found.awaited) == ("backups", "minilm", version, False)
    assert found.maker.startswith("minilm 1 ")
    loads = weights.loads
    with django_assert_max_num_queries(3):  # is there a newer one, which features, which severities
        read()
    add_phrase(text="bring back a snapshot", feature=Feature.objects.get(key="backups"), by=SYSTEM, at=NOW)
    newer = teach(tmp_path)
    assert read().version == newer
    assert weights.loads == loads + 1  # to teach; for reading it was there


@pytest.mark.usefixtures("_phrases")
@pytest.mark.parametrize(
    ("fault", "words"), [(WeightsMissing("gone"), "weights are missing"), (WeightsAltered("x"), "weights were altered")]
)
def test_without_its_weights_the_plainer_one_reads_and_says_so(fault, words, weights, tmp_path, monkeypatch, caplog):
    version = teach(tmp_path)
    monkeypatch.setattr(weights, "fault", fault)
    found = read()
    assert (first(found), found.kind, found.version) == ("backups", "tfidf", version)
    assert words in found.maker
    assert words in embedded.fault()
    assert words in caplog.text


@pytest.mark.usefixtures("_phrases")
def test_once_the_weights_are_made_they_are_read_by_without_a_restart(weights, tmp_path, monkeypatch, settings):
    settings.DESK_MODELS = tmp_path
    teach(tmp_path)
    monkeypatch.setattr(weights, "fault", WeightsMissing("gone"))
    assert (read().kind, read().kind) == ("tfidf", "tfidf")
    loads = weights.loads
    monkeypatch.setattr(weights, "fault", None)
    assert (read().kind, weights.loads) == ("tfidf", loads)  # nothing has changed there
    (tmp_path / RECORD).write_text("{}")
    assert (read().kind, embedded.fault()) == ("minilm", "")


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_process_that_is_forked_off_waits_for_nobody():
    with embedded._lock:
        child = os.fork()
        if child == 0:
            os._exit(0 if embedded._lock.acquire(blocking=False) else 1)
        assert os.waitpid(child, 0)[1] == 0


@pytest.mark.usefixtures("_phrases")
def test_taught_without_weights_it_reads_the_same_again(tmp_path):
    assert teach(tmp_path).kind == "tfidf"
    before = read().understood
    embedded.forget()
    assert read().understood == before
    assert embedded.fault() == ""


def test_before_anything_was_taught_it_says_so():
    (one,) = read().understood
    assert "hasn’t been taught" in one.reading.failed
    assert embedded.fault() == embedded.UNTAUGHT


@pytest.mark.usefixtures("_phrases")
def test_what_a_field_names_isn_t_read(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "read", lambda texts: pytest.fail("It was read"))
    SeverityFactory(key="high")
    (one,) = read(feature="sso").understood
    assert (one.given, one.reading) == ("sso", Reading())
    assert read(Ticket(), feature="sso").understood[0].given == "sso"
    assert read(Ticket()).understood == ()


def test_whoever_breaks_leaves_a_reading_that_says_so(monkeypatch, caplog):
    def broken(texts):
        raise MemoryError("sk-secret")

    monkeypatch.setattr(embedded, "read", broken)
    found = read()
    assert found.understood[0].reading.failed == "It couldn’t be read (MemoryError)."
    assert caplog.records[0].levelno == logging.ERROR


def test_a_validator_outside_reads_later():
    found = read(read_by=ReadBy.OUTSIDE)
    assert (found.awaited, found.kind, found.understood[0].reading) == (True, "outside", Reading())
    assert not read(read_by=ReadBy.OUTSIDE, feature="sso").awaited


@pytest.mark.usefixtures("_phrases")
def test_a_model_is_held_against_our_own(tmp_path, settings):
    pytest.importorskip("anthropic")
    settings.DESK_INTAKE_PRIVATE_MODEL = True
    version = teach(tmp_path)
    asked = {"read_by": ReadBy.MODEL, "provider": "anthropic", "provider_model": "big"}
    with pretended_model(said=[[meant("backups", 0.9, "yesterday's backup")]]) as server:
        found = read(provider_url=server.url, answer_within_ms=20_000, **asked)
    assert (found.kind, found.maker, found.version) == ("model", "pretended-1", version)
    assert found.understood[0].reading.candidates[0].confidence == 0.9
    assert model.DOUBTED < 1
