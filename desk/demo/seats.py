"""Who sits in some customers' seats: at work, invited, long away, given back, and more of them than are left."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from catalog.actions.rules import request_rules
from catalog.domain.rules import rules_of
from catalog.domain.values import Squeeze
from catalog.models import Feature
from desk.demo.customers import FAMILY, GIVEN, Customer
from desk.demo.purchases import holding
from entitlements.actions.overrides import grant
from entitlements.actions.seats.assigning import Holder, assign_seats
from entitlements.actions.seats.holding import protect_seat, release_seat, transfer_seat
from entitlements.domain.facts import Mode
from entitlements.models import Account, Seat, SeatActivity
from entitlements.models.override import OverrideState
from entitlements.queries.reasons import reason_code_by_key
from entitlements.queries.seats import taken_seats
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.models import Approval

DAY = timedelta(days=1)
SEATS = "team_members"
AWAY = (0, 1, 0, 2, 45, 3, 0, 33, 1, 60, 5, 0)  # days since each was last there
SIZES = (12, 9, 14)  # how many sit in the seats of the first, the second, the third


def say_who_goes(*, by: Actor, approver: Actor, at: datetime) -> None:
    """Finance says who loses a seat where a customer has fewer: whoever was away longest. A second person approves."""
    feature = _seats()
    was = rules_of(feature.revisions.filter(effective_at__lte=at).latest("effective_at"))
    rules = replace(was, squeeze=Squeeze.LONGEST_UNUSED)
    reason = "Whoever works with it every day keeps it."
    asked = request_rules(feature=feature, rules=rules, effective_at=at + DAY / 2, reason=reason, by=by, at=at)
    approvals.approve(approval=asked, by=approver, at=at)


def agree_on_numbers(customers: Sequence[Customer], *, by: Actor, approver: Actor, at: datetime) -> None:
    """Two customers have so many members; the third any number, as its plan says."""
    for account, amount in zip(_accounts(customers), (15, 9), strict=False):
        _agree(account, amount, reason="As many as their contract names", by=by, approver=approver, at=at)


def seat_people(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Most are at work, two are only invited, and the first of each is the owner."""
    feature, people = _seats(), _people(customers)
    for account, size in zip(_accounts(customers), SIZES, strict=False):
        named = people[account.key][:size]
        seats = assign_seats(
            account=account, feature=feature, holders=named[:-2], active=True, reason="Their team", by=by, at=at
        )
        assign_seats(account=account, feature=feature, holders=named[-2:], reason="Join next week", by=by, at=at + DAY)
        protect_seat(seat=seats[0], protected=True, reason="The owner", by=by, at=at + DAY)


def move_people(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """Somebody left, and somebody's seat went to a colleague."""
    for account in _accounts(customers)[:1]:
        seats = list(taken_seats(account.pk, _seats().pk).filter(protected=False).order_by("pk"))
        release_seat(seat=seats[3], reason="Left the company", by=by, at=at)
        holder = f"new.colleague@{seats[4].holder.rpartition('@')[2]}"
        transfer_seat(seat=seats[4], holder=holder, name="New Colleague", reason="Took over", by=by, at=at)


def have_fewer(customers: Sequence[Customer], *, by: Actor, approver: Actor, at: datetime) -> None:
    """The second customer goes down to six seats while nine are taken: three of them give nothing now."""
    for account in _accounts(customers)[1:2]:
        _agree(account, 6, reason="They asked for fewer", by=by, approver=approver, at=at)
    rows = []
    for account in _accounts(customers):
        active = taken_seats(account.pk, _seats().pk).filter(activated_at__isnull=False).order_by("pk")
        rows += [_there(seat, days, at) for seat, days in zip(active, AWAY, strict=False)]
    SeatActivity.objects.bulk_create(rows)


def _there(seat: Seat, days: int, at: datetime) -> SeatActivity:
    hour = (at - days * DAY).replace(minute=0, second=0, microsecond=0)
    return SeatActivity(seat=seat, last_active_at=max(hour, seat.invited_at))


def _agree(account: Account, amount: int, *, reason: str, by: Actor, approver: Actor, at: datetime) -> None:
    override = grant(
        account=account, feature=_seats(), mode=Mode.AT_MOST, value=Decimal(amount), typed_unit="member",
        through_on=(at + 80 * DAY).date(), reason=reason, reason_code=reason_code_by_key("negotiated_deal"),
        by=by, at=at,
    )  # fmt: skip
    if override.state == OverrideState.REQUESTED:
        asked = Approval.objects.get(kind="override", subject_key=str(override.pk))
        approvals.approve(approval=asked, by=approver, at=at)


def _accounts(customers: Sequence[Customer]) -> list[Account]:
    return holding(customers, "team")[2:5]  # what the first two use is made up (usage.py)


def _people(customers: Sequence[Customer]) -> Mapping[str, list[Holder]]:
    """Names for the seats of each customer, at its own domain."""
    pairs = [(given, FAMILY[number % len(FAMILY)]) for number, given in enumerate((*GIVEN, *reversed(GIVEN)))]
    return {
        customer.key: [
            Holder(f"{given}.{family}{number}@{customer.domain}".lower(), f"{given} {family}")
            for number, (given, family) in enumerate(pairs, start=1)
        ]
        for customer in customers
    }


def _seats() -> Feature:
    return Feature.objects.get(key=SEATS)
