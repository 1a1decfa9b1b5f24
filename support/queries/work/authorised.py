"""What may be done for an account, perhaps on one device, at a moment: how much of labour, parts and travel is borne.

Before somebody drives there. The one rule of covers decides (`support/domain/covers.py`); here it is put together with
visits that are left and warranties. The number of reads doesn't grow with covers, visits or warranties.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from entitlements.models import Account
from support.domain.cover_terms import SHARES, Aspect
from support.domain.covers import Choice, CoverFact
from support.domain.work import say_share
from support.models import Asset, Case, Visit, Warranty
from support.queries.cases.promising import about_case
from support.queries.covering import About, covering
from support.queries.visits import VisitsLeft, visits_left
from support.snapshots.covers import warranty_window


@dataclass(frozen=True, slots=True)
class Share:
    """How much of one aspect is borne, by which cover and why; the rest is the customer's. `by` is empty: nothing does."""

    aspect: Aspect
    borne: int
    customer: int
    by: str
    cover: str
    why: str
    authorisation: str

    @property
    def words(self) -> str:
        return say_share(self.customer)


@dataclass(frozen=True, slots=True)
class WarrantyDates:
    """One warranty of the device, with the days it is good for."""

    warranty: Warranty
    through_on: date
    in_force: bool
    standing: str


@dataclass(frozen=True, slots=True)
class Authorised:
    """The whole answer. `authorisation` is what has to be authorised before work begins; empty: nothing."""

    account: Account
    asset: Asset | None
    at: datetime
    labour: Share
    parts: Share
    travel: Share
    authorisation: str
    visits: tuple[VisitsLeft, ...]
    warranties: tuple[WarrantyDates, ...]
    choice: Choice
    device_matters: bool = False

    @property
    def shares(self) -> tuple[Share, ...]:
        return self.labour, self.parts, self.travel

    @property
    def visits_left(self) -> int:
        return sum(one.left for one in self.visits)

    @property
    def caution(self) -> str:
        """Why it may not be the whole truth: the device is out of service, or none was named and it would matter."""
        if self.device_matters:
            return "No device was named: warranties, and covers of certain devices or places, are left out."
        if self.asset is None or self.asset.retired_at is None:
            return ""
        return f"It was taken out of service: {self.asset.retire_reason}"


def authorised(account: Account, *, asset: Asset | None = None, at: datetime, case: Case | None = None) -> Authorised:
    """What may be done, and who pays. A case brings along its channel and the cover somebody chose for it."""
    about = about_work(asset, case)
    choice = covering(account, at=at, about=about).choice
    labour, parts, travel = (share_of(choice, aspect) for aspect in SHARES)
    kept = {one.cover.key for one in choice.candidates if one.kept}
    return Authorised(
        account=account,
        asset=asset,
        at=at,
        labour=labour,
        parts=parts,
        travel=travel,
        authorisation=choice.authorisation,
        visits=tuple(one for one in visits_left(account, at=at) if f"cover:{one.cover.pk}" in kept),
        warranties=tuple(_warranties(asset, at=at)),
        choice=choice,
        device_matters=about.asset is None and Asset.objects.filter(account=account, retired_at=None).exists(),
    )


def foreseen_share(
    account: Account, aspect: Aspect, *, asset: Asset | None, case: Case | None, visit: Visit | None, at: datetime
) -> Share:
    """How much of one aspect would be borne if it were recorded so: labour and travel of a visit go with the visit."""
    if visit is not None and aspect is not Aspect.PARTS:
        cover = visit.cover
        why = f"It belongs to visit {visit.number} that {cover.name} includes."
        return Share(aspect, 100, 0, f"cover:{cover.pk}", cover.name, why, "")
    return share_of(covering(account, at=at, about=about_work(asset, case)).choice, aspect)


def about_work(asset: Asset | None, case: Case | None) -> About:
    """What is asked about: the device at hand; of a case what it is about, how it came in and what was chosen for it."""
    if case is None:
        return About(asset=asset)
    return replace(about_case(case), asset=asset or case.asset)


def share_of(choice: Choice, aspect: Aspect) -> Share:
    winner = choice.winners.get(aspect)
    return Share(
        aspect=aspect,
        borne=choice.borne(aspect),
        customer=choice.owed(aspect),
        by="" if winner is None else winner.key,
        cover="" if winner is None else winner.name,
        why=_why(choice, aspect, winner),
        authorisation="" if winner is None else winner.authorisation,
    )


def _why(choice: Choice, aspect: Aspect, winner: CoverFact | None) -> str:
    if winner is None:
        lost = next((one for one in choice.candidates if not one.kept and one.cover.speaks_of(aspect)), None)
        nearly = f" {lost.cover.name} would, but: {lost.reason}" if lost is not None else ""
        return f"Nothing bears {aspect.words.lower()}.{nearly}"
    reason = next(one.reason for one in choice.candidates if one.cover is winner)
    return f"{winner.name} ({winner.source.words.lower()}) bears {winner.shares[aspect]} %. {reason}"


def _warranties(asset: Asset | None, *, at: datetime) -> list[WarrantyDates]:
    """The longest first."""
    if asset is None:
        return []
    rows = Warranty.objects.filter(asset=asset).select_related("asset").order_by("-ends_at", "pk")
    return [_dates(row, at=at) for row in rows]


def _dates(row: Warranty, *, at: datetime) -> WarrantyDates:
    window = warranty_window(row)
    end = window.end or row.ends_at
    through = row.through_on if end == row.ends_at else end.astimezone(ZoneInfo(row.zone)).date()
    if row.voided_at is not None and row.voided_at <= at:
        return WarrantyDates(row, through, False, f"Void: {row.void_reason}")
    if end <= at:
        ended = "It is over." if end == row.ends_at else "It didn’t go along to the customer who has the device now."
        return WarrantyDates(row, through, False, ended)
    begun = row.starts_at <= at
    return WarrantyDates(row, through, begun, "In force" if begun else "It begins later.")
