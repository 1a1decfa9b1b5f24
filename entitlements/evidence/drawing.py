"""Drawing up a dispute pack: every table as a file, all of them on one page to print, and the links of the audit."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.template.loader import render_to_string

from catalog.domain.window import Window, end_through, start_of_day
from entitlements.evidence import sources
from entitlements.evidence.packing import MANIFEST, Packed, packed, spreadsheet
from entitlements.models import Account
from entitlements.queries.story.evidence import Inquiry, Table, held_tables, three_answers_table
from entitlements.queries.story.evidence_trail import acts_of, chain_of, trail_tables
from journal.domain.refusal import Refusal
from journal.models import AuditEvent

VERB = "account:dispute_pack"
MOST_PRINTED = 2_000  # rows of one table on the page; its file has them all


class DrawnOtherwise(Refusal):
    """What was recorded since has changed what the pack would say."""

    code = "drawn_otherwise"


def period_of(account: Account, *, from_on: date, through_on: date, at: datetime) -> Window:
    """The days in the account's zone, as far as they have passed."""
    return Window(start_of_day(from_on, account.zone), min(end_through(through_on, account.zone), at))


def draw_up(inquiry: Inquiry) -> Packed:
    """The whole pack; the same inquiry into the same facts gives the same bytes."""
    acts = acts_of(inquiry)
    tables = (
        *held_tables(inquiry),
        three_answers_table(inquiry),
        *trail_tables(inquiry, acts),
        *_further(inquiry),
    )
    files = {f"{table.slug}.csv": spreadsheet(table.headings, table.rows) for table in tables}
    files["audit.json"] = json.dumps(chain_of(inquiry, acts), ensure_ascii=False, sort_keys=True, indent=1).encode()
    files["pack.html"] = _page(inquiry, tables, acts).encode()
    return packed(files, at=inquiry.at)


def _further(inquiry: Inquiry) -> Iterator[Table]:
    for source in sources.known():
        rows = sources.lines(source, inquiry.account, window=inquiry.window, upto=inquiry.at)
        yield Table(source.slug, source.title, source.about, source.headings, rows)


def _page(inquiry: Inquiry, tables: tuple[Table, ...], acts: list[AuditEvent]) -> str:
    account = inquiry.account
    facts = {
        "Customer": f"{account.name} ({account.key})",
        "Country": account.country,
        "Market": str(account.market or ""),
        "Belongs to": str(account.parent or ""),
        "Account manager": str(account.owner or ""),
        "People": "; ".join(f"{person.name} <{person.email}>" for person in account.contacts.all()),
        "Days and times": f"those of {account.zone}, with their distance from UTC",
        "Period": f"{inquiry.from_on:%Y-%m-%d} through {inquiry.through_on:%Y-%m-%d}",
        "Drawn up": f"{inquiry.say(inquiry.at)} by {inquiry.by}",
        "Why": inquiry.reason,
        "Audit": f"{len(acts)} acts on this account, up to act #{inquiry.upto} of the desk",
    }
    context = {
        "account": account,
        "facts": [(name, words) for name, words in facts.items() if words],
        "tables": [(table, table.rows[:MOST_PRINTED], len(table.rows) - MOST_PRINTED) for table in tables],
        "manifest": MANIFEST,
    }
    return render_to_string("entitlements/pack.html", context)


def drawn_again(event: AuditEvent) -> Packed:
    """The pack an audit event tells of, drawn up anew; DrawnOtherwise where it would no longer be the same."""
    pack = draw_up(inquiry_of(event))
    if pack.checksum != noted(event)["checksum"]:
        raise DrawnOtherwise(
            "What was recorded since then changes what this pack would say, so it can't be drawn up again as it was. "
            "Make a new one; a copy that was kept can still be checked against this sum."
        )
    return pack


def inquiry_of(event: AuditEvent) -> Inquiry:
    known = noted(event)
    account = Account.objects.select_related("market", "owner", "parent").get(key=event.account_key)
    from_on, through_on = date.fromisoformat(known["from"]), date.fromisoformat(known["through"])
    return Inquiry(
        account=account,
        from_on=from_on,
        through_on=through_on,
        window=period_of(account, from_on=from_on, through_on=through_on, at=event.at),
        moments=tuple(map(datetime.fromisoformat, known["moments"])),
        reason=event.reason,
        by=event.actor_name,
        at=event.at,
        upto=known["upto"],
    )


def noted(event: AuditEvent) -> Mapping[str, Any]:
    """What the event wrote down about its pack."""
    return {name: after for name, (_, after) in event.changes.items()}
