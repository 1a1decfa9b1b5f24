"""A customer's licences on the customer's page, and the lines that several pages show of one."""

from datetime import datetime
from typing import Any

from catalog.queries.instants import say_instant
from entitlements.admin.licences.pages import licence_url
from entitlements.admin.licences.words import counted, place_words, shown_key
from entitlements.admin.wording import say_end
from entitlements.models import Account, Licence, LicenceFile, LicencePolicy
from entitlements.queries.licences import licences_of
from entitlements.queries.licences.seen import Seen, seen_at
from journal.models import AuditEvent

MOST = 100
PLACES = {"licence:activate", "licence:deactivate", "licence:give_file"}  # what they changed is named by its place


def licences_block(account: Account, *, at: datetime) -> dict[str, Any]:
    """Each licence with where it stands and why, the newest first."""
    found = licences_of(account)
    shown = found[:MOST]
    seen = seen_at(shown, at=at)
    return {"lines": [_line(row, seen[row.pk]) for row in shown], "more": len(found) - len(shown)}


def _line(row: Licence, seen: Seen) -> dict[str, Any]:
    return {
        "row": row,
        "url": licence_url(row),
        "key": shown_key(row.prefix),
        "place": place_words(seen.ruling),
        "because": "" if seen.ruling.valid else seen.ruling.because,
        "runs": runs_on(row.policy, seen),
        "ends": when_it_ends(row),
        "sleeps_with": "" if row.subscription is None else f"Subscription {row.subscription.number}",
    }


def runs_on(policy: LicencePolicy, seen: Seen) -> str:
    """ "2 of 3 devices", "1 domain": where it takes a place."""
    if seen.limit is None:
        return counted(policy, seen.taken)
    return f"{seen.taken:,} of {counted(policy, seen.limit)}"


def when_it_ends(row: Licence) -> str:
    if row.expires_at is None:
        return "No end of its own"
    words = say_end(row.expires_at, zone=row.account.zone)
    return words[0].upper() + words[1:]


def file_line(file: LicenceFile, *, zone: str) -> dict[str, Any]:
    return {
        "row": file,
        "where": (file.activation.name or file.activation.fingerprint) if file.activation else "any device",
        "until": say_instant(file.expires_at, zone=zone),
        "since": say_instant(file.issued_at, zone=zone),
    }


def story_line(event: AuditEvent, *, zone: str) -> dict[str, Any]:
    return {
        "when": say_instant(event.at, zone=zone),
        "what": event.verb_in_words(),
        "where": ", ".join(event.changes) if event.verb in PLACES else "",
        "who": event.actor_name,
        "why": event.reason,
    }
