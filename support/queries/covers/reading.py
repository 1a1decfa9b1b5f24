"""Covers read as values: what each says, and what the ids in it are called. A few reads for any number of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from catalog.domain.window import Window
from catalog.queries.instants import say_until
from entitlements.models import Account, Contact, Contract
from support.domain.cover_draft import CoverDraft, CoverPlace, place_at, plain_draft
from support.domain.cover_terms import ScopeKind
from support.domain.cover_words import Named, say_cover, say_further
from support.domain.covers import Scope
from support.models import Asset, Cover, CoverScope, Location, Product
from support.queries.policy_history import tier_choices
from support.snapshots.cover_contracts import Agreed, agreed_by
from support.snapshots.covers import shares_of

CODES = {
    ScopeKind.ASSET: "serial",
    ScopeKind.LOCATION: "name",
    ScopeKind.CONTACT: "email",
    ScopeKind.PRODUCT: "key",
}


@dataclass(frozen=True, slots=True)
class CoverRead:
    """One cover with what it says and what that is called; `codes` are the names programs go by."""

    row: Cover
    draft: CoverDraft
    named: Named
    codes: Mapping[ScopeKind, tuple[str, ...]]

    @property
    def words(self) -> str:
        return say_cover(self.draft, named=self.named)

    @property
    def further(self) -> tuple[str, ...]:
        return say_further(self.draft)

    @property
    def window(self) -> Window:
        return self.draft.window

    def place(self, at: datetime) -> CoverPlace:
        return place_at(self.window, at)


def read_covers(rows: Iterable[Cover]) -> list[CoverRead]:
    """Each as it stands; two reads, with contracts three, with lines of theirs four, however many there are; and those of
    `select_related("account", "contract")` where the rows lack them.
    """
    rows = list(rows)
    scopes, agreed = _scope_rows(rows), agreed_by(rows)
    tiers = tier_choices() if rows else {}
    return [_read(row, scopes.get(row.pk, []), tiers, _earliest(row.contract, agreed.get(row.pk))) for row in rows]


def _earliest(contract: Contract | None, agreed: Agreed | None) -> datetime | None:
    """When the contract ends that carries a cover, or the line of it."""
    ends = [contract.ends_at if contract else None, agreed.ends_at if agreed else None]
    return min((at for at in ends if at is not None), default=None)


def carried_by(contract: Contract | None, *, line: int | None) -> tuple[datetime | None, datetime | None]:
    """From when to when a contract, or the line of it, would carry a cover."""
    if contract is None:
        return None, None
    agreed = agreed_by([Cover(pk=0, contract=contract, line=line)])[0]
    return agreed.starts_at, _earliest(contract, agreed)


def read_cover(row: Cover) -> CoverRead:
    return read_covers([row])[0]


def draft_of(row: Cover) -> CoverDraft:
    """What a cover says, to be written on."""
    return read_cover(row).draft


def _scope_rows(rows: list[Cover]) -> Mapping[int, list[CoverScope]]:
    found: dict[int, list[CoverScope]] = defaultdict(list)
    scope = CoverScope.objects.filter(cover__in=rows) if rows else CoverScope.objects.none()
    for one in scope.select_related("asset__product", "location", "contact", "product"):
        found[one.cover_id].append(one)
    return found


def _read(
    row: Cover, scope: list[CoverScope], tiers: Mapping[str, str], contract_ends_at: datetime | None
) -> CoverRead:
    ids: dict[ScopeKind, set[int]] = defaultdict(set)
    things: dict[tuple[ScopeKind, int], str] = {}
    codes: dict[ScopeKind, list[str]] = defaultdict(list)
    for one in scope:
        kind = ScopeKind(one.kind)
        thing = getattr(one, kind.value)
        ids[kind].add(thing.pk)
        things[kind, thing.pk] = name_of(kind, thing)
        codes[kind].append(str(getattr(thing, CODES[kind])))
    draft = _draft(row, ids, contract_ends_at)
    named = Named(tiers, things, row.contract.key if row.contract else "", say_end(draft))
    return CoverRead(row, draft, named, {kind: tuple(sorted(codes[kind])) for kind in ScopeKind})


def _draft(row: Cover, ids: Mapping[ScopeKind, set[int]], contract_ends_at: datetime | None) -> CoverDraft:
    return CoverDraft(
        name=row.name,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        contract=row.contract_id,
        line=row.line,
        contract_ends_at=contract_ends_at,
        tier=row.tier,
        shares=shares_of(row),
        authorisation=row.authorisation,
        priority=row.priority,
        children=row.children,
        counted=row.counted,
        visits_a_year=row.visits_a_year,
        scope=Scope(
            assets=frozenset(ids[ScopeKind.ASSET]),
            locations=frozenset(ids[ScopeKind.LOCATION]),
            contacts=frozenset(ids[ScopeKind.CONTACT]),
            products=frozenset(ids[ScopeKind.PRODUCT]),
            channels=frozenset(row.channels),
        ),
    )


def name_of(kind: ScopeKind, thing: Any) -> str:
    """What people call it: a device with its product, a place or a person by name."""
    if kind is ScopeKind.ASSET and thing.name:
        return f"{thing.name} ({thing})"
    return str(thing.name) if kind in {ScopeKind.LOCATION, ScopeKind.CONTACT} else str(thing)


def say_end(draft: CoverDraft) -> str:
    """ "through 31 March 2027 (Amsterdam)"; empty where nobody has said when."""
    last = draft.last_instant
    return "" if last is None else say_until(last, zone=draft.zone)


def named_for(draft: CoverDraft) -> Named:
    """What the ids in a cover that is only thought of are called; up to six reads."""
    contract = Contract.objects.filter(pk=draft.contract).first() if draft.contract else None
    things = {
        (kind, thing.pk): name_of(kind, thing)
        for kind in ScopeKind
        if draft.scope.of(kind)
        for thing in things_of(kind).filter(pk__in=draft.scope.of(kind))
    }
    return Named(tier_choices(), things, contract.key if contract else "", say_end(draft))


def things_of(kind: ScopeKind) -> Any:
    """All rows of what covers may be narrowed to."""
    return {
        ScopeKind.ASSET: Asset.objects.select_related("product", "account", "location"),
        ScopeKind.LOCATION: Location.objects.select_related("account"),
        ScopeKind.CONTACT: Contact.objects.select_related("account"),
        ScopeKind.PRODUCT: Product.objects.all(),
    }[kind]


def ids_below(account: Account) -> list[int]:
    """The accounts below this one, level by level."""
    found: list[int] = []
    level = [account.pk]
    while level:
        known = [account.pk, *found]
        level = list(Account.objects.filter(parent_id__in=level).exclude(pk__in=known).values_list("pk", flat=True))
        found += level
    return found


def cover_token(row: Cover) -> str:
    """What stood on the screen, in short: everything the cover says, and what follows it. A form carries it back."""
    read = read_cover(row)
    followed = Cover.objects.filter(follows=row.pk).values_list("pk", flat=True).first()
    said = [plain_draft(read.draft), read.draft.last_instant, str(row.ended_early_at or ""), followed]
    return sha256(repr(said).encode()).hexdigest()[:20]
