"""An account's answers as a reader takes them in: by group, with the source of each and how long it holds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from catalog.domain.values import TermState
from catalog.models import Feature, FeatureGroup
from entitlements.admin.wording import say_end
from entitlements.domain.resolution import Candidate, Resolution
from entitlements.domain.saying import denied, in_words

SOURCES = {
    "plan": "plan",
    "add_on": "add-on",
    "billing": "billing",
    "override": "override",
    "parent": "parent",
    "account": "standing",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of the table: what the customer may do with one feature."""

    feature: Feature
    words: str
    granted: bool
    denied: bool
    sources: tuple[tuple[str, str], ...]  # (kind, words)
    names: str
    until: str

    def holds(self, text: str) -> bool:
        said = (self.feature.name, self.feature.key, str(self.feature.group), self.words, self.names)
        return any(text.casefold() in part.casefold() for part in said)


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    group: FeatureGroup
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class AnswerSheet:
    """What the customer has and was denied, by group; what it hasn't; and the end that most answers share."""

    groups: tuple[AnswerGroup, ...]
    absent: tuple[Answer, ...]
    until: str

    def only(self, text: str) -> "AnswerSheet":
        """The lines in which a person would find the text: by the feature, its group, or what they have of it."""
        groups = (AnswerGroup(part.group, tuple(a for a in part.answers if a.holds(text))) for part in self.groups)
        return AnswerSheet(
            groups=tuple(part for part in groups if part.answers),
            absent=tuple(answer for answer in self.absent if answer.holds(text)),
            until=self.until,
        )


def answer_sheet(resolutions: Mapping[str, Resolution], *, features: Iterable[Feature], zone: str) -> AnswerSheet:
    """Every feature in the order of the plan sheet; one the catalog gained later than the moment shown is left out.

    An end is said beside a feature only where it differs from the one that most of them share.
    """
    known = [feature for feature in features if feature.key in resolutions]
    shared = _shared_end(resolutions[feature.key] for feature in known)
    answers = [_answer(resolutions[feature.key], feature=feature, shared=shared, zone=zone) for feature in known]
    shown = [answer for answer in answers if answer.granted or answer.denied]
    return AnswerSheet(
        groups=tuple(AnswerGroup(group, tuple(own)) for group, own in groupby(shown, key=lambda a: a.feature.group)),
        absent=tuple(answer for answer in answers if not answer.granted and not answer.denied),
        until="" if shared is None else say_end(shared, zone=zone),
    )


def _shared_end(resolutions: Iterable[Resolution]) -> datetime | None:
    ends = Counter(found.valid_until for found in resolutions if found.granted)
    return ends.most_common(1)[0][0] if ends else None


def awaiting_agreement(resolutions: Mapping[str, Resolution], *, features: Iterable[Feature]) -> tuple[Feature, ...]:
    """What the plan leaves to be agreed with each customer, and nobody has set for this one."""
    return tuple(
        feature
        for feature in features
        if (found := resolutions.get(feature.key)) and not found.granted and found.state is TermState.SET_PER_CUSTOMER
    )


def kept(resolution: Resolution) -> tuple[Candidate, ...]:
    return tuple(candidate for candidate in resolution.because if candidate.kept)


def lost(resolution: Resolution) -> tuple[Candidate, ...]:
    return tuple(candidate for candidate in resolution.because if not candidate.kept)


def _answer(resolution: Resolution, *, feature: Feature, shared: datetime | None, zone: str) -> Answer:
    speaking = kept(resolution)
    kinds = dict.fromkeys(map(attrgetter("kind"), speaking))
    return Answer(
        feature=feature,
        words=in_words(resolution),
        granted=resolution.granted,
        denied=denied(resolution),
        sources=tuple((kind, SOURCES.get(kind, kind)) for kind in kinds),
        names=", ".join(candidate.name for candidate in speaking),
        until=_own_end(resolution.valid_until, shared=shared, zone=zone),
    )


def _own_end(end: datetime | None, *, shared: datetime | None, zone: str) -> str:
    if end == shared:
        return ""
    return "no end known" if end is None else say_end(end, zone=zone)
