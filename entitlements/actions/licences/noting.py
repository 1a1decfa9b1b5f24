"""What is noted of licences too often for an audit and versions of its own: heartbeats, and validations under a cap."""

from datetime import UTC, datetime, timedelta

from django.db.models import F, QuerySet

from entitlements.models.licence import LicenceActivation, LicenceHeartbeat, LicenceMonth

NOTED_EACH = timedelta(seconds=60)  # a heartbeat is written no more often, unless the policy asks for more


def note_heartbeat(activation: LicenceActivation, *, at: datetime) -> None:
    """Write when it was heard of, unless that was written a moment ago."""
    seconds = activation.licence.policy.heartbeat_seconds
    each = NOTED_EACH if seconds is None else min(NOTED_EACH, timedelta(seconds=seconds) / 2)
    last = LicenceHeartbeat.objects.filter(activation=activation).values_list("at", flat=True).first()
    if last is None or at - last >= each:
        heard(activation, at=at)


def heard(activation: LicenceActivation, *, at: datetime) -> None:
    """Write it in one statement, whether a heartbeat stands already or not."""
    LicenceHeartbeat.objects.bulk_create(
        [LicenceHeartbeat(activation=activation, at=at)],
        update_conflicts=True,
        update_fields=["at"],
        unique_fields=["activation"],
    )


def count_validation(*, licence_id: int, cap: int, at: datetime) -> bool:
    """Counted one more validation of the calendar month (UTC); False, and nothing counted, where the cap is reached.

    One conditional update, so that no two can take the last; only the first of a month makes its row.
    """
    month = LicenceMonth.objects.filter(licence_id=licence_id, starts_on=at.astimezone(UTC).date().replace(day=1))
    if _counted(month, cap):
        return True
    if month.exists():
        return False
    first = LicenceMonth(licence_id=licence_id, starts_on=at.astimezone(UTC).date().replace(day=1))
    LicenceMonth.objects.bulk_create([first], ignore_conflicts=True)
    return _counted(month, cap)


def _counted(month: QuerySet[LicenceMonth], cap: int) -> bool:
    return month.filter(validations__lt=cap).update(validations=F("validations") + 1) == 1
