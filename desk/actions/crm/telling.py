"""That a flow with a CRM is behind by more than may be, told once to whoever sets it up."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from desk.actions.crm.flows import PERMISSION
from desk.domain.crm.flows import Flow
from desk.models import CrmFlow
from desk.queries.crm.lag import FlowLag, lags
from journal.actions.notices import tell
from journal.models import Staff

KIND = "crm_behind"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def tell_behind(*, at: datetime) -> int:
    """Told of each flow that has come to be too far behind; how many. Once one has caught up it may be told of anew."""
    return sum(_told(one, at=at) for one in lags(at=at))


@transaction.atomic
def _told(one: FlowLag, *, at: datetime) -> bool:
    rows = CrmFlow.objects.filter(pk=one.row.pk)
    if not one.too_far(at=at):
        rows.filter(told_behind_at__isnull=False).update(told_behind_at=None)
        return False
    if not rows.filter(told_behind_at=None).update(told_behind_at=at):
        return False
    for person in watchers():
        _tell(one, person, at=at)
    return True


def _tell(one: FlowLag, person: Staff, *, at: datetime) -> None:
    row, flow = one.row, Flow(one.row.flow)
    address = settings.DESK_URL + reverse("admin:journal_connection_change", args=[row.connection_id])
    said = {"row": row, "flow": flow, "behind": say_lag(one.behind(at=at)), "tolerated": say_lag(flow.tolerated)}
    tell(
        recipient=person.email,
        subject=f"{row.connection.name}: “{flow.words}” is {said['behind']} behind",
        body=render_to_string(f"emails/{KIND}.txt", {**said, "person": person, "address": address}),
        once_key=f"{KIND}:{row.pk}:{at.isoformat()}:{person.pk}",
        kind=KIND,
        at=at,
    )


def watchers() -> list[Staff]:
    """Everybody at work who may set a CRM up and has an e-mail address."""
    rows = Staff.objects.with_perm(PERMISSION, backend=BACKEND)
    return list(rows.exclude(email="").distinct().order_by("pk"))


def say_lag(lag: timedelta) -> str:
    """ "40 seconds", "12 minutes", "3 hours"."""
    seconds = int(lag.total_seconds())
    for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            number = seconds // size
            return f"{number:,} {name}{'' if number == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
