"""What a case counts on, as its page shows it: what it took and gave back, why not, and the form to leave it uncounted."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from catalog.queries.instants import say_instant
from journal.models import Staff
from support.actions.allowances.exempting import LONGEST_REASON
from support.domain.case_events import CaseState
from support.domain.counting import source_of
from support.domain.cover_terms import CountedOn, Counts, Source
from support.models import Allowance, Case, CaseCount, CasePromise
from support.queries.allowances.counts import counts_nothing, promise_of

VIEW, EXEMPT = "support.view_allowance", "support.exempt_case"


class CountForm(forms.Form):
    """Why a case is left uncounted, or counts after all."""

    reason = forms.CharField(
        label="Why?", max_length=LONGEST_REASON, help_text="The customer’s ledger tells it.",
        widget=forms.Textarea(attrs={"rows": 2}), error_messages={"required": "Say why: the customer’s ledger tells it."},
    )  # fmt: skip


def count_block(
    case: Case, *, at: datetime, zone: str, user: Staff | AnonymousUser, form: CountForm | None = None
) -> dict[str, Any]:
    """`form` is one that was filled in. Nothing for whoever may not see allowances, or where nobody has any."""
    if not user.has_perm(VIEW):
        return {}
    rows = list(CaseCount.objects.filter(case=case).select_related("allowance__feature").order_by("pk"))
    used = rows or Allowance.objects.filter(counts=Counts.CASES, retired_at__isnull=True).exists()
    exempt = case.uncounted_at is not None
    if not used and not exempt:
        return {}
    promise = promise_of(case, at=at)
    held = [row for row in rows if row.given_back_at is None]
    return {
        "lines": list(_lines(rows, zone=zone)),
        "why": "" if held else _why_not(case, promise, taken=bool(rows)),
        "exempt": exempt,
        "exempted": "" if case.uncounted_at is None else say_instant(case.uncounted_at, zone=zone),
        "form": (form or CountForm(prefix="count")) if user.has_perm(EXEMPT) else None,
        "action": reverse("admin:support_case_count", args=[case.pk]),
        "tried": form is not None,
        "button": "Count it after all" if exempt else "Don’t count this one",
        "follows": _follows(exempt=exempt, held=held),
    }


def _lines(rows: list[CaseCount], *, zone: str) -> Iterator[dict[str, Any]]:
    for row in rows:
        back = row.given_back_at
        yield {
            "row": row,
            "name": str(row.allowance),
            "how": "when it was resolved" if row.allowance.counted_on == CountedOn.RESOLVING else "when it was opened",
            "when": say_instant(row.at, zone=zone),
            "back": "" if back is None else say_instant(back, zone=zone),
        }


def _why_not(case: Case, promise: CasePromise | None, *, taken: bool) -> str:
    """Why a case counts on nothing now, in a sentence."""
    source = None if promise is None else source_of(promise.covered_by)
    if case.uncounted_at is not None or taken:
        return ""
    if case.account_id is None:
        return "Nobody knows yet whose case it is."
    if case.state == CaseState.CANCELLED:
        return "It was cancelled."
    if source is None and promise is not None and promise.policy_version_id is not None:
        return "What it was promised is older than counting by cover, so nothing is counted."
    if source is None:
        return "Nothing covers it, so nothing is counted."
    if counts_nothing(promise):
        assert promise is not None
        what = "a warranty" if source is Source.WARRANTY else promise.cover_name
        return f"It is covered by {what}, which counts nothing."
    return "Nothing was counted: the customer has no prepaid incidents for it, or they count when it is resolved."


def _follows(*, exempt: bool, held: list[CaseCount]) -> str:
    if exempt:
        return "It takes an incident again, where one is left."
    if not held:
        return "It stays uncounted, whatever happens to it."
    return f"The incident is given back to {held[0].allowance}."
