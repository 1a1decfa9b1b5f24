"""Which customer is meant: what was typed, as the cover lookup reads it, and which of those found was chosen."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from entitlements.models import Account
from entitlements.queries.accounts import account_by_key, find_accounts
from journal.domain.refusal import NotFound
from support.queries.lookup import MOST_MATCHES

LONGEST = 320


@dataclass(frozen=True, slots=True)
class Meant:
    """One account, or those it may be; `typed` is what was looked for."""

    typed: str
    account: Account | None = None
    matches: tuple[tuple[Account, str], ...] = ()

    @property
    def more(self) -> bool:
        return len(self.matches) == MOST_MATCHES

    @property
    def email(self) -> str:
        """Who asks, where an address was typed."""
        return self.typed if "@" in self.typed and " " not in self.typed else ""


def meant(asked: QueryDict) -> Meant:
    """By `account` (a key) or by `q`: an e-mail address, a domain, a name, any system's id. Only one found is meant."""
    typed = asked.get("q", "").replace("\x00", "").strip()[:LONGEST]
    if key := asked.get("account", "").replace("\x00", "")[:LONGEST]:
        try:
            return Meant(typed, account_by_key(key))
        except NotFound:
            return Meant(typed or key)
    found = find_accounts(text=typed, limit=MOST_MATCHES) if typed else []
    if len(found) == 1:
        return Meant(typed, found[0])
    return Meant(typed, matches=tuple((one, urlencode({"q": typed, "account": one.key})) for one in found))
