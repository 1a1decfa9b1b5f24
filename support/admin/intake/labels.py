"""What a reviewer said each request is about, as the form told it."""

from dataclasses import replace
from typing import Any

from catalog.models import Feature
from journal.domain.refusal import Invalid
from support.admin.intake.shown import ShownTicket
from support.models import IntakeDecision

UNSAID, NONE, OTHER, FEATURE = "-", "none", "other", "f:"


def labels_said(row: IntakeDecision, posted: Any) -> list[str | None] | None:
    """One for each request: a feature’s key, "" for none of these, None for not said; None if nothing was said at all."""
    found = [_label(str(posted.get(f"label-{index}", UNSAID)), posted, index) for index in range(len(row.readings))]
    return found if any(label is not None for label in found) else None


def as_said(ticket: ShownTicket, posted: Any) -> ShownTicket:
    """With what was chosen before it was refused; what can’t be is left unsaid, so that nothing is taught by mistake."""
    kept = []
    for request in ticket.requests:
        said = str(posted.get(f"label-{request.index}", UNSAID))
        known = {guess.key for guess in request.guesses} | {request.presumed}
        label = "" if said == NONE else said.removeprefix(FEATURE) if said.startswith(FEATURE) else None
        kept.append(replace(request, presumed=label if label in known or label == "" else None))
    return replace(ticket, requests=tuple(kept))


def _label(said: str, posted: Any, index: int) -> str | None:
    if said == NONE:
        return ""
    if said == OTHER:
        return _searched(str(posted.get(f"other-{index}", "")), index)
    return said.removeprefix(FEATURE) if said.startswith(FEATURE) else None


def _searched(typed: str, index: int) -> str | None:
    """By its key or its whole name."""
    typed = typed.replace("\x00", "").strip()
    if not typed:
        return None
    rows = Feature.objects
    found = rows.filter(key=typed).first() or rows.filter(name__iexact=typed).order_by("pk").first()
    if found is None:
        raise Invalid(
            f"No feature is called “{typed}”. Choose one of the list for request {index + 1}.", field="labels"
        )
    return found.key
