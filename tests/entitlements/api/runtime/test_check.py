"""Checks over HTTP: may it do this now, and how much is left. Nothing is counted."""

from datetime import timedelta
from decimal import Decimal

import pytest

from entitlements.domain.usage.operations import Act
from entitlements.models import SubjectLimit, UsageCounter, UsageEvent
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.factories import EPOCH, PlanFactory, PlanPriceFactory, PlanVersionFactory, publish_now
from tests.entitlements.api.runtime.asking import key, post, problem, told
from tests.entitlements.using import customer, metered, use
from tests.entitlements.world import AT, DAY, term

pytestmark = pytest.mark.django_db


def ask(feature="calls", *, plain="", at=AT, **more):
    return told(post("check", {"account": "acme", "feature": feature, **more}, plain=plain, at=at))


def test_a_gate_says_yes_or_no():
    customer(metered())
    answer = ask("sso")
    assert (answer["allowed"], answer["because"], answer["kind"], answer["granted"]) == (
        False, "it is not included", "gate", False,
    )  # fmt: skip
    assert answer["why"] == "not_entitled"


def test_what_is_used_and_left_is_told_and_nothing_counted():
    world = metered()
    use(customer(world), world.calls, 400)
    answer = ask(quantity=600)
    assert (answer["allowed"], answer["because"], answer["certain"]) == (True, "600 left, nothing after this", True)
    figures = ("value", "limit", "used", "held", "left", "unit", "resets_at")
    assert [answer[name] for name in figures] == [1000, 1000, 400, 0, 600, "call", "2026-04-01T00:00:00Z"]
    assert UsageEvent.objects.count() == 1


def test_a_check_is_what_a_consume_would_answer():
    world = metered()
    acme = customer(world)
    for feature, amount in ((world.calls, 999), (world.requests, 60), (world.seats, 5), (world.mails, 50)):
        use(acme, feature, amount)
    plain = key()
    for feature in (world.calls, world.requests, world.seats, world.mails, world.tokens):
        for amount in (0, 1, 2, 101):
            answer = ask(feature.key, quantity=amount, plain=plain)
            assert answer["allowed"] == use(acme, feature, amount).allowed, (feature, amount)


def test_without_a_quantity_anything_at_all_is_asked_for():
    world = metered()
    use(customer(world), world.calls, 1000)
    answer = ask()
    assert (answer["allowed"], answer["why"], answer["because"]) == (
        False, "limit_reached", "nothing is left of the limit of 1,000",
    )  # fmt: skip


def test_what_reservations_hold_is_taken_until_their_time_is_over():
    world = metered()
    use(customer(world), world.calls, 900, act=Act.RESERVE, until=AT + timedelta(minutes=5))
    assert [ask()[name] for name in ("used", "held", "left")] == [0, 900, 100]
    assert ask(at=AT + timedelta(minutes=5))["left"] == 1000


def test_weights_count_in_a_check_too():
    customer(metered())
    assert ask("tokens", quantity=20, choice="model.premium")["allowed"]
    assert not ask("tokens", quantity=21, choice="model.premium")["allowed"]
    assert ask("tokens", quantity=21, choice="model.plain")["allowed"]


def test_a_thing_that_is_counted_already_may_come_again():
    world = metered()
    acme = customer(world)
    for visitor in ("ann", "ben", "cem"):
        use(acme, world.visitors, value=visitor)
    assert [ask("visitors", value=name)["allowed"] for name in ("ann", "dee", "")] == [True, False, False]
    assert ask("visitors", quantity=50)["because"] == "nothing is left of the limit of 3"


def test_a_task_s_budget_bounds_it_and_every_bound_is_told():
    world = metered()
    acme = customer(world)
    budget = SubjectLimit(
        account=acme, feature=world.tokens, subject="task-9", amount=30, in_all=True, starts_at=AT - DAY
    )
    keep(budget, deed=begin(by=SYSTEM, at=AT - DAY))
    use(acme, world.tokens, 20, subject="task-9")
    answer = ask("tokens", subject="task-9", quantity=11)
    assert (answer["allowed"], answer["why"], answer["offers"]) == (False, "subject_limit_reached", [])
    bounds = [(one["of"], one["name"], one["limit"], one["left"]) for one in answer["bounds"]]
    assert bounds == [("account", "", 100, 80), ("subject", "task-9", 30, 10)]
    assert ask("tokens", subject="task-9", quantity=10)["allowed"]


def test_a_refusal_names_what_would_allow_it_and_where_to_buy(settings):
    settings.DESK_BUY_URL = "https://shop.example/{account}?plan={plan}"
    world = metered()
    use(customer(world), world.calls, 1000)
    draft = PlanVersionFactory(plan=PlanFactory(key="max", name="Max"))
    keep(term(draft, world.calls, Decimal(5000)), deed=begin(by=SYSTEM, at=EPOCH))
    PlanPriceFactory(version=draft)
    publish_now(draft)
    [offer] = ask(quantity=1)["offers"]
    assert (offer["plan"], offer["name"], offer["kind"]) == ("max", "Max", "plan")
    assert offer["buy_url"] == "https://shop.example/acme?plan=max"
    assert offer["prices"]
    assert ask(quantity=4001)["offers"] == []


def test_as_of_another_moment_the_terms_answer_without_use():
    world = metered()
    use(customer(world), world.calls, 1000)
    later = told(
        post("check", {"account": "acme", "feature": "calls", "quantity": 5, "at": (AT + 2 * DAY).isoformat()})
    )
    assert (later["allowed"], later["certain"], later["used"]) == (True, False, None)
    assert later["at"] == "2026-03-04T09:00:00Z"


def test_as_it_was_known_then():
    customer(metered())
    asked = {"account": "acme", "feature": "calls", "known_at": (EPOCH - DAY).isoformat()}
    problem(post("check", asked), 404, "unknown_account", "account")
    problem(post("check", asked | {"known_at": (AT + DAY).isoformat()}), 422, "invalid", "known_at")


def test_explained_with_every_reason():
    world = metered()
    use(customer(world), world.calls, 1000)
    told_why = ask(quantity=1, explain=True)["explanation"]
    assert any("Pro v1" in reason["source"] for reason in told_why["because"])
    assert told_why["in_words"][-1] == "Refused: 1,001 would be 1 over the limit of 1,000."
    assert not told_why["decision"]["allowed"]


def test_what_a_client_needs_when_the_desk_is_away():
    customer(metered())
    assert ask()["fallback"] == {"on_unreachable": "last_known", "max_age_seconds": 3600}


@pytest.mark.parametrize(
    ("more", "status", "code", "field"),
    [
        ({"account": "nobody"}, 404, "unknown_account", "account"),
        ({"feature": "nothing"}, 404, "unknown_feature", "feature"),
        ({"quantity": -1}, 422, "negative_quantity", "quantity"),
        ({"quantity": 2**64}, 422, "absurd_quantity", "quantity"),
        ({"quantity": "1"}, 422, "wrong_type", "quantity"),
        ({"consistent": "yes"}, 422, "wrong_type", "consistent"),
        ({"at": "2300-01-01T00:00:00Z"}, 422, "invalid", "at"),
        ({"choice": "model.huge"}, 422, "unknown_choice", "choice"),
        ({"wanted": 1}, 422, "invalid", "wanted"),
    ],
)
def test_what_cannot_be_asked_is_a_problem_of_its_own(more, status, code, field):
    customer(metered())
    problem(post("check", {"account": "acme", "feature": "tokens", **more}), status, code, field)


def test_it_only_reads():
    customer(metered())
    ask(quantity=10)
    assert not UsageCounter.objects.exists()


def test_a_key_that_only_counts_may_not_ask():
    problem(post("check", {}, plain=key("usage:write")), 403, "not_allowed")


def test_many_accounts_and_features_at_once():
    world = metered()
    use(customer(world), world.calls, 400)
    customer(world, "bolt")
    asked = {"accounts": ["acme", "nobody", "bolt"], "features": ["calls", "sso"]}
    accounts = told(post("checks", asked))["accounts"]
    assert [one["account"] for one in accounts] == ["acme", "nobody", "bolt"]
    assert [[(a["feature"], a["allowed"], a["left"]) for a in one["answers"]] for one in accounts] == [
        [("calls", True, 600), ("sso", False, None)], [], [("calls", True, 1000), ("sso", False, None)],
    ]  # fmt: skip
    assert accounts[1]["problem"]["code"] == "unknown_account"


def test_without_features_all_of_them():
    customer(metered())
    [one] = told(post("checks", {"accounts": ["acme"]}))["accounts"]
    assert len(one["answers"]) == 8


def test_more_than_a_hundred_are_refused():
    problem(post("checks", {"accounts": ["a"] * 101}), 413, "batch_too_large")
    problem(post("checks", {"accounts": ["a"], "features": ["f"] * 101}), 413, "batch_too_large")
