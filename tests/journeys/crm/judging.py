"""What must hold in the end, read off the CRM's own rows and nothing that the desk decided by.

What the last state of each deal implies is what is held, by the account of its company; nothing is held twice; no account
was opened twice; a trial is as long as was sold; and what stands at each company there is what the desk says.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from desk.domain.crm.outgoing import COMPANY
from desk.models import CrmCompany, CrmDeal, CrmFlow
from desk.queries.crm.rendered import rendered
from entitlements.models import Account, Identifier, Override, SubscriptionItem, SubscriptionPhase
from journal.models import Connection

PLANS = {"TEAM": "team", "EXTRA": "extra"}
SEATS = "SEATS"
ZONE = ZoneInfo("Europe/Amsterdam")
Held = Counter[tuple[str, str, str, int]]  # account, deal, what, how much


def wrong(there: Any, connection: Connection, *, at: datetime, trial_ended: datetime | None = None) -> list[str]:
    found = [*_held(there, at), *_accounts(there), *_left(connection), *_written(there, connection, at)]
    return found + (list(_trial(there, trial_ended)) if trial_ended is not None else [])


def sold(there: Any) -> Held:
    """By the rows of the CRM."""
    found: Held = Counter()
    for deal in there.truth():
        for (product, number), times in deal.sold.items():
            what = PLANS.get(product) or ("seats" if product == SEATS else "")
            if what:
                found[account_of(deal.domain), deal.name, what, number] += times
    return found


def held(at: datetime) -> Held:
    """By the rows of the desk: what any contract gives now."""
    found: Held = Counter()
    items = SubscriptionItem.objects.filter(contract_line__isnull=False)
    for item in items.select_related("plan", "subscription__account", "contract_line__version__contract"):
        if item.window.contains(at) and item.subscription.window.contains(at):
            deal = item.contract_line.version.contract.name  # type: ignore[union-attr]
            found[item.subscription.account.key, deal, item.plan.key, item.quantity] += 1
    overrides = Override.objects.filter(contract_line__isnull=False, state="approved", revoked_at=None)
    for row in overrides.select_related("account", "feature", "contract_line__version__contract"):
        if row.starts_at <= at and (row.ends_at is None or row.ends_at > at):
            deal = row.contract_line.version.contract.name  # type: ignore[union-attr]
            found[row.account.key, deal, row.feature.key, int(row.amount or 0)] += 1
    return found


def account_of(domain: str) -> str:
    row = Identifier.objects.filter(kind="domain", value=domain).select_related("account").first()
    return row.account.key if row is not None else "nobody"


def _held(there: Any, at: datetime) -> Iterator[str]:
    theirs, ours = sold(there), held(at)
    if theirs != ours:
        yield f"sold: {sorted((theirs - ours).elements())} not held, {sorted((ours - theirs).elements())} held unsold"


def _accounts(there: Any) -> Iterator[str]:
    twice = Counter(CrmCompany.objects.filter(account__isnull=False, gone=False).values_list("account__key", flat=True))
    yield from (f"{key} is {times} companies" for key, times in twice.items() if times > 1)
    names = Counter(Account.objects.values_list("name", flat=True))
    yield from (f"{name} was opened {times} times" for name, times in names.items() if times > 1)


def _left(connection: Connection) -> Iterator[str]:
    """Nothing waits, nothing failed, nothing is in trouble."""
    for model in (CrmCompany, CrmDeal):
        rows = model.objects.filter(connection=connection).exclude(due_at=None, failed="")
        yield from (f"{row} is due at {row.due_at}: {row.failed}" for row in rows)
    for row in CrmCompany.objects.filter(connection=connection).exclude(to_write_at=None, write_failed=""):
        yield f"{row} is not written: {row.write_failed}"
    yield from (f"{row}: {row.trouble}" for row in CrmFlow.objects.exclude(trouble=""))


def _written(there: Any, connection: Connection, at: datetime) -> Iterator[str]:
    rows = list(CrmCompany.objects.filter(connection=connection, account__isnull=False, gone=False))
    says, stands = rendered(rows, at=at), there.written()
    for row in rows:
        fields = says[row.pk][COMPANY].fields
        found = stands.get(str(fields["account_key"]), {})
        for name in ("plan", "phase", "open_overrides"):
            if _plain(fields[name]) != _plain(found.get(name)):
                yield f"{row}: {name} is {found.get(name)!r} there, and {fields[name]!r} here"


def _plain(value: Any) -> str:
    text = "" if value in (None, "None") else str(value)
    return text.removesuffix(".0")


def _trial(there: Any, ended: datetime) -> Iterator[str]:
    days = max((one.days for one in there.truth() if one.won), default=0)
    wanted = (ended.astimezone(ZONE) + timedelta(days=days)).astimezone(UTC)  # days of the account's own calendar
    found = SubscriptionPhase.objects.filter(phase="trial").order_by("-pk").first()
    if found is None or found.ends_at != wanted:
        yield f"the trial was sold until {wanted}, and ends at {found and found.ends_at}"
