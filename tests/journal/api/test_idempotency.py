"""One API of its own, whose acts can be counted: each is a row of a table."""

import json
from itertools import count
from threading import Event
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.timezone import now
from ninja import NinjaAPI, Schema, Status

from journal.actions import idempotency
from journal.actions.api_keys import issue
from journal.actions.idempotency import prune_idempotency
from journal.api.auth import KeyAuth
from journal.api.door import open_door
from journal.api.idempotency import idempotent_by_itself
from journal.api.problems import PROBLEMS, install
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import IdempotencyRecord, Notice
from tests.journal.factories import NoticeFactory
from tests.journal.side_by_side import at_once

KEY = '"8e03978e-40d5-43e8-bc93-6894a57f9324"'
numbers = count(1)
slow = SimpleNamespace(begun=Event(), may_end=Event())
api = NinjaAPI(urls_namespace="idempotency-under-test", auth=KeyAuth("things:write"))
install(api)
open_door(api)


class Thing(Schema):
    name: str


class Made(Schema):
    number: int
    name: str


@api.post("/things", response={201: Made, 202: Made, **PROBLEMS})
def make(request, told: Thing, response: HttpResponse):
    with transaction.atomic():
        NoticeFactory(subject=told.name, once_key=f"thing-{next(numbers)}")
        if told.name == "refused":
            raise Refusal("Not this one.")
        if told.name == "broken":
            raise ZeroDivisionError
    if told.name == "slow":
        slow.begun.set()
        slow.may_end.wait(20)
    if told.name == "told so":
        return Status(409, {"type": "", "title": "", "status": 409, "detail": "", "code": "x"})
    response["Location"] = "/things/1"
    return Status(201, {"number": next(numbers), "name": told.name})


@api.delete("/things", response={204: None})
def drop(request):
    NoticeFactory()
    return Status(204, None)


@api.get("/things", response=Made)
def look(request):
    NoticeFactory()
    return {"number": next(numbers), "name": "seen"}


@api.post("/counted", response=Made)
@idempotent_by_itself
def counted(request, told: Thing):
    NoticeFactory()
    return {"number": next(numbers), "name": told.name}


def operations():
    views = {}
    for pattern in api._get_urls():
        views.setdefault(str(pattern.pattern), pattern.callback)
    return views


@pytest.fixture
def plain(db):
    return issue(name="Shop", scopes=["things:write"], expires_at=None, by=SYSTEM, at=now())[1]


def ask(plain, name="A", *, key=KEY, method="post", path="/things", query=""):
    headers = {"Authorization": f"Bearer {plain}"} | ({"Idempotency-Key": key} if key is not None else {})
    body = {} if method in ("get", "delete") else {"data": json.dumps({"name": name})}
    request = getattr(RequestFactory(), method)(path + query, content_type="application/json", headers=headers, **body)
    return operations()[path.strip("/")](request)


def code_of(response):
    return json.loads(response.content)["code"]


def test_a_repeat_gets_the_first_answer_and_acts_no_more(plain):
    first, again = ask(plain), ask(plain, key=KEY.strip('"'))
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert again["Content-Type"] == first["Content-Type"]
    assert ("Idempotency-Replayed" in first, again["Idempotency-Replayed"]) == (False, "true")
    assert first["Location"] == again["Location"] == "/things/1"
    assert Notice.objects.count() == 1


def test_without_a_key_each_request_acts(plain):
    ask(plain, key=None), ask(plain, key=None)
    assert Notice.objects.count() == 2
    assert not IdempotencyRecord.objects.exists()


def test_an_answer_without_a_body_is_given_again_too(plain):
    answers = [ask(plain, method="delete") for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("other", [{"name": "B"}, {"method": "delete"}, {"query": "?a=1"}])
def test_another_request_under_the_same_key_is_refused(plain, other):
    ask(plain)
    response = ask(plain, **other)
    assert (response.status_code, code_of(response)) == (422, "idempotency_key_reused")
    assert Notice.objects.count() == 1


def test_two_programs_may_choose_the_same_key(plain):
    other = issue(name="Till", scopes=["things:write"], expires_at=None, by=SYSTEM, at=now())[1]
    assert ask(plain).content != ask(other).content
    assert Notice.objects.count() == 2


@pytest.mark.parametrize(("name", "status"), [("refused", 409), ("broken", 500), ("told so", 409)])
def test_what_failed_keeps_nothing_and_may_be_tried_again(plain, name, status, caplog):
    assert [ask(plain, name).status_code for _ in range(2)] == [status] * 2
    assert not Notice.objects.exists()
    assert not IdempotencyRecord.objects.exists()
    assert ask(plain, "A").status_code == 201  # the key wasn't used up


@pytest.mark.parametrize("header", ["", '""', '"a', "a b", "x" * 256])
def test_a_malformed_key_is_a_problem_of_its_own(plain, header):
    response = ask(plain, key=header)
    assert (response.status_code, code_of(response)) == (400, "idempotency_key_malformed")
    assert not Notice.objects.exists()


def test_reading_needs_no_key_and_keeps_none(plain):
    assert ask(plain, method="get").content != ask(plain, method="get").content
    assert not IdempotencyRecord.objects.exists()


def test_a_route_that_is_idempotent_by_itself_is_left_alone(plain):
    ask(plain, path="/counted"), ask(plain, path="/counted")
    assert Notice.objects.count() == 2
    assert not IdempotencyRecord.objects.exists()


def test_nobody_without_a_key_of_the_api_leaves_a_record(db):
    assert ask("ed_a_b").status_code == 401
    assert not IdempotencyRecord.objects.exists()


def test_old_answers_are_forgotten_and_young_ones_kept(plain):
    ask(plain), ask(plain, key="young")
    moment = IdempotencyRecord.objects.get(key="young").at
    assert prune_idempotency(before=moment) == 1
    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["young"]


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_act_once_and_all_get_one_answer():
    plain = issue(name="Shop", scopes=["things:write"], expires_at=None, by=SYSTEM, at=now())[1]
    views = operations()
    assert views
    answers = at_once(*[lambda: ask(plain)] * 16)
    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum("Idempotency-Replayed" in answer for answer in answers) == 15
    assert Notice.objects.count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer: a repeat waits for its turn")
@pytest.mark.django_db(transaction=True)
def test_while_the_first_still_runs_a_repeat_is_told_so(monkeypatch):
    monkeypatch.setattr(idempotency, "PATIENCE", "'50ms'")
    plain = issue(name="Shop", scopes=["things:write"], expires_at=None, by=SYSTEM, at=now())[1]

    def repeat():
        slow.begun.wait(20)
        try:
            return ask(plain, "slow")
        finally:
            slow.may_end.set()

    first, second = at_once(lambda: ask(plain, "slow"), repeat)
    assert (first.status_code, second.status_code, code_of(second)) == (201, 409, "idempotency_key_in_use")
    assert ask(plain, "slow").content == first.content
