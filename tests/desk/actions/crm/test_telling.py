"""Staff are told once that a flow is behind by more than may be."""

from datetime import timedelta

import pytest

from desk.actions.crm.telling import say_lag, tell_behind
from desk.domain.crm.flows import Flow
from desk.models import CrmFlow
from journal.models import Notice
from tests.desk.flowing import company, flowing
from tests.entitlements.world import AT
from tests.journal.factories import StaffFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def watcher():
    return StaffFactory(username="fin", email="fin@desk.example", is_superuser=True)


def test_who_sets_it_up_is_told_once_with_what_it_meets(watcher):
    connection = flowing((Flow.COMPANIES,))
    CrmFlow.objects.update(trouble="Our CRM can’t be reached", trouble_since=AT)
    assert tell_behind(at=AT + 10 * MINUTE) == 0
    assert tell_behind(at=AT + 11 * MINUTE) == 1
    assert tell_behind(at=AT + 20 * MINUTE) == 0
    notice = Notice.objects.get()
    assert (notice.recipient, notice.kind) == ("fin@desk.example", "crm_behind")
    assert notice.subject == "Our CRM: “Companies come in” is 11 minutes behind"
    assert "It may lag 10 minutes." in notice.body
    assert "since 2 March 2026, 09:00 UTC: Our CRM can’t be reached" in notice.body
    assert f"/admin/journal/connection/{connection.pk}/change/" in notice.body


def test_it_is_told_of_anew_after_it_has_caught_up(watcher):
    flowing((Flow.DEALS,))
    assert tell_behind(at=AT + 6 * MINUTE) == 1
    CrmFlow.objects.update(last_ok_at=AT + 7 * MINUTE)
    assert tell_behind(at=AT + 8 * MINUTE) == 0
    assert tell_behind(at=AT + 20 * MINUTE) == 1
    assert Notice.objects.count() == 2


def test_more_than_gets_done_is_told_too(watcher):
    connection = flowing((Flow.COMPANIES,))
    CrmFlow.objects.update(last_ok_at=AT + 15 * MINUTE)
    company(connection, due_at=AT)
    assert tell_behind(at=AT + 15 * MINUTE) == 1
    assert "It meets no trouble" in Notice.objects.get().body


@pytest.mark.parametrize(
    ("lag", "words"),
    [(1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (3600, "1 hour"), (7300, "2 hours"), (200_000, "2 days")],
)
def test_a_lag_in_words(lag, words):
    assert say_lag(timedelta(seconds=lag)) == words
