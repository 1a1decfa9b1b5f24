"""What a classifier is, whoever makes it: it names features for requests, and knows nothing of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from support.domain.intake.understood import Reading, Topic


@dataclass(frozen=True, slots=True)
class Maker:
    """Who read: its kind, and a digest of all that its readings depend on beside the text."""

    kind: str  # minilm, tfidf, llm, outside
    version: str
    digest: str = ""


class Classifier(Protocol):
    @property
    def maker(self) -> Maker: ...

    def read(self, requests: Sequence[str], topics: Sequence[Topic]) -> list[Reading]:
        """One reading for each request, in their order. Never raises for what a request says: it is `failed` instead."""
        ...
