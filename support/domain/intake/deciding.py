"""The rule by which a ticket is accepted, redirected, answered with an offer, blocked, or held (docs/adr/0028).

In this order; what comes first is what follows.

1. Nobody knows whose ticket it is: it is **held**. What is owed to an unknown customer can't be looked up, so nothing is
   refused either.
2. What is exact for the whole ticket, whatever it says. Help isn't owed by what was named, but may be (no device was
   named, the account is suspended, it begins later): **held**. Prepaid help that blocks is used up: **blocked**. Nobody
   owes help on this channel: **redirected** where an article answers the feature that a field named, else an **offer**
   where one is on sale, else **blocked**; in each case the channels on which help is owed are named.
3. What is exact for one request: a field named its feature. Not granted: an **offer**, else **blocked**; but **held** where
   it is only withheld (suspended, or it begins later). Granted, its limit reached, and something on sale raises it: an
   **offer**. Granted, and an article comes first: **redirected**. Granted: **accepted**. A key that the catalog doesn't
   know decides nothing: a person does. While something of the ticket can't be read, or is too long, nobody is put off by
   a field either: only *accepted* stands, and all else is **held**.
4. Whatever is left rests on words. Something can't be read, is too long, or nothing is asked: **held**.
5. A request by its reading. For every feature that may be meant the outcome is worked out as in 3, except that what is
   granted by nothing on sale comes to *held*: nothing is ever blocked by a reading. The confidences are summed by
   outcome. Of the outcomes whose sum is what staff want for them, the one with the largest sum follows; of two with the
   same, the first in the order of Outcome. None reaches it, or a classifier may not act yet: **held**, with what would
   have followed beside it.

The ticket takes the first outcome of its requests in the order of Outcome. Except that it is blocked only where each of
its requests is: somebody who asks for what they paid for isn't turned away over what they asked for beside it.

Sums are compared to the millionth, so that the order of candidates and the noise of fractions change nothing.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from support.domain.intake import words
from support.domain.intake.outcomes import (
    Decision,
    FeatureStanding,
    HelpStanding,
    Outcome,
    Part,
    Plays,
    Question,
    Reason,
    Wanted,
)
from support.domain.intake.understood import Reading, Understood

MILLIONTHS = 6
ORDER = tuple(Outcome)


def decide(question: Question) -> Decision:
    """What follows the ticket. Never raises, whatever was understood; without an account nothing is blocked."""
    if not question.account:
        return _held_whole(question, Reason.NOBODY_KNOWN, words.nobody_known())
    if question.help.perhaps and not question.help.covered:
        return _held_whole(question, Reason.UNSURE, words.perhaps_owed(question.help))
    exact = _by_help(question)
    if exact is not None:
        return _for_all(question, exact)
    if not question.understood:
        reason, said = _unfit(question) or (Reason.NOTHING_ASKED, words.nothing_asked())
        return _held_whole(question, reason, said)
    return _spoken_for(question, tuple(_part(question, understood) for understood in question.understood))


def _by_help(question: Question) -> Decision | None:
    """What the help owed on the channel comes to by itself; None where it is owed."""
    owed = question.help
    named = next((standing for standing in _given(question) if standing.article), None)
    article = named.article if named else None
    if owed.used_up:
        return _turned_away(Outcome.BLOCK, Reason.NOTHING_LEFT, words.nothing_left(owed), owed)
    if owed.covered:
        return None
    if article is not None:
        found = _turned_away(Outcome.REDIRECT, Reason.ARTICLE_INSTEAD, words.article_instead(owed, article), owed)
        return replace(found, article=article)
    outcome = Outcome.SUGGEST if owed.offers else Outcome.BLOCK
    return _turned_away(outcome, Reason.NOT_COVERED, words.not_covered(owed), owed)


def _turned_away(outcome: Outcome, reason: Reason, said: str, owed: HelpStanding) -> Decision:
    routed = outcome is not Outcome.BLOCK
    return Decision(
        outcome, reason, said, offers=owed.offers, channels=owed.other_channels,
        team=owed.team if routed else "", person=owed.person if routed else "",
    )  # fmt: skip


def _given(question: Question) -> Iterator[FeatureStanding]:
    """The features that fields of the ticket named, as far as the catalog knows them."""
    for understood in question.understood:
        if understood.given in question.features:
            yield question.features[understood.given]


def _for_all(question: Question, decision: Decision) -> Decision:
    """What is decided for the whole ticket follows each of its requests."""
    parts = tuple(
        Part(
            understood, decision.outcome, decision.reason, decision.words, feature=understood.given, confidence=1.0,
            article=decision.article, offers=decision.offers,
        )
        for understood in question.understood
    )  # fmt: skip
    return replace(decision, parts=parts)


def _held_whole(question: Question, reason: Reason, said: str) -> Decision:
    parts = tuple(Part(one, Outcome.HOLD, reason, said, feature=one.given) for one in question.understood)
    owed = question.help
    return Decision(Outcome.HOLD, reason, said, parts, team=owed.team, person=owed.person)


def _unfit(question: Question) -> tuple[Reason, str] | None:
    """Why words can't be relied on."""
    if question.unreadable:
        return Reason.UNREADABLE, words.unreadable(question.unreadable)
    if question.too_long:
        return Reason.TOO_LONG, words.too_long()
    return None


def _part(question: Question, understood: Understood) -> Part:
    unfit = _unfit(question)
    if understood.given:
        part = _by_field(question, understood)
        exact = part.outcome is Outcome.ACCEPT  # what is asked for beside may be what they paid for
        return part if exact or unfit is None else _only_proposed(part, *unfit)
    part = _by_reading(understood, question.features, question.wanted)
    return part if unfit is None else _only_proposed(part, *unfit)


def _by_field(question: Question, understood: Understood) -> Part:
    standing = question.features.get(understood.given)
    if standing is None:
        said = words.unknown_feature(understood.given)
        return Part(understood, Outcome.HOLD, Reason.UNSURE, said, feature=understood.given)
    follows = follow(standing)
    outcome = follows.outcome
    if standing.withheld and outcome is Outcome.HOLD:
        said = words.perhaps_theirs(standing)
        return Part(understood, outcome, Reason.UNSURE, said, feature=standing.key)
    if outcome is Outcome.HOLD:  # not granted, and nothing on sale gives it: a field is exact enough to say no
        outcome = Outcome.BLOCK
    return _told(understood, standing, _Follows(outcome, follows.reason), 1.0)


@dataclass(frozen=True, slots=True)
class _Follows:
    outcome: Outcome
    reason: Reason


def follow(standing: FeatureStanding) -> _Follows:
    """What follows a request for this feature, were one certain that it is meant: never a block."""
    if not standing.granted:
        offered = bool(standing.offers) and not standing.withheld
        return _Follows(Outcome.SUGGEST if offered else Outcome.HOLD, Reason.NOT_INCLUDED)
    if standing.limit_reached and standing.offers:
        return _Follows(Outcome.SUGGEST, Reason.LIMIT_REACHED)
    if standing.article is not None and standing.article.plays is Plays.FIRST:
        return _Follows(Outcome.REDIRECT, Reason.ARTICLE_FIRST)
    return _Follows(Outcome.ACCEPT, Reason.COVERED)


def _told(understood: Understood, standing: FeatureStanding, follows: _Follows, confidence: float) -> Part:
    """What follows by this feature, with its words, its article and its offers."""
    outcome, reason = follows.outcome, follows.reason
    return Part(
        understood, outcome, reason, words.by_feature(standing, outcome, reason), feature=standing.key,
        confidence=confidence, article=standing.article if outcome is Outcome.REDIRECT else None,
        offers=standing.offers if outcome is Outcome.SUGGEST else (),
    )  # fmt: skip


def _by_reading(understood: Understood, features: Mapping[str, FeatureStanding], wanted: Wanted) -> Part:
    reading = understood.reading
    if reading.failed:
        return Part(understood, Outcome.HOLD, Reason.NOT_READ, words.not_read(reading.failed))
    sums = _sums(reading, features)
    sure = [one for one in sums if one.outcome is not Outcome.HOLD and one.confidence >= _wanted(wanted, one.outcome)]
    found = _largest(sure or sums)
    if found is None or found.outcome is Outcome.HOLD:
        return _doubted(understood, found, features)
    standing = features[found.feature]
    part = _told(understood, standing, follow(standing), found.confidence)
    if not sure:
        return _only_proposed(part, Reason.UNSURE, words.unsure(part))
    if not wanted.acting:
        return _only_proposed(part, Reason.ONLY_SUGGESTED, words.only_suggested(part))
    return part


@dataclass(frozen=True, slots=True)
class _Sum:
    """An outcome with the confidence of all that lead to it, and the surest feature of these."""

    outcome: Outcome
    confidence: float
    feature: str


def _sums(reading: Reading, features: Mapping[str, FeatureStanding]) -> list[_Sum]:
    """By outcome. What has no confidence at all leads nowhere."""
    leading: dict[Outcome, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for candidate in reading.candidates:
        if candidate.confidence > 0:
            standing = features.get(candidate.feature) if candidate.feature else None
            outcome = Outcome.HOLD if standing is None else follow(standing).outcome
            leading[outcome][candidate.feature].append(candidate.confidence)
    return [
        _Sum(
            outcome,
            round(math.fsum(one for said in by_feature.values() for one in said), MILLIONTHS),
            min(by_feature, key=lambda key: (-round(math.fsum(by_feature[key]), MILLIONTHS), key)),
        )
        for outcome, by_feature in leading.items()
    ]


def _wanted(wanted: Wanted, outcome: Outcome) -> float:
    return round(wanted.of(outcome), MILLIONTHS)


def _largest(sums: list[_Sum]) -> _Sum | None:
    return min(sums, key=lambda one: (-one.confidence, ORDER.index(one.outcome)), default=None)


def _doubted(understood: Understood, found: _Sum | None, features: Mapping[str, FeatureStanding]) -> Part:
    """Most of what may be meant leads to nothing that could be proposed."""
    if found is None:
        return Part(understood, Outcome.HOLD, Reason.UNSURE, words.nothing_meant())
    standing = features.get(found.feature) if found.feature else None
    said = words.nothing_meant() if standing is None else _why_held(standing)
    feature = "" if standing is None else standing.key
    return Part(understood, Outcome.HOLD, Reason.UNSURE, said, feature=feature, confidence=found.confidence)


def _why_held(standing: FeatureStanding) -> str:
    return words.perhaps_theirs(standing) if standing.withheld else words.nothing_gives(standing)


def _only_proposed(part: Part, reason: Reason, said: str) -> Part:
    """The same held, with what would have followed beside it."""
    proposed = part.proposed if part.outcome in (Outcome.HOLD, Outcome.BLOCK) else part.outcome
    return replace(part, outcome=Outcome.HOLD, reason=reason, words=said, proposed=proposed)


def _spoken_for(question: Question, parts: tuple[Part, ...]) -> Decision:
    """The ticket by its requests. A block speaks for it only where every request is blocked."""
    open_to = [part for part in parts if part.outcome is not Outcome.BLOCK]
    speaks = min(open_to or parts, key=lambda part: ORDER.index(part.outcome))
    owed, routed = question.help, speaks.outcome is not Outcome.BLOCK
    shown = speaks.outcome is not Outcome.HOLD  # what is only proposed is no advice yet
    return Decision(
        speaks.outcome, speaks.reason, speaks.words, parts,
        team=owed.team if routed else "", person=owed.person if routed else "",
        article=speaks.article if shown else None, offers=speaks.offers if shown else (),
    )  # fmt: skip
