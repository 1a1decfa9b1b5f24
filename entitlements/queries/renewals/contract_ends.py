"""The ends of contracts: the one that was agreed, or that of the running term where a contract renews by itself.

Terms that renew are worked out, not stored: the end of a contract under tacit renewal is never its first one, but that
of the term that runs, and notice is counted back from there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import Max, Min, Prefetch, Q
from django.urls import reverse

from catalog.queries.instants import say_instant, say_until
from entitlements.domain.contract_terms import Term, Terms
from entitlements.domain.renewing import RenewalState, Settled, Stands
from entitlements.ending_sources import End, Wanted
from entitlements.models import Contract, ContractVersion
from entitlements.models.contract import ContractState, Renewal
from entitlements.models.reminder import EndOf
from entitlements.queries.contracts.ending import ends_with
from entitlements.queries.contracts.versions import OPEN, in_order, terms_of
from entitlements.queries.contracts.wording import say_day

SIGNED = Prefetch("versions", ContractVersion.objects.filter(state=ContractState.SIGNED), to_attr="signed")
RENEWING = Q(ends_at__isnull=True, versions__state=ContractState.SIGNED, versions__renewal=Renewal.RENEWS)


def contract_ends(wanted: Wanted) -> Iterator[End]:
    """Every contract whose end was said, and every term of those that renew by themselves; five reads."""
    asked = wanted.of_account() & wanted.by_id()
    rows = Contract.objects.filter(asked, wanted.within()).select_related("account__owner").prefetch_related(SIGNED)
    yield from (_end(row) for row in rows)
    renewing = Contract.objects.filter(asked, RENEWING).distinct().select_related("account__owner")
    for row in renewing.prefetch_related(SIGNED):
        last = in_order(row.signed)[-1]
        if last.renewal == Renewal.RENEWS:
            yield from _terms(row, last, wanted)


def _end(row: Contract) -> End:
    assert row.ends_at is not None  # it was asked for by its end
    label = label_of(row)
    return End(
        EndOf.CONTRACT,
        str(row.pk),
        row.account,
        label,
        row.ends_at,
        row.created_at,
        settled=_said(row, _zone(row)),
        days=frozenset(row.announced_days),
    )


def _said(row: Contract, zone: str) -> Settled | None:
    """Somebody has given notice, or ended it early: nothing is left to decide."""
    if row.notice_at is not None:
        said = say_instant(row.notice_at, zone=zone)
        return Settled(RenewalState.LET_END, f"{row.notice_by} gave notice on {said}.")
    if row.ended_early_at is not None:
        said = say_instant(row.ended_early_at, zone=zone)
        return Settled(RenewalState.LET_END, f"It was ended before its time, on {said}.")
    return None


def _terms(row: Contract, version: ContractVersion, wanted: Wanted) -> Iterator[End]:
    for term in terms_within(version, wanted):
        terms = terms_of(version, at=term.starts_at)
        yield End(
            EndOf.CONTRACT,
            str(row.pk),
            row.account,
            label_of(row),
            term.ends_at,
            max(term.starts_at, row.created_at),
            settled=Settled(RenewalState.RENEWED, _renews(terms, term), term.ends_at),
            announced_as=f"running term of {label_of(row)}",
            then=_renews(terms, term),
            days=frozenset(row.announced_days),
        )


def terms_within(version: ContractVersion, wanted: Wanted) -> Iterator[Term]:
    """The term that runs at the instant asked about, or each that ends in one of the windows."""
    if wanted.at is not None:
        running = terms_of(version, at=wanted.at).running(wanted.at)
        if running is not None and wanted.contains(running.ends_at):
            yield running
        return
    if not all(window.start and window.end for window in wanted.windows):
        raise ValueError("Of terms that go on for ever only those in a stretch of time can be told.")
    first = min(window.start for window in wanted.windows if window.start)
    last = max(window.end for window in wanted.windows if window.end)
    terms = terms_of(version, at=first)
    term = terms.running(first)
    while term is not None and term.ends_at < last:
        if wanted.contains(term.ends_at):
            yield term
        term = terms.term(term.number + 1)


def _renews(terms: Terms, term: Term) -> str:
    """ "It renews by itself for 12 months, unless notice is given through 30 January 2027." """
    months = terms.renewal_months or terms.months or 0
    last = say_day(terms.last_day_for_notice(term))
    return f"It renews by itself for {months} month{'' if months == 1 else 's'}, unless notice is given through {last}."


def label_of(row: Contract) -> str:
    return f"contract {row.key} ({row.name})"


def _zone(row: Contract) -> str:
    return str(in_order(row.signed)[-1].zone) if row.signed else row.account.zone  # type: ignore[attr-defined]


def longest_notice() -> int:
    """The longest notice, in days, that some contract in force wants."""
    signed = ContractVersion.objects.filter(state=ContractState.SIGNED, renewal=Renewal.RENEWS)
    return signed.aggregate(most=Max("notice_days"))["most"] or 0


def contract_gives(key: str, at: datetime) -> Sequence[str]:
    row = Contract.objects.select_related("account", "subscription").filter(pk=int(key)).first()
    return ends_with(row, at=at) if row is not None else ()


def contract_page(key: str) -> str:
    return reverse("admin:entitlements_contract_page", args=[int(key)])


def contracts_stand(keys: Collection[str], at: datetime) -> Mapping[str, Stands]:
    """A contract drafted in the place of another: agreed once it is signed, gone once its draft was discarded."""
    rows = ContractVersion.objects.filter(contract__in=[int(key) for key in keys])
    found: dict[str, Stands] = dict.fromkeys(keys, Stands.GONE)
    for contract, state in rows.values_list("contract_id", "state"):
        if state == ContractState.SIGNED:
            found[str(contract)] = Stands.AGREED
        elif state in OPEN and found[str(contract)] is not Stands.AGREED:
            found[str(contract)] = Stands.PENDING
    return found


def contracts_begin(keys: Collection[str]) -> Mapping[str, datetime]:
    """From when on signed contracts speak: one may be signed later than it was drafted for, or for another day."""
    signed = ContractVersion.objects.filter(contract__in=[int(key) for key in keys], state=ContractState.SIGNED)
    first = signed.values("contract").annotate(first=Min("effective_at")).values_list("contract", "first")
    return {str(contract): begins for contract, begins in first}


def say_end_of(end: End) -> str:
    """ "The contract C-1 (Framework agreement) lasts through 31 March 2026 (Amsterdam)"."""
    return f"The {end.label} lasts {say_until(end.at, zone=end.account.zone)}"
