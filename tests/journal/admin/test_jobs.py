import pytest

from journal.actions import jobs
from journal.actions.working import work_off
from journal.admin.jobs import job_url
from journal.models import Job
from tests.journal.counting import Counting, registered
from tests.journal.factories import EPOCH, StaffFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(monkeypatch):
    registered(Counting(refuses={"2"}, odd={"3"}), monkeypatch)
    by = StaffFactory(permissions=[jobs.STEER]).as_actor()
    return jobs.start(kind="counting", title="Count to six", payload={"up_to": 6}, by=by, at=EPOCH)


@pytest.fixture
def page(signed_in):
    return signed_in("journal.view_job", jobs.STEER)


def test_the_list_shows_how_far_each_is(page, job):
    work_off(at=EPOCH)
    shown = page.get("/admin/journal/job/").content.decode()
    assert "Count to six" in shown
    assert "6 of 6" in shown


def test_the_page_tells_what_failed_and_why(page, job):
    work_off(at=EPOCH)
    shown = page.get(job_url(job)).content.decode()
    assert "Number 2 can&#x27;t be counted." in shown
    assert "It is odd." in shown
    assert "Done, with failures" in shown


def test_a_job_that_nobody_works_on_says_so(page, job):
    Job.objects.update(state="running", beat_at=EPOCH)
    assert "No sign of life since" in page.get(job_url(job)).content.decode()


@pytest.mark.parametrize(("name", "state"), [("pause", "paused"), ("stop", "stopped")])
def test_a_button_asks_and_then_does_it(page, job, name, state):
    address = f"/admin/journal/job/{job.pk}/{name}/"
    assert page.get(address).status_code == 200
    page.post(address)
    assert Job.objects.get().state == state


def test_it_goes_on_and_what_failed_is_tried_again(page, job):
    work_off(at=EPOCH)
    page.post(f"/admin/journal/job/{job.pk}/retry/")
    assert Job.objects.get().state == "queued"


def test_a_button_pressed_too_late_is_told_why(page, job):
    work_off(at=EPOCH)
    answer = page.post(f"/admin/journal/job/{job.pk}/pause/", follow=True)
    assert "by now; nothing was changed" in answer.content.decode()


def test_who_may_only_look_gets_no_buttons(signed_in, job):
    reader = signed_in("journal.view_job")
    assert "/pause/" not in reader.get(job_url(job)).content.decode()
    assert reader.post(f"/admin/journal/job/{job.pk}/pause/").status_code == 403
