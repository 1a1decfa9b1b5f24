"""What entering time on a case would do, before anybody does it; and which entries stand. Nothing here writes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from entitlements.domain.usage.operations import BEHIND, UnfitUse
from entitlements.models import Account
from support.domain.case_events import Channel
from support.domain.time_entries import Share, say_minutes, say_share, share
from support.models import Allowance, Case, TimeEntry
from support.queries.allowances.balances import BalanceLine, balances_of
from support.queries.allowances.choosing import chosen_line
from support.queries.allowances.room import Room, Taking, room_for


@dataclass(frozen=True, slots=True)
class ForeseenTime:
    """What an entry would count as, on what (None: on nothing), and what of it would be left."""

    share: Share
    line: BalanceLine | None
    room: Room | None
    channel: Channel

    @property
    def words(self) -> str:
        """ "20 min count as 30 min"."""
        return say_share(self.share)

    @property
    def left_words(self) -> str:
        """ "4 h 10 min left by phone, 3 h 40 min after it"; of hours without a part for the channel, of all of them."""
        if self.room is None:
            return ""
        by_part = self.room.part is not None and (self.room.left is None or self.room.part <= self.room.left)
        left = self.room.part if by_part else self.room.left
        if left is None:
            return "No limit"
        how = f" by {self.channel.words.lower()}" if by_part else ""
        if left <= 0 and not self.share.counted:
            return f"nothing is left{how}"
        after = left - self.share.counted
        now = f"{say_minutes(left)} left{how}" if left >= 0 else f"Overdrawn by {say_minutes(-left)}"
        later = say_minutes(after) if after >= 0 else f"overdrawn by {say_minutes(-after)}"
        return f"{now}, {later} after it"


def time_lines(account: Account, *, at: datetime) -> list[BalanceLine]:
    """The allowances that time of the account may count on."""
    return [line for line in balances_of(account, at) if line.of_time]


def foresee_time(
    case: Case,
    minutes: int,
    *,
    channel: str,
    at: datetime,
    worked_at: datetime | None = None,
    allowance: Allowance | None = None,
) -> ForeseenTime:
    """What `enter_time` would write, told the same, as things stand at this moment."""
    assert case.account is not None
    spoken = Channel(channel)
    lines = [] if case.uncounted_at is not None else time_lines(case.account, at=at)
    began = min(worked_at or at - timedelta(minutes=minutes), at)
    if allowance is None:
        line = chosen_line(case.account, lines, minutes, channel=channel, worked_at=began, at=at)
    else:
        line = next((line for line in lines if line.allowance.pk == allowance.pk), None)
    if line is None:
        return ForeseenTime(share(minutes, unit=0, room=None, exempt=True), None, None, spoken)
    unit = line.allowance.unit_minutes
    whole = share(minutes, unit=unit, room=None).rounded
    try:
        room = room_for(Taking(case.account, line.allowance, channel, began, at), wanted=whole)
    except UnfitUse:  # too far back: the action says so in words
        return ForeseenTime(share(minutes, unit=unit, room=0), line, None, spoken)
    return ForeseenTime(share(minutes, unit=unit, room=room.bound), line, room, spoken)


def entries_of(case: Case) -> QuerySet[TimeEntry]:
    """Every entry of a case, withdrawn ones too, the newest work first."""
    return case.time_entries.select_related("account", "allowance__feature").order_by("-worked_at", "-pk")


def uncounted_of(account: Account, *, at: datetime) -> QuerySet[TimeEntry]:
    """Work of the last 90 days that counts on nothing, or went beyond, and wasn't left out on purpose; oldest first."""
    standing = TimeEntry.objects.filter(account=account, withdrawn_at=None, exempt_reason="")
    open_ones = Q(counted_minutes=0) | Q(beyond_minutes__gt=0)
    recent = standing.filter(open_ones, worked_at__gte=at - BEHIND)
    return recent.select_related("case", "account", "allowance__feature").order_by("worked_at", "pk")
