from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from journal.models import AuditEvent
from support.models import BusinessCalendar, CalendarVersion, Severity, SlaPolicy, SlaPolicyVersion, SlaTarget
from tests.support.factories import CalendarVersionFactory
from tests.support.world import SHEET, the_plans

pytestmark = pytest.mark.django_db


def run(*options):
    out = StringIO()
    call_command("import_support_promise", *options, stdout=out)
    return out.getvalue()


def rows():
    models = (BusinessCalendar, CalendarVersion, Severity, SlaPolicy, SlaPolicyVersion, SlaTarget)
    return sum(model.objects.count() for model in models)


def test_the_real_promise_is_loaded():
    said = run("--targets", str(SHEET))
    assert "4 severities, 3 tiers, 12 response targets" in said
    assert set(SlaPolicy.objects.values_list("tier", flat=True)) == {"standard", "priority", "priority_plus", "email"}


def test_e_mail_is_cover_without_a_promised_time_and_community_is_none():
    run("--targets", str(SHEET))
    assert not SlaTarget.objects.filter(milestone__version__policy__tier="email").exists()
    assert SlaPolicy.objects.get(tier="email").versions.get().state == "in_force"
    assert not SlaPolicy.objects.filter(tier="community").exists()


def test_business_hours_are_weekdays_six_to_six_where_the_customer_is():
    run("--targets", str(SHEET))
    calendar = BusinessCalendar.objects.get(key="business_hours")
    hours = calendar.versions.get()
    assert hours.zone_mode == "customer"
    assert hours.week == [[[360, 1080]]] * 5 + [[], []]


def test_targets_around_the_clock_have_no_calendar():
    run("--targets", str(SHEET))
    around = SlaTarget.objects.filter(calendar=None).values_list("milestone__version__policy__tier", "severity__key")
    assert set(around) == {
        ("standard", "urgent"), ("priority", "urgent"), ("priority_plus", "urgent"), ("priority_plus", "high"),
    }  # fmt: skip


def test_the_same_sheet_twice_writes_nothing():
    run("--targets", str(SHEET))
    before = AuditEvent.objects.count(), rows(), SlaPolicy.history.count()
    assert "Nothing has changed" in run("--targets", str(SHEET))
    assert (AuditEvent.objects.count(), rows(), SlaPolicy.history.count()) == before


def test_one_changed_cell_changes_one_target(tmp_path):
    run("--targets", str(SHEET))
    sheet = tmp_path / "targets.csv"
    sheet.write_text(SHEET.read_text().replace("12 business hours", "10 business hours"))
    assert "1 change written" in run("--targets", str(sheet))
    amounts = SlaTarget.objects.filter(milestone__version__policy__tier="priority_plus", severity__key="normal")
    assert list(amounts.order_by("pk").values_list("amount", flat=True)) == [720, 600]
    assert SlaPolicyVersion.objects.filter(policy__tier="priority_plus").count() == 2
    assert SlaPolicyVersion.objects.filter(policy__tier="standard").count() == 1


def test_hours_that_staff_changed_since_are_left_alone():
    run("--targets", str(SHEET))
    calendar = BusinessCalendar.objects.get()
    CalendarVersionFactory(calendar=calendar, week=[[[540, 1020]]] + [[]] * 6)
    run("--targets", str(SHEET))
    assert list(calendar.versions.values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"severity,meaning,Standard\n1. Urgent,x,soon\n",
        b"severity,meaning,Standard\n1. Urgent,\xff,y\n",
        b"severity,meaning,Standard,Standard\n1. Urgent,x,y,z\n",
        b"x" * 2_000_000,
    ],
    ids=["empty", "unreadable", "encoding", "twins", "huge"],
)
def test_a_malformed_file_leaves_nothing(content, tmp_path):
    sheet = tmp_path / "targets.csv"
    sheet.write_bytes(content)
    with pytest.raises(CommandError, match="nothing was written"):
        run("--targets", str(sheet))
    assert rows() == 0


def test_a_tier_that_no_plan_can_give_undoes_the_whole_import(tmp_path):
    the_plans()
    sheet = tmp_path / "targets.csv"
    sheet.write_text(SHEET.read_text().replace("Priority Plus", "Platinum"))
    with pytest.raises(CommandError, match="'platinum' is not a choice of Support tier"):
        run("--targets", str(sheet))
    assert rows() == 0


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(CommandError, match="can't be read"):
        run("--targets", "/nowhere/targets.csv")


def test_nobody_imports_in_the_name_of_a_stranger():
    with pytest.raises(CommandError, match="No active member of staff"):
        run("--targets", str(SHEET), "--as", "nobody@example.com")


def test_staff_without_the_permission_may_not_import(django_user_model):
    django_user_model.objects.create_user("sam", email="sam@example.com")
    with pytest.raises(CommandError, match="may not edit sla"):
        run("--targets", str(SHEET), "--as", "sam@example.com")
    assert rows() == 0
