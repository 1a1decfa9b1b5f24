"""What happened to each demo customer, act by act, at the moments it would have happened."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from catalog.models import Feature, Market, Plan
from desk.demo.customers import Customer, Fate
from entitlements.actions import accounts, contacts, lifecycle, overrides, plan_changes, subscriptions, trials
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.timing import Timing
from entitlements.models import Account
from entitlements.queries.reasons import reason_code_by_key
from journal.domain.actor import Actor
from journal.models import Staff

GB = Decimal(10**9)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to be done at its moment."""

    at: datetime
    do: Callable[[datetime], Any]


def done_at(do: Callable[..., None]) -> Callable[[datetime], None]:
    """As an act does it: at its moment."""
    return lambda at: do(at=at)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in the demo, and where its customers buy."""

    staff: dict[str, Staff]
    markets: dict[str, Market]

    def actor(self, username: str) -> Actor:
        return self.staff[username].as_actor()


def life_of(customer: Customer, *, cast: Cast, now: datetime) -> Iterator[Act]:
    """The acts that bring a customer where its fate says it stands now."""
    by = cast.actor(customer.owner)
    joined = now - customer.joined_days_ago * DAY
    yield Act(joined, partial(_open, customer, cast, by))
    if customer.fate is Fate.NOTHING:
        return
    trial_began = _trial_began(customer, now)
    started = trial_began or joined + timedelta(minutes=5)
    yield Act(started, partial(_start, customer, by, 14 if trial_began else None))
    yield from _afterwards(customer, by, cast.actor("finance"), now=now, started=started)


def _trial_began(customer: Customer, now: datetime) -> datetime | None:
    days = {
        Fate.TRIAL: 2 + customer.joined_days_ago % 11,
        Fate.TRIAL_LAPSED: 16 + customer.joined_days_ago % 15,
        Fate.CONVERTED: 30,
    }
    return now - days[customer.fate] * DAY if customer.fate in days else None


def _afterwards(customer: Customer, by: Actor, finance: Actor, *, now: datetime, started: datetime) -> Iterator[Act]:
    week_ago = now - 7 * DAY
    match customer.fate:
        case Fate.CONVERTED:
            yield Act(started + 9 * DAY, partial(_convert, customer, by))
        case Fate.GRACE:
            yield Act(now - 3 * DAY, partial(_payment_failed, customer, finance, 14))
        case Fate.UNPAID:
            yield Act(now - 20 * DAY, partial(_payment_failed, customer, finance, 14))
        case Fate.PAUSED:
            yield Act(week_ago, partial(_pause, customer, by, now + 21 * DAY))
        case Fate.WINDING_DOWN:
            yield Act(week_ago, partial(_cancel, customer, by, 27))
        case Fate.ENDED:
            yield Act(week_ago, partial(_end, customer, by, now - 2 * DAY))
        case Fate.SUSPENDED:
            yield Act(week_ago, partial(_standing, customer, finance, Standing.SUSPENDED))
        case Fate.CLOSED:
            yield Act(week_ago, partial(_standing, customer, finance, Standing.CLOSED))
        case Fate.PAYING:
            yield from _concessions(customer, by, now=now)
        case _:
            pass


def _concessions(customer: Customer, by: Actor, *, now: datetime) -> Iterator[Act]:
    """Every few paying customers have something beyond their plan, or a change of it that is to come."""
    today = now.date()
    match customer.joined_days_ago % 9:
        case 0:
            give = partial(_storage, customer, by, 20 * GB, today + 10 * DAY, "migration", "From their old provider")
            yield Act(now - 5 * DAY, give)
        case 1:
            give = partial(_storage, customer, by, 50 * GB, today - 2 * DAY, "proof_of_concept", "Load test")
            yield Act(now - 20 * DAY, give)
        case 2:
            give = partial(_storage, customer, by, 900 * GB, today + 60 * DAY, "negotiated_deal", "Renewal talks")
            yield Act(now - DAY, give)
        case 3:
            yield Act(now - 4 * DAY, partial(_deny_branching, customer, by, today + 30 * DAY))
        case 4:
            yield Act(now - 2 * DAY, partial(_other_plan_at_renewal, customer, by))
        case 5:
            yield Act(now - 2 * DAY, partial(_leave_at_renewal, customer, by))
        case _:
            pass


def _open(customer: Customer, cast: Cast, by: Actor, at: datetime) -> None:
    account = accounts.open_account(
        key=customer.key,
        name=customer.name,
        zone=customer.zone,
        country=customer.country,
        market=cast.markets.get(customer.country),
        owner=cast.staff[customer.owner],
        domains=[customer.domain],
        external_ids=[("own", f"C-{abs(hash_of(customer.key)):06d}")],
        by=by,
        at=at,
    )
    contacts.add_contact(account=account, name=customer.contact, email=customer.email, by=by, at=at)


def hash_of(key: str) -> int:
    """A small number that is the same on every machine."""
    return sum(ord(letter) * 31**place for place, letter in enumerate(key)) % 1_000_000


def _account(customer: Customer) -> Account:
    return Account.objects.get(key=customer.key)


def _start(customer: Customer, by: Actor, trial_days: int | None, at: datetime) -> None:
    subscriptions.start(
        account=_account(customer),
        plan=Plan.objects.get(key=customer.plan),
        interval=customer.interval,
        trial_days=trial_days,
        with_card=customer.fate is Fate.TRIAL and customer.joined_days_ago % 4 == 0,
        by=by,
        at=at,
    )


def _convert(customer: Customer, by: Actor, at: datetime) -> None:
    trials.convert(subscription=_account(customer).subscriptions.get(), by=by, at=at)


def _payment_failed(customer: Customer, by: Actor, days: int, at: datetime) -> None:
    lifecycle.fail_payment(subscription=_account(customer).subscriptions.get(), grace_days=days, by=by, at=at)


def _pause(customer: Customer, by: Actor, until: datetime, at: datetime) -> None:
    lifecycle.pause(
        subscription=_account(customer).subscriptions.get(), until=until, reason="Season is over", by=by, at=at
    )


def _cancel(customer: Customer, by: Actor, keep_days: int, at: datetime) -> None:
    lifecycle.cancel(
        subscription=_account(customer).subscriptions.get(),
        timing=Timing.NOW,
        keep_days=keep_days,
        reason="They move to their own servers",
        by=by,
        at=at,
    )


def _other_plan_at_renewal(customer: Customer, by: Actor, at: datetime) -> None:
    other = "pro" if customer.plan == "team" else "team"
    plan_changes.change_plan(
        subscription=_account(customer).subscriptions.get(),
        plan=Plan.objects.get(key=other),
        timing=Timing.AT_RENEWAL,
        reason="Agreed in the yearly talk",
        by=by,
        at=at,
    )


def _leave_at_renewal(customer: Customer, by: Actor, at: datetime) -> None:
    lifecycle.cancel(
        subscription=_account(customer).subscriptions.get(),
        timing=Timing.AT_RENEWAL,
        keep_days=14,
        reason="They build it themselves",
        by=by,
        at=at,
    )


def _end(customer: Customer, by: Actor, ends_at: datetime, at: datetime) -> None:
    subscriptions.end(
        subscription=_account(customer).subscriptions.get(), ends_at=ends_at, reason="They cancelled", by=by, at=at
    )


def _standing(customer: Customer, by: Actor, standing: Standing, at: datetime) -> None:
    accounts.set_standing(account=_account(customer), standing=standing, reason="Unpaid for months", by=by, at=at)


def _storage(
    customer: Customer, by: Actor, amount: Decimal, through: date, code: str, reason: str, at: datetime
) -> None:
    account = _account(customer)
    overrides.grant(
        account=account,
        feature=Feature.objects.get(key="storage"),
        mode=Mode.ADD,
        value=amount,
        typed_unit="GB",
        subscription=account.subscriptions.first(),
        through_on=through,
        reason_code=reason_code_by_key(code),
        reason=reason,
        by=by,
        at=at,
    )


def _deny_branching(customer: Customer, by: Actor, through: date, at: datetime) -> None:
    account = _account(customer)
    overrides.grant(
        account=account,
        feature=Feature.objects.get(key="branching"),
        mode=Mode.DENY,
        through_on=through,
        subscription=account.subscriptions.first(),
        reason_code=reason_code_by_key("negotiated_deal"),
        reason="Disputed invoice for branches",
        by=by,
        at=at,
    )
