"""Finding accounts: exact, then by prefix, on one index; then by words of the name; a name mistyped, when asked."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from entitlements.domain.likeness import FREE_MAIL
from entitlements.domain.nearness import GROUP, nearness
from entitlements.models import Account, Identifier
from entitlements.models.account import AccountKind, IdentifierKind
from entitlements.names_index import TABLE as NAMES
from entitlements.queries.merged import standing_for
from entitlements.queries.name_candidates import name_candidates
from journal.domain.refusal import NotFound

SHORTEST_PREFIX = 2
LAST_LETTER = "\U0010ffff"
LONGEST_MISTYPED = 80


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
    return exact_accounts(text=text, limit=limit) or loose_accounts(text=text, limit=limit)


def loose_accounts(*, text: str, limit: int = 10) -> list[Account]:
    """Those something of which begins so; behind them those whose name has it somewhere."""
    wanted = search_key(text)
    found: dict[int, Account] = {}
    for accounts in _loose_ways(wanted, limit):
        for account in accounts:
            found.setdefault(account.pk, account)
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def exact_accounts(*, text: str, limit: int = 10) -> list[Account]:
    """Only those that have just this: a key, name, address, domain or id; or the domain of an address nobody has."""
    wanted = search_key(text)
    for condition in _exact_ways(wanted) if wanted else ():
        if accounts := list(_having(condition, limit)):
            return accounts
    return []


def similar_accounts(*, text: str, limit: int = 10) -> list[Account]:
    """Accounts whose names are near to what was typed, the nearest first: for when nothing else is found.

    Only ever a suggestion. Of an address or a domain the name in it is taken: "nortwind" of ana@nortwind.example.
    """
    typed = _name_in(search_key(text))
    if len(typed) <= SHORTEST_PREFIX or len(typed) > LONGEST_MISTYPED:
        return []
    near = [
        (amiss, abs(len(name) - len(typed)), name, pk)  # of two that are as near, the one about as long
        for pk, name in name_candidates(typed)
        if (amiss := nearness(typed, name)) is not None
    ]
    ids = [pk for *_, pk in sorted(near)[: limit * 2]]
    rows = Account.objects.select_related("market", "owner", "merged_into").in_bulk(ids)
    found = (rows[pk].merged_into or rows[pk] for pk in ids if pk in rows)
    return list(dict.fromkeys(found))[:limit]


def _name_in(wanted: str) -> str:
    """The part of an address or a domain that is most of a customer's name; else what was typed."""
    domain = wanted.rpartition("@")[2]
    if domain in FREE_MAIL or " " in domain or "." not in domain:
        return "" if domain in FREE_MAIL else wanted
    return domain.removeprefix("www.").partition(".")[0] if domain.rpartition(".")[2].isalpha() else wanted


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
        yield _accounts().filter(_in_name(wanted)).order_by("name")[:limit]


def _in_name(wanted: str) -> Q:
    """The name has it somewhere: by groups of three letters, from three on; PostgreSQL sees by itself that it may."""
    if connection.vendor == "postgresql" or len(wanted) < GROUP:
        return Q(name__icontains=wanted)
    phrase = '"{}"'.format(wanted.replace('"', '""'))
    return Q(pk__in=RawSQL(f'SELECT rowid FROM "{NAMES}" WHERE "{NAMES}" MATCH %s', [phrase]))  # noqa: S608, S611 — our own table


def prefix_of(wanted: str) -> Q:
    """What identifiers are found by that begin so."""
    return starts_with("value_key", wanted)


def starts_with(column: str, wanted: str) -> Q:
    """A prefix in the way each database walks its index: LIKE with its own operator class, or a range of bytes."""
    if connection.vendor == "postgresql":
        return Q((f"{column}__startswith", wanted))
    return Q((f"{column}__gte", wanted), (f"{column}__lt", wanted + LAST_LETTER))


def _having(condition: Q, limit: int) -> QuerySet[Account]:
    """Walked in the index's own order: sorting all that begin so would take as long as there are many."""
    rows = Identifier.objects.filter(condition).order_by("value_key").values_list("account_id", flat=True)
    return _accounts().filter(pk__in=set(rows[: limit * 10])).order_by("name")[:limit]


def _accounts() -> QuerySet[Account]:
    return Account.objects.filter(merged_into__isnull=True).select_related("market", "owner")


def search_key(text: str) -> str:
    """What is typed and what is stored meet here: small letters, single spaces, no edges, nothing unspeakable."""
    spoken = text.replace("\x00", "").encode(errors="ignore").decode()
    return " ".join(spoken.lower().split())
