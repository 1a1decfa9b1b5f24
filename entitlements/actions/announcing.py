"""Announcing an end ahead: to the customer's people, and to whoever looks after the account.

What the customer reads holds nothing that is only for staff: no reasons, no ids, no word of ours for theirs.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from catalog.domain.window import MOMENT
from catalog.queries.instants import say_until
from entitlements.domain.resolve import resolve
from entitlements.models import Account
from entitlements.models.reminder import EndOf
from entitlements.queries.clock.ahead import EndAhead
from entitlements.queries.clock.announcements import (
    Announcement,
    Audience,
    Recipient,
    Reminders,
    Stretches,
    due,
    overdue,
    people_of,
    recipients_of,
    reminders_set,
)
from entitlements.queries.entitlements import facts_of
from entitlements.queries.life.after_trial import after_trial
from entitlements.queries.life.item_preview import differences
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog
from journal.actions.notices import tell

KIND = "end_announced"
# What happens at the end, and what can be done about it: (to the owner, to the customer).
ADVICE = {
    EndOf.TRIAL: (
        "Nobody has converted it. Convert it, or extend it, before then.",
        "To keep what you have, choose a plan before then.",
    ),
    EndOf.GRACE: (
        "If no payment comes until then, the subscription gives nothing until one does.",
        "A payment has failed. Everything stays as it is once it has come; without it, access stops at that moment.",
    ),
    EndOf.OVERRIDE: (
        "After that the plan alone decides. If the customer should keep it, grant it again.",
        "After that, what your plan includes counts. If you still need it, tell us before then.",
    ),
    EndOf.ITEM: (
        "What it gives on top ends with it. If the customer wants to keep it, sell it before then.",
        "What it gives on top ends with it. If you want to keep it, tell us before then.",
    ),
    EndOf.SUBSCRIPTION: (
        "What it gives ends with it. Agree with the customer how it goes on.",
        "What it gives ends with it. If you want to go on, tell us before then.",
    ),
    EndOf.CONTRACT: (
        "What its lines give ends with it. Agree with the customer how it goes on, and amend it or draft a new one.",
        "What it gives ends with it. If you want to go on, tell us before then.",
    ),
    EndOf.MAINTENANCE: (
        "Versions released later are not covered by it. If the customer wants them, extend it.",
        "Versions released later are not covered by it. If you want them, tell us before then.",
    ),
    EndOf.CREDITS: (
        "What is left of it then is gone. If the customer needs more, agree on it before then.",
        "What is left of it then is gone. Use it before then, or tell us if you need more.",
    ),
    EndOf.WARRANTY: (
        "Repairs are charged after it, unless something else covers them. Offer an extension, or a cover, before then.",
        "Repairs are charged after it, unless something else covers them. If you want to extend it, tell us before then.",
    ),
    EndOf.COVER: (
        "What it bears ends with it. Agree with the customer how it goes on, and renew it.",
        "What it bears ends with it. If you want to go on, tell us before then.",
    ),
    EndOf.NOTICE: (
        "After that it renews by itself. If it shouldn't, give notice before then.",
        "After that it renews by itself. If you don't want that, tell us before then.",
    ),
}
AS_A_SALE = (
    "There is a card on file, so it becomes a sale by itself, and nothing stops.",
    "Your card is on file, so your subscription goes on from then without a break, and is charged. "
    "If you don't want that, tell us before then.",
)


def announce(
    account: Account, stretches: Stretches, *, reminders: Reminders, catalog: CatalogSnapshot, at: datetime
) -> None:
    """Told whoever should know what of the account ends soon, each end once for each time it is announced."""
    for announcement in due(account, stretches, reminders=reminders, at=at):
        _tell(announcement, reminders=reminders, catalog=catalog, at=at)


def announce_moved(end: EndAhead, *, at: datetime) -> None:
    """Told whoever should know of an end that came so near that the hour of announcing it has passed; once as well."""
    reminders = reminders_set()
    found = overdue(end, reminders=reminders, at=at)
    catalog = snapshot_catalog(Reader()) if found else None
    for announcement in found:
        assert catalog is not None  # something is to be told
        _tell(announcement, reminders=reminders, catalog=catalog, at=at)


def _tell(announcement: Announcement, *, reminders: Reminders, catalog: CatalogSnapshot, at: datetime) -> None:
    """What no contact of the customer's is there to be told goes to the owner, so that somebody knows."""
    end = announcement.end
    meant = announcement.audience is Audience.CUSTOMER or bool(reminders.for_end(end, Audience.CUSTOMER))
    untold = meant and not any(people_of(end.account, Audience.CUSTOMER))
    if untold:
        announcement = replace(announcement, audience=Audience.OWNER)
    recipients = list(recipients_of(announcement))
    if recipients:
        _write(announcement, recipients, untold=untold, catalog=catalog, at=at)


def _write(
    announcement: Announcement, recipients: Sequence[Recipient], *, untold: bool, catalog: CatalogSnapshot, at: datetime
) -> None:
    end = announcement.end
    template = f"emails/end_announced_to_{announcement.audience}.txt"
    outlook = _outlook(end, catalog=catalog, at=at)
    said = {**_said(end, announcement.audience), "outlook": outlook, "untold": untold}
    for recipient in recipients:
        tell(
            recipient=recipient.email,
            subject=_subject(end, announcement.audience),
            body=render_to_string(template, {**said, "recipient": recipient}),
            account_key=end.account.key,
            once_key=f"{announcement.key}:{recipient.key}",
            kind=KIND,
            at=at,
        )


def _outlook(end: EndAhead, *, catalog: CatalogSnapshot, at: datetime) -> list[tuple[str, str]]:
    """What the customer has otherwise from that instant on, as things stand now; after a trial also what is kept."""
    if end.lapses is not None:
        after = after_trial(end.lapses, at=at)
        return list(after.lines(zone=end.account.zone)) if after else []
    facts = facts_of(account=end.account, catalog=catalog)
    changes = differences(resolve(facts, at=end.at - MOMENT), resolve(facts, at=end.at))
    return [(change.feature, f"{change.before} → {change.after}") for change in changes]


def _said(end: EndAhead, audience: Audience) -> dict[str, Any]:
    to_owner, to_customer = _advice(end)
    return {
        "account": end.account,
        "what": _what(end, audience),
        "until": say_until(end.at, zone=end.account.zone),
        "advice": to_customer if audience is Audience.CUSTOMER else to_owner,
        "owner": end.account.owner if end.account.owner and end.account.owner.is_active else None,
    }


def _advice(end: EndAhead) -> tuple[str, str]:
    if end.goes_on:
        return AS_A_SALE
    if end.then:
        return (
            f"{end.then} If it shouldn't, give notice in time.",
            f"{end.then} If you don't want that, tell us in time.",
        )
    return ADVICE[end.sort]


def _what(end: EndAhead, audience: Audience) -> str:
    return f"{'Your' if audience is Audience.CUSTOMER else 'The'} {end.what}"


def _subject(end: EndAhead, audience: Audience) -> str:
    words = f"{_what(end, audience)} lasts {say_until(end.at, zone=end.account.zone)}"
    return words if audience is Audience.CUSTOMER else f"{end.account.name}: {words}"
