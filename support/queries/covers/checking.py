"""What a cover may name at this moment, read for the checks; and the refusals that say what is wrong with it."""

from collections.abc import Collection, Iterator
from datetime import datetime

from catalog.queries.instants import say_instant, say_until
from entitlements.models import Account, Contract, ContractLine
from entitlements.queries.contracts.versions import signed_versions
from support.domain.cover_checks import Beside, CoverFault, KnownContract, KnownCover, faults_of
from support.domain.cover_draft import CoverDraft, CoverPlace
from support.domain.cover_terms import ScopeKind
from support.models import Cover
from support.queries.covers.reading import carried_by, ids_below, name_of, read_covers, things_of
from support.queries.policy_history import tier_choices


def cover_faults(
    draft: CoverDraft, *, account: Account, at: datetime, but: Collection[int] = ()
) -> tuple[CoverFault, ...]:
    """Everything that keeps it from being written; `but` are covers that make room for it."""
    return faults_of(draft, known=known_for(draft, account=account, at=at, but=but))


def known_for(draft: CoverDraft, *, account: Account, at: datetime, but: Collection[int] = ()) -> KnownCover:
    below = ids_below(account)
    theirs: dict[ScopeKind, frozenset[int]] = {}
    others: dict[ScopeKind, frozenset[int]] = {}
    names: dict[tuple[ScopeKind, int], str] = {}
    for kind in ScopeKind:
        rows = list(things_of(kind).filter(pk__in=draft.scope.of(kind))) if draft.scope.of(kind) else []
        whose = {row.pk: account.pk if kind is ScopeKind.PRODUCT else row.account_id for row in rows}
        theirs[kind] = frozenset(pk for pk, owner in whose.items() if owner == account.pk)
        others[kind] = frozenset(pk for pk, owner in whose.items() if owner in below)
        # Another customer's things aren't named to whoever guesses their numbers.
        shown = theirs[kind] | others[kind]
        names |= {(kind, row.pk): name_of(kind, row) for row in rows if row.pk in shown}
    return KnownCover(
        tiers=frozenset(tier_choices()),
        contract=_contract(draft, account=account),
        theirs=theirs,
        below=others,
        names=names,
        beside=tuple(_beside(account, at=at, but=but)),
    )


def contract_end(draft: CoverDraft) -> datetime | None:
    """When the contract it names ends, or the line of it; None: it names none, or nobody has said."""
    found = Contract.objects.filter(pk=draft.contract).first() if draft.contract else None
    return carried_by(found, line=draft.line)[1]


def _contract(draft: CoverDraft, *, account: Account) -> KnownContract | None:
    found = Contract.objects.filter(pk=draft.contract, account=account).first() if draft.contract else None
    if found is None:
        return None
    versions = signed_versions(found)
    begun = [version for version in versions if version.effective_at and version.effective_at <= draft.starts_at]
    speaking = [*begun[-1:], *(version for version in versions if version not in begun)]
    lines = ContractLine.objects.filter(version__in=speaking).values_list("number", flat=True)
    first, ends = carried_by(found, line=draft.line)
    return KnownContract(
        key=found.key,
        begins_at=first,
        ends_at=ends,
        lines=frozenset(lines),
        begins="" if first is None else say_instant(first, zone=draft.zone),
        ends="" if ends is None else say_until(ends, zone=draft.zone),
    )


def _beside(account: Account, *, at: datetime, but: Collection[int]) -> Iterator[Beside]:
    rows = Cover.objects.filter(account=account).exclude(pk__in=but).select_related("account", "contract")
    for read in read_covers(rows):
        if read.place(at) is CoverPlace.CALLED_OFF:
            continue
        since = say_instant(read.draft.starts_at, zone=read.draft.zone)
        until = f" {read.named.until}" if read.named.until else ""
        words = f"“{read.draft.name}” from {since}{until}"
        yield Beside(words, read.draft.name, read.window, read.draft.scope, read.draft.contract, read.draft.line)
