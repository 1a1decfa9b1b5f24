"""Answers of the resolver, as files say them."""

from datetime import datetime
from typing import Any

from catalog.domain.values import Enforcement, FeatureShape, Kind, TermState
from entitlements.domain.resolution import Resolution


def answer(key: str, value: Any, *, granted: bool = True, until: datetime | None = None) -> Resolution:
    return Resolution(
        shape=FeatureShape(key=key, name=key.title(), kind=Kind.GATE), value=value, granted=granted,
        state=TermState.VALUE, reset=None, enforcement=Enforcement.HARD, overage_percent=None, typed_unit="",
        valid_until=until,
    )  # fmt: skip
