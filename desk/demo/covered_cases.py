"""Cases of the demo that are about a device: one under maintenance, one for which somebody chose what covers it.

Everything stands on equipment.py (serial numbers) and covers.py (what was agreed on the two plants).
"""

from collections.abc import Sequence
from datetime import datetime

from desk.demo.customers import Customer
from desk.demo.equipment import CHILLER, PRESS, maintained
from journal.domain.actor import Actor
from support.actions.cases.choosing import choose_cover
from support.actions.cases.opening import open_case
from support.domain.case_events import Channel
from support.models import Case

SOURCE = "helpdesk"
STOPPED, MISTAKEN = "48331", "48332"  # as the help desk numbers them


def report_press(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """The press stands still: its warranty, the maintenance of its plant and the call-out all might cover it."""
    _open(customers, "The press stops in mid-stroke", "high", PRESS, STOPPED, by=by, at=at)


def report_portal(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """They named the chiller, and ask about their readings in the portal."""
    _open(customers, "Readings of the chiller are missing", "normal", CHILLER, MISTAKEN, by=by, at=at)


def choose_for_portal(*, by: Actor, at: datetime) -> None:
    """So it isn't maintenance that covers it."""
    case = Case.objects.filter(source=SOURCE, external_id=MISTAKEN).first()
    if case is not None:
        reason = "It is about the portal, not about the device itself"
        choose_cover(case=case, cover="tier", reason=reason, by=by, at=at)


def _open(
    customers: Sequence[Customer], subject: str, severity: str, serial: str, number: str, *, by: Actor, at: datetime
) -> None:
    account = maintained(customers)
    if account is None:
        return
    open_case(
        account=account, subject=subject, severity=severity, channel=Channel.PHONE, asset=serial, source=SOURCE,
        external_id=number, by=by, at=at,
    )  # fmt: skip
