"""What an address asks of a list: read leniently, so that a mistyped one shows something and never breaks."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from entitlements.models import Account
from entitlements.queries.accounts import account_by_key
from journal.domain.refusal import NotFound

PAGE = 50


def asked_text(given: QueryDict, name: str) -> str:
    return given.get(name, "").replace("\x00", "").strip()[:200]


def asked_number(given: QueryDict, name: str, *, least: int = 1) -> int:
    typed = given.get(name, "")
    return max(least, int(typed)) if typed.isdecimal() and typed.isascii() and len(typed) < 7 else least


def asked_account(given: QueryDict) -> tuple[Account | None, str]:
    """The account named, and what was typed where it names none."""
    typed = asked_text(given, "account")
    try:
        return (account_by_key(typed) if typed else None), ""
    except NotFound:
        return None, typed


def asked_month(given: QueryDict, *, today: date) -> date | None:
    """The first day of the month asked for ("2026-03"); None: any. Nonsense is this month."""
    typed = asked_text(given, "month")
    if not typed:
        return None
    try:
        return date.fromisoformat(f"{typed}-01")
    except ValueError:
        return today.replace(day=1)


def after_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def address(**asked: Any) -> str:
    """The same list otherwise; what is empty is left out."""
    return "?" + urlencode({name: value for name, value in asked.items() if value})


def chosen(offered: list[tuple[str, str]], value: str) -> list[tuple[str, str, bool]]:
    """What is asked for by the address is offered, also where nothing bears that name any more."""
    more = [(value, value)] if value and value not in {key for key, _ in offered} else []
    return [(key, words, key == value) for key, words in [*offered, *more]]
