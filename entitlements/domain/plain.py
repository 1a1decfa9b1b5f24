"""An answer as another system reads it: the value as the API gives it, and its words."""

from decimal import Decimal
from typing import Any

from catalog.domain.values import UNLIMITED
from entitlements.domain.resolution import Resolution
from entitlements.domain.saying import in_words


def plain(resolution: Resolution | None) -> dict[str, Any]:
    """Amounts are integers in the feature's smallest unit; what isn't known is not granted."""
    if resolution is None:
        return {"granted": False, "value": None, "unlimited": False, "text": "not included"}
    value = resolution.value
    rendered: Any = value
    if value is UNLIMITED:
        rendered = None
    elif isinstance(value, Decimal):
        rendered = int(value)
    elif isinstance(value, frozenset):
        rendered = sorted(value)
    return {
        "granted": resolution.granted,
        "value": rendered,
        "unlimited": value is UNLIMITED,
        "text": in_words(resolution),
    }
