"""Tickets that were checked, for programs: one by its number, and pages of those that a filter names. Never writes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from entitlements.models import Account
from journal.domain.refusal import NotFound
from support.domain.intake.outcomes import Outcome
from support.domain.intake.settings import Stage
from support.models import IntakeDecision

NUMBER = re.compile(r"T-(\d{1,15})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets; what is left out is any. `outcome` is the one that stands: a person's, where one decided."""

    account: Account | None = None
    stage: Stage | None = None
    outcome: Outcome | None = None


def ticket_named(name: str) -> IntakeDecision:
    """By our number ("T-12"), or by the help desk's ("tickets:4711"): of several the one that came last."""
    spoken = name.replace("\x00", "").strip()
    known, (source, _, number) = NUMBER.fullmatch(spoken), spoken.partition(":")
    found = None
    if known is not None:
        found = _tickets().filter(pk=int(known[1])).first()
    elif number:
        found = _tickets().filter(source=source, external_id=number).exclude(stage=Stage.ASKED).order_by("-pk").first()
    if found is None:
        raise NotFound(f"There is no ticket {name[:80]!r}.")
    return found


def listed_tickets(wanted: Wanted, *, after: int, most: int) -> Sequence[IntakeDecision]:
    """In the order they came, those behind the number `after`; one read."""
    rows = _tickets().filter(pk__gt=after)
    if wanted.account is not None:
        rows = rows.filter(account=wanted.account)
    if wanted.stage is not None:
        rows = rows.filter(stage=wanted.stage)
    if wanted.outcome is not None:
        rows = rows.filter(Q(settled_outcome=wanted.outcome) | Q(settled_outcome="", outcome=wanted.outcome))
    return list(rows.order_by("pk")[:most])


def _tickets() -> QuerySet[IntakeDecision]:
    rows = IntakeDecision.objects.select_related("account", "case", "version", "given_feature", "given_severity")
    return rows.defer("version__learnt")
