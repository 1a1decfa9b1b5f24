"""The accounts that companies of a CRM may be: by their ids there, and by each of the rules. Nothing is written.

Many companies that come in together are asked about together: by their ids, our keys and their domains in one read each.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import QuerySet

from desk.domain.crm.linking import USUAL, Candidates, LinkRule, own_domain
from desk.domain.crm.told import Company
from desk.models import CrmCompany, CrmSetup
from entitlements.domain.likeness import plain_name
from entitlements.models import Account, Identifier
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import account_by_key, prefix_of, search_key
from entitlements.queries.billed.customers import fitting
from entitlements.queries.merged import standing_for
from journal.domain.connection import Mode
from journal.domain.refusal import NotFound
from journal.models import Connection

MOST_NAMED_ALIKE = 200
WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Choices:
    """What staff chose of how companies are linked; the usual where nobody has."""

    rules: tuple[LinkRule, ...] = USUAL
    opens: bool = False
    masters: dict[str, str] = field(default_factory=dict)


def choices_of(connection: Connection) -> Choices:
    setup = CrmSetup.objects.filter(connection=connection).first()
    if setup is None:
        return Choices()
    known = [LinkRule(one) for one in setup.link_rules if one in set(LinkRule)]
    return Choices(tuple(known) or USUAL, setup.opens_accounts, dict(setup.masters))


class Finder:
    """Who these companies may be, as it is known when it is asked first; what no company needs is never read."""

    def __init__(self, connection: Connection, companies: Collection[Company]) -> None:
        self.connection = connection
        self.companies = companies
        self._names: dict[str, list[tuple[str, int]]] = {}

    def by_rule(self, rule: LinkRule, company: Company) -> Iterable[Account]:
        match rule:
            case LinkRule.OWN_KEY:
                return self._by_own_key(company.own_key)
            case LinkRule.DOMAIN:
                return _standing(self._by_domain.get(search_key(own_domain(company.domain)), ()))
            case LinkRule.NAME:
                return self._by_name(company.name)

    def known_by_id(self, company: Company) -> Account | None:
        """Whom its id there belongs to."""
        found = self._by_id.get(search_key(company.id))
        return None if found is None else standing_for(found)

    @cached_property
    def _by_id(self) -> Mapping[str, Account]:
        """An id that is known from another connection of the vendor is that one's: each numbers its companies for itself."""
        there = CrmCompany.objects.filter(connection__vendor=self.connection.vendor, account__isnull=False)
        there = there.filter(external_id__in=[one.id for one in self.companies]).exclude(connection=self.connection)
        others = {search_key(id) for id in there.values_list("external_id", flat=True)}
        ids = {search_key(one.id) for one in self.companies} - others
        return {
            row.value_key: row.account
            for row in _identifiers(IdentifierKind.EXTERNAL, ids).filter(system=self.connection.vendor)
        }

    @cached_property
    def _by_key(self) -> Mapping[str, Account]:
        keys = {one.own_key for one in self.companies if one.own_key and "\x00" not in one.own_key}
        rows = Account.objects.filter(key__in=keys).select_related("market", "owner")
        return {row.key: row for row in rows}

    @cached_property
    def _by_domain(self) -> Mapping[str, Sequence[Account]]:
        domains = {search_key(own_domain(one.domain)) for one in self.companies} - {""}
        found: dict[str, list[Account]] = defaultdict(list)
        for row in _identifiers(IdentifierKind.DOMAIN, domains).order_by("account__key"):
            found[row.value_key].append(row.account)
        return found

    def _by_own_key(self, key: str) -> Iterator[Account]:
        """Our key, or any id of ours."""
        if key:
            try:
                yield standing_for(self._by_key[key]) if key in self._by_key else account_by_key(key)
            except NotFound:
                return

    def _by_name(self, name: str) -> Iterator[Account]:
        """Those of the same name but for its legal form, found among the names that begin with its first telling word."""
        wanted = plain_name(name)
        first = next((word for word in WORD.findall(search_key(name)) if word != "the"), "")
        if not wanted or not first:
            return
        ids = [account for plain, account in self._beginning(first) if plain == wanted]
        rows = Account.objects.in_bulk(ids) if ids else {}
        yield from _standing(rows[pk] for pk in ids if pk in rows)

    def _beginning(self, word: str) -> list[tuple[str, int]]:
        """The names without their legal forms, with whose they are."""
        if word not in self._names:
            named = Identifier.objects.filter(prefix_of(word), kind=IdentifierKind.NAME).order_by("value_key")
            rows = named.values_list("value", "account_id")[:MOST_NAMED_ALIKE]
            self._names[word] = [(plain_name(name), account) for name, account in rows]
        return self._names[word]


def _identifiers(kind: IdentifierKind, values: Collection[str]) -> QuerySet[Identifier]:
    return Identifier.objects.filter(kind=kind, value_key__in=values).select_related("account")


def candidates(
    connection: Connection,
    company: Company,
    row: CrmCompany | None,
    rules: Sequence[LinkRule],
    finder: Finder | None = None,
) -> Candidates:
    """Who the company may be. A rule is asked only where those before it have found nobody.

    Nobody is proposed of whom a person said that the company is not it. `finder` knows of others beside it.
    """
    finder = finder or Finder(connection, [company])
    known = _linked(connection, company, row, finder)
    if known is not None:
        return Candidates(known.key)
    apart = set(row.apart_from) if row is not None else set()
    live = connection.mode == Mode.LIVE
    found: dict[LinkRule, tuple[str, ...]] = {}
    unfit = ""
    for rule in rules:
        accounts = [one for one in finder.by_rule(rule, company) if one.key not in apart]
        fits = fitting(accounts, live=live)
        if rule is LinkRule.OWN_KEY and accounts and not fits:
            unfit = _unfit(accounts[0], live=live)
        if fits or unfit:
            found[rule] = tuple(one.key for one in fits)
            break
    return Candidates(by_rule=found, unfit=unfit)


def _linked(connection: Connection, company: Company, row: CrmCompany | None, finder: Finder) -> Account | None:
    """Whom it was linked with, or is known by its id there; else whom one was that was made part of it."""
    if row is not None and row.account is not None:
        return standing_for(row.account)
    known = finder.known_by_id(company)
    if known is not None and (row is None or known.key not in row.apart_from):
        return known
    parts = CrmCompany.objects.filter(connection=connection, external_id__in=company.parts, account__isnull=False)
    accounts = {one.pk: one for one in (standing_for(part.account) for part in parts.select_related("account"))}  # type: ignore[arg-type]
    return next(iter(accounts.values())) if len(accounts) == 1 else None


def _standing(accounts: Iterable[Account]) -> Iterator[Account]:
    """Each once, and in the place of one that was merged the one that stands for it."""
    found = {one.pk: one for one in (standing_for(account) for account in accounts)}
    yield from found.values()


def _unfit(account: Account, *, live: bool) -> str:
    tried, is_for = ("is live", "was opened by trying out") if live else ("is for trying out", "is not")
    return f"It says it is {account.key!r} here. The connection {tried}, and that account {is_for}."
