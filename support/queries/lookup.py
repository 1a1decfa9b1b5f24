"""Who is meant, and is that customer covered: what support asks first. Nothing here writes."""

from datetime import datetime

from entitlements.models import Account
from entitlements.models.account import IdentifierKind
from entitlements.queries.accounts import find_accounts, search_key
from support.queries.answers import Found, Match
from support.queries.coverage import coverage_of

MOST_MATCHES = 10


def lookup(*, text: str, at: datetime, account: str | None = None) -> Found:
    """One answer where one account is meant, else the accounts that may be; `account` settles which of them it is."""
    # PostgreSQL refuses the null character even in a question.
    text = text.replace("\x00", "")
    matches = find_accounts(text=text, limit=MOST_MATCHES)
    chosen = next((match for match in matches if match.key == account), None)
    if chosen is None and len(matches) == 1:
        chosen = matches[0]
    if chosen is not None:
        return Found(searched=text, answer=coverage_of(account=chosen, at=at), note=_note(text, chosen))
    return Found(searched=text, matches=tuple(_match(each) for each in matches))


def _match(account: Account) -> Match:
    return Match(account=account.key, name=account.name, country=account.country)


def _note(text: str, account: Account) -> str:
    """Whoever writes from a customer's domain is not thereby known to the customer: say how the two were joined."""
    email = search_key(text)
    domain = email.rpartition("@")[2]
    known = account.identifiers.filter(kind=IdentifierKind.EMAIL, value_key__startswith=email)
    owned = account.identifiers.filter(kind=IdentifierKind.DOMAIN, value_key=domain)
    if "@" not in email or known.exists() or not owned.exists():
        return ""
    return f"Nobody has {email} on file; the domain {domain} is this customer's."
