"""Which accounts may be one customer: they share a domain of e-mail, a contact's address, or a name."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Count, Q, QuerySet

from entitlements.domain.likeness import FREE_MAIL, plain_name
from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind

MOST = 50
MOST_SHARING = 5  # what more accounts than this have in common tells nothing about any two of them
MOST_NAMED_ALIKE = 200
WORDS = {IdentifierKind.EMAIL: "a contact, {}", IdentifierKind.DOMAIN: "the domain {}"}

Pair = tuple[int, int]
Shared = dict[Pair, list[str]]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two accounts, the older first, and what they have in common."""

    one: Account
    other: Account
    shared: tuple[str, ...]


def likely_duplicates(*, most: int = MOST) -> list[Likeness]:
    """The pairs that have most in common first. Parent and child, and sisters, are apart on purpose."""
    shared = _sharing(_telling())
    _add(shared, _by_plain_name())
    return _told(shared, most)


def likely_duplicates_of(account: Account, *, most: int = 5) -> list[Likeness]:
    """Those that may be the same customer as this account."""
    own = account.identifiers.filter(_telling()).values_list("value_key", flat=True)
    shared = _sharing(_telling() & Q(value_key__in=list(own)))
    wanted, first = plain_name(account.name), account.name.split(" ")[0]
    named = Account.objects.filter(merged_into__isnull=True, name__istartswith=first).values_list("pk", "name")
    alike = {pk for pk, name in named[:MOST_NAMED_ALIKE] if plain_name(name) == wanted}
    _add(shared, {f"the name “{wanted}”": {account.pk, *alike}})
    return _told({pair: words for pair, words in shared.items() if account.pk in pair}, most)


def _telling() -> Q:
    """What tells one customer from another: addresses of contacts, and domains that are their own."""
    return Q(kind=IdentifierKind.EMAIL) | (Q(kind=IdentifierKind.DOMAIN) & ~Q(value_key__in=FREE_MAIL))


def _sharing(condition: Q) -> Shared:
    """The pairs found by the same address or domain; two reads."""
    rows: QuerySet[Identifier] = Identifier.objects.filter(condition, account__merged_into__isnull=True).order_by()
    several = rows.values("kind", "value_key").annotate(accounts=Count("account", distinct=True))
    found = several.filter(accounts__gt=1, accounts__lte=MOST_SHARING).order_by("kind", "value_key")[: MOST * 4]
    values = {(group["kind"], group["value_key"]) for group in found}
    groups: dict[str, set[int]] = defaultdict(set)
    held = rows.filter(value_key__in=[value for _, value in values]).values_list("kind", "value_key", "account_id")
    for kind, value, account_id in held:
        if (kind, value) in values:
            groups[WORDS[IdentifierKind(kind)].format(value)].add(account_id)
    shared: Shared = defaultdict(list)
    _add(shared, groups)
    return shared


def _by_plain_name() -> Mapping[str, Collection[int]]:
    """The accounts of each name that more than one bears; one read, of names alone."""
    groups: dict[str, set[int]] = defaultdict(set)
    for pk, name in Account.objects.filter(merged_into__isnull=True).order_by().values_list("pk", "name").iterator():
        groups[plain_name(name)].add(pk)
    return {f"the name “{name}”": ids for name, ids in groups.items() if len(ids) > 1}


def _add(shared: Shared, groups: Mapping[str, Collection[int]]) -> None:
    for words, ids in groups.items():
        if len(ids) <= MOST_SHARING:
            for one, other in combinations(sorted(ids), 2):
                shared[one, other].append(words)


def _told(shared: Shared, most: int) -> list[Likeness]:
    ranked = sorted(shared, key=lambda pair: (-len(shared[pair]), pair))
    rows = Account.objects.in_bulk({pk for pair in ranked[: most * 2] for pk in pair})
    pairs = ((rows[one], rows[other], pair) for pair in ranked[: most * 2] for one, other in [pair])
    return [Likeness(one, other, tuple(shared[pair])) for one, other, pair in pairs if not _related(one, other)][:most]


def _related(one: Account, other: Account) -> bool:
    sisters = one.parent_id is not None and one.parent_id == other.parent_id
    return sisters or one.parent_id == other.pk or other.parent_id == one.pk
