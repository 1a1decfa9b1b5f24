"""Telling account managers what began, or ceased, to be had in a market by itself.

Each account is told of once. Whoever looks after many accounts in the market is sent one notice that lists them, so
that a launch doesn't bury anybody in mail.
"""

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.utils.formats import number_format

from catalog.domain.window import Window
from catalog.queries.instants import say_instant
from entitlements.models import Account
from entitlements.queries.clock.market_turns import MarketTurn, market_turns
from journal.actions.notices import tell
from journal.models import Notice

MANY = 20
MOST_NAMES = 500
KIND = "market"


def tell_of_markets(windows: Collection[Window], *, at: datetime) -> None:
    """Told the owners of accounts what time alone changed for them in their markets."""
    for turn in market_turns(windows):
        for _owner, accounts in groupby(turn.accounts(), key=attrgetter("owner_id")):
            _tell_owner(turn, list(accounts), at=at)


def _tell_owner(turn: MarketTurn, accounts: list[Account], *, at: datetime) -> None:
    owner = accounts[0].owner
    assert owner is not None  # the query says so
    digest = f"{turn.key}:owner:{owner.pk}"
    singly = {account: f"{turn.key}:{account.pk}" for account in accounts}
    if Notice.objects.filter(once_key=digest).exists():
        return
    if len(accounts) <= MANY or Notice.objects.filter(once_key__in=singly.values()).exists():
        for account, key in singly.items():
            _tell(turn, owner.email, f"{account.name}: {turn.words}", _body(turn, account.zone), key, account.key, at)
        return
    number = number_format(len(accounts))
    names = [account.name for account in accounts[:MOST_NAMES]]
    more = [f"and {number_format(len(accounts) - MOST_NAMES)} more"] if len(accounts) > MOST_NAMES else []
    listed = "\n".join(f"- {name}" for name in [*names, *more])
    body = f"{_body(turn, owner.zone)}\nIt concerns these of your accounts:\n{listed}\n"
    _tell(turn, owner.email, f"{turn.words}: {number} of your accounts", body, digest, "", at)


def _body(turn: MarketTurn, zone: str) -> str:
    since = say_instant(turn.at, zone=zone)
    if turn.began:
        return f"{turn.words} from {since} on. Who has it in the plan can use it.\n"
    return f"{turn.words} from {since} on. Who had it in the plan goes without it.\n"


def _tell(turn: MarketTurn, email: str, subject: str, body: str, key: str, account_key: str, at: datetime) -> None:
    tell(recipient=email, subject=subject, body=body, once_key=key, kind=KIND, account_key=account_key, at=at)
