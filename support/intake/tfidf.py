"""The fallback where there is no model file: texts by the words and pieces of words they share with the examples."""

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from support.domain.intake.understood import Reading, Topic
from support.intake.cores import one_core
from support.intake.embedded import EmbeddedClassifier
from support.intake.encoder import Span, whole
from support.intake.interface import Maker
from support.intake.training import Taught, examples_of, train

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

VERSION = "1"


class TfidfEncoder:
    """Learns its words from the examples; a text of none of them is a vector of zeros, near to nothing.

    Which column a word has is scikit-learn's to say, so that its release is part of the digest.
    """

    kind = "tfidf"

    def __init__(self, examples: Sequence[str]) -> None:
        import sklearn
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_union

        one_core()
        self.digest = hashlib.sha256(json.dumps([VERSION, sklearn.__version__, *examples]).encode()).hexdigest()
        self._words = make_union(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=3000),
            TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, max_features=3000),
        ).fit([whole(text) for text in examples])

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        if not texts:
            return np.zeros((0, len(self._words.get_feature_names_out())), dtype=np.float32)
        rows = self._words.transform([whole(text) for text in texts]).toarray().astype(np.float32)
        found: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)
        return found

    def shares(self, text: str, parts: Sequence[Span]) -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
        """Each part is weighed alone: that costs next to nothing here."""
        rows = self.encode([text, *(text[begin:end] for begin, end in parts)])
        return rows[0], rows[1:]


class TfidfClassifier:
    """Learns the topics when first asked about them, and anew when they are others."""

    def __init__(self, taught: Sequence[Taught] = ()) -> None:
        self._taught = tuple(taught)
        self._made: tuple[tuple[Topic, ...], EmbeddedClassifier] | None = None

    @property
    def maker(self) -> Maker:
        """Of what was learnt last; before that, of what was taught."""
        if self._made is not None:
            return self._made[1].maker
        said = json.dumps([[one.text, one.label] for one in self._taught]).encode()
        return Maker("tfidf", VERSION, hashlib.sha256(said).hexdigest())

    def read(self, requests: Sequence[str], topics: Sequence[Topic]) -> list[Reading]:
        return self._learnt(tuple(topics)).read(requests, topics)

    def _learnt(self, topics: tuple[Topic, ...]) -> EmbeddedClassifier:
        made = self._made  # another thread may put its own there meanwhile
        if made is None or made[0] != topics:
            said = [text for topic in topics for text in examples_of(topic)] + [one.text for one in self._taught]
            encoder = TfidfEncoder(said or ["nothing"])
            made = topics, EmbeddedClassifier(encoder, train(encoder, topics, self._taught))
            self._made = made
        return made[1]
