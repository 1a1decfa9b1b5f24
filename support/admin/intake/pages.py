"""Where the pages about checked tickets stand, and what may be done there."""

from django.urls import reverse

from support.models import IntakeDecision

VIEW = "support.view_intakedecision"
REVIEW = "support.review_intake"


def decision_url(row: IntakeDecision) -> str:
    return reverse("admin:intake_decision", args=[row.pk])


def number_typed(typed: str) -> int | None:
    """ "T-12" or "12" → 12."""
    bare = typed.strip().upper().removeprefix("T-")
    return int(bare) if bare.isascii() and bare.isdecimal() and len(bare) < 19 else None
