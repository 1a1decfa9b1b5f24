"""The last days for notice on contracts that renew by themselves.

Terms that renew are worked out, not stored, so every contract that renews is looked at, of so many accounts as are asked
about.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import Q

from catalog.domain.window import Window
from catalog.queries.instants import say_instant
from entitlements.domain.contract_terms import Term
from entitlements.models import Contract, ContractVersion
from entitlements.models.contract import Renewal
from entitlements.queries.contracts.versions import in_order, terms_of
from entitlements.queries.renewals.contract_ends import RENEWING, SIGNED


def last_days_for_notice(windows: Collection[Window], *, accounts: Q) -> Iterator[tuple[Contract, Term, datetime]]:
    """Each contract that renews, with the term that could be the last and the instant from which notice is too late."""
    rows = Contract.objects.filter(accounts, RENEWING).distinct()
    for row in rows.select_related("account__owner").prefetch_related(SIGNED):
        last = in_order(row.signed)[-1]
        if last.renewal == Renewal.RENEWS:
            for window in windows:
                yield from ((row, term, at) for term, at in _within(last, window))


def _within(version: ContractVersion, window: Window) -> Iterator[tuple[Term, datetime]]:
    assert window.start is not None
    assert window.end is not None
    terms = terms_of(version, at=window.start)
    term = terms.running(window.start)
    while term is not None and (at := terms.notice_until(term)) < window.end:
        if window.contains(at):
            yield term, at
        term = terms.term(term.number + 1)


def say_time_for_notice(row: Contract, term: Term, *, zone: str) -> str:
    """ "time to give notice on contract C-2026-0012, which renews on 2 March 2027 (Amsterdam),"."""
    return f"time to give notice on contract {row.key}, which renews on {say_instant(term.ends_at, zone=zone)},"
