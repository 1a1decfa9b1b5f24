"""An encoder without a model: each word points somewhere, and a text where its words point together."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from support.domain.intake.understood import Topic
from support.intake.encoder import Span

WIDTH = 96


class WordEncoder:
    kind = "words"
    digest = "words-1"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([self._sum(text) for text in texts], dtype=np.float32).reshape(-1, WIDTH)
        found: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-9)
        return found

    def shares(self, text: str, parts: Sequence[Span]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        length = max(float(np.linalg.norm(self._sum(text))), 1e-9)
        rows = [self._sum(text[begin:end]) / length for begin, end in parts]
        return self.encode([text])[0], np.array(rows, dtype=np.float32)

    def _sum(self, text: str) -> NDArray[np.float64]:
        words = [word.strip(".,!?") for word in text.lower().split()]
        return sum((_points(word) for word in words if word), np.zeros(WIDTH))


class BrokenEncoder(WordEncoder):
    def shares(self, text: str, parts: Sequence[Span]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        raise MemoryError("no room")


def _points(word: str) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.random.default_rng(crc32(word.encode("utf-8", "replace"))).normal(size=WIDTH)
    return found


def topic(key: str, *examples: str, name: str = "", aliases: tuple[str, ...] = ()) -> Topic:
    return Topic(key, name or key.replace("_", " "), aliases=aliases, examples=examples)


BACKUPS = topic(
    "backups", "restore yesterday's backup", "nightly backup failed", "where is my backup", "restore a dropped table",
    "backup restore please", "backup is missing",
)  # fmt: skip
SSO = topic(
    "sso", "okta login broken", "login by saml fails", "enforce okta login", "staff login by azure fails",
    "single login broken", "login with okta fails", name="Single sign-on", aliases=("SSO",),
)  # fmt: skip
FILES = topic(
    "storage", "bucket is full", "uploads of files fail", "more room for files", "files bucket quota",
    "upload fails bucket full", "files take room", name="Storage",
)  # fmt: skip
TOPICS = (BACKUPS, SSO, FILES)
NOTHING = ("send the invoice", "thanks a lot", "wrong vat number on the invoice", "apply for a job", "out of office")
