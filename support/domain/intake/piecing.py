"""A request read once more piece by piece, so that what it asks for beside isn't overlooked: `with_pieces`.

Splitting goes by how things are written, and a classifier that reads two things at once is often sure of one of them. So
each sentence, and each part of a sentence that something joins ("… and …", a comma), is read by itself. A piece *speaks up*
where it surely names another feature than the whole does, and where it asks for something that has nothing to do with
what the whole is about, whatever that may be. Then the whole keeps half of its say, and those pieces share the other half.
If all lead to the same outcome it follows as before; if not, no outcome is sure enough, and a person decides. All features
together are never surer than they were by the whole, and none is surer than it was somewhere: reading pieces is for
holding more tickets, not for deciding more.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from math import floor

from support.domain.intake.understood import NONE_OF_THESE, Candidate, Reading
from support.domain.intake.vocabulary import JOINING
from support.domain.intake.weighing import THIN, asks_alone, names_in

SURE_PIECE = 0.5  # from here on a piece names another feature
SAME = 0.15  # from here on a piece may be about what the whole is about
TELLING = 3  # words that name something, from which on a piece asks for something of its own
LEAST_WHOLE = 0.5  # of a request that is about features less surely than this, nothing would follow anyhow
MOST_PIECES = 24  # the last is all that follows
MOST_CANDIDATES = 10
_JOINTS = re.compile(
    r"(?<=[.!?。！？:])\s+|[\n\r\u2028;]\s*|,\s+|(?<=[。！？])|\s(?=\(?[a-i1-9]\)\s)|\s[–—-]\s|\s(?=(?:"
    + "|".join(re.escape(word).replace(r"\ ", r"\s") for word in JOINING)
    + r")\s)",
    re.IGNORECASE,
)


def pieces_of(said: str) -> list[str]:
    """Its sentences and what is joined in them, as far as each names something; none where it is all one piece."""
    places = [(0, 0), *(found.span() for found in _JOINTS.finditer(said))]
    ends = [start for start, _ in places[1:]]
    if len(places) > MOST_PIECES:
        places, ends = places[:MOST_PIECES], ends[: MOST_PIECES - 1]
    cut = (said[after:end].strip() for (_, after), end in zip(places, [*ends, len(said)], strict=True))
    found = [piece for piece in cut if names_in(piece) >= THIN]
    return found if len(found) > 1 else []


def with_pieces(
    texts: Sequence[str], readings: Sequence[Reading], *, read: Callable[[Sequence[str]], Sequence[Reading]]
) -> list[Reading]:
    """The readings of these texts, each after its pieces; `read` reads those, all of them at once."""
    cut = [pieces_of(text) if _may_decide(whole) else [] for text, whole in zip(texts, readings, strict=True)]
    every = [piece for pieces in cut for piece in pieces]
    told = iter(read(every) if every else ())
    return [
        mixed(whole, [(piece, next(told)) for piece in pieces]) for whole, pieces in zip(readings, cut, strict=True)
    ]


def _may_decide(whole: Reading) -> bool:
    return _sure_in_all(whole) >= LEAST_WHOLE


def _sure_in_all(reading: Reading) -> float:
    return sum(one.confidence for one in reading.candidates if one.feature != NONE_OF_THESE)


def mixed(whole: Reading, pieces: Sequence[tuple[str, Reading]]) -> Reading:
    """Half of the whole and half of the pieces that speak up, of those with one and the same feature the surest."""
    meant = _surest(whole)
    if meant is None:
        return whole
    others: dict[str, tuple[float, Reading]] = {}
    for said, piece in pieces:
        other = _speaks_up(said, piece, meant.feature)
        if other is not None and other.confidence >= others.get(other.feature, (0.0, piece))[0]:
            others[other.feature] = (other.confidence, piece)
    if not others:
        return whole
    shared = 1 / (2 * len(others))
    return _together([(whole, 0.5), *((piece, shared) for _, piece in others.values())])


def _speaks_up(said: str, piece: Reading, meant: str) -> Candidate | None:
    """What it is about beside what is meant by the whole; NONE_OF_THESE: something, and nobody knows what."""
    surest = _surest(piece)
    if surest is not None and surest.confidence >= SURE_PIECE:
        return surest if surest.feature != meant else None
    asks = names_in(said) >= TELLING and asks_alone(said)
    if piece.failed or not asks or _sure_of(piece, meant) >= SAME:
        return None
    return Candidate(NONE_OF_THESE, _sure_of(piece, NONE_OF_THESE))


def _sure_of(reading: Reading, feature: str) -> float:
    return sum(one.confidence for one in reading.candidates if one.feature == feature)


def _surest(reading: Reading) -> Candidate | None:
    named = [one for one in reading.candidates if one.feature != NONE_OF_THESE]
    return min(named, key=lambda one: (-one.confidence, one.feature), default=None)


def _together(weighed: Sequence[tuple[Reading, float]]) -> Reading:
    """What these say, each as far as it is weighed; the first is the whole."""
    shares: dict[str, float] = defaultdict(float)
    quotes: dict[str, tuple[float, str]] = {}
    for reading, weight in weighed:
        for one in reading.candidates:
            shares[one.feature] += one.confidence * weight
            quotes[one.feature] = max(quotes.get(one.feature, (-1.0, "")), (one.confidence, one.quote))
    named = sum(share for key, share in shares.items() if key != NONE_OF_THESE)
    most = min(1.0, _sure_in_all(weighed[0][0]) / named) if named else 1.0
    shares.update({key: share * most for key, share in shares.items() if key != NONE_OF_THESE})
    ordered = sorted(shares, key=lambda key: (-shares[key], key))
    kept = [key for key in ordered if key != NONE_OF_THESE][:MOST_CANDIDATES]
    listed = [key for key in ordered if key in kept or key == NONE_OF_THESE]
    return Reading(tuple(Candidate(key, floor(shares[key] * 10_000 + 1e-6) / 10_000, quotes[key][1]) for key in listed))
