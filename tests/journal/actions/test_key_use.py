from datetime import timedelta

import pytest

from journal.actions.api_keys import issue
from journal.actions.key_use import flush_last_used
from journal.domain.actor import SYSTEM
from journal.models import ApiKey
from journal.queries.live_keys import authenticate_cached, refresh
from tests.journal.factories import EPOCH

pytestmark = pytest.mark.django_db
NOW = EPOCH.timestamp()


@pytest.fixture
def plain():
    return issue(name="Web shop", scopes=["things:read"], expires_at=None, by=SYSTEM, at=EPOCH)[1]


def last_used():
    return ApiKey.objects.get().last_used_at


def test_a_request_writes_nothing_itself(plain, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        authenticate_cached(plain, now=NOW + 30)
    assert last_used() is None


def test_the_minute_of_the_last_use_is_written_behind_its_back(plain):
    for seconds in (5, 62, 119):
        authenticate_cached(plain, now=NOW + seconds)
    assert flush_last_used() == 1
    assert last_used() == EPOCH + timedelta(minutes=1)


def test_within_the_minute_nothing_more_is_written(plain, django_assert_num_queries):
    authenticate_cached(plain, now=NOW + 5)
    flush_last_used()
    authenticate_cached(plain, now=NOW + 59)
    refresh(now=NOW + 59)
    with django_assert_num_queries(0):
        assert flush_last_used() == 0
    authenticate_cached(plain, now=NOW + 60)
    assert flush_last_used() == 1


def test_a_later_use_told_by_another_process_stays(plain):
    authenticate_cached(plain, now=NOW + 5)
    later = EPOCH + timedelta(hours=1)
    ApiKey.objects.update(last_used_at=later)
    flush_last_used()
    assert last_used() == later


def test_reading_the_row_again_forgets_no_use(plain):
    authenticate_cached(plain, now=NOW + 5)
    refresh(now=NOW + 6)
    assert flush_last_used() == 1


def test_a_wrong_secret_is_no_use(plain):
    authenticate_cached(plain, now=NOW + 5)
    flush_last_used()
    authenticate_cached(plain + "x", now=NOW + 500)
    assert flush_last_used() == 0
