"""Three contracts of the demo: one that renews and is amended, one that ends soon, one that waits for approval."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from catalog.models import Feature, Plan
from desk.demo.customers import Customer, Fate
from entitlements.actions.contract_drafts import add_line, amend, edit_line, set_terms
from entitlements.actions.contract_signing import KIND, sign
from entitlements.actions.contracts import open_contract
from entitlements.domain.contract_terms import months_after
from entitlements.domain.facts import Mode
from entitlements.domain.promises import read_promise
from entitlements.models import Account, Contract, ContractVersion
from entitlements.models.contract import Renewal
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.models import Approval

DAY = timedelta(days=1)
KNOWN_SINCE = 170  # days ago: whoever agreed something half a year ago was a customer then
OTHERWISE_BUSY = 3  # the first ones on Free use codes, try Team and borrow it
RENEWING, ENDING, WAITING = 0, 1, 2


def customer_of(customers: Sequence[Customer], place: int) -> Account | None:
    """Of the customers on Free, the last ones of the list: nothing else in the demo happens to them."""
    small = [c for c in customers if c.fate is Fate.FREE][OTHERWISE_BUSY:]
    free = [c.key for c in small if c.joined_days_ago > KNOWN_SINCE]
    return Account.objects.get(key=free[::-1][place]) if place < len(free) else None


def sign_renewing(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """A year of Team and two addresses, then a year each time."""
    account = customer_of(customers, RENEWING)
    if account is None:
        return
    version = _drafted(account, "Team for the whole group", by=by, at=at)
    _terms(version, 12, renews=12, notice_days=60, reason="They want one contract for the group", by=by, at=at)
    _item(version, "team", 1, "One workspace for all their brands", by=by, at=at)
    _item(version, "ipv4", 2, "", by=by, at=at)
    sign(version=version, by=by, at=at)


def sign_ending(customers: Sequence[Customer], *, by: Actor, at: datetime, ends_on: datetime) -> None:
    """Half a year of Pro, over soon."""
    account = customer_of(customers, ENDING)
    if account is None:
        return
    version = _drafted(account, "Season 2026", by=by, at=at)
    day = months_after(ends_on.astimezone(ZoneInfo(account.zone)).date(), -6)
    _terms(version, 6, effective_on=day, reason="Only for the season", by=by, at=at)
    _item(version, "pro", 1, "", by=by, at=at)
    sign(version=version, by=by, at=at)


def amend_renewing(
    customers: Sequence[Customer], *, by: Actor, approver: Actor, at: datetime, effective_at: datetime
) -> None:
    """More addresses and more room from a day to come; beyond what sales may promise alone, so finance approves."""
    account = customer_of(customers, RENEWING)
    if account is None:
        return
    version = amend(contract=Contract.objects.get(account=account), by=by, at=at)
    day = effective_at.astimezone(ZoneInfo(account.zone)).date()
    told: dict[str, Any] = {"renews": 12, "notice_days": 60, "effective_on": day, "by": by, "at": at}
    _terms(version, 12, reason="They open three regions", **told)
    addresses = version.lines.get(plan__key="ipv4")
    edit_line(line=addresses, plan=addresses.plan, quantity=5, interval="month", by=by, at=at)
    _room(version, "500 GB", by=by, at=at)
    sign(version=version, by=by, at=at)
    waiting = Approval.objects.filter(kind=KIND, subject_key=str(version.pk), state=Approval.State.PENDING).first()
    if waiting is not None:
        approvals.approve(approval=waiting, note="As agreed with their board.", by=approver, at=at + DAY / 2)


def ask_for_more(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """A contract that promises more room than sales may promise alone; it waits."""
    account = customer_of(customers, WAITING)
    if account is None:
        return
    version = _drafted(account, "Two years of Pro with room to grow", by=by, at=at)
    _terms(version, 24, reason="They move everything to us", by=by, at=at)
    _item(version, "pro", 1, "", by=by, at=at)
    _room(version, "2 TB", by=by, at=at)
    sign(version=version, by=by, at=at)


def _drafted(account: Account, name: str, *, by: Actor, at: datetime) -> ContractVersion:
    return open_contract(account=account, name=name, by=by, at=at).versions.get()


def _terms(version: ContractVersion, months: int, *, renews: int | None = None, **told: Any) -> None:
    told = {"effective_on": None, "notice_days": 0, "reason_code": None} | told
    renewal = Renewal.RENEWS if renews else Renewal.ENDS
    set_terms(version=version, term_months=months, renewal=renewal, renewal_months=renews, **told)


def _item(version: ContractVersion, plan: str, quantity: int, note: str, *, by: Actor, at: datetime) -> None:
    sold = Plan.objects.get(key=plan)
    add_line(version=version, plan=sold, quantity=quantity, interval="month", note=note, by=by, at=at)


def _room(version: ContractVersion, amount: str, *, by: Actor, at: datetime) -> None:
    storage = Feature.objects.get(key="storage")
    value, typed_unit = read_promise(amount, shape=storage.shape)
    told: dict[str, Any] = {"mode": Mode.AT_LEAST, "value": value, "typed_unit": typed_unit}
    add_line(version=version, feature=storage, note="Room for their archive", **told, by=by, at=at)
