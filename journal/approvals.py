"""Which kinds of request exist and what their approval does. Apps register theirs in AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ApprovalHandler:
    """`permission` is needed to decide. The callables take (approval, by, at) by keyword, inside the deciding
    transaction; a withdrawn request is put to `withdraw`, or to `reject` where there is none. `review(approval)` is
    the address of a page that shows in full what would happen, for requests whose summary can't. `outdated(approval)`
    says why a request can't be approved any more; nothing while it can."""

    permission: str
    approve: Callable[..., Any]
    reject: Callable[..., Any] | None = None
    withdraw: Callable[..., Any] | None = None
    review: Callable[[Any], str] | None = None
    outdated: Callable[[Any], str] | None = None


_handlers: dict[str, ApprovalHandler] = {}


def register(kind: str, handler: ApprovalHandler) -> None:
    if _handlers.get(kind, handler) != handler:
        raise ValueError(f"The approval kind {kind!r} is registered already.")
    _handlers[kind] = handler


def handler_of(kind: str) -> ApprovalHandler:
    try:
        return _handlers[kind]
    except KeyError:
        raise LookupError(f"No approval kind {kind!r} is registered; register it in AppConfig.ready().") from None


def kinds() -> tuple[str, ...]:
    return tuple(_handlers)


def permissions() -> frozenset[str]:
    """Every permission that lets someone decide something."""
    return frozenset(handler.permission for handler in _handlers.values())


_address_of_account: list[Callable[[str], str]] = []


def register_account_page(address: Callable[[str], str]) -> None:
    """Where the page of an account is, by its key: the journal knows keys alone."""
    _address_of_account[:] = [address]


def account_page(key: str) -> str:
    """The address of the account's page; empty where nobody registered one, or there is no key."""
    return _address_of_account[0](key) if key and _address_of_account else ""
