"""What was promised before there were versions becomes the first version of each calendar and policy."""

from collections import defaultdict
from datetime import UTC, datetime

from django.db import migrations

BEFORE = datetime(2000, 1, 1, tzinfo=UTC)  # in force for as long as anybody may ask


def move(apps, schema_editor):
    _calendars(apps)
    _policies(apps)


def _calendars(apps):
    version_of = apps.get_model("support", "CalendarVersion")
    holiday = apps.get_model("support", "Holiday")
    weeks, days = defaultdict(lambda: [[] for _ in range(7)]), defaultdict(list)
    for row in apps.get_model("support", "CalendarWindow").objects.order_by("weekday", "opens"):
        weeks[row.calendar_id][row.weekday].append([row.opens, row.closes])
    for row in holiday.objects.exclude(calendar=None).order_by("on"):
        days[row.calendar_id].append({"on": row.on.isoformat(), "name": row.name, "hours": []})
    for row in apps.get_model("support", "BusinessCalendar").objects.all():
        if row.pk not in weeks:
            continue  # it was never open, and nothing could count by it
        version_of.objects.create(
            calendar=row, number=1, state="in_force", zone_mode=row.zone_mode, zone=row.zone,
            keeps_holidays=row.keeps_holidays, week=weeks[row.pk], days=days[row.pk] if row.keeps_holidays else [],
            note="As it stood before hours had versions.", written_at=BEFORE, in_force_from=BEFORE,
        )
    holiday.objects.exclude(calendar=None).delete()
    apps.get_model("support", "HistoricalHoliday").objects.exclude(calendar=None).delete()


def _policies(apps):
    version_of = apps.get_model("support", "SlaPolicyVersion")
    milestone_of = apps.get_model("support", "Milestone")
    target_of = apps.get_model("support", "SlaTarget")
    for policy in apps.get_model("support", "SlaPolicy").objects.all():
        version = version_of.objects.create(
            policy=policy, number=1, state="in_force", note="As it stood before policies had versions.",
            written_at=BEFORE, in_force_from=BEFORE,
        )
        targets = target_of.objects.filter(policy=policy)
        if targets.exists():
            milestone = milestone_of.objects.create(
                version=version, key="first_response", name="First response", kind="first_response", starts="opened",
                stops="public_reply",
            )
            targets.update(milestone=milestone)


class Migration(migrations.Migration):
    dependencies = [("support", "0002_sla")]
    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
