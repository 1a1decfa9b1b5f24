"""What the classifier is taught by, and how sure it has to be by what staff said of tickets."""

from dataclasses import replace

import pytest

from catalog.models import Feature
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from support.actions.intake.teaching import PhraseKnown, add_phrase, retire_phrase, teach_classifier
from support.intake.head import Head
from support.models import ClassifierVersion, ExamplePhrase
from tests.catalog.factories import FeatureFactory
from tests.conftest import actor
from tests.support.casework import NOW
from tests.support.factories import IntakeDecisionFactory
from tests.support.world import kept

pytestmark = pytest.mark.django_db
PART = {
    "outcome": "hold", "reason": "only_suggested", "words": "", "feature": "exports", "confidence": 0.9,
    "proposed": "accept", "article": None, "offers": [],
}  # fmt: skip
STANDING = {
    "key": "exports", "name": "Exports", "granted": True, "why": "", "limit_reached": False, "offers": [],
    "article": None,
}  # fmt: skip
ENGINE = {"features": {"exports": STANDING, "sso": {**STANDING, "key": "sso", "granted": False}}}


@pytest.fixture
def _catalog() -> None:
    said = {
        "exports": ("the export stops", "download our data"),
        "sso": ("login with okta fails", "staff login by saml"),
    }
    for key, phrases in said.items():
        feature = FeatureFactory(key=key, name=key.capitalize())
        for text in phrases:
            add_phrase(text=text, feature=feature, by=SYSTEM, at=NOW)
    add_phrase(text="the invoice is wrong", feature=None, by=SYSTEM, at=NOW)


def taught(folder) -> ClassifierVersion | None:
    return teach_classifier(by=SYSTEM, at=NOW, folder=folder)


def labelled(count: int = 1, *, label: str | None = "exports", settled: str = "accept", **part) -> None:
    for _ in range(count):
        IntakeDecisionFactory(
            read_by="tfidf", parts=[{**PART, **part}], engine=ENGINE, labels=[label], stage="settled",
            settled_at=NOW, settled_by="Ada", settled_outcome=settled,
        )  # fmt: skip


@pytest.mark.usefixtures("_catalog")
def test_taught_again_without_anything_new_nothing_is_written(tmp_path):
    first = taught(tmp_path)
    assert (first.number, first.kind, first.weights_digest, first.examples) == (1, "tfidf", "", 5)
    assert first.thresholds == {"accept": None, "redirect": None, "suggest": None}
    assert taught(tmp_path) is None
    add_phrase(text="export to a file", feature=Feature.objects.get(key="exports"), by=SYSTEM, at=NOW)
    second = taught(tmp_path)
    assert second.number == 2
    assert second.examples_digest != first.examples_digest
    assert AuditEvent.objects.filter(verb="classifier:teach").count() == 2


@pytest.mark.usefixtures("_catalog")
@pytest.mark.parametrize("learnt", [b"of an earlier release", None])
def test_what_can_t_be_read_by_any_more_is_learnt_anew(learnt, tmp_path):
    first = taught(tmp_path)
    whole = bytes(first.learnt)
    first.pk, first.number = None, 2
    first.learnt = learnt or replace(Head.from_bytes(whole), encoder="of an earlier release").to_bytes()
    kept(first)
    again = taught(tmp_path)
    assert (again.number, bytes(again.learnt)) == (3, whole)
    assert taught(tmp_path) is None


@pytest.mark.usefixtures("_catalog")
def test_labels_say_how_sure_it_has_to_be_and_learning_isn_t_done_twice(tmp_path):
    learnt = bytes(taught(tmp_path).learnt)
    labelled(40, confidence=0.9)
    labelled(5, confidence=0.7, label="sso", settled="hold")
    version = taught(tmp_path)
    assert version.thresholds == {"accept": None, "redirect": None, "suggest": None}  # 40 of 40 is no 5 %
    labelled(10, confidence=0.92)
    version = taught(tmp_path)
    assert version.thresholds["accept"] == 0.9
    assert (version.evidence["accept"]["right"], version.evidence["accept"]["of"], version.labels) == (50, 50, 55)
    assert version.evidence["accept"]["bound"] <= 0.05
    assert bytes(version.learnt) == learnt


@pytest.mark.usefixtures("_catalog")
@pytest.mark.parametrize(
    "wrong",
    [
        {"label": ""},  # none of these
        {"label": "sso", "settled": "accept"},  # of that the engine would have said no
        {"label": "unheard_of"},
        {"label": "exports", "settled": "redirect"},
    ],
)
def test_what_staff_said_otherwise_is_an_error(wrong, tmp_path):
    labelled(60, **wrong)
    told = taught(tmp_path).evidence["accept"]
    assert (told["right"], told["of"], told["threshold"]) == (0, 60, None)


@pytest.mark.usefixtures("_catalog")
def test_what_no_reading_decided_says_nothing_about_readings(tmp_path):
    labelled(60, proposed=None, reason="not_covered", outcome="block")
    IntakeDecisionFactory.create_batch(3, read_by="tfidf", parts=[PART], engine=ENGINE)  # nobody has labelled them
    assert taught(tmp_path).evidence["accept"]["of"] == 0


def test_an_empty_catalog_can_be_taught(tmp_path):
    assert taught(tmp_path).number == 1


def test_a_phrase_stands_for_one_feature():
    exports, sso = FeatureFactory(key="exports", name="Exports"), FeatureFactory(key="sso")
    row = add_phrase(text="  The export\n stops ", feature=exports, by=SYSTEM, at=NOW)
    assert row.text == "The export stops"
    assert add_phrase(text="the export stops", feature=exports, by=SYSTEM, at=NOW) == row
    with pytest.raises(PhraseKnown, match="“Exports” has this phrase"):
        add_phrase(text="THE EXPORT STOPS", feature=sso, by=SYSTEM, at=NOW)
    with pytest.raises(PhraseKnown):
        add_phrase(text="the export stops", feature=None, by=SYSTEM, at=NOW)
    retire_phrase(phrase=row, by=SYSTEM, at=NOW)
    with pytest.raises(Stale):
        retire_phrase(phrase=row, by=SYSTEM, at=NOW)
    assert add_phrase(text="the export stops", feature=sso, by=SYSTEM, at=NOW).feature == sso


@pytest.mark.parametrize("text", ["", " \n\x00 ", "x" * 501])
def test_a_phrase_has_words_and_not_too_many(text):
    with pytest.raises(Invalid):
        add_phrase(text=text, feature=None, by=SYSTEM, at=NOW)
    assert not ExamplePhrase.objects.exists()


def test_only_who_may_teach_teaches(tmp_path):
    auditor = actor("auditor")
    with pytest.raises(NotAllowed):
        add_phrase(text="the export stops", feature=None, by=auditor, at=NOW)
    with pytest.raises(NotAllowed):
        teach_classifier(by=auditor, at=NOW, folder=tmp_path)
