"""What was told of a case's clocks, beside what is known by now. Nothing here writes, and nothing told is taken back."""

from support.domain.case_events import AlertKind, ClockState
from support.models import CaseAlert

IN_TIME = "By what was heard of since, it was in time."
NOT_OWED = "By what was heard of since, it was not owed then."


def corrected(alert: CaseAlert) -> str:
    """What has to be said beside a breach that was told and was none; empty for everything else that was told.

    Something that happened before it was heard of later. The row stays as it is: people were told so.
    """
    if alert.kind != AlertKind.BREACH or alert.clock.breached_at is not None:
        return ""
    return NOT_OWED if alert.clock.state == ClockState.CANCELLED else IN_TIME
