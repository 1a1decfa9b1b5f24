"""Whatever is done, in any order, customers have what a slow and obvious telling of the same story says they have.

Each step is an act of the desk, refused or not, a sweep, or a crash in the middle of either. After each, the answers
now, earlier and later are compared with the oracle's, and so is what was believed at every moment before.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from catalog.domain.rollouts import Audience
from catalog.models import Feature, Plan, PlanVersion
from entitlements.actions.lifecycle import cancel, fail_payment, keep_going, pause, restore, resume
from entitlements.actions.overrides import grant, revoke
from entitlements.actions.plan_changes import cancel_change, change_plan, reschedule
from entitlements.actions.subscriptions import add_item, end, start
from entitlements.actions.sweep import sweep
from entitlements.actions.trial_reactivation import reactivate
from entitlements.actions.trials import convert, extend, undo_extension
from entitlements.domain.facts import Mode
from entitlements.domain.timing import Timing
from entitlements.models import EntitlementChange, Override, Subscription, SubscriptionChange
from entitlements.queries.entitlements import entitlements_of
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import Approval
from tests.catalog.factories import EPOCH, FeatureFactory, PlanFactory, PlanVersionFactory, StorageFactory, publish_now
from tests.conftest import EXAMPLES, actor
from tests.entitlements.world import GB, account, policy, term
from tests.lives.oracle import Edition, Held, Promise, Story, Sub

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONE = "Asia/Tokyo"
PLANS = ("free", "team", "pro")
CUSTOMERS = ("acme", "bolt")
FAR = tuple(DAY * n for n in (1, 9, 25, 70))
PICK = st.integers(0, 5)
MODES = (Mode.REPLACE, Mode.ADD, Mode.AT_LEAST, Mode.AT_MOST, Mode.DENY)


class Killed(BaseException):
    """The process died here."""


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.now = START
        self.numbers = count(1)
        self.story = Story(ZONE, fallback="free", add_ons=frozenset({"extra"}))
        self.believed: list[tuple[datetime, Story]] = []
        self.features: dict[str, Feature] = {
            "storage": StorageFactory(key="storage", name="Storage"),
            "sso": FeatureFactory(key="sso", name="Single sign-on"),
        }
        self.plans: dict[str, Plan] = {key: PlanFactory(key=key, name=key.title()) for key in PLANS}
        self.plans["extra"] = PlanFactory(key="extra", name="Extra", kind="add_on")
        for key, storage in zip((*PLANS, "extra"), (1, 100, 500, 10), strict=True):
            self._publish(key, storage, to_all=True, at=EPOCH)
        self.accounts = {key: account(key, zone=ZONE, at=EPOCH) for key in CUSTOMERS}
        policy(percent=50)
        self.sales, self.finance = actor("sales"), actor("finance")
        self.rows: dict[int, Sub] = {}
        self.promised: dict[int, Promise] = {}
        sweep(at=START)

    def teardown(self) -> None:
        with suppress(Killed):
            self._told_once()
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    # What is done

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(key=st.sampled_from(PLANS), storage=st.integers(1, 900), to_all=st.booleans())
    def publish(self, key: str, storage: int, to_all: bool) -> None:
        self._attempt(lambda: self._publish(key, storage, to_all=to_all, at=self.now))

    @rule(
        who=st.sampled_from(CUSTOMERS),
        key=st.sampled_from(PLANS),
        days=st.none() | st.integers(1, 20),
        card=st.booleans(),
    )
    def subscribe(self, who: str, key: str, days: int | None, card: bool) -> None:
        at, given = self.now, {"trial_days": days, "with_card": card} if days else {}

        def act() -> None:
            row = start(account=self.accounts[who], plan=self.plans[key], by=SYSTEM, at=at, **given)
            ends = self.story.days_after(at, days) if days else None
            sub = Sub(at, [Held(key, at, at)], trial_ends=ends, card=bool(days) and card)
            self.story.subs.setdefault(who, []).append(sub)
            self.rows[row.pk] = sub

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, quantity=st.integers(1, 3), days=st.integers(0, 20))
    def buy_more(self, pick: int, quantity: int, days: int) -> None:
        row, sub = self._sub(pick)
        at, when = self.now, self.now + DAY * days

        def act() -> None:
            told = {"subscription": row, "plan": self.plans["extra"], "quantity": quantity, "starts_at": when}
            add_item(**told, by=SYSTEM, at=at)
            sub.held.append(Held("extra", at, when, quantity=quantity))

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, key=st.sampled_from(PLANS), days=st.none() | st.integers(1, 30))
    def change_the_plan(self, pick: int, key: str, days: int | None) -> None:
        row, sub = self._sub(pick)
        at, when = self.now, self.now + DAY * (days or 0)
        timing = {"timing": Timing.ON_DATE, "on": when} if days else {}

        def act() -> None:
            change_plan(subscription=row, plan=self.plans[key], by=SYSTEM, at=at, **timing)
            self._end_plan(sub, when)
            sub.held.append(Held(key, at, when))

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def call_the_change_off(self, pick: int) -> None:
        row, sub = self._sub(pick)
        change = self._pending(row)

        def act() -> None:
            when = change.effective_at
            cancel_change(change=change, by=SYSTEM, at=self.now)
            sub.held = [held for held in sub.held if held.starts != when or held.plan == "extra"]
            for held in sub.held:
                if held.ends == when and held.plan != "extra":
                    held.ends = None

        if change is not None:
            self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=st.integers(1, 30))
    def move_the_change(self, pick: int, days: int) -> None:
        row, sub = self._sub(pick)
        change, later = self._pending(row), self.now + DAY * days

        def act() -> None:
            when = change.effective_at
            reschedule(change=change, effective_at=later, by=SYSTEM, at=self.now)
            for held in sub.held:
                if held.plan != "extra":
                    held.starts = later if held.starts == when else held.starts
                    held.ends = later if held.ends == when else held.ends

        if change is not None:
            self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=st.sampled_from((3, 7, 14, 30)))
    def extend_the_trial(self, pick: int, days: int) -> None:
        row, sub = self._sub(pick)

        def act() -> None:
            made = extend(subscription=row, days=days, reason="More time", by=self.sales, at=self.now)
            if not isinstance(made, Approval):
                sub.extended(self.story.days_after(sub.trial_ends, days))

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def undo_the_extension(self, pick: int) -> None:
        row, sub = self._sub(pick)

        def act() -> None:
            undo_extension(subscription=row, by=self.sales, at=self.now)
            sub.trial_ends, sub.ends = sub.before_extension

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=st.sampled_from((3, 14)))
    def try_again(self, pick: int, days: int) -> None:
        row, sub = self._sub(pick)

        def act() -> None:
            made = reactivate(subscription=row, days=days, reason="Was away", by=self.sales, at=self.now)
            if isinstance(made, Approval):
                return
            again = sub.tried_again(self.now, self.story.days_after(self.now, days))
            self.story.subs[row.account.key].append(again)
            self.rows[made.subscription_id] = again

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def convert_the_trial(self, pick: int) -> None:
        row, sub = self._sub(pick)

        def act() -> None:
            convert(subscription=row, by=SYSTEM, at=self.now)
            sub.sold = self.now

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=st.integers(1, 15))
    def fail_to_pay(self, pick: int, days: int) -> None:
        row, sub = self._sub(pick)

        def act() -> None:
            fail_payment(subscription=row, grace_days=days, by=SYSTEM, at=self.now)
            sub.graces.append([self.now, self.story.days_after(self.now, days), None])

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def pay(self, pick: int) -> None:
        row, sub = self._sub(pick)

        def act() -> None:
            restore(subscription=row, by=SYSTEM, at=self.now)
            sub.graces[-1][2] = self.now

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, hours=st.none() | st.integers(1, 300))
    def pause(self, pick: int, hours: int | None) -> None:
        row, sub = self._sub(pick)
        until = None if hours is None else self.now + hours * HOUR

        def act() -> None:
            pause(subscription=row, until=until, by=SYSTEM, at=self.now)
            sub.pauses.append([self.now, until])

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def resume(self, pick: int) -> None:
        row, sub = self._sub(pick)

        def act() -> None:
            resume(subscription=row, by=SYSTEM, at=self.now)
            for stretch in sub.pauses:
                if stretch[0] <= self.now and (stretch[1] is None or self.now < stretch[1]):
                    stretch[1] = self.now

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=st.none() | st.integers(1, 20), keep=st.integers(0, 10))
    def leave(self, pick: int, days: int | None, keep: int) -> None:
        row, sub = self._sub(pick)
        when = self.now + DAY * (days or 0)
        timing = {"timing": Timing.ON_DATE, "on": when} if days else {"timing": Timing.NOW}

        def act() -> None:
            cancel(subscription=row, keep_days=keep, reason="Leaves", by=SYSTEM, at=self.now, **timing)
            sub.leavings += [[when, None]] if keep else []
            sub.before_leaving, sub.ends = sub.ends, self.story.days_after(when, keep)

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK)
    def stay(self, pick: int) -> None:
        row, sub = self._sub(pick)

        def act() -> None:
            keep_going(subscription=row, by=SYSTEM, at=self.now)
            sub.ends = sub.before_leaving
            for stretch in [stretch for stretch in sub.leavings if stretch[1] is None]:
                stretch[1] = max(stretch[0], self.now)

        self._attempt(act)

    @precondition(lambda self: self.rows)
    @rule(pick=PICK, days=st.integers(0, 40))
    def end_it(self, pick: int, days: int) -> None:
        row, sub = self._sub(pick)
        when = self.now + DAY * days

        def act() -> None:
            end(subscription=row, ends_at=when, reason="Over", by=SYSTEM, at=self.now)
            sub.ends = when

        self._attempt(act)

    @rule(
        who=st.sampled_from(CUSTOMERS),
        mode=st.sampled_from(MODES),
        amount=st.integers(1, 300),
        days=st.integers(0, 120),
    )
    def promise(self, who: str, mode: Mode, amount: int, days: int) -> None:
        through = (self.now.astimezone() + DAY * days).astimezone(UTC)
        ends = self.story.end_of_day(through, 0)

        def act() -> None:
            row = grant(
                account=self.accounts[who],
                feature=self.features["storage"],
                mode=mode,
                value=None if mode is Mode.DENY else amount * GB,
                through_on=(ends - DAY).astimezone(_zone()).date(),
                reason="A deal",
                by=self.sales,
                at=self.now,
            )
            told = Promise("storage", mode.value, amount, self.now, ends, number=row.pk)
            self.promised[row.pk] = told
            if row.approved_at is not None:
                self.story.promises.setdefault(who, []).append(told)

        self._attempt(act)

    @rule(yes=st.booleans())
    def decide(self, yes: bool) -> None:
        asked = Approval.objects.filter(state=Approval.State.PENDING).order_by("pk").first()

        def act() -> None:
            decide = approvals.approve if yes else approvals.reject
            decide(approval=asked, by=self.finance, at=self.now, note="Seen")
            if yes and asked.kind == "override":
                row = Override.objects.get(pk=int(asked.subject_key))
                told = self.promised[row.pk]
                told.starts = self.now
                self.story.promises.setdefault(row.account.key, []).append(told)
            elif yes and asked.kind == "trial_extension":
                self.rows[_subscription_of(asked).pk].extended(datetime.fromisoformat(asked.payload["new_end"]))
            elif yes:
                row = _subscription_of(asked)
                days = asked.payload["days"]
                again = self.rows[row.pk].tried_again(self.now, self.story.days_after(self.now, days))
                self.story.subs[row.account.key].append(again)
                self.rows[row.account.subscriptions.latest("pk").pk] = again

        if asked is not None:
            self._attempt(act)

    @precondition(lambda self: self.promised)
    @rule(pick=PICK)
    def revoke(self, pick: int) -> None:
        number = sorted(self.promised)[pick % len(self.promised)]

        def act() -> None:
            revoke(override=Override.objects.get(pk=number), reason="Off", by=self.finance, at=self.now)
            self.promised[number].revoked = self.now

        self._attempt(act)

    @rule()
    def sweep(self) -> None:
        sweep(at=self.now)

    @rule(after=st.integers(0, 2))
    def crash_in_a_sweep(self, after: int) -> None:
        walked = count()

        def dies() -> bool:
            if next(walked) >= after:
                raise Killed
            return False

        with suppress(Killed):
            sweep(at=self.now, enough=dies)

    @rule(who=st.sampled_from(CUSTOMERS), key=st.sampled_from(PLANS))
    def crash_in_an_act(self, who: str, key: str) -> None:
        with suppress(Killed), transaction.atomic():
            start(account=self.accounts[who], plan=self.plans[key], by=SYSTEM, at=self.now)
            raise Killed

    # What must hold

    @invariant()
    def the_desk_answers_as_the_story_says(self) -> None:
        for who in CUSTOMERS:
            for t in (self.now, self.now - FAR[1], *(self.now + far for far in FAR)):
                self._compare(who, t, self.story)

    @invariant()
    def what_was_believed_is_still_told_so(self) -> None:
        for then, story in self.believed[-3:]:
            for who in CUSTOMERS:
                self._compare(who, then, story, known_at=then)
        self.believed.append((self.now, self.story.as_it_stands()))
        self.now += timedelta(minutes=1)

    def _compare(self, who: str, t: datetime, story: Story, **known: datetime) -> None:
        found = entitlements_of(account=self.accounts[who], at=t, **known)
        told = {key: _amount(found[key]) for key in ("storage", "sso")}
        assert told == story.answer(who, t), f"{who} at {t}, {known or 'as known now'}"

    def _told_once(self) -> None:
        """However it was swept: each change leads from where the last one led to, and the last one to today."""
        sweep(at=self.now)
        sweep(at=self.now + HOUR)
        for who in CUSTOMERS:
            rows = EntitlementChange.objects.filter(account__key=who, feature_key="storage", effective_at__gte=START)
            steps = list(rows.order_by("effective_at", "pk").values_list("before", "after"))
            assert all(last[1] == after[0] for last, after in pairwise(steps)), steps

    # Doing it

    def _attempt(self, act: Callable[[], Any]) -> None:
        """An act is carried out whole, or refused and leaves nothing behind: neither here nor there."""
        kept = self.story
        try:
            with transaction.atomic():
                act()
        except Refusal as refusal:
            note(f"refused: {refusal}")
            assert self.story is kept

    def _publish(self, key: str, storage: int, *, to_all: bool, at: datetime) -> None:
        plan = self.plans[key]
        previous = PlanVersion.objects.filter(plan=plan).order_by("-number").first()
        fallback = None if key in {"free", "extra"} else self.plans["free"]
        draft = PlanVersionFactory(plan=plan, after_trial=fallback, base=previous)
        gives: dict[str, dict[str, int]] = {"": {"storage": storage}}
        if key in {"team", "pro"}:
            gives |= {"trial": {"storage": max(1, storage // 2)}, "grace": {"storage": 1}}
            gives[""]["sso"] = 1
        scaled = {"scaling": "per_unit"} if key == "extra" else {}
        for phase, amounts in gives.items():
            for feature, amount in amounts.items():
                value = True if feature == "sso" else Decimal(amount) * GB
                _keep(term(draft, self.features[feature], value, phase=phase, **scaled), at)
        publish_now(draft, at=at, audience=Audience.NOW if to_all else Audience.NEW_CUSTOMERS)
        self.story.editions.setdefault(key, []).append(Edition(at, gives, to_all))

    def _sub(self, pick: int) -> tuple[Subscription, Sub]:
        number = sorted(self.rows)[pick % len(self.rows)]
        return Subscription.objects.get(pk=number), self.rows[number]

    def _pending(self, row: Subscription) -> SubscriptionChange | None:
        return row.changes.filter(sort="plan", effective_at__gt=self.now, cancelled_at__isnull=True).first()

    def _end_plan(self, sub: Sub, when: datetime) -> None:
        for held in sub.held:
            if held.plan != "extra" and held.starts <= when and (held.ends is None or held.ends > when):
                held.ends = when


def _keep(row: Any, at: datetime) -> None:
    from journal.actions.deeds import begin, keep

    keep(row, deed=begin(by=SYSTEM, at=at))


def _zone() -> Any:
    from zoneinfo import ZoneInfo

    return ZoneInfo(ZONE)


def _amount(resolution: Any) -> int:
    if not resolution.granted or resolution.value is None:
        return 0
    return 1 if resolution.value is True else int(resolution.value / GB)


def _subscription_of(asked: Approval) -> Subscription:
    return Subscription.objects.get(phases__pk=int(asked.subject_key))


@pytest.mark.django_db
def test_any_life_is_as_the_story_tells_it() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=max(2, EXAMPLES // 4),
            stateful_step_count=20,
            phases=[Phase.explicit, Phase.generate],  # a life is told step by step; making it shorter takes minutes
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
        ),
    )
