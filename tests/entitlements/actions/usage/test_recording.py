"""What is consumed and reported: once, all counters or none."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from entitlements.actions.usage.resets import reset_usage
from entitlements.actions.usage.settling import commit
from entitlements.domain.usage.operations import Act, UnfitUse, Why
from entitlements.models import Account, UsageCounter, UsageDay, UsageEvent
from entitlements.queries.usage import landing
from journal.domain.actor import SYSTEM
from tests.entitlements.using import customer, metered, operation, told, use
from tests.entitlements.world import AT, account, subscribed

pytestmark = pytest.mark.django_db


def test_what_fits_is_counted_and_what_is_left_is_told():
    world = metered()
    acme = customer(world)
    first, second = use(acme, world.calls, 400), use(acme, world.calls, 600)
    assert (first.allowed, first.used, first.left) == (True, 400, 600)
    assert (second.allowed, second.used, second.left, second.limit) == (True, 1000, 0, 1000)
    assert second.resets_at == datetime(2026, 4, 1, tzinfo=UTC)


def test_what_passes_a_hard_limit_is_refused_and_leaves_no_row():
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 999)
    refused = use(acme, world.calls, 2)
    assert (refused.allowed, refused.why, refused.used, refused.left) == (False, Why.LIMIT_REACHED, 999, 1)
    assert refused.because == "1,001 would be 1 over the limit of 1,000"
    assert UsageEvent.objects.count() == 1
    assert use(acme, world.calls, 1).allowed


def test_a_report_passes_the_limit_and_says_so():
    world = metered()
    acme = customer(world)
    outcome = use(acme, world.calls, 1200, act=Act.REPORT)
    assert (outcome.allowed, outcome.over, outcome.left) == (True, 200, 0)
    assert outcome.because == "counted, past the limit"


def test_a_soft_limit_lets_it_happen():
    world = metered()
    assert use(customer(world), world.mails, 80).allowed


def test_a_repeat_is_answered_as_the_first_time_and_counted_once():
    world = metered()
    acme = customer(world)
    given = operation(acme, world.calls, 300)
    [first], [again] = told(given), told(given)
    assert again.replayed
    assert (again.used, again.left) == (first.used, first.left) == (300, 700)
    assert UsageCounter.objects.get().used == 300


def test_a_repeat_in_the_same_batch_is_counted_once():
    world = metered()
    given = operation(customer(world), world.calls, 300)
    _, again = told(given, given)
    assert again.replayed
    assert UsageCounter.objects.get().used == 300


def test_the_same_id_with_another_amount_is_refused():
    world = metered()
    acme = customer(world)
    told(operation(acme, world.calls, 300, id="one"))
    [unfit] = told(operation(acme, world.calls, 301, id="one"))
    assert isinstance(unfit, UnfitUse)
    assert unfit.code == "event_reused"


def test_a_refused_consume_may_be_tried_again_under_its_id():
    world = metered()
    acme = customer(world)
    given = operation(acme, world.requests, 61)
    assert [one.allowed for one in told(given)] == [False]
    assert UsageEvent.objects.count() == 0


def test_in_a_batch_each_is_decided_on_what_those_before_it_left():
    world = metered()
    acme = customer(world)
    outcomes = told(*(operation(acme, world.calls, amount) for amount in (600, 500, 400, 1)))
    assert [outcome.allowed for outcome in outcomes] == [True, False, True, False]


def test_use_lands_in_its_period_and_starts_again_with_the_next():
    world = metered()
    acme = customer(world)
    use(acme, world.requests, 60)
    assert not use(acme, world.requests, 1, at=AT + timedelta(seconds=59)).allowed
    assert use(acme, world.requests, 1, at=AT + timedelta(minutes=1)).left == 59


def test_a_late_report_lands_in_the_period_in_which_it_happened():
    world = metered()
    acme = customer(world)
    late = use(acme, world.calls, 10, act=Act.REPORT, at=AT - timedelta(days=5), now=AT)
    assert late.resets_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert use(acme, world.calls, 1).used == 1


def test_weights_count_a_premium_token_five_times():
    world = metered()
    acme = customer(world)
    assert use(acme, world.tokens, 10, choice="model.premium").used == 50
    assert use(acme, world.tokens, 10, choice="model.plain").used == 60
    assert not use(acme, world.tokens, 9, choice="model.premium").allowed


def test_distinct_things_are_counted_once_a_period():
    world = metered()
    acme = customer(world)
    for visitor in ("ann", "ben", "ann", "cem"):
        assert use(acme, world.visitors, value=visitor).allowed
    assert UsageCounter.objects.get().used == 3
    assert not use(acme, world.visitors, value="dee").allowed
    assert use(acme, world.visitors, value="ben").allowed


def test_a_peak_is_the_highest_level_told():
    world = metered()
    acme = customer(world)
    levels = [use(acme, world.builds, level, act=Act.REPORT).used for level in (4, 9, 2)]
    assert levels == [4, 9, 9]


def test_seats_are_given_back_by_a_report():
    world = metered()
    acme = customer(world)
    use(acme, world.seats, 5)
    assert not use(acme, world.seats, 1).allowed
    use(acme, world.seats, -2, act=Act.REPORT)
    assert use(acme, world.seats, 2).left == 0
    [unfit] = told(operation(acme, world.seats, -6, act=Act.REPORT))
    assert unfit.code == "negative_quantity"


def test_days_keep_what_came_in():
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 3)
    use(acme, world.calls, 4)
    day = UsageDay.objects.get()
    assert (str(day.on), day.amount, day.level, day.events) == ("2026-03-02", 7, 7, 2)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"quantity": -1}, "negative_quantity"),
        ({"quantity": 2**63}, "invalid"),
        ({"at": AT + timedelta(hours=1), "now": AT}, "clock_far_off"),
        ({"at": AT - timedelta(days=91), "now": AT}, "clock_far_off"),
        ({"choice": "model.huge"}, "unknown_choice"),
    ],
)
def test_what_cannot_be_is_named(more, code):
    world = metered()
    now = more.pop("now", AT)
    [unfit] = told(operation(customer(world), world.tokens, **{"quantity": 1, **more}), at=now)
    assert isinstance(unfit, UnfitUse)
    assert unfit.code == code


def test_what_is_not_had_is_refused_whatever_the_amount():
    world = metered()
    nobody = customer(world, "nobody")
    nobody.subscriptions.all()
    from tests.entitlements.world import account

    stranger = account("stranger")
    assert use(stranger, world.calls, 0).why is Why.NOT_ENTITLED
    assert use(stranger, world.mails, 1).why is Why.NOT_ENTITLED


def test_a_thousand_late_reports_read_the_facts_once(monkeypatch):
    world = metered()
    acme = customer(world)
    resolved = []
    real = landing.use_terms
    monkeypatch.setattr(landing, "use_terms", lambda facts, *, at: resolved.append(at) or real(facts, at=at))
    late = [
        operation(acme, world.calls, 1, act=Act.REPORT, at=AT - timedelta(hours=9, minutes=number))
        for number in range(40)
    ]
    outcomes = told(*late)
    assert max(outcome.used for outcome in outcomes) == 40
    assert len(resolved) <= 2  # when it was late, and if need be now


def test_late_reports_on_both_sides_of_a_change_of_plan_land_on_the_terms_of_their_time():
    world = metered()
    acme = account("acme", zone="UTC")
    subscribed(acme, world.plan, at=AT - timedelta(hours=5))
    before, after = AT - timedelta(hours=6), AT - timedelta(hours=4)
    for at in (after, before):
        operations = [operation(acme, world.calls, 1, act=Act.REPORT, at=at + timedelta(minutes=n)) for n in range(3)]
        limits = {outcome.limit for outcome in told(*reversed(operations))}
        assert limits == ({0} if at == before else {1000})


@pytest.mark.parametrize("act", [Act.CONSUME, Act.REPORT])
def test_what_waited_for_a_reset_counts_after_it(act):
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 1000)
    reset_usage(account=acme, feature=world.calls, reason="Our outage", by=SYSTEM, at=AT + timedelta(seconds=2))
    assert use(acme, world.calls, 600, act=act, at=AT + timedelta(seconds=1)).used == 600
    assert not use(acme, world.calls, 600, at=AT + timedelta(seconds=1)).allowed


def test_a_thing_of_which_nothing_was_used_is_not_counted():
    world = metered()
    acme = customer(world)
    assert use(acme, world.visitors, 0, value="ann").used == 0
    assert use(acme, world.visitors, 1, value="ann").used == 1
    hold = use(acme, world.visitors, 1, act=Act.RESERVE, value="ben", until=AT + timedelta(hours=1))
    assert commit(key=hold.reservation, account_id=acme.pk, quantity=Decimal(0), by=SYSTEM, at=AT).used == 1
    assert (use(acme, world.visitors, 1, value="ben").used, UsageCounter.objects.get().held) == (2, 0)


def test_told_again_after_a_merge_it_is_answered_as_the_first_time():
    world = metered()
    acme, beta = customer(world), customer(world, "beta")
    [first] = told(operation(beta, world.calls, 5, id="r1"))
    [unrelated] = told(operation(acme, world.calls, 5, id="r1"))
    assert unrelated.code == "event_reused"
    Account.objects.filter(pk=beta.pk).update(merged_into=acme, merged_at=AT)
    [again] = told(operation(acme, world.calls, 5, id="r1"))
    assert (again.replayed, again.used) == (True, first.used)
    [other] = told(operation(acme, world.calls, 6, id="r1"))
    assert other.code == "event_reused"
