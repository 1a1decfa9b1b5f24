"""Features that a request calls by name. Strong evidence, and never certain: a name is said of many things."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from support.domain.intake.understood import Topic

LIKELIER = 4.0  # how much likelier a feature is for being called by its name
NEWCOMERS = 0.1  # of the doubt, what features share that the classifier was never taught
MOST = 0.98
SHORTEST = 2  # characters of a name that is looked for
TIMES = 5  # as often as one name is looked for in one request


@dataclass(frozen=True, slots=True)
class Mention:
    """Where in a request a feature is called by a name; `words` stand there as the customer wrote them."""

    feature: str
    words: str
    begin: int
    end: int


def mentions(text: str, topics: Sequence[Topic]) -> dict[str, Mention]:
    """The first mention of each feature, by its name or an alias, as whole words in any case.

    A longer name that holds a shorter one wins: “storage provider” is no mention of “storage” where it is a name itself.
    """
    found = [
        Mention(topic.key, match.group(), match.start(), match.end())
        for topic in topics
        for name in {topic.name, *topic.aliases}
        if len(name.strip()) >= SHORTEST
        for match in islice(_pattern(name).finditer(text), TIMES)
    ]
    first: dict[str, Mention] = {}
    for one in sorted(found, key=lambda one: (one.begin, -one.end, one.feature)):
        if not any(_within(one, other) for other in found):
            first.setdefault(one.feature, one)
    return first


def weighed(
    confidences: Mapping[str, float], mentioned: Mapping[str, Mention], *, of: Sequence[str]
) -> dict[str, float]:
    """Confidences after what was mentioned, by Bayes: odds of what is called by name rise, all else makes room.

    `confidences` sum to at most 1; doubt is what they miss. A feature in `of` without any of its own (nobody taught it
    yet) gets a little of the doubt first, when it is mentioned.
    """
    if not mentioned:
        return dict(confidences)
    before = dict(confidences)
    doubt = max(1 - sum(before.values()), 0.0)
    unknown = [key for key in of if key in mentioned and key not in before]
    for key in unknown:
        before[key] = doubt * NEWCOMERS / len(unknown)
    doubt -= sum(before[key] for key in unknown)
    odds = {key: share * (LIKELIER if key in mentioned else 1) for key, share in before.items()}
    whole = doubt + sum(odds.values())
    return {key: min(share / whole, max(MOST, before[key])) for key, share in odds.items()} if whole else before


@lru_cache(maxsize=4096)
def _pattern(name: str) -> re.Pattern[str]:
    """Spaces, hyphens and underscores of a name are one and the same."""
    words = [re.escape(word) for word in re.split(r"[\s_-]+", name.strip()) if word]
    return re.compile(r"(?<!\w)" + r"[\s_-]+".join(words) + r"(?!\w)", re.IGNORECASE)


def _within(one: Mention, other: Mention) -> bool:
    wider = other.end - other.begin > one.end - one.begin
    return wider and other.begin <= one.begin and one.end <= other.end
