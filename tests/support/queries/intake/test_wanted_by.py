"""Whoever reads must have been right itself: another reader’s evidence is none of its own."""

import pytest

from support.domain.intake.wanting import OUT_OF_REACH
from support.models import ClassifierVersion, IntakeSettings
from support.queries.intake.settings import wanted_by

OWN = {"accept": 0.85, "redirect": None, "suggest": None}
VERSION = ClassifierVersion(
    kind="minilm", thresholds=OWN, evidence={"others": {"model": {"accept": {"threshold": 0.93}}}}
)  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "version", "accept", "redirect"),
    [
        ("minilm", VERSION, 0.85, OUT_OF_REACH),
        ("", VERSION, 0.85, OUT_OF_REACH),
        ("model", VERSION, 0.93, OUT_OF_REACH),
        ("tfidf", VERSION, OUT_OF_REACH, OUT_OF_REACH),  # its weights are missing: nobody has judged what reads instead
        ("outside", None, 0.80, 0.90),
    ],
)
def test_the_thresholds_are_those_of_the_reader(kind, version, accept, redirect):
    wanted = wanted_by(IntakeSettings(pk=1), version, labels=100, kind=kind)
    assert (wanted.acting, wanted.accept, wanted.redirect) == (True, accept, redirect)
