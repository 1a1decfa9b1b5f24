"""Consume over HTTP: checked and counted, once."""

from datetime import timedelta

import pytest

from entitlements.models import UsageCounter, UsageEvent
from tests.entitlements.api.runtime.asking import key, post, problem, told
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db


def asked(**more):
    return {"account": "acme", "feature": "calls", "quantity": 400, "id": "one"} | more


def test_what_fits_is_counted_and_what_is_left_is_told():
    customer(metered())
    body = told(post("consume", asked()))
    assert (body["allowed"], body["quantity"], body["used"], body["limit"], body["left"]) == (True, 400, 400, 1000, 600)
    assert (body["id"], body["account"], body["feature"]) == ("one", "acme", "calls")
    assert (body["because"], body["why"], body["resets_at"]) == ("within the limit", None, "2026-04-01T00:00:00Z")


def test_what_does_not_fit_is_an_answer_and_counts_nothing():
    customer(metered())
    body = told(post("consume", asked(quantity=1001)))
    assert (body["allowed"], body["why"], body["quantity"], body["used"], body["left"]) == (
        False, "limit_reached", 0, 0, 1000,
    )  # fmt: skip
    assert body["because"] == "1,001 would be 1 over the limit of 1,000"
    assert not UsageEvent.objects.exists()


def test_a_repeat_is_told_the_same_and_counted_once():
    customer(metered())
    plain = key()
    first, again = (told(post("consume", asked(), plain=plain)) for _ in range(2))
    assert again == {**first, "replayed": True}
    assert UsageCounter.objects.get().used == 400


def test_the_header_names_it_where_no_id_does():
    customer(metered())
    plain, body = key(), {"account": "acme", "feature": "calls"}
    for _ in range(2):
        assert told(post("consume", body, plain=plain, **{"Idempotency-Key": '"k-1"'}))["id"] == "k-1"
    assert UsageCounter.objects.get().used == 1


def test_a_header_longer_than_an_id_is_refused_in_its_own_words():
    customer(metered())
    body = {"account": "acme", "feature": "calls"}
    problem(post("consume", body, **{"Idempotency-Key": f'"{"k" * 201}"'}), 422, "invalid", "Idempotency-Key")
    assert told(post("consume", body, **{"Idempotency-Key": f'"{"k" * 200}"'}))["allowed"]


def test_what_was_open_in_february_allows_nothing_today():
    customer(metered())
    problem(post("consume", asked(at="2026-02-25T00:00:00Z")), 422, "too_late_to_ask", "at")
    assert told(post("report", asked(at="2026-02-25T00:00:00Z")))["allowed"]


def test_two_keys_have_ids_of_their_own_and_a_source_shares_them():
    customer(metered())
    for _ in range(2):
        told(post("consume", asked(quantity=1)))
    assert UsageCounter.objects.get().used == 2
    answers = [told(post("consume", asked(quantity=1, source="worker"))) for _ in range(2)]
    assert [answer["replayed"] for answer in answers] == [False, True]


def test_by_any_system_s_id():
    world = metered()
    customer(world, external_ids=[("stripe", "cus_1")])
    assert told(post("consume", asked(account="stripe:cus_1")))["account"] == "acme"
    assert told(post("consume", asked(account="cus_1", id="two")))["used"] == 800


def test_unlimited_has_no_number():
    world = metered()
    customer(world)
    body = told(post("consume", asked(feature="mails", quantity=80)))
    assert (body["allowed"], body["over"], body["left"]) == (True, 30, 0)


def test_many_are_answered_each_by_itself():
    customer(metered())
    events = [
        asked(id="a"),
        asked(id="b", quantity=700),
        asked(id="c", feature="nothing"),
        asked(id="d", account="nobody"),
        asked(id="e", quantity="three"),
        asked(id=""),
        asked(id="g", quantity=600),
    ]
    results = told(post("consume", {"events": events}))["results"]
    assert [one["id"] for one in results] == ["a", "b", "c", "d", "", "", "g"]
    assert [one["status"] for one in results] == [200, 200, 404, 404, 422, 422, 200]
    assert [one["answer"]["allowed"] for one in results if one["answer"]] == [True, False, True]
    codes = [one["problem"]["code"] for one in results if one["problem"]]
    assert codes == ["unknown_feature", "unknown_account", "wrong_type", "id_missing"]
    assert UsageCounter.objects.get().used == 1000


@pytest.mark.parametrize(
    ("more", "status", "code", "field"),
    [
        ({"account": "nobody"}, 404, "unknown_account", "account"),
        ({"feature": "nothing"}, 404, "unknown_feature", "feature"),
        ({"quantity": -1}, 422, "negative_quantity", "quantity"),
        ({"quantity": 2**53}, 422, "absurd_quantity", "quantity"),
        ({"quantity": "3"}, 422, "wrong_type", "quantity"),
        ({"quantity": 2.5}, 422, "wrong_type", "quantity"),
        ({"at": (AT + timedelta(minutes=6)).isoformat()}, 422, "clock_far_off", "at"),
        ({"at": (AT - timedelta(days=91)).isoformat()}, 422, "clock_far_off", "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, 422, "clock_far_off", "at"),
        ({"at": (AT - timedelta(minutes=6)).isoformat()}, 422, "too_late_to_ask", "at"),
        ({"source": "reservation"}, 422, "invalid", "source"),
        ({"source": "shared"}, 422, "invalid", "source"),
        ({"source": "desk:seats"}, 422, "invalid", "source"),
        ({"at": "2026-03-02T09:00:00"}, 422, "invalid", "at"),
        ({"id": ""}, 422, "id_missing", "id"),
        ({"choice": "model.huge"}, 422, "unknown_choice", "choice"),
        ({"feature": "sso"}, 422, "not_counted", "feature"),
        ({"quantety": 3}, 422, "invalid", "quantety"),
        ({"account": "a\x00b"}, 422, "invalid", "account"),
    ],
)
def test_what_cannot_be_is_a_problem_of_its_own(more, status, code, field):
    customer(metered())
    problem(post("consume", asked(**more)), status, code, field)
    assert not UsageEvent.objects.exists()


@pytest.mark.parametrize(("body", "status", "code"), [(b"{", 400, "bad_request"), (b"[]", 422, "wrong_type")])
def test_a_body_that_is_no_request(body, status, code):
    problem(post("consume", body), status, code)


def test_a_replay_with_another_body_is_refused():
    customer(metered())
    plain = key()
    told(post("consume", asked(), plain=plain))
    problem(post("consume", asked(quantity=401), plain=plain), 422, "event_reused", "id")
    assert UsageCounter.objects.get().used == 400


def test_too_many_at_once_are_refused_whole():
    customer(metered())
    problem(post("consume", {"events": [asked(id=str(n)) for n in range(1001)]}), 413, "batch_too_large")
    problem(post("consume", asked(id="x" * 1_000_001)), 413, "batch_too_large")
    problem(post("consume", asked(id="x" * 3_000_000)), 413, "batch_too_large")
    assert not UsageEvent.objects.exists()


def test_without_the_scope_nothing_is_counted():
    customer(metered())
    problem(post("consume", asked(), plain=key("entitlements:read")), 403, "not_allowed")


def test_who_has_nothing_is_refused():
    metered()
    account("stranger")
    body = told(post("consume", asked(account="stranger")))
    assert (body["allowed"], body["why"]) == (False, "not_entitled")


def test_a_subject_in_a_list_named_events_is_no_list():
    world = metered()
    use(customer(world), world.calls, 1)
    assert told(post("consume", asked(subject='"events"')))["used"] == 401
