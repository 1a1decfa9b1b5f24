"""Finding accounts: exact, then by prefix, on one index; then by words of the name."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Q, QuerySet

from entitlements.models import Account, Identifier
from entitlements.models.account import AccountKind, IdentifierKind
from entitlements.queries.merged import standing_for
from journal.domain.refusal import NotFound

SHORTEST_PREFIX = 2
LAST_LETTER = "\U0010ffff"


def account_by_key(key: str) -> Account:
    """The account of our own key or of any system's id (`stripe:cus_123`, or the bare id where it is unambiguous).

    The key of an account that was merged leads to the one that stands for it.
    """
    spoken = key.replace("\x00", "")
    found = Account.objects.filter(key=spoken).select_related("market", "owner").first()
    return standing_for(found) if found is not None else _by_external_id(spoken)


def _by_external_id(key: str) -> Account:
    system, _, value = key.rpartition(":")
    rows = Identifier.objects.filter(kind=IdentifierKind.EXTERNAL, value_key=search_key(value))
    if system:
        rows = rows.filter(system=system)
    accounts = list(Account.objects.filter(pk__in=rows.values("account_id")).select_related("market", "owner")[:2])
    if len(accounts) != 1:
        raise NotFound(f"No account has the key or id {key!r}.")
    return accounts[0]


def revenue_accounts() -> QuerySet[Account]:
    """The accounts that revenue can hang on: customers and partners. Every figure about revenue counts these alone."""
    return Account.objects.filter(merged_into__isnull=True).exclude(kind=AccountKind.INTERNAL)


def internal_ids() -> set[int]:
    """Our own people's accounts, for figures that tell them apart; there are never many."""
    return set(Account.objects.filter(kind=AccountKind.INTERNAL).values_list("pk", flat=True))


def ancestors_of(account: Account) -> list[Account]:
    """Whom the account belongs to, the nearest first; a loop, which no action makes, is walked once."""
    found: list[Account] = []
    while (parent := (found[-1] if found else account).parent) is not None and parent not in found:
        found.append(parent)
    return found


def find_accounts(*, text: str, limit: int = 10) -> list[Account]:
    """Accounts that what was typed may mean, the surest first: exact matches, then prefixes, then names.

    An e-mail address nobody has on file also finds the account of its domain.
    """
    wanted = search_key(text)
    if not wanted:
        return []
    found: dict[int, Account] = {}
    for condition in _exact_ways(wanted):
        for account in _having(condition, limit):
            found.setdefault(account.pk, account)
        if found:
            return list(found.values())[:limit]
    for accounts in _loose_ways(wanted, limit):
        for account in accounts:
            found.setdefault(account.pk, account)
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def _exact_ways(wanted: str) -> Iterator[Q]:
    yield Q(value_key=wanted)
    system, _, value = wanted.partition(":")
    if value.strip():
        yield Q(kind=IdentifierKind.EXTERNAL, system=system.strip(), value_key=value.strip())
    if "@" in wanted:
        yield Q(kind=IdentifierKind.DOMAIN, value_key=wanted.rpartition("@")[2])


def _loose_ways(wanted: str, limit: int) -> Iterator[QuerySet[Account]]:
    if len(wanted) >= SHORTEST_PREFIX:
        yield _having(prefix_of(wanted), limit)
        yield _accounts().filter(name__icontains=wanted).order_by("name")[:limit]


def prefix_of(wanted: str) -> Q:
    """A prefix in the way each database walks its index: LIKE with its own operator class, or a range of bytes."""
    if connection.vendor == "postgresql":
        return Q(value_key__startswith=wanted)
    return Q(value_key__gte=wanted, value_key__lt=wanted + LAST_LETTER)


def _having(condition: Q, limit: int) -> QuerySet[Account]:
    ids = Identifier.objects.filter(condition).values("account_id").distinct()[: limit * 5]
    return _accounts().filter(pk__in=list(ids.values_list("account_id", flat=True))).order_by("name")[:limit]


def _accounts() -> QuerySet[Account]:
    return Account.objects.filter(merged_into__isnull=True).select_related("market", "owner")


def search_key(text: str) -> str:
    """What is typed and what is stored meet here: small letters, single spaces, no edges, nothing unspeakable."""
    spoken = text.replace("\x00", "").encode(errors="ignore").decode()
    return " ".join(spoken.lower().split())
