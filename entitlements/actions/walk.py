"""Walking one account: whatever began or ended by itself in some stretches of time is recorded and told, once."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from catalog.domain.window import MOMENT, Window
from entitlements.actions.announcing import announce
from entitlements.actions.changes import tell_what_time_changed
from entitlements.actions.rollout_changes import cause_of
from entitlements.actions.webhooks import tell_ending
from entitlements.domain.boundaries import boundaries
from entitlements.domain.causes import what_turned
from entitlements.domain.facts import Facts
from entitlements.domain.resolve import resolve
from entitlements.models import Account
from entitlements.queries.clock.announcements import Reminders
from entitlements.queries.clock.endings import Ending, endings_of
from entitlements.queries.clock.touched import acts_above, edits_of
from entitlements.queries.entitlements import facts_of
from entitlements.snapshots import CatalogSnapshot
from journal.actions.notices import tell

Stretches = tuple[Window, ...]


@transaction.atomic
def walk(
    account: Account,
    stretches: Stretches,
    *,
    catalog: CatalogSnapshot,
    reminders: Reminders | None,
    at: datetime,
) -> None:
    """Told of one account what began or ended by itself; all of it or nothing. Without reminders nothing is ahead."""
    endings = endings_of(account, stretches)
    _tell_boundaries(account, stretches, endings, catalog=catalog, at=at)
    _tell_acts_above(account, stretches, catalog=catalog, at=at)
    for ending in endings:
        _notify(account, ending, at=at)
        tell_ending(account, ending, at=at)
    if reminders is not None:
        announce(account, stretches, reminders=reminders, catalog=catalog, at=at)


def _tell_boundaries(
    account: Account, stretches: Stretches, endings: Iterable[Ending], *, catalog: CatalogSnapshot, at: datetime
) -> None:
    for era, known_at in _eras(account, stretches):
        facts = facts_of(account=account, catalog=catalog, known_at=known_at)
        for instant in _inside(stretches, boundaries(facts)):
            if not era.contains(instant):
                continue
            tell_what_time_changed(
                account=account,
                before=resolve(facts, at=instant - MOMENT),
                after=resolve(facts, at=instant),
                effective_at=instant,
                recorded_at=at,
                cause=_cause(account, facts, instant, endings),
            )


def _eras(account: Account, stretches: Stretches) -> Iterator[tuple[Window, datetime | None]]:
    """The stretches of time with when the account is to be read as it was known: up to an edit, as before that edit.

    Everything else that decides an answer bears its dates, but a customer's market and parent don't: to a sweep that
    comes after an edit, what ended before it would look as if the customer had always been where it is now.
    """
    since: datetime | None = None
    for edited_at in edits_of(account, stretches):
        yield Window(since, edited_at), edited_at - MOMENT
        since = edited_at
    yield Window(since, None), None


def _inside(stretches: Stretches, instants: Iterable[datetime]) -> list[datetime]:
    return [instant for instant in instants if any(stretch.contains(instant) for stretch in stretches)]


def _cause(account: Account, facts: Facts, instant: datetime, endings: Iterable[Ending]) -> str:
    if said := [ending.words for ending in endings if ending.at == instant]:
        return "; ".join(said)
    if account.parent is not None and instant not in boundaries(replace(facts, parent=None)):
        return _caused_by(account.parent)
    return cause_of(facts, instant) or what_turned(facts, instant) or "Its time had come"


def _caused_by(parent: Account) -> str:
    return f"What {parent} has changed, the parent account"


def _tell_acts_above(account: Account, stretches: Stretches, *, catalog: CatalogSnapshot, at: datetime) -> None:
    """What an act on an account above changed for this one: the act itself told only the account it was about.

    Not every act leaves an instant among the facts: another market, say. So each is looked at from both sides, as
    things were known just before it and with it.
    """
    if account.parent is None:
        return
    for acted_at in acts_above(account, stretches):
        known = (facts_of(account=account, catalog=catalog, known_at=i) for i in (acted_at - MOMENT, acted_at))
        before, after = (resolve(facts, at=acted_at) for facts in known)
        tell_what_time_changed(
            account=account,
            before=before,
            after=after,
            effective_at=acted_at,
            recorded_at=at,
            cause=_caused_by(account.parent),
        )


def _notify(account: Account, ending: Ending, *, at: datetime) -> None:
    """Tell the account's owner, once, however often this ending is walked."""
    if account.owner is None or not account.owner.email:
        return
    tell(
        recipient=account.owner.email,
        subject=f"{account.name}: {ending.words}",
        body=f"{ending.words} for {account.name} on {ending.said_at(account.zone)}.\n\n{ending.say_afterwards()}\n",
        account_key=account.key,
        once_key=f"{ending.key}:{ending.at.isoformat()}",
        kind=ending.kind,
        at=at,
    )
