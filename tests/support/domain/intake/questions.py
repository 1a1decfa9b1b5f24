"""Questions as tests put them: a catalog with one feature of every standing, and readings of a few words."""

from collections.abc import Mapping

from support.domain.intake.outcomes import (
    Article,
    FeatureStanding,
    HelpStanding,
    Offered,
    Plays,
    Question,
    Wanted,
)
from support.domain.intake.tickets import Request
from support.domain.intake.understood import Candidate, Reading, Understood

TEAM, GOLD = Offered("team", "Team"), Offered("gold", "Gold support", add_on=True)
FIRST = Article("Your first bucket", "https://help.example/bucket", Plays.FIRST)
INSTEAD = Article("How to pause", "https://help.example/pause", Plays.INSTEAD)
FEATURES = {
    one.key: one
    for one in (
        FeatureStanding("sso", "Single sign-on", True, why="by the plan Team"),
        FeatureStanding("storage", "Storage", True),
        FeatureStanding("buckets", "Buckets", True, article=FIRST),
        FeatureStanding("pausing", "Pausing", True, article=INSTEAD),
        FeatureStanding("users", "Users", True, limit_reached=True, offers=(TEAM,)),
        FeatureStanding("full", "Bandwidth", True, limit_reached=True),
        FeatureStanding("hipaa", "HIPAA", False, offers=(TEAM, GOLD)),
        FeatureStanding("byo", "Own cloud", False),
    )
}
COVERED = HelpStanding(True, team="desk", person="ann")
ACTING = Wanted(acting=True)


def read(failed: str = "", **confidences: float) -> Reading:
    """`none` is none of these. Of two that are as sure as each other the one that comes first by its name."""
    found = [Candidate("" if key == "none" else key, sure) for key, sure in confidences.items()]
    return Reading(tuple(sorted(found, key=lambda one: (-one.confidence, one.feature))), failed)


def asked(text: str = "May we?", *, given: str = "", failed: str = "", **confidences: float) -> Understood:
    return Understood(Request(text), read(failed, **confidences), given=given)


def question(
    *understood: Understood,
    account: bool = True,
    owed: HelpStanding = COVERED,
    wanted: Wanted = ACTING,
    features: Mapping[str, FeatureStanding] = FEATURES,
    unreadable: tuple[str, ...] = (),
    too_long: bool = False,
) -> Question:
    return Question(understood, account, features, owed, wanted, unreadable, too_long)
