"""The classifier that runs inside the desk: a text as a vector, a head that was trained on examples, and names in the text."""

import re
from collections.abc import Mapping, Sequence
from math import floor
from typing import TYPE_CHECKING

from support.domain.intake.understood import NONE_OF_THESE, Candidate, Reading, Topic
from support.intake.encoder import Encoder, Span
from support.intake.head import Head
from support.intake.interface import Maker
from support.intake.mentions import Mention, mentions, weighed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = "1"
MOST_CANDIDATES = 10
LEAST_NAMED = 0.01  # confidence below which a feature isn't listed
LONGEST_QUOTE = 300
MOST_SENTENCES = 64  # that are weighed one by one; the last is all that follows
SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s)[^.!?\n]*)*[.!?]*")


class HeadOfAnother(ValueError):
    """The head was trained on vectors of another encoder."""


class EmbeddedClassifier:
    """Reads by a trained head. What it says of a text doesn't depend on the texts beside it, and can be said again."""

    def __init__(self, encoder: Encoder, head: Head) -> None:
        if head.encoder != encoder.digest:
            raise HeadOfAnother("This head was trained with another model; train it anew.")
        self._encoder, self._head = encoder, head
        self.maker = Maker(encoder.kind, VERSION, head.digest)

    def read(self, requests: Sequence[str], topics: Sequence[Topic]) -> list[Reading]:
        """One reading for each request; a failure is told in it, and never raised."""
        return [self._read(request, topics) for request in requests]

    def _read(self, request: str, topics: Sequence[Topic]) -> Reading:
        if not request.strip():
            return Reading(failed="There are no words in it.")
        try:
            return self._understood(request, topics)
        except Exception as failure:  # whatever a request says, the ticket is at worst held
            return Reading(failed=f"The classifier failed on it ({type(failure).__name__}).")

    def _understood(self, request: str, topics: Sequence[Topic]) -> Reading:
        sentences = _sentences(request)
        vector, shares = self._encoder.shares(request, sentences)
        mentioned = mentions(request, topics)
        confidences = weighed(self._confidences(vector, topics), mentioned, of=[topic.key for topic in topics])
        named = sorted(
            (key for key, sure in confidences.items() if key != NONE_OF_THESE and sure >= LEAST_NAMED),
            key=lambda key: (-confidences[key], key),
        )[:MOST_CANDIDATES]
        ordered = sorted([*named, NONE_OF_THESE], key=lambda key: -confidences.get(key, 0.0))
        return Reading(
            tuple(
                Candidate(
                    key,
                    floor(confidences.get(key, 0.0) * 10_000) / 10_000,
                    "" if key == NONE_OF_THESE else self._quote(key, request, sentences, shares, mentioned),
                )
                for key in ordered
            )
        )

    def _confidences(self, vector: "NDArray[np.float32]", topics: Sequence[Topic]) -> dict[str, float]:
        """Of features that the head knows and the catalog still has, and of none of these; the rest is doubt."""
        if not self._head.features:
            return {}
        row = self._head.confidences(vector[None, :])[0]
        asked = {topic.key for topic in topics}
        found = {key: float(sure) for key, sure in zip(self._head.features, row, strict=False) if key in asked}
        return {**found, NONE_OF_THESE: float(row[-1])}

    def _quote(
        self,
        feature: str,
        request: str,
        sentences: Sequence[Span],
        shares: "NDArray[np.float32]",
        mentioned: Mapping[str, Mention],
    ) -> str:
        """The sentence that calls it by name, or else the one that speaks most for it; word for word."""
        place = 0
        if feature in mentioned:
            begins = mentioned[feature].begin
            place = next((number for number, (_, end) in enumerate(sentences) if begins < end), 0)
        elif len(sentences) > 1:
            place = int((shares @ self._head.direction(feature)).argmax())
        begin, end = sentences[place]
        if end - begin > LONGEST_QUOTE and feature in mentioned:
            begin, end = mentioned[feature].begin, mentioned[feature].end
        return request[begin : min(end, begin + LONGEST_QUOTE)].strip()


def _sentences(request: str) -> list[Span]:
    """Where its sentences begin and end; at least one."""
    found = [match.span() for match in SENTENCE.finditer(request) if match.group().strip()]
    if len(found) > MOST_SENTENCES:
        found[MOST_SENTENCES - 1 :] = [(found[MOST_SENTENCES - 1][0], len(request))]
    return found or [(0, len(request))]
