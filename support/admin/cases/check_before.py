"""What the check says of a ticket before a person opens its case by hand: shown, and held against nobody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from entitlements.models import Account
from support.admin.intake.words import Badge, outcome_badge, say_reason
from support.domain.case_events import Opener
from support.domain.intake.outcomes import Article, Offered
from support.integrations.door import reads
from support.models import Team
from support.queries.covering import About
from support.queries.intake.deciding import Told, decided, ticket_of
from support.queries.intake.settings import intake_settings

# What of an opening belongs to the ticket; the rest is the case’s alone.
OF_TICKET = (
    "requester", "channel", "source", "external_id", "product", "asset", "cover", "opened_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """`team`: where it goes if no team is named."""

    outcome: Badge
    reason: str
    words: str
    article: Article | None
    offers: tuple[Offered, ...]
    team: str


def told_of(given: Mapping[str, Any], account: Account | None) -> Told:
    """The ticket as the form tells of it: its subject and the note are its words."""
    return Told(
        ticket_of(given["subject"], given["note"]), account=account, severity=given["severity"],
        **{name: given[name] for name in OF_TICKET},
    )  # fmt: skip


def checked(told: Told, *, opener: Opener, about: About, at: datetime) -> Said | None:
    """None where tickets of its channel aren't checked, nor is what staff begin by themselves."""
    read = reads()(told) if opener is not Opener.AGENT else None
    if read is None:
        return None
    found = decided(told, replace(read(), awaited=False), settings=intake_settings(), at=at, about=about)
    decision = found.decision
    team = Team.objects.filter(key=decision.team).first() if decision.team else None
    return Said(
        outcome_badge(decision.outcome), say_reason(decision.reason), decision.words, decision.article, decision.offers,
        str(team or ""),
    )  # fmt: skip
