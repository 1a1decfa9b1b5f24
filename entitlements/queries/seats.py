"""Named seats as they stand: who has one, who would lose theirs with how many. Nothing here writes.

Who is squeezed out is worked out from every taken seat of the feature, so it is asked only where more are in use than
the account has.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from django.db.models import Q, QuerySet

from catalog.domain.rules import seated
from catalog.domain.values import UNLIMITED, Amount, Squeeze
from catalog.models import Feature
from catalog.queries.rules import rules_at
from entitlements.domain.decision import decide, furthest
from entitlements.domain.resolution import Resolution
from entitlements.domain.seats import (
    HOLDS,
    Place,
    SeatStanding,
    SeatState,
    fold_holder,
    say_kept,
    say_squeezed_out,
    squeezed_out,
    standing,
)
from entitlements.domain.usage.allowances import reach, start_of
from entitlements.domain.usage.charging import Tallied
from entitlements.domain.usage.keys import CounterKey
from entitlements.domain.usage.operations import left_of
from entitlements.domain.usage.terms import UseTerms
from entitlements.models import Account, Seat
from entitlements.queries.seat_ranks import safer_seats
from entitlements.queries.usage.tallies import tallies
from entitlements.queries.usage.terms import terms_of

FIRST_NAMED = 5


class WhyNoSeat(StrEnum):
    """Why somebody has no use of a seat: for programs, and never changed."""

    NOT_ENTITLED = "not_entitled"
    NO_SEAT = "no_seat"
    SQUEEZED_OUT = "squeezed_out"


@dataclass(frozen=True, slots=True)
class SeatAnswer:
    """May this holder use the feature? `seat` is theirs, if they have one."""

    allowed: bool
    because: str
    why: WhyNoSeat | None = None
    seat: Seat | None = None


@dataclass(frozen=True, slots=True)
class Squeezed:
    """Who loses their seat where the account has so many: the first of them by name, and how many there are in all."""

    named: tuple[str, ...] = ()
    count: int = 0

    @property
    def words(self) -> str:
        """ "ann@acme.example, bob@acme.example and 3 more"."""
        more = self.count - len(self.named)
        return ", ".join(self.named) + (f" and {more:,} more" if more else "")


NOBODY = Squeezed()


@dataclass(frozen=True, slots=True)
class SeatsOf:
    """The seats of one feature of one account: how many it has and are taken, and how each stands.

    `used` is what the counter says: more than `taken` where a product counts seats without a name. `free` is how many
    more can be assigned; `standings` are empty where everybody has theirs.
    """

    account: Account
    feature: Feature
    terms: UseTerms
    rule: Squeeze
    taken: int
    used: Decimal
    free: Amount
    standings: Mapping[int, SeatStanding]

    @property
    def had(self) -> Amount:
        return seats_had(self.terms.answer)

    @property
    def squeezed(self) -> int:
        """How many of those taken give nothing."""
        if not self.terms.answer.granted:
            return self.taken
        return sum(not one.holds for one in self.standings.values())

    def standing_of(self, seat: Seat) -> SeatStanding | None:
        """None where it was released."""
        if seat.state == SeatState.RELEASED:
            return None
        if not self.terms.answer.granted:
            return SeatStanding(False, decide(self.terms.answer).because)
        return self.standings.get(seat.pk, SeatStanding(True, HOLDS))


def taken_seats(account_id: int, feature_id: int | None = None) -> QuerySet[Seat]:
    """Invited and active ones; what was released is past."""
    rows = Seat.objects.filter(account_id=account_id).exclude(state=SeatState.RELEASED)
    return rows if feature_id is None else rows.filter(feature_id=feature_id)


def seat_of(account: Account, feature: Feature, holder: str) -> Seat | None:
    """The seat that this holder has, however the name is typed."""
    rows = taken_seats(account.pk, feature.pk).select_related("account", "feature", "activity")
    return rows.filter(holder_key=fold_holder(holder.replace("\x00", ""))).first()


def seats_had(answer: Resolution) -> Amount:
    """How many seats give something: the limit, or as far beyond it as the plan lets use go. What is kept back from a
    limit for late reports is kept from new seats, and takes nobody's."""
    if not answer.granted or not (answer.value is UNLIMITED or isinstance(answer.value, Decimal)):
        return Decimal(0)
    if answer.value is UNLIMITED:
        return UNLIMITED
    most = furthest(answer, answer.value)
    return UNLIMITED if most is None else most


def free_places(account_id: int, feature_id: int, terms: UseTerms, *, at: datetime) -> tuple[Decimal, Amount]:
    """What the counter says is used, and how many more seats can be assigned."""
    key = CounterKey(account_id, feature_id, start_of(terms.period(at)))
    said = tallies([key], at=at).get(key, Tallied())
    most = reach(terms)
    return said.used, UNLIMITED if most is None else left_of(most, said.used + said.held)


def places_of(account_id: int, feature_id: int) -> list[Place]:
    """Every taken seat, as far as it matters for who keeps theirs; one read."""
    columns = ("pk", "state", "protected", "invited_at", "activated_at", "activity__last_active_at")
    rows = taken_seats(account_id, feature_id).order_by().values_list(*columns)
    return [
        Place(pk, state == SeatState.ACTIVE, protected, invited_at, activated_at, last_there)
        for pk, state, protected, invited_at, activated_at, last_there in rows
    ]


def seats_of(account: Account, feature: Feature, *, at: datetime, terms: UseTerms | None = None) -> SeatsOf:
    """How the seats of one feature stand; the seats themselves are read only where there are too few."""
    terms = terms or terms_of(account.pk, at=at)[feature.key]
    rule, had = rules_at(feature=feature, at=at).squeeze, seats_had(terms.answer)
    taken = taken_seats(account.pk, feature.pk).count()
    used, free = free_places(account.pk, feature.pk, terms, at=at)
    standings: Mapping[int, SeatStanding] = {}
    if had is not UNLIMITED and used > had and taken > had:
        standings = standing(places_of(account.pk, feature.pk), limit=had, rule=rule)
    return SeatsOf(account, feature, terms, rule, taken, used, free, standings)


def seated_features(account: Account, *, at: datetime) -> list[SeatsOf]:
    """Every feature of which the account has seats, or somebody has one, in the order of the plan sheet."""
    taken = set(taken_seats(account.pk).values_list("feature_id", flat=True).distinct().order_by())
    terms = terms_of(account.pk, at=at)
    features = [one for one in Feature.objects.select_related("group") if seated(one.shape) and one.key in terms]
    return [
        seats_of(account, one, at=at, terms=terms[one.key])
        for one in features
        if one.pk in taken or terms[one.key].answer.granted
    ]


def squeezed_at(account: Account, feature: Feature, had: Amount, *, rule: Squeeze) -> Squeezed:
    """Who would lose their seat if the account had so many; whoever loses it first is named first."""
    if rule is Squeeze.KEEP or had is UNLIMITED or taken_seats(account.pk, feature.pk).count() <= had:
        return NOBODY
    out = squeezed_out(places_of(account.pk, feature.pk), limit=had, rule=rule)
    rows = Seat.objects.in_bulk(out[:FIRST_NAMED])
    return Squeezed(tuple(rows[pk].name or rows[pk].holder for pk in out[:FIRST_NAMED]), len(out))


def listed_seats(
    account: Account,
    feature: Feature | None = None,
    *,
    text: str = "",
    state: str = "",
    after: int = 0,
    first: int = 0,
    most: int,
) -> list[Seat]:
    """Seats in the order they came; those taken unless `state` asks for others. `text` is in the holder or the name."""
    rows = Seat.objects.filter(account=account).select_related("feature", "account", "activity").order_by("pk")
    rows = rows.filter(state=state) if state else rows.exclude(state=SeatState.RELEASED)
    if feature is not None:
        rows = rows.filter(feature=feature)
    if text:
        rows = rows.filter(Q(holder_key__contains=fold_holder(text)) | Q(name__icontains=text))
    return list(rows.filter(pk__gt=after)[first : first + most])


def ask_seat(account_id: int, feature_id: int, terms: UseTerms, holder: str, *, at: datetime) -> SeatAnswer:
    """May this holder use the feature now? One seat is read, and the counter; only where too many are in use is it
    asked how many seats are safer than this one."""
    if not terms.answer.granted:
        return SeatAnswer(False, decide(terms.answer).because, WhyNoSeat.NOT_ENTITLED)
    rows = taken_seats(account_id, feature_id).select_related("account", "feature", "activity")
    seat = rows.filter(holder_key=fold_holder(holder)).first()
    if seat is None:
        return SeatAnswer(False, f"{holder} has no seat of {terms.shape.name}", WhyNoSeat.NO_SEAT)
    had = seats_had(terms.answer)
    used, _free = free_places(account_id, feature_id, terms, at=at)
    taken = taken_seats(account_id, feature_id)
    if had is UNLIMITED or used <= had or (count := taken.count()) <= had:
        return SeatAnswer(True, HOLDS, seat=seat)
    rule = rules_at(feature=seat.feature, at=at).squeeze
    if rule is not Squeeze.KEEP and safer_seats(taken, seat, rule) >= had:
        return SeatAnswer(False, say_squeezed_out(count, had, rule), WhyNoSeat.SQUEEZED_OUT, seat)
    return SeatAnswer(True, say_kept(count, had), seat=seat)


def holders_seated(account: Account, feature: Feature, keys: Collection[str]) -> Mapping[str, Seat]:
    """Which of these folded names have a seat."""
    return {row.holder_key: row for row in taken_seats(account.pk, feature.pk).filter(holder_key__in=keys)}


def token_of_seat(seat: Seat) -> str:
    """What a form was opened with."""
    return f"{seat.pk};{seat.state};{seat.protected};{seat.holder};{seat.name}"


def token_of_seated(keys: Collection[str], seats: Sequence[Seat], free: Amount) -> str:
    """What a preview of an assignment was made from: whom it named, who of them has a seat, and how many are left."""
    said = [*sorted(keys), *sorted(f"{seat.holder_key};{seat.state}" for seat in seats), str(free)]
    return hashlib.sha256("\x00".join(said).encode()).hexdigest()[:32]
