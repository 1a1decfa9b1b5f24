"""What differs between two sets of answers, as a timeline or a diff tells it."""

from collections.abc import Mapping
from dataclasses import dataclass

from entitlements.domain.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Change:
    """A feature that a customer has otherwise than before; None where it wasn't known at all."""

    feature: str
    before: Resolution | None
    after: Resolution | None


def changes_between(before: Mapping[str, Resolution], after: Mapping[str, Resolution]) -> tuple[Change, ...]:
    """The features whose value, or whose being granted, differs, by their keys' order."""
    return tuple(
        Change(key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if _had(before.get(key)) != _had(after.get(key))
    )


def _had(resolution: Resolution | None) -> tuple[object, bool]:
    return (None, False) if resolution is None else (resolution.value, resolution.granted)
