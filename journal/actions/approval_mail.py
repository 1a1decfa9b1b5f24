"""Who is told of a request: whoever may decide it, and when it is decided the one who asked. Each once."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator

from journal.actions.notices import tell
from journal.models import Approval, Staff
from journal.queries.approvals import deciders_of, overdue

LONGEST = 110
ASKED, DECIDED, REMINDED = "approval_asked", "approval_decided", "approval_reminded"


def tell_deciders(approval: Approval, *, at: datetime) -> None:
    """Told everybody who may decide a request that it waits for them."""
    for person in deciders_of(approval):
        _tell(person, approval, kind=ASKED, subject="Waits for you", at=at)


def tell_requester(approval: Approval, *, at: datetime) -> None:
    """Told the one who asked, or was asked for, what was decided, by whom, and with what note; nobody is told of what they
    did, nor of what the system that asked for them took back."""
    if approval.decided_by_key in {approval.requested_by_key, approval.requested_for_key}:
        return
    who, _, pk = (approval.requested_for_key or approval.requested_by_key).partition(":")
    person = Staff.objects.filter(pk=int(pk), is_active=True).first() if who == "staff" and pk.isdecimal() else None
    if person is not None:
        _tell(person, approval, kind=DECIDED, subject=approval.get_state_display(), at=at)


def remind(*, at: datetime) -> int:
    """Told once more whoever may decide what has waited for two working days; the number of requests."""
    waiting = overdue(at=at)
    for approval in waiting:
        for person in deciders_of(approval):
            _tell(person, approval, kind=REMINDED, subject="Still waits for you", at=at)
    return len(waiting)


def _in_brief(approval: Approval) -> str:
    """The first sentence of what is asked, as long as the subject of a mail may be."""
    first = (approval.summary or approval.subject_label).splitlines()[0].partition(". ")[0].rstrip(".")
    return Truncator(first).chars(LONGEST)


def _tell(person: Staff, approval: Approval, *, kind: str, subject: str, at: datetime) -> None:
    if not person.email:
        return
    address = settings.DESK_URL + reverse("admin:journal_approval_change", args=[approval.pk])
    body = render_to_string(f"emails/{kind}.txt", {"approval": approval, "person": person, "address": address})
    tell(
        recipient=person.email,
        subject=f"{subject}: {_in_brief(approval)}",
        body=body,
        once_key=f"{kind}:{approval.pk}:{person.pk}",
        kind=kind,
        at=at,
    )
