"""Payments that fail and come, pauses, leaving and staying; and the whole table of what is permitted where."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.models import PlanTerm, PlanVersion
from entitlements.actions.lifecycle import (
    AlreadyCancelled,
    AlreadyInGrace,
    NotPermitted,
    cancel,
    fail_payment,
    keep_going,
    pause,
    restore,
    resume,
)
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.subscriptions import add_item, end
from entitlements.actions.trial_reactivation import reactivate
from entitlements.actions.trials import convert, extend, undo_extension
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import PERMITTED, Move, State
from entitlements.domain.timing import Proration, Timing
from entitlements.models import EntitlementChange, Subscription, SubscriptionChange, SubscriptionPhase
from entitlements.queries.holdings import holdings
from entitlements.queries.life.state import state_of
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import AuditEvent
from tests.catalog.factories import PlanFactory
from tests.entitlements.world import (
    AT,
    DAY,
    GB,
    Catalog,
    account,
    add_on,
    answer,
    catalog,
    publish_plan,
    subscribed,
    term,
    value,
)

pytestmark = pytest.mark.django_db
MOMENT = datetime.resolution
RENEWAL = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)  # monthly since 20 February, 10:00 in Amsterdam


@pytest.fixture
def world(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def held(world: Catalog) -> Subscription:
    return subscribed(account(), world.team)


def gives(held: Subscription, *instants: datetime) -> list[bool]:
    return [answer(held.account, "storage", at).granted for at in instants]


def test_in_grace_all_goes_on_and_unpaid_at_its_end_nothing_does(held: Subscription, sales: Actor) -> None:
    grace = fail_payment(subscription=held, grace_days=5, reason="Card expired", by=sales, at=AT)
    assert grace.ends_at == AT + 5 * DAY
    assert gives(held, AT + 5 * DAY - MOMENT, AT + 5 * DAY) == [True, False]
    assert answer(held.account, "storage", AT).valid_until == AT + 5 * DAY
    assert AuditEvent.objects.get(verb="grace:begin").reason == "Card expired"


@pytest.mark.parametrize(("own", "days"), [(None, 14), (3, 3), (0, 0)])
def test_the_grace_is_as_long_as_the_plan_says_else_two_weeks(world: Catalog, own: int | None, days: int) -> None:
    plan = PlanFactory(key="pro", name="Pro")
    publish_plan(plan, {world.storage: 10 * GB}, grace_days=own)
    grace = fail_payment(subscription=subscribed(account(), plan), by=SYSTEM, at=AT)
    assert grace.ends_at == AT + days * DAY


def test_a_grace_of_no_days_closes_at_once(held: Subscription, sales: Actor) -> None:
    fail_payment(subscription=held, grace_days=0, by=sales, at=AT)
    assert gives(held, AT - MOMENT, AT) == [True, False]
    change = EntitlementChange.objects.get(effective_at=AT, feature_key="storage")
    assert (change.before, change.after, change.cause) == ("100 GB", "not included", "A payment failed")


def test_the_days_of_grace_are_calendar_days_of_the_customer(held: Subscription, sales: Actor) -> None:
    grace = fail_payment(subscription=held, grace_days=30, by=sales, at=AT)  # summer time begins on 29 March
    assert grace.ends_at == AT + 30 * DAY - (DAY / 24)


def test_in_grace_the_terms_written_for_it_speak(world: Catalog, sales: Actor) -> None:
    plan = PlanFactory(key="pro", name="Pro")
    version = publish_plan_with_grace(plan, world)
    held = subscribed(account(), plan)
    fail_payment(subscription=held, grace_days=5, by=sales, at=AT)
    assert [value(held.account, "storage", at) / GB for at in (AT - MOMENT, AT)] == [10, 2]
    restore(subscription=held, by=sales, at=AT + DAY)
    assert value(held.account, "storage", AT + DAY) == 10 * GB
    assert version.number == 1


def publish_plan_with_grace(plan: Any, world: Catalog) -> PlanVersion:
    from tests.catalog.factories import PlanVersionFactory, publish_now

    draft = PlanVersionFactory(plan=plan)
    rows: list[PlanTerm] = [term(draft, world.storage, 10 * GB), term(draft, world.storage, 2 * GB, phase=Phase.GRACE)]
    for row in rows:
        keep(row, deed=begin(by=SYSTEM, at=AT - 60 * DAY))
    return publish_now(draft)


def test_failing_again_changes_nothing_and_says_so(held: Subscription, sales: Actor) -> None:
    fail_payment(subscription=held, grace_days=5, by=sales, at=AT)
    for at in (AT, AT + DAY, AT + 20 * DAY):
        with pytest.raises(AlreadyInGrace, match="since 02 March 2026"):
            fail_payment(subscription=held, grace_days=50, by=sales, at=at)
    assert SubscriptionPhase.objects.count() == 1


def test_paid_within_grace_nothing_is_lost(held: Subscription, sales: Actor) -> None:
    fail_payment(subscription=held, grace_days=5, by=sales, at=AT)
    restore(subscription=held, by=sales, at=AT + 2 * DAY)
    assert gives(held, AT + 2 * DAY, AT + 50 * DAY) == [True, True]


def test_paid_too_late_it_is_open_again_and_the_gap_stays_one(held: Subscription, sales: Actor) -> None:
    fail_payment(subscription=held, grace_days=5, by=sales, at=AT)
    restore(subscription=held, by=sales, at=AT + 9 * DAY)
    assert gives(held, AT + 5 * DAY, AT + 9 * DAY - MOMENT, AT + 9 * DAY) == [False, False, True]
    fail_payment(subscription=held, grace_days=5, by=sales, at=AT + 20 * DAY)
    assert gives(held, AT + 8 * DAY, AT + 24 * DAY, AT + 25 * DAY) == [False, True, False]


def test_a_subscription_that_is_paid_alone_is_left_untouched(world: Catalog, sales: Actor) -> None:
    acme = account()
    unpaid, paid = subscribed(acme, world.team), subscribed(acme, world.free)
    fail_payment(subscription=unpaid, grace_days=5, by=sales, at=AT)
    assert [value(acme, "storage", at) / GB for at in (AT + 4 * DAY, AT + 5 * DAY)] == [100, 1]
    assert [state_of(one, at=AT + 5 * DAY) for one in (unpaid, paid)] == [State.PAST_DUE, State.ACTIVE]


def test_a_program_needs_the_scope_of_payments(held: Subscription, support_agent: Actor) -> None:
    program = Actor(ActorKind.API_KEY, key="key:1", name="Billing", permissions=frozenset({"payments:write"}))
    fail_payment(subscription=held, by=program, at=AT)
    restore(subscription=held, by=program, at=AT + DAY)
    for act in (fail_payment, restore, pause, resume):
        with pytest.raises(NotAllowed):
            act(subscription=held, by=support_agent, at=AT + DAY)
    with pytest.raises(NotAllowed):
        pause(subscription=held, by=program, at=AT + DAY)


def test_paused_it_gives_only_what_was_written_for_a_pause(held: Subscription, sales: Actor) -> None:
    pause(subscription=held, until=AT + DAY, by=sales, at=AT)
    assert gives(held, AT, AT + DAY) == [False, True]


def test_a_pause_without_an_end_is_lifted_by_resuming(held: Subscription, sales: Actor) -> None:
    pause(subscription=held, by=sales, at=AT)
    assert gives(held, AT + 50 * DAY) == [False]
    resume(subscription=held, by=sales, at=AT + DAY)
    assert gives(held, AT + DAY - MOMENT, AT + DAY) == [False, True]
    with pytest.raises(NotPermitted, match="Subscription 1 is active, so it can't be resumed"):
        resume(subscription=held, by=sales, at=AT + 2 * DAY)


def test_a_pause_doesnt_end_in_the_past(held: Subscription, sales: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        pause(subscription=held, until=AT, by=sales, at=AT)
    assert refused.value.field == "until"


def cancelled(held: Subscription, timing: Timing = Timing.NOW, **more: Any) -> SubscriptionChange:
    told = {"reason": "Too dear", "by": SYSTEM, "at": AT} | more
    return cancel(subscription=held, timing=timing, **told)


def test_cancelled_now_it_is_over_at_once(held: Subscription) -> None:
    change = cancelled(held, proration=Proration.CREDIT)
    assert gives(held, AT - MOMENT, AT) == [True, False]
    assert (change.words, change.effective_at, change.proration) == ("Team is cancelled", AT, "credit")
    assert AuditEvent.objects.get(verb="subscription:cancel").changes["timing"] == [None, "now"]


def test_cancelled_at_the_renewal_it_goes_on_until_then(held: Subscription) -> None:
    change = cancelled(held, Timing.AT_RENEWAL)
    assert change.effective_at == RENEWAL
    assert state_of(held, at=AT) is State.ACTIVE
    assert gives(held, RENEWAL - MOMENT, RENEWAL) == [True, False]


def test_days_of_access_follow_a_cancellation(held: Subscription) -> None:
    cancelled(held, Timing.ON_DATE, on=AT + 5 * DAY, keep_days=7)
    states = [state_of(held, at=AT + days * DAY) for days in (4, 5, 11, 12)]
    assert states == [State.ACTIVE, State.WINDING_DOWN, State.WINDING_DOWN, State.ENDED]
    assert gives(held, AT + 12 * DAY - MOMENT, AT + 12 * DAY) == [True, False]


def test_the_plan_says_how_many_days_where_nobody_does(world: Catalog) -> None:
    plan = PlanFactory(key="pro", name="Pro")
    publish_plan(plan, {world.storage: 10 * GB}, wind_down_days=30)
    held = subscribed(account(zone="UTC"), plan)
    change = cancelled(held)
    assert change.words == "Pro is cancelled, access for 30 days more"
    assert gives(held, AT + 30 * DAY - MOMENT, AT + 30 * DAY) == [True, False]


def test_a_trial_is_left_at_its_end_and_falls_back_to_nothing(world: Catalog) -> None:
    held = subscribed(account(), world.team, trial_days=14)
    cancelled(held, Timing.AT_RENEWAL)
    assert gives(held, AT + 4 * DAY - MOMENT, AT + 4 * DAY) == [True, False]


def test_cancelled_twice_the_second_is_refused(held: Subscription) -> None:
    cancelled(held, Timing.AT_RENEWAL)
    with pytest.raises(AlreadyCancelled, match="as of 20 March 2026"):
        cancelled(held)


@pytest.mark.parametrize(
    ("timing", "more", "field"),
    [
        (Timing.ON_DATE, {}, "on"),
        (Timing.ON_DATE, {"on": AT}, "on"),
        (Timing.NOW, {"keep_days": -1}, "keep_days"),
        (Timing.NOW, {"keep_days": 4000}, "keep_days"),
    ],
)
def test_a_cancellation_that_cannot_be_is_refused_beside_its_field(
    held: Subscription, timing: Timing, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        cancelled(held, timing, **more)
    assert refused.value.field == field


def test_what_ends_by_itself_before_is_not_cancelled(held: Subscription) -> None:
    end(subscription=held, ends_at=AT + 3 * DAY, reason="Fixed term", by=SYSTEM, at=AT)
    for timing, on in ((Timing.AT_RENEWAL, None), (Timing.ON_DATE, AT + 3 * DAY)):
        with pytest.raises(Refusal):
            cancelled(held, timing, on=on)


def test_staying_after_all_puts_the_end_back(held: Subscription, sales: Actor) -> None:
    end(subscription=held, ends_at=AT + 90 * DAY, reason="Fixed term", by=SYSTEM, at=AT - DAY)
    cancelled(held, Timing.AT_RENEWAL, keep_days=10)
    keep_going(subscription=held, reason="They stay", by=sales, at=AT + DAY)
    assert gives(held, AT + 40 * DAY, AT + 90 * DAY) == [True, False]
    assert not SubscriptionPhase.objects.exists()
    assert SubscriptionChange.objects.get().cancelled_by == sales.name
    with pytest.raises(NotPermitted, match="nothing to take back"):
        keep_going(subscription=held, by=sales, at=AT + 2 * DAY)


def test_staying_while_winding_down_leaves_what_was(held: Subscription, sales: Actor) -> None:
    cancelled(held, keep_days=10)
    keep_going(subscription=held, by=sales, at=AT + 5 * DAY)
    assert [state_of(held, at=AT + days * DAY) for days in (4, 5, 30)] == [
        State.WINDING_DOWN,
        State.ACTIVE,
        State.ACTIVE,
    ]
    cancelled(held, at=AT + 6 * DAY)
    assert gives(held, AT + 6 * DAY) == [False]


def reached(state: State, world: Catalog) -> Subscription:
    """A subscription of its own account, brought into the state by real actions."""
    trial = {State.TRIAL: 14, State.TRIAL_OVER: 5}.get(state)
    starts_at = AT + 5 * DAY if state is State.TO_COME else None
    held = subscribed(account(), world.team, trial_days=trial, starts_at=starts_at)
    told = {"subscription": held, "by": SYSTEM, "at": AT - 2 * DAY}
    match state:
        case State.GRACE:
            fail_payment(**told, grace_days=9)
        case State.PAST_DUE:
            fail_payment(**told, grace_days=1)
        case State.PAUSED:
            pause(**told)
        case State.WINDING_DOWN:
            cancel(**told, timing=Timing.NOW, keep_days=9, reason="Leaves")
        case State.ENDED:
            end(**told, ends_at=AT - DAY, reason="Leaves")
        case _:
            pass
    return held


def moved(move: Move, held: Subscription, world: Catalog) -> object:
    told = {"subscription": held, "by": SYSTEM, "at": AT}
    moves: Mapping[Move, Callable[[], object]] = {
        Move.EXTEND_TRIAL: lambda: extend(**told, days=3, reason="Holidays"),
        Move.UNDO_EXTENSION: lambda: undo_extension(**told),
        Move.CONVERT_TRIAL: lambda: convert(**told),
        Move.REACTIVATE_TRIAL: lambda: reactivate(**told, days=3, reason="Ill"),
        Move.FAIL_PAYMENT: lambda: fail_payment(**told),
        Move.RESTORE: lambda: restore(**told),
        Move.PAUSE: lambda: pause(**told),
        Move.RESUME: lambda: resume(**told),
        Move.CHANGE: lambda: change_plan(**told, plan=world.free),
        Move.CANCEL: lambda: cancelled(held),
        Move.KEEP: lambda: keep_going(**told),
        Move.END: lambda: end(**told, ends_at=max(AT, held.starts_at), reason="Leaves"),
    }
    return moves[move]()


@pytest.mark.parametrize("state", list(State))
def test_each_state_is_reached_by_real_actions(world: Catalog, state: State) -> None:
    held = reached(state, world)
    assert state_of(held, at=AT) is state
    (seen,) = holdings(account_ids=[held.account_id], at=AT)[held.account_id]
    assert seen.state is state
    assert seen.unpaid is (state is State.PAST_DUE)
    assert seen.lapsed is (state is State.TRIAL_OVER)


REFUSED = [(state, move) for state in State for move in Move if move not in PERMITTED[state]]
NEEDS_MORE = {Move.KEEP, Move.UNDO_EXTENSION}  # something to take back
PERMITTED_PAIRS = [(s, m) for s in State for m in Move if m in PERMITTED[s] and m not in NEEDS_MORE]


@pytest.mark.parametrize(("state", "move"), REFUSED)
def test_what_the_table_does_not_permit_is_refused(world: Catalog, state: State, move: Move) -> None:
    held = reached(state, world)
    with pytest.raises(Refusal) as refused:
        moved(move, held, world)
    known = {"move_not_permitted", "already_in_grace", "already_cancelled", "subscription_over", "no_running_trial"}
    assert refused.value.code in known


@pytest.mark.parametrize(("state", "move"), PERMITTED_PAIRS)
def test_what_the_table_permits_is_done(world: Catalog, state: State, move: Move) -> None:
    held = reached(state, world)
    if (state, move) == (State.WINDING_DOWN, Move.RESTORE):
        with pytest.raises(NotPermitted, match="not in grace"):
            moved(move, held, world)
    else:
        assert moved(move, held, world) is not None


def test_a_plan_bought_after_the_trial_makes_it_active(world: Catalog, sales: Actor) -> None:
    held = reached(State.TRIAL_OVER, world)
    change_plan(subscription=held, plan=world.team, by=sales, at=AT)
    assert state_of(held, at=AT - MOMENT) is State.TRIAL_OVER
    (seen,) = holdings(account_ids=[held.account_id], at=AT)[held.account_id]
    assert (seen.state, [item.version for item in seen.plans]) == (State.ACTIVE, ["Team v1"])


def test_whoever_has_cancelled_a_trial_is_not_kept_unasked(world: Catalog) -> None:
    held = reached(State.TRIAL, world)
    cancelled(held, Timing.AT_RENEWAL)
    for move in (Move.EXTEND_TRIAL, Move.CONVERT_TRIAL):
        with pytest.raises(Refusal, match="is cancelled as of 6 March 2026"):
            moved(move, held, world)


def test_an_end_does_not_put_off_a_cancellation(held: Subscription) -> None:
    cancelled(held, Timing.AT_RENEWAL)
    with pytest.raises(Refusal, match="Take the cancellation back first"):
        end(subscription=held, ends_at=RENEWAL + DAY, reason="Later", by=SYSTEM, at=AT)
    end(subscription=held, ends_at=AT + DAY, reason="Sooner", by=SYSTEM, at=AT)
    assert gives(held, AT + DAY) == [False]


def test_a_late_payment_is_taken_while_winding_down(held: Subscription, sales: Actor) -> None:
    fail_payment(subscription=held, grace_days=9, by=sales, at=AT)
    cancelled(held, at=AT + DAY, keep_days=30)
    restore(subscription=held, by=sales, at=AT + 2 * DAY)
    assert gives(held, AT + 20 * DAY) == [True]


def test_nothing_is_added_to_what_is_past_due(world: Catalog) -> None:
    more = add_on("more", {world.storage: 50 * GB})
    held = reached(State.PAST_DUE, world)
    with pytest.raises(NotPermitted, match="was not paid within its grace"):
        add_item(subscription=held, plan=more, by=SYSTEM, at=AT)
