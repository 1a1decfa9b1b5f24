"""Whose a company of the CRM is: found by rules in an order that staff choose, or left for a person to say.

- A company that was linked once stays linked: its id there is known at the account.
- **Our key**, written at the company there, names the account; a key that nobody has is a doubt, never a new account.
- **Domain**: the only account that is known by the domain. Domains of mail providers are nobody's.
- **Name**: only ever proposed. Names are alike by chance, and a person confirms.
- Several that fit one rule are a doubt, and no later rule is asked: it could only guess among them.
- What no rule finds is opened as a new account where staff have said so, else it waits for a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from desk.domain.crm.told import Company
from entitlements.domain.identifiers import NoDomain, read_domain
from entitlements.domain.likeness import FREE_MAIL


class LinkRule(StrEnum):
    OWN_KEY = "own_key"
    DOMAIN = "domain"
    NAME = "name"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS: Mapping[LinkRule, str] = {
    LinkRule.OWN_KEY: "our key of the account, written at the company there",
    LinkRule.DOMAIN: "the company’s domain",
    LinkRule.NAME: "the company’s name, confirmed by a person",
}
USUAL = (LinkRule.OWN_KEY, LinkRule.DOMAIN, LinkRule.NAME)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The keys of the accounts that fit: by the company's id there, and by each rule. `unfit`: why the account that our
    key names can't be it."""

    linked: str = ""
    by_rule: Mapping[LinkRule, Sequence[str]] | None = None
    unfit: str = ""

    def of(self, rule: LinkRule) -> tuple[str, ...]:
        return tuple(sorted(set((self.by_rule or {}).get(rule, ()))))


@dataclass(frozen=True, slots=True)
class Linked:
    """`account` is our key. Where it is empty and `opens`, a new account is opened; else a person says, of `proposed`
    or another, and `doubt` tells them why."""

    account: str = ""
    rule: LinkRule | None = None
    opens: bool = False
    proposed: tuple[str, ...] = ()
    doubt: str = ""


def link(company: Company, candidates: Candidates, *, rules: Sequence[LinkRule] = USUAL, opens: bool = False) -> Linked:
    """Whose it is. `opens`: whether a company that no rule finds becomes a new account."""
    if candidates.linked:
        return Linked(candidates.linked)
    if company.gone:
        return Linked(doubt=f"{company.name} was deleted there before anybody knew whose it is.")
    for rule in rules:
        fits = candidates.of(rule)
        if rule is LinkRule.OWN_KEY and company.own_key and not fits:
            return Linked(
                doubt=candidates.unfit or f"It says it is {company.own_key!r} here, and no account has that key."
            )
        if len(fits) > 1:
            return Linked(proposed=fits, doubt=f"{company.name} fits several accounts by {rule.words}.")
        if fits and rule is LinkRule.NAME:
            return Linked(
                proposed=fits, doubt=f"{company.name} is called like an account here. Say whether it is the same."
            )
        if fits:
            return Linked(fits[0], rule)
    return Linked(opens=True) if opens else Linked(doubt=f"No account fits {company.name}.")


def own_domain(text: str) -> str:
    """ "https://www.Acme.example/nl" → "acme.example"; empty for none, and for one of a mail provider."""
    bare = text.strip().lower().partition("//")[2] or text.strip().lower()
    host = bare.partition("/")[0].partition("?")[0].partition(":")[0].rpartition("@")[2].removeprefix("www.")
    try:
        domain = read_domain(host)
    except NoDomain:
        return ""
    return "" if domain in FREE_MAIL else domain
