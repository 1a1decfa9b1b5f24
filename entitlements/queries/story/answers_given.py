"""What programs had been told by a moment: the newest answer of each key that speaks of a feature."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from entitlements.models import Account, AnswerGiven
from entitlements.queries.merged import merged_into

MOST_KEYS = 50
LOOKED_BACK = 100  # rows of a key; one that asks for the whole set needs but one


@dataclass(frozen=True, slots=True)
class Given:
    """What a key was told, in words, and since when; it was told nothing else until the moment asked about."""

    told: str
    words: str
    told_at: datetime


def answers_told(*, account: Account, at: datetime, features: Collection[str]) -> Mapping[str, tuple[Given, ...]]:
    """By feature, what each key had last been told of it by the moment; a feature nobody asked about has nothing.

    What a key was told of an account merged into this one is marked with its name, until the key asks again.
    """
    own, found = _last_told(account, at=at, wanted=set(features)), defaultdict(list)
    for (_told, feature), given in own.items():
        found[feature].append(given)
    for one in merged_into(account):
        for (told, feature), given in _last_told(one, at=at, wanted=set(features)).items():
            since = own.get((told, feature))
            if since is None or one.merged_at is None or since.told_at < one.merged_at:
                found[feature].append(replace(given, told=f"{told}, of {one}"))
    return {feature: tuple(given) for feature, given in found.items()}


def _last_told(account: Account, *, at: datetime, wanted: set[str]) -> Mapping[tuple[str, str], Given]:
    """The newest answer of each key about the account, by the key and the feature."""
    rows = AnswerGiven.objects.filter(account=account, told_at__lte=at)
    found: dict[tuple[str, str], Given] = {}
    for told in rows.order_by("told").values_list("told", flat=True).distinct()[:MOST_KEYS]:
        newest = rows.filter(told=told).order_by("-told_at", "-pk")[:LOOKED_BACK]
        found |= {(told, feature): given for feature, given in _newest_of_each(newest, wanted).items()}
    return found


def _newest_of_each(rows: Iterable[AnswerGiven], wanted: set[str]) -> dict[str, Given]:
    found: dict[str, Given] = {}
    for row in rows:
        for feature in wanted & row.answers.keys():
            found[feature] = Given(row.told, words_of(row.answers[feature]), row.told_at)
        wanted = wanted - found.keys()
        if not wanted:
            break
    return found


def words_of(answer: Mapping[str, Any]) -> str:
    return str(answer.get("text", ""))
