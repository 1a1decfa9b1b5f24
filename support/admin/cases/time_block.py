"""Time worked on a case, as its page shows it: the entries, what is left now, and the form to enter more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from journal.models import Staff
from support.admin.time.forms import TimeForm
from support.admin.time.words import ENTER, EXEMPT, VIEW, balance_words, entry_line
from support.domain.case_events import Channel
from support.models import Case
from support.queries.allowances.balances import BalanceLine
from support.queries.allowances.foreseen import entries_of, time_lines

MOST, FOLDED = 50, 4


def time_form(
    case: Case, lines: Sequence[BalanceLine], *, zone: str, data: Any = None
) -> TimeForm:  # fmt: skip
    return TimeForm(data, zone=zone, lines=lines, initial={"channel": case.channel})


def time_block(
    case: Case, *, at: datetime, zone: str, user: Staff | AnonymousUser, lines: Sequence[BalanceLine] | None = None,
    form: TimeForm | None = None, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """`form` is one that was filled in; `more` is what is foreseen of it. Nothing for whoever may not see entries."""
    if not user.has_perm(VIEW):
        return {}
    account = case.account
    if lines is None:
        lines = [] if account is None else time_lines(account, at=at)
    entries = list(entries_of(case)[: MOST + 1])
    shown = [entry_line(entry, zone=zone, whose=case.account_id) for entry in entries[:MOST]]
    may = user.has_perm(ENTER) and account is not None
    return {
        "entries": shown,
        "newest": shown[:FOLDED],
        "older": shown[FOLDED:],
        "more": len(entries) > MOST,
        "lines": [{**balance_words(line, line.view.account), **_of_channel(line, case)} for line in lines],
        "nobodys": account is None,
        "uncounted": case.uncounted_reason if case.uncounted_at is not None else "",
        "form": (form or time_form(case, lines, zone=zone)) if may else None,
        "may": may,
        "may_leave_out": user.has_perm(EXEMPT),
        "action": reverse("admin:support_case_time", args=[case.pk]),
        "tried": form is not None,
        **more,
    }


def _of_channel(line: BalanceLine, case: Case) -> dict[str, str]:
    """What is left for the way in which this case came."""
    part = line.part(case.channel)
    how = Channel(case.channel).words
    return {"by_channel": "" if part is None else f"{part.left_words} of {part.of_words} by {how.lower()}"}
