"""A map that forgets what wasn't asked for longest, roughly, and is read without a lock.

Two generations: what is asked for moves into the younger; when that is full, the elder is let go and the younger takes
its place. So at most `most` things stand in it, and a thing asked for is never among the first to go. `let_go` is told
of each thing that goes, but not of those that are taken out.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    __slots__ = ("elder", "half", "let_go", "younger")

    def __init__(self, most: int, *, let_go: Callable[[V], None] | None = None) -> None:
        self.half, self.let_go = max(most // 2, 1), let_go
        self.younger: dict[K, V] = {}
        self.elder: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        found = self.younger.get(key)
        if found is None:
            found = self.elder.get(key)
            if found is not None:
                self[key] = found
        return found

    def __setitem__(self, key: K, value: V) -> None:
        if len(self.younger) >= self.half and key not in self.younger:
            gone, self.elder, self.younger = self.elder, self.younger, {}
            self._tell(gone)
        self.younger[key] = value

    def _tell(self, gone: dict[K, V]) -> None:
        if self.let_go is None:
            return
        for key, value in gone.items():
            if self.elder.get(key) is not value:
                self.let_go(value)

    def pop(self, key: K) -> V | None:
        old = self.elder.pop(key, None)
        return self.younger.pop(key, None) or old

    def clear(self) -> None:
        gone = {**self.elder, **self.younger}
        self.younger, self.elder = {}, {}
        self._tell(gone)

    def __len__(self) -> int:
        return len(self.younger.keys() | self.elder.keys())
