"""Grants and ledger lines as the pages say them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.urls import reverse

from catalog.queries.instants import say_instant, say_until
from entitlements.actions.credits.grants import words_of
from entitlements.models import CreditGrant
from entitlements.queries.credits import CreditBalanceView, GrantLeft, LedgerLine

LATE = timedelta(days=1)  # what was written later than that says when it was
SIGNS = {
    "use": "",
    "grant": "green",
    "recur": "green",
    "given_back": "green",
    "void": "red",
    "expire": "amber",
    "lapse": "amber",
}
KIND_WORDS = {
    "grant": "Granted",
    "recur": "Filled again",
    "lapse": "Lapsed",
    "change": "Plan changed",
    "use": "Used",
    "overage": "Beyond",
    "given_back": "Given back",
    "reset": "New period",
    "expire": "Expired",
    "void": "Voided",
    "correction": "Put right",
}


def grant_line(one: GrantLeft, view: CreditBalanceView, *, zone: str) -> dict[str, Any]:
    """One grant as a row of the table: what is left of it, and when the rest goes."""
    return {
        "row": one.row,
        "name": "The plan's credits" if one.row is None else words_of(one.row),
        "source": "" if one.row is None else one.row.get_source_display(),
        "reason": "" if one.row is None else one.row.reason,
        "left": view.said(one.left),
        "amount": view.said(one.amount),
        "used": view.said(one.used),
        "percent": one.percent_left,
        "starts": say_instant(one.grant.effective_at, zone=zone),
        "ends": say_until(one.grant.ends_at, zone=zone) if one.grant.ends_at else "",
        "again": say_instant(one.next_at, zone=zone) if one.next_at else "",
        "priority": one.grant.priority,
        "void": _void_url(one.row) if one.row is not None else "",
    }


def ledger_rows(lines: Iterator[LedgerLine] | tuple[LedgerLine, ...], *, zone: str) -> Iterator[dict[str, Any]]:
    for line in lines:
        late = line.recorded_at is not None and line.recorded_at - line.at > LATE
        yield {
            "line": line,
            "kind": KIND_WORDS[line.kind.value],
            "colour": SIGNS.get(line.kind.value, ""),
            "when": say_instant(line.at, zone=zone),
            "written": say_instant(line.recorded_at, zone=zone) if late and line.recorded_at else "",
            "words": line.words,
            "moved": line.moved if not line.unlimited or line.kind.value not in {"use", "given_back"} else "",
            "after": "no limit" if line.unlimited else line.after,
        }


def going_words(view: CreditBalanceView, *, zone: str) -> str:
    """ "70 credits of the plan's credits go on 1 April 2026 (Amsterdam), if they aren't used." """
    one = view.next_to_go
    if one is None or one.ends_at is None:
        return ""
    return (
        f"{view.said(one.left)} of {one.name} go on {say_instant(one.ends_at, zone=zone)}, if they aren’t used by then."
    )


def _void_url(row: CreditGrant) -> str:
    return reverse("admin:entitlements_credit_void", args=[row.account.key, row.feature.key, row.pk])
