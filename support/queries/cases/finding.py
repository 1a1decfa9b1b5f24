"""Finding cases: by our number, by the help desk's, and those of one account."""

import re

from django.db.models import F, Prefetch, Q, QuerySet

from entitlements.models import Account
from support.domain.case_events import OPEN_STATES, ClockState
from support.models import Case, Clock

NUMBER = re.compile(r"^\s*c-?\s?(\d{1,18})\s*$", re.IGNORECASE)
GOING_ON = (ClockState.RUNNING, ClockState.PAUSED)


def case_number(text: str) -> int | None:
    """ "C-123", "c123" → 123; None for anything else."""
    found = NUMBER.match(text)
    return int(found[1]) if found else None


def find_cases(*, text: str, limit: int) -> list[Case]:
    """The case of our number, or those that bear just this number in some help desk; the newest first."""
    spoken = text.replace("\x00", "").strip()
    if not spoken:
        return []
    number = case_number(spoken)
    # said twice, or SQLite doesn't see that the index over those that have one will do
    by = Q(pk=number) if number is not None else Q(external_id=spoken) & ~Q(external_id="")
    return list(Case.objects.filter(by).select_related("account", "severity")[:limit])


def open_cases_of(account: Account, *, limit: int) -> list[Case]:
    """Its open cases, the worst first, each with its clocks that go on (`going_on`); two reads."""
    rows = _cases_of(account).filter(state__in=OPEN_STATES).order_by("severity__position", "opened_at", "pk")
    clocks = Clock.objects.filter(state__in=GOING_ON).order_by(F("due_at").asc(nulls_last=True), "pk")
    return list(rows.prefetch_related(Prefetch("clocks", clocks, to_attr="going_on"))[:limit])


def ended_cases_of(account: Account, *, limit: int) -> list[Case]:
    """What it asked before, resolved and closed ones, the newest first."""
    return list(_cases_of(account).exclude(state__in=OPEN_STATES)[:limit])


def _cases_of(account: Account) -> QuerySet[Case]:
    return Case.objects.filter(account=account).select_related("severity", "team")
