"""How a link of the sidebar is made: it shows only to those whose role opens it, and knows when the reader is below it."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy

Link = dict[str, Any]  # as unfold reads it
Group = dict[str, Any]


def group(title: str, *links: Link) -> Group:
    return {"title": title, "separator": True, "items": list(links)}


def link(title: str, icon: str, url: str, permission: str, says: str, *, badge: str = "", pages: str = "") -> Link:
    """One link. `pages`: how the names of pages begin that belong to it and stand elsewhere."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{url}"),
        "active": _here(url, pages),
        "permission": _holders_of(permission),
        "says": says,
        **({"badge": badge} if badge else {}),
    }


def _holders_of(permission: str) -> Callable[[HttpRequest], bool]:
    def allowed(request: HttpRequest) -> bool:
        return bool(request.user.has_perm(permission))

    return allowed


def _here(url: str, pages: str) -> Callable[[HttpRequest], bool]:
    """Whether the reader is below this link: of several that fit the address, the nearest is the one."""

    def is_active(request: HttpRequest) -> bool:
        found = request.resolver_match
        if pages and found is not None and (found.url_name or "").startswith(pages):
            return True
        nearest = max((one for one in _addresses() if request.path.startswith(one)), key=len, default="")
        return nearest == _address(url)

    return is_active


@cache
def _address(url: str) -> str:
    return reverse(f"admin:{url}")


@cache
def _addresses() -> tuple[str, ...]:
    """Where every link leads, worked out once: each page asks this for each of its links."""
    groups: list[Group] = settings.UNFOLD["SIDEBAR"]["navigation"]
    return tuple(str(item["link"]) for one in groups for item in one["items"])
