from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from journal.actions.api_keys import issue, revoke, set_rate_limit
from journal.domain.actor import SYSTEM
from journal.models import ApiKey
from journal.queries import live_keys
from journal.queries.live_keys import FRESH, Recalled, authenticate_cached, recall, refresh
from tests.journal.factories import EPOCH
from tests.journal.side_by_side import at_once

NOW = EPOCH.timestamp()
READ = ["things:read"]


def issued(**told):
    return issue(**{"name": "Web shop", "scopes": READ, "expires_at": None, "by": SYSTEM, "at": EPOCH} | told)


def elsewhere(key, **columns):
    """What another process writes: nobody here is told."""
    ApiKey.objects.filter(pk=key.pk).update(**columns)


@pytest.mark.django_db
def test_a_key_is_found_with_all_that_requests_need():
    key, plain = issued(rate_limit=50, expires_at=EPOCH + timedelta(hours=1))
    live = authenticate_cached(plain, now=NOW)
    assert (live.prefix, live.name, live.scopes) == (key.prefix, "Web shop", {"things:read"})
    assert (live.rate_limit, live.expires_at) == (50, NOW + 3600)
    assert live.actor == key.as_actor()


@pytest.mark.django_db
def test_the_second_time_the_database_is_not_asked(django_assert_num_queries):
    _key, plain = issued()
    with django_assert_num_queries(1):
        first = authenticate_cached(plain, now=NOW)
    with django_assert_num_queries(0):
        assert authenticate_cached(plain, now=NOW + FRESH - 0.01) == first == recall(plain, now=NOW + 1)


@pytest.mark.django_db
def test_a_wrong_secret_of_a_known_key_is_nobody_without_asking(django_assert_num_queries):
    _key, plain = issued()
    authenticate_cached(plain, now=NOW)
    with django_assert_num_queries(0):
        for wrong in (plain + "x", plain[:-1], plain.swapcase()):
            assert authenticate_cached(wrong, now=NOW) is None


@pytest.mark.parametrize(
    "wrong", ["", "ed", "ed_", "ed__", "ed_x_", "ed_x_y\x00", "x", "éd_a_b", "ed_a_" + "b" * 200, "ED_a_b"]
)
def test_what_can_be_no_key_is_nobody_without_asking(wrong):
    assert recall(wrong, now=NOW) is Recalled.NOBODY
    assert authenticate_cached(wrong, now=NOW) is None


@pytest.mark.django_db
def test_guesses_leave_nothing_in_memory():
    for number in range(50):
        assert authenticate_cached(f"ed_{number:08x}_guess\udcff", now=NOW) is None
    assert refresh(now=NOW) == 0


@pytest.mark.django_db
def test_a_key_ends_at_its_instant_though_it_is_known_by_heart():
    end = EPOCH + timedelta(seconds=1)
    _key, plain = issued(expires_at=end)
    assert authenticate_cached(plain, now=NOW)
    assert authenticate_cached(plain, now=(end - timedelta(microseconds=1)).timestamp())
    assert authenticate_cached(plain, now=end.timestamp()) is None


@pytest.mark.django_db
def test_revoked_here_a_key_stops_at_once():
    key, plain = issued()
    assert authenticate_cached(plain, now=NOW)
    revoke(key=key, reason="Lost.", by=SYSTEM, at=EPOCH)
    assert authenticate_cached(plain, now=NOW) is None


@pytest.mark.django_db
def test_revoked_elsewhere_a_key_stops_within_two_seconds():
    key, plain = issued()
    authenticate_cached(plain, now=NOW)
    elsewhere(key, revoked_at=EPOCH)
    assert authenticate_cached(plain, now=NOW + 2) is None


@pytest.mark.django_db
def test_a_clock_that_was_put_back_makes_no_old_reading_fresh():
    key, plain = issued(at=EPOCH - timedelta(days=1))
    authenticate_cached(plain, now=NOW)
    elsewhere(key, revoked_at=EPOCH - timedelta(hours=1))
    assert authenticate_cached(plain, now=NOW - 60) is None


@pytest.mark.django_db
def test_one_query_keeps_all_keys_fresh(django_assert_num_queries):
    (first, plain), (_, other) = issued(), issued()
    for text in (plain, other):
        authenticate_cached(text, now=NOW)
    elsewhere(first, revoked_at=EPOCH)
    with django_assert_num_queries(1):
        assert refresh(now=NOW + 1) == 2
    with django_assert_num_queries(0):
        assert authenticate_cached(plain, now=NOW + 2) is None
        assert authenticate_cached(other, now=NOW + 2)


@pytest.mark.django_db
def test_a_key_that_is_gone_falls_out():
    key, plain = issued()
    authenticate_cached(plain, now=NOW)
    ApiKey.objects.filter(pk=key.pk).delete()
    assert refresh(now=NOW) == 0
    assert recall(plain, now=NOW) is Recalled.ASK


@pytest.mark.django_db
def test_another_limit_holds_at_once_here():
    key, plain = issued()
    assert authenticate_cached(plain, now=NOW).rate_limit is None
    set_rate_limit(key=key, rate_limit=7, by=SYSTEM, at=EPOCH)
    assert authenticate_cached(plain, now=NOW).rate_limit == 7


@pytest.mark.django_db
def test_a_row_read_before_the_revocation_is_not_kept_after_it(monkeypatch):
    key, plain = issued()
    read = ApiKey.objects.filter

    def read_then_revoke(**asked):
        rows = list(read(**asked))
        read(pk=key.pk).update(revoked_at=EPOCH)
        live_keys.forget(key.prefix)
        return rows

    monkeypatch.setattr(ApiKey.objects, "filter", read_then_revoke)
    authenticate_cached(plain, now=NOW)
    monkeypatch.undo()
    assert authenticate_cached(plain, now=NOW) is None


@pytest.mark.django_db(transaction=True)
def test_what_others_read_before_the_commit_is_forgotten_with_it():
    key, plain = issued()
    with transaction.atomic():
        revoke(key=key, reason="Lost.", by=SYSTEM, at=EPOCH)
        [live] = at_once(lambda: authenticate_cached(plain, now=NOW))
        assert live is not None  # nothing is revoked yet for anybody else
    assert authenticate_cached(plain, now=NOW) is None


@given(st.text(max_size=40))
def test_no_text_breaks_it(text):
    assert isinstance(recall(text, now=NOW), Recalled)
    assert isinstance(recall(f"ed_ab_{text}", now=NOW), Recalled)
