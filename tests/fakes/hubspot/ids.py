"""Ids that look like HubSpot's and are the same in every run with the same seed."""

import random
import uuid
from collections import defaultdict


class Ids:
    """Numbers that grow, with gaps; each kind counts for itself, so that one more deal moves no company's id."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: dict[str, random.Random] = {}
        self._last: dict[str, int] = defaultdict(int)

    def _of(self, kind: str) -> random.Random:
        if kind not in self._drawn:
            self._drawn[kind] = random.Random(f"{self._seed}:{kind}")
        return self._drawn[kind]

    def number(self, kind: str) -> int:
        drawn = self._of(kind)
        if not self._last[kind]:
            self._last[kind] = drawn.randint(10**9, 9 * 10**9)
        self._last[kind] += drawn.randint(1, 900)
        return self._last[kind]

    def __call__(self, kind: str) -> str:
        return str(self.number(kind))

    def event(self) -> int:
        """An event's number promises nothing: neither order nor that there is only one."""
        return self._of("event").randint(1, 2**32)

    def correlation(self) -> str:
        return str(uuid.UUID(int=self._of("correlation").getrandbits(128), version=4))
