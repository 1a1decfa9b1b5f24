"""The part of an account's page about what it was promised beside its plans."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from entitlements.actions.overrides import words_of
from entitlements.admin.overrides.acts import acts_for
from entitlements.models import Account, Override, ReasonCode
from entitlements.queries.concessions import Place, PlacedOverride, placed_overrides
from journal.admin.base import Button
from journal.models import Approval

MOST_WAITING = 20
OVER = frozenset({Place.ENDED, Place.REVOKED, Place.REJECTED, Place.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """One override in words: what it does, why, who asked and agreed, what it follows, and what to do with it.

    `request` waits for a second person; `chain` is such as "renews #12".
    """

    found: PlacedOverride
    words: str
    because: str = ""
    chain: str = ""
    request: Approval | None = None
    acts: Sequence[Button] = ()

    @property
    def row(self) -> Override:
        return self.found.row

    @property
    def approver(self) -> str:
        """Who has to agree, where not everybody who may approve can."""
        return self.request.approver_role.capitalize() if self.request else ""


@dataclass(frozen=True, slots=True)
class OverridePart:
    """The overrides that stand in one place of their life; those that are over are folded away."""

    place: Place
    lines: tuple[OverrideLine, ...]

    @property
    def over(self) -> bool:
        return self.place in OVER


def overrides_block(
    account: Account, *, at: datetime, known_at: datetime | None = None, reader: Any = None
) -> dict[str, Any]:
    """The newest overrides by place, and what waits for a second person.

    `reader` is whoever looks at the present; about another moment nothing can be done.
    """
    waiting = waiting_for(account)
    tell = _Teller(account, waiting, reader)
    parts: dict[Place, list[OverrideLine]] = {}
    for found in placed_overrides(account_id=account.pk, at=at, known_at=known_at):
        parts.setdefault(found.place, []).append(tell.line(found))
    asked = [line for line in parts.get(Place.WAITING, []) if line.request]
    with_a_line = {line.request.pk for line in asked if line.request}
    return {
        "parts": [OverridePart(place, tuple(lines)) for place, lines in parts.items()],
        "waiting": [approval for approval in waiting if approval.pk not in with_a_line],
    }


class _Teller:
    """What the lines of one account share, read once."""

    def __init__(self, account: Account, waiting: Sequence[Approval], reader: Any) -> None:
        self.requests = {approval.subject_key: approval for approval in waiting if approval.kind == "override"}
        self.reader = reader
        self.codes: Mapping[int, str] = dict(
            ReasonCode.objects.filter(overrides__account=account).values_list("pk", "name")
        )
        self.ends = dict(Override.objects.filter(followed_by__account=account).values_list("pk", "ends_at"))

    def line(self, found: PlacedOverride) -> OverrideLine:
        row = found.row
        request = self.requests.get(str(row.pk)) if found.place is Place.WAITING else None
        acts = () if self.reader is None else acts_for(row, place=found.place, user=self.reader, request=request)
        code = self.codes.get(row.reason_code_id) if row.reason_code_id else None
        because = f"{code}: {row.reason}" if code else row.reason
        return OverrideLine(found, words_of(row), because, self._chain(row), request, tuple(acts))

    def _chain(self, row: Override) -> str:
        """ "renews #12" where it begins when the other ends or later, else "edits #12"."""
        if row.follows_id is None:
            return ""
        end = self.ends.get(row.follows_id)
        return f"{'renews' if end is not None and row.starts_at >= end else 'edits'} #{row.follows_id}"


def waiting_for(account: Account) -> list[Approval]:
    """What was asked for about the account and nobody has decided, the oldest first."""
    rows = Approval.objects.filter(account_key=account.key, state=Approval.State.PENDING)
    return list(rows.order_by("requested_at")[:MOST_WAITING])


def override_line(found: PlacedOverride) -> OverrideLine:
    """One override in brief, for pages that show only what it does."""
    return OverrideLine(found, words_of(found.row))
