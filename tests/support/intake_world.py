"""Decisions about tickets as rows, each like one that was made: held, decided by itself, settled, sampled, asked."""

from datetime import datetime, timedelta
from typing import Any

from catalog.models import Feature
from support.domain.intake.outcomes import Outcome, Reason
from support.domain.intake.settings import Stage
from support.models import ClassifierVersion, ExamplePhrase, HelpArticle, IntakeDecision, Route
from tests.catalog.factories import FeatureFactory
from tests.support.factories import IntakeDecisionFactory, TeamFactory
from tests.support.world import START, kept

REASONS = {
    Outcome.ACCEPT: Reason.COVERED,
    Outcome.REDIRECT: Reason.ARTICLE_FIRST,
    Outcome.SUGGEST: Reason.NOT_INCLUDED,
    Outcome.BLOCK: Reason.NOTHING_LEFT,
    Outcome.HOLD: Reason.UNSURE,
}


def decision(outcome: Outcome = Outcome.ACCEPT, *, at: datetime, **more: Any) -> IntakeDecision:
    """Decided by itself, or held."""
    stage = Stage.HELD if outcome is Outcome.HOLD else Stage.DECIDED
    said = {"at": at, "outcome": outcome, "reason": REASONS[outcome], "stage": stage, **more}
    return IntakeDecisionFactory(**said)


def settled(
    outcome: Outcome, person: Outcome, *, at: datetime, after: timedelta = timedelta(hours=1), **more: Any
) -> IntakeDecision:
    """What a person decided of it later."""
    said = {
        "stage": Stage.SETTLED, "settled_outcome": person, "settled_at": at + after, "settled_by": "Bo",
        "labels": ["sso"], **more,
    }  # fmt: skip
    return decision(outcome, at=at, **said)


def a_phrase(text: str, feature: Feature | None = None, **more: Any) -> ExamplePhrase:
    said = {"added_at": START, "added_by": "Ada", **more}
    return kept(ExamplePhrase(feature=feature, text=text, **said))


def an_article(**more: Any) -> HelpArticle:
    said = {"title": "Exports, step by step", "url": "https://help.example/exports", **more}
    return kept(HelpArticle(**{"feature": more.get("feature") or FeatureFactory(), **said}))


def a_route(**more: Any) -> Route:
    return kept(Route(**{"team": more.get("team") or TeamFactory(), **more}))


def a_version(number: int = 1, **more: Any) -> ClassifierVersion:
    """Taught by nothing; it reads by nothing."""
    said = {
        "number": number, "kind": "tfidf", "examples_digest": "0" * 64, "taught_at": START, "examples": 0,
        "topics": {"topics": [], "taught": []}, "learnt": b"x", "thresholds": {"accept": None}, "evidence": {"others": {}}, **more,
    }  # fmt: skip
    return kept(ClassifierVersion(**said))
