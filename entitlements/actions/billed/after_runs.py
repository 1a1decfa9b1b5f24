"""What follows a comparison with what is billed: people are told of what is new, and what may be mended is."""

from datetime import datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from entitlements.actions.billed.findings import PERMISSION
from entitlements.actions.billed.runs import start_taking
from entitlements.domain.billed.mending import too_many
from entitlements.queries.billed.findings import mendable
from entitlements.queries.billed.runs import Found, found_by
from journal.actions.notices import tell
from journal.domain.actor import SYSTEM
from journal.models import Connection, Job, Staff

KIND = "billing_differs"
MEND = "mend"  # the connection's setting: differences are mended by themselves each night
BACKEND = "django.contrib.auth.backends.ModelBackend"


def after_run(job: Job, connection: Connection, *, at: datetime) -> None:
    """Mended what a night's run found, where the connection says so and it isn't too much; told who settles findings.

    What is not there any more is never mended without a person: another account's key would end everything.
    """
    found = found_by(job)
    if not job.payload.get("nightly"):
        return
    mends = connection.said_yes(MEND)
    ids = list(mendable(connection).values_list("pk", flat=True)) if mends else []
    # Also what was found on other nights is mended; and what has ended agrees for ever, so that it doesn't count.
    braked = mends and too_many(max(found.differ, len(ids)), job.result.get("going_on", found.looked))
    ids = [] if braked else ids
    if ids:
        start_taking(findings=ids, by=SYSTEM, at=at, by_itself=True)
    if found.new or (braked and found.differ):
        _tell(job, connection, found, braked=braked, mending=len(ids), at=at)


def _tell(job: Job, connection: Connection, found: Found, *, braked: bool, mending: int, at: datetime) -> None:
    address = settings.DESK_URL + reverse("admin:journal_job_change", args=[job.pk])
    number = "One subscription differs" if found.differ == 1 else f"{found.differ} subscriptions differ"
    said = {"job": job, "connection": connection, "found": found, "braked": braked, "mending": mending}
    for person in settlers():
        tell(
            recipient=person.email,
            subject=f"{connection.name}: {number} from what is billed",
            body=render_to_string(f"emails/{KIND}.txt", {**said, "person": person, "address": address}),
            once_key=f"{KIND}:{job.pk}:{person.pk}",
            kind=KIND,
            at=at,
        )


def settlers() -> list[Staff]:
    """Everybody at work who may settle findings and has an e-mail address."""
    rows = Staff.objects.with_perm(PERMISSION, backend=BACKEND)
    return list(rows.exclude(email="").distinct().order_by("pk"))
