"""Lists too long to be counted through: a page and whether more follows, with the state in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from journal.admin.base import PAGE

MOST_PAGES = 400  # of what is found by counting rows off; beyond it one narrows down


def page_number(asked: QueryDict) -> int:
    typed = asked.get("page", "1")
    return min(max(int(typed), 1), MOST_PAGES) if typed.isdecimal() and len(typed) < 7 else 1


def first_of(asked: QueryDict) -> int:
    return (page_number(asked) - 1) * PAGE


@dataclass(frozen=True, slots=True)
class Slice:
    """`rows` are those of the page; `earlier` and `further` lead to the pages beside it, empty where there is none."""

    rows: Sequence[Any]
    earlier: str
    further: str


def sliced(request: HttpRequest, found: Sequence[Any]) -> Slice:
    """`found` was read with one row more than a page holds."""
    number = page_number(request.GET)
    further = len(found) > PAGE and number < MOST_PAGES
    return Slice(
        rows=found[:PAGE],
        earlier=with_asked(request, page=str(number - 1)) if number > 1 else "",
        further=with_asked(request, page=str(number + 1)) if further else "",
    )


def with_asked(request: HttpRequest, **other: str) -> str:
    """The same address with some of it otherwise; what is empty is left out."""
    asked = request.GET.copy()
    for name, value in other.items():
        asked.pop(name, None)
        if value:
            asked[name] = value
    return f"?{asked.urlencode()}"
