"""Faults on order, whatever the vendor: which request meets one, and how often."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    kind: str
    left: int | None  # None: for good
    path: str = ""  # only where the path contains this
    method: str = ""
    seconds: float = 0.2
    more: dict[str, Any] = field(default_factory=dict)  # what a kind needs besides


class Faults:
    """`kinds` are the vendor's; where no path is named, only addresses below `where` are met."""

    def __init__(self, kinds: Collection[str], where: str = "") -> None:
        self._kinds, self._where = kinds, where
        self.ordered: list[Fault] = []

    def add(
        self, kind: str, *, next: int | None = 1, path: str = "", method: str = "", seconds: float = 0.2, **more: Any
    ) -> Fault:
        if kind not in self._kinds:
            raise ValueError(f"{kind!r} is none of {', '.join(sorted(self._kinds))}.")
        fault = Fault(kind, next, path, method, seconds, more)
        self.ordered.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for this request, used up by it."""
        for fault in self.ordered:
            there = fault.path in path if fault.path else path.startswith(self._where)
            if fault.left != 0 and there and fault.method in ("", method):
                fault.left = None if fault.left is None else fault.left - 1
                return fault
        return None

    def clear(self) -> None:
        self.ordered.clear()
