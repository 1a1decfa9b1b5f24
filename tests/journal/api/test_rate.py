import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client
from django.utils.timezone import now

from journal.actions.api_keys import issue, set_rate_limit
from journal.api import rate
from journal.api.rate import limit_of, take
from journal.domain.actor import SYSTEM
from journal.queries.api_keys import authenticate_cached


@pytest.fixture
def shop(db):
    return issue(name="Shop", scopes=["x:read"], expires_at=None, rate_limit=2, by=SYSTEM, at=now())


def ask(plain, path="/api/v1/key"):
    return Client().get(path, headers={"Authorization": f"Bearer {plain}"})


def test_each_answer_tells_the_limit_and_what_is_left(shop):
    answers = [ask(shop[1]) for _ in range(2)]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"minute";q=2;w=60'}
    assert [answer["RateLimit"].split(";t=")[0] for answer in answers] == ['"minute";r=1', '"minute";r=0']


def test_one_too_many_is_told_when_to_come_back(shop):
    *_, refused = [ask(shop[1]) for _ in range(3)]
    body = json.loads(refused.content)
    assert (refused.status_code, body["code"], body["status"]) == (429, "rate_limited", 429)
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert refused["RateLimit"].startswith('"minute";r=0;t=')
    assert f"in {refused['Retry-After']} seconds" in body["detail"]


def test_a_refused_answer_counts_and_tells_too(shop):
    assert [ask(shop[1], "/api/v1/accounts/x/entitlements").status_code for _ in range(3)] == [403, 403, 429]
    assert ask(shop[1], "/api/v1/accounts/x/entitlements")["RateLimit"].startswith('"minute";r=0')


def test_who_has_no_key_is_told_no_limit(db):
    answer = ask("ed_a_b")
    assert (answer.status_code, "RateLimit" in answer) == (401, False)


def test_a_raised_limit_lets_in_at_once(shop):
    key, plain = shop
    assert [ask(plain).status_code for _ in range(3)] == [200, 200, 429]
    set_rate_limit(key=key, rate_limit=3, by=SYSTEM, at=now())
    assert [ask(plain).status_code for _ in range(2)] == [200, 429]


def test_a_key_without_a_limit_has_the_installations_and_processes_share_it(db, settings):
    settings.DESK_API_RATE, settings.DESK_WEB_PROCESSES = 100, 4
    _key, plain = issue(name="Till", scopes=["x:read"], expires_at=None, by=SYSTEM, at=now())
    live = authenticate_cached(plain, now=now().timestamp())
    assert limit_of(live) == 25
    assert limit_of(live._replace(rate_limit=8)) == 2


def test_keys_count_apart():
    assert take("a", 1, 5.0).allowed
    assert take("b", 1, 5.0).allowed
    assert not take("a", 1, 5.0).allowed


def test_keys_at_rest_are_let_go_when_there_are_many(monkeypatch):
    monkeypatch.setattr(rate, "MANY", 3)
    for prefix, moment in (("a", 0.0), ("b", 0.0), ("c", 50.0), ("d", 70.0)):
        take(prefix, 1, moment)
    assert set(rate._windows) == {"c", "d"}


def test_threads_never_pass_the_limit_together():
    with ThreadPoolExecutor(16) as hands:
        taken = list(hands.map(lambda _: take("k", 500, 9.0).allowed, range(2_000)))
    assert sum(taken) == 500
