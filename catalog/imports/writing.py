"""Rows on their way into the catalog: rehearsed, written, taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from catalog.domain.entries import WrongEntry
from catalog.imports.judging import Judged
from catalog.imports.table import Entry, Hand, Table, Written
from journal.domain.refusal import Refusal


class Rehearsed(Exception):
    """Raised to undo a rehearsal."""


def rehearse(table: Table, rows: Sequence[Judged], hand: Hand) -> None:
    """Do everything and take it all back: what an action refuses is told beside its row, before anything is written."""
    by_number = {row.line.number: row for row in rows}
    try:
        with transaction.atomic():
            table.hold([row.entry for row in rows])
            refused = _attempt(table, [row.entry for row in rows], hand)
            raise Rehearsed
    except Rehearsed:
        pass
    for number, told in refused.items():
        by_number[number].fail(told)


def _attempt(table: Table, entries: Sequence[Entry], hand: Hand) -> dict[int, str]:
    if table.together:
        try:
            with transaction.atomic():
                return table.write_together(entries, hand, {}).refused if entries else {}
        except Refusal as refusal:
            return {entry.number: refusal.message for entry in entries}
    refused = {}
    for entry in table.in_order(entries):
        try:
            with transaction.atomic():
                table.write(entry, hand)
        except (Refusal, WrongEntry) as refusal:
            refused[entry.number] = str(refusal)
    return refused


def write_all(table: Table, entries: Sequence[Entry], hand: Hand, tokens: Mapping[str, Any]) -> dict[int, str]:
    """Write every row, in the transaction around; the first that is refused is raised, with its row."""
    table.hold(entries)
    refuse_moved(table, entries)
    if table.together:
        written = table.write_together(entries, hand, tokens)
        _raise_first(written)
        return written.told
    told = {}
    for entry in table.in_order(entries):
        try:
            table.write(entry, hand)
        except (Refusal, WrongEntry) as refusal:
            raise Refusal(f"Row {entry.number}: {refusal}") from refusal
        told[entry.number] = _made(entry)
    return told


def refuse_moved(table: Table, entries: Sequence[Entry]) -> None:
    """Refuse what somebody else has changed since it was looked at."""
    standing = table.standing({entry.key for entry in entries})
    moved = [entry for entry in entries if standing.get(entry.key) != entry.before]
    if moved:
        more = f" and {len(moved) - 1} more rows" if len(moved) > 1 else ""
        raise Refusal(
            f"Someone has changed {moved[0].key} (row {moved[0].number}){more} since you looked at this import. "
            "Check it again, then apply it."
        )


def write_each(table: Table, entries: Sequence[Entry], hand: Hand) -> Written:
    """Write rows one by one; what is refused is told, and the others are written all the same."""
    table.hold(entries)
    standing, done = table.standing({entry.key for entry in entries}), Written()
    for entry in entries:
        if standing.get(entry.key) != entry.before:
            done.refused[entry.number] = "Someone has changed it since you looked at this import."
            continue
        try:
            with transaction.atomic():
                table.write(entry, hand)
            done.told[entry.number] = _made(entry)
        except (Refusal, WrongEntry) as refusal:
            done.refused[entry.number] = str(refusal)
    return done


def undo_each(table: Table, entries: Sequence[Entry], hand: Hand) -> Written:
    """Put back what stood there before each row, or take away what it made; what can't be is kept, and told why."""
    table.hold(entries)
    standing, done = table.standing({entry.key for entry in entries}), Written()
    for entry in entries:
        now = standing.get(entry.key)
        if now != entry.after:
            done.refused[entry.number] = "Kept: it is gone already." if now is None else "Kept: it was edited since."
            continue
        try:
            with transaction.atomic():
                done.told[entry.number] = _take_back(table, entry, hand)
        except (Refusal, WrongEntry) as refusal:
            done.refused[entry.number] = f"Kept: {refusal}"
    return done


def _take_back(table: Table, entry: Entry, hand: Hand) -> str:
    if entry.before is None:
        table.drop(entry.after, hand)
        return "Taken away"
    table.write(Entry(entry.number, entry.key, entry.after, entry.before), hand)
    return "Put back as it was"


def _made(entry: Entry) -> str:
    return "Made" if entry.before is None else "Changed"


def _raise_first(written: Written) -> None:
    if written.refused:
        number, told = next(iter(written.refused.items()))
        raise Refusal(f"Row {number}: {told}")
