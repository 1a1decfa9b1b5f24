"""Ask an Entitlement Desk what a customer may do: `Client(url, api_key).check("acme", "exports")`.

Only what needs no network is imported at once, so that the desk itself can speak in the same answers without httpx.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from entitlement_client.answers import Answer, Checker, Denied, Offer, problem_of
from entitlement_client.errors import (
    Closed,
    EntitlementError,
    KeyRefused,
    QueueFull,
    RequestRefused,
    ScopeMissing,
    TooManyRequests,
    Unreachable,
)
from entitlement_client.fallbacks import Fallback
from entitlement_client.guard import requires
from entitlement_client.store import FileStore, Store

if TYPE_CHECKING:
    from entitlement_client.client import Client, Status
    from entitlement_client.holds import Hold

__all__ = [
    "Answer", "Checker", "Client", "Closed", "Denied", "EntitlementError", "Fallback", "FileStore", "Hold",
    "KeyRefused", "Offer", "QueueFull", "RequestRefused", "ScopeMissing", "Status", "Store", "TooManyRequests",
    "Unreachable", "problem_of", "requires",
]  # fmt: skip

_LATER = {
    "Client": "entitlement_client.client",
    "Status": "entitlement_client.client",
    "Hold": "entitlement_client.holds",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"entitlement_client has no {name!r}.")
    return getattr(import_module(_LATER[name]), name)
