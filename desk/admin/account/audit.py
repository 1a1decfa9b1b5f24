"""Every deed on an account as auditors read it: its number, who, when, why, before and after."""

from typing import Any

from catalog.queries.instants import say_instant
from desk.in_view import AccountInView
from entitlements.admin.pages import account_url
from entitlements.admin.wording import NOTED_WORDS, say_noted
from entitlements.queries.merged import names_of_merged
from journal.models import AuditEvent

PAGE = 50


def deeds(view: AccountInView) -> dict[str, Any]:
    """The deeds below the number asked for, the newest first."""
    merged = names_of_merged(view.account)
    rows = AuditEvent.objects.filter(account_key__in=[view.account.key, *merged]).order_by("-seq")
    before = view.asked.get("before", "")
    paged = before.isdecimal() and len(before) < 19
    found = list((rows.filter(seq__lt=int(before)) if paged else rows)[: PAGE + 1])
    url = account_url(view.account, part="audit")
    return {
        "deeds": [_deed(event, view, of=merged.get(event.account_key, "")) for event in found[:PAGE]],
        "older": f"{url}?before={found[PAGE - 1].seq}" if len(found) > PAGE else "",
        "newest": url if paged else "",
    }


def _deed(event: AuditEvent, view: AccountInView, *, of: str) -> dict[str, Any]:
    return {
        "event": event,
        "of": of,
        "when": say_instant(event.at, zone=view.zone),
        "what": event.verb_in_words(),
        "changes": [
            (_name(name), say_noted(name, before, zone=view.zone), say_noted(name, after, zone=view.zone))
            for name, (before, after) in event.changes.items()
        ],
    }


def _name(field: str) -> str:
    return NOTED_WORDS.get(field, field.replace("_", " ").capitalize())
