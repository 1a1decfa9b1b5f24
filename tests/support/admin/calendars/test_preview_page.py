"""The preview of a draft: what it changes, what it does to open cases, and who may put it in force."""

import pytest

from journal.actions.jobs import start
from journal.models import Approval, Job
from support.actions.calendars import Hours, OpenHours, draft_hours, set_hours
from support.actions.cases.recomputing import PREVIEW, RECOMPUTE
from support.domain.impact import Impact
from support.queries.calendars.versions import in_force, open_version
from tests.support.admin.calendars.desk import DECIDES, LOOKS, WRITES, office, open_case_by, promised, signed_in, url

pytestmark = pytest.mark.django_db

SHORTER = Hours(tuple(OpenHours(day, 540, 1020) for day in range(5)), note="Fewer people")


@pytest.fixture
def calendar(support_agent, at):
    calendar = office()
    draft_hours(calendar=calendar, hours=SHORTER, by=support_agent, at=at)
    return calendar


def press(client, calendar, do, **said):
    seen = client.get(url(calendar, "preview")).context["form"]["seen"].value()
    return client.post(url(calendar, "preview"), {"seen": seen, "do": do, **said})


def many(monkeypatch, cases=1):
    """More open cases than are counted while somebody waits."""
    monkeypatch.setattr("support.admin.calendars.impact.impact_of", lambda **_: Impact(1, cases, counted=False))


def test_it_says_what_changes_and_what_that_does(calendar):
    html = signed_in(*LOOKS).get(url(calendar, "preview")).content.decode()
    assert "Monday–Friday: 09:00–17:00, instead of 06:00–18:00." in html
    assert "No open case is promised anew." in html
    assert "Put in force" not in html


def test_nothing_depends_on_it_so_one_person_puts_it_in_force(calendar):
    client = signed_in(*WRITES)
    answer = press(client, calendar, "force")
    assert (answer.status_code, answer.headers["Location"]) == (302, url(calendar))
    assert (in_force(calendar).number, open_version(calendar), Job.objects.count()) == (2, None, 0)


def test_open_cases_are_recomputed_when_that_is_asked_for(calendar):
    open_case_by(calendar)
    client = signed_in(*WRITES)
    assert "Put in force and recompute open cases" in client.get(url(calendar, "preview")).content.decode()
    press(client, calendar, "recompute", quiet="on")
    job = Job.objects.get()
    assert (job.kind, job.payload["calendar"], job.payload["quiet"]) == (RECOMPUTE, in_force(calendar).pk, True)


def test_open_cases_may_follow_later(calendar):
    open_case_by(calendar)
    client = signed_in(*WRITES)
    press(client, calendar, "force")
    assert client.get(url(calendar, "recompute")).context["foreseen"].affected == 1
    client.post(url(calendar, "recompute"), {"do": "recompute"})
    assert Job.objects.get().payload["calendar"] == in_force(calendar).pk
    assert signed_in(*LOOKS).get(url(calendar, "recompute")).status_code == 403


def test_without_leave_to_recompute_nothing_comes_in_force_by_that_button(calendar):
    client = signed_in(*LOOKS, "support.edit_sla")
    answer = press(client, calendar, "recompute")
    assert answer.status_code == 422
    assert in_force(calendar).number == 1


def test_promises_that_count_by_it_need_a_second_person(calendar):
    promised(calendar)
    client = signed_in(*WRITES)
    assert "Ask for approval" in client.get(url(calendar, "preview")).content.decode()
    assert "someone else has to approve" in press(client, calendar, "force").content.decode()
    press(client, calendar, "ask", open_cases="anew", reason="Winter")
    approval = Approval.objects.get()
    assert (approval.reason, approval.payload["recompute"]) == ("Winter", True)
    assert "No open case is promised anew. Open cases are recomputed then." in approval.summary
    assert in_force(calendar).number == 1


def test_the_second_person_finds_it_here_and_approves_it(calendar):
    promised(calendar)
    asks, decides = signed_in(*WRITES), signed_in(*DECIDES)
    press(asks, calendar, "ask", open_cases="anew")
    page = decides.get(url(calendar, "preview"))
    assert "Approve it" not in asks.get(url(calendar, "preview")).content.decode()
    decides.post(page.context["approve"], {"note": ""})
    assert (in_force(calendar).number, Job.objects.get().kind) == (2, RECOMPUTE)


def test_what_waits_is_shown_instead_of_a_form(calendar):
    promised(calendar)
    client = signed_in(*WRITES)
    press(client, calendar, "ask")
    html = client.get(url(calendar, "preview")).content.decode()
    assert "It waits for a second person" in html
    assert "Drop it" not in html
    assert client.get(url(calendar, "edit")).status_code == 302


def test_a_draft_somebody_else_changed_is_not_put_in_force(calendar, support_agent, at):
    client = signed_in(*WRITES)
    seen = client.get(url(calendar, "preview")).context["form"]["seen"].value()
    other = Hours((OpenHours(0, 0, 60),), note="Mine")
    draft_hours(calendar=calendar, hours=other, by=support_agent, at=at)
    answer = client.post(url(calendar, "preview"), {"seen": seen, "do": "force"})
    assert "Someone else changed this" in answer.content.decode()
    assert in_force(calendar).number == 1


def test_many_cases_are_counted_by_a_job(calendar, monkeypatch):
    many(monkeypatch, 400)
    client = signed_in(*WRITES)
    html = client.get(url(calendar, "preview")).content.decode()
    assert "400 open cases would be promised anew." in html
    press(client, calendar, "count")
    assert Job.objects.get().kind == PREVIEW
    assert "Being counted" in client.get(url(calendar, "preview")).content.decode()


def test_what_the_job_counted_is_shown_until_the_draft_is_another(calendar, support_agent, at, monkeypatch):
    many(monkeypatch)
    draft = open_version(calendar)
    payload = {"calendar": draft.pk, "policy": None, "country": None}
    job = start(kind=PREVIEW, title="Counting", payload=payload, by=support_agent, at=at)
    told = Impact(open=40, affected=32, moved=32, later=32, would_breach=4).as_json()
    Job.objects.filter(pk=job.pk).update(state="done", result={"impact": told})
    client = signed_in(*LOOKS)
    assert "32 clocks move (32 later), 4 would be late at once" in client.get(url(calendar, "preview")).content.decode()
    Job.objects.filter(pk=job.pk).update(asked_at=draft.written_at.replace(year=2020))
    assert "4 would be late" not in client.get(url(calendar, "preview")).content.decode()


def test_a_draft_is_dropped(calendar):
    client = signed_in(*WRITES)
    seen = client.get(url(calendar, "drop")).context["form"]["seen"].value()
    client.post(url(calendar, "drop"), {"seen": seen, "reason": "A mistake"})
    assert (open_version(calendar), calendar.versions.latest("number").state) == (None, "dropped")
    assert client.get(url(calendar, "preview")).status_code == 302


def test_an_old_version_is_restored_as_a_draft(support_agent, at):
    calendar = office()
    set_hours(calendar=calendar, hours=SHORTER, by=support_agent, at=at)
    client = signed_in(*WRITES)
    page = client.get(url(calendar, "restore", 1)).content.decode()
    assert "Monday–Friday: 06:00–18:00, instead of 09:00–17:00." in page
    answer = client.post(url(calendar, "restore", 1), {})
    assert (answer.headers["Location"], open_version(calendar).note) == (url(calendar, "preview"), "As in version 1.")
    assert client.get(url(calendar, "restore", 9)).status_code == 404


def test_readers_press_nothing(calendar):
    reader = signed_in(*LOOKS)
    assert reader.post(url(calendar, "preview"), {"do": "force"}).status_code == 403
    assert in_force(calendar).number == 1
