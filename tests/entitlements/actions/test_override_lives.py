"""Whatever is asked, edited, decided, withdrawn, revoked or renewed, by whom and in whichever order:

- nothing beyond policy reaches an answer unless somebody else approved it,
- every answer is what the last decision promised, and what was once answered stays true.

The oracle below is a plain telling of the same story: a list of promises, and a rule or two in five lines each.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from catalog.models import Feature
from entitlements.actions.override_changes import edit, renew
from entitlements.actions.overrides import grant, revoke
from entitlements.actions.policies import set_policy
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession
from entitlements.domain.resolve import resolve
from entitlements.models import Account, Override
from entitlements.queries.entitlements import facts_of
from entitlements.snapshots import Reader, snapshot_catalog
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Refusal
from journal.models import Approval
from tests.conftest import EXAMPLES, actor
from tests.entitlements.world import AT, DAY, GB, account, catalog, policy, subscribed

ZONE = "Asia/Tokyo"  # without summer time, so that the oracle may count in hours
DAYS, TIMES, BASE, MOST = 30, 2, 100, 150
MODES = st.sampled_from(list(Mode))
AMOUNTS = st.sampled_from([10, 20, 50, 90, 150, 400])
LENGTHS = st.sampled_from([28, 28, 10, 0, 45])
PICK = st.integers(0, 9)
# Ann may also approve, so that she can try it on her own requests.
ANN = replace(actor("sales", "Ann"), permissions=actor("sales").permissions | actor("finance").permissions)
BEN, FINN = actor("sales", "Ben"), actor("finance", "Finn")
CRM = Actor(ActorKind.API_KEY, "key:crm", "CRM", permissions=frozenset({"overrides:write"}))
ASKERS, DECIDERS = st.sampled_from([ANN, BEN, ANN, BEN, CRM]), st.sampled_from([ANN, FINN])


@dataclass(eq=False)
class Promise:
    number: int
    mode: Mode
    amount: int
    starts: datetime
    ends: datetime
    by: str
    follows: "Promise | None" = None
    renewal: bool = False
    in_force: bool = False
    approver: str = ""
    revoked: datetime | None = None

    def live(self, t: datetime) -> bool:
        return self.in_force and self.starts <= t < min(self.ends, self.revoked or self.ends)

    def since(self) -> datetime:
        """What an edit took the place of counts with it; a renewal is a stretch of its own."""
        return self.starts if self.follows is None or self.renewal else self.follows.since()

    def chain(self) -> "list[Promise]":
        return [self] if self.follows is None else [*self.follows.chain(), self]


class OverrideLives(RuleBasedStateMachine):
    def __init__(self, acme: Account, storage: Feature) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.acme, self.storage, self.now = acme, storage, AT
        self.catalog = snapshot_catalog(Reader())
        self.promises: dict[int, Promise] = {}
        self.answered: list[tuple[datetime, int]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.world.__exit__(None, None, None)

    @rule(hours=st.sampled_from([1, 30, 24 * 6, 24 * 11]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(by=ASKERS, mode=MODES, amount=AMOUNTS, length=LENGTHS, ahead=st.sampled_from([0, 0, 6]))
    def ask(self, by: Actor, mode: Mode, amount: int, length: int, ahead: int) -> None:
        starts = self.now + ahead * DAY
        told = {**self._value(mode, amount), **self._through(length + ahead), "starts_at": starts}
        self._attempt(
            lambda: grant(account=self.acme, feature=self.storage, reason="Deal", by=by, at=self.now, **told),
            lambda row: self._told(row, mode, amount, starts, by=by),
        )

    @precondition(lambda self: self.promises)
    @rule(pick=PICK, by=ASKERS, mode=MODES, amount=AMOUNTS, length=LENGTHS)
    def edit(self, pick: int, by: Actor, mode: Mode, amount: int, length: int) -> None:
        old = self._pick(pick)
        told = {**self._value(mode, amount), **self._through(length)}
        waiting = not old.in_force

        def took_its_place(row: Override) -> None:
            new = self._told(row, mode, amount, max(old.starts, self.now), by=by)
            new.follows, new.renewal = (old.follows, old.renewal) if waiting else (old, False)
            if new.in_force and new.follows and not new.renewal:
                self._replaced(new.follows)
                assert not _held_down_by_two(new.follows), "what someone approved to hold down was lifted alone"

        self._attempt(lambda: edit(override=self._row(old), reason="Other", by=by, at=self.now, **told), took_its_place)

    @precondition(lambda self: self.promises)
    @rule(pick=PICK, by=ASKERS, length=LENGTHS)
    def renew(self, pick: int, by: Actor, length: int) -> None:
        old = self._pick(pick)
        day = (max(old.ends, self.now) + length * DAY).astimezone(ZoneInfo(ZONE)).date()

        def goes_on(row: Override) -> None:
            new = self._told(row, old.mode, old.amount, max(old.ends, self.now), by=by)
            new.follows, new.renewal = old, True

        self._attempt(
            lambda: renew(override=self._row(old), through_on=day, reason="Again", by=by, at=self.now), goes_on
        )

    @rule(by=DECIDERS, yes=st.booleans())
    def decide(self, by: Actor, yes: bool) -> None:
        asked = Approval.objects.filter(state=Approval.State.PENDING).first()
        if asked is None:
            return
        promise = self.promises[int(asked.subject_key)]

        def decided(_: Any) -> None:
            if yes:
                promise.in_force, promise.approver = True, by.key
                promise.starts = max(promise.starts, self.now)
                if promise.follows and not promise.renewal:
                    self._replaced(promise.follows)

        decide = approvals.approve if yes else approvals.reject
        self._attempt(lambda: decide(approval=asked, by=by, at=self.now), decided)

    @rule(by=ASKERS)
    def withdraw(self, by: Actor) -> None:
        asked = Approval.objects.filter(state=Approval.State.PENDING).first()
        if asked is not None:
            self._attempt(lambda: approvals.withdraw(approval=asked, by=by, at=self.now), lambda _: None)

    @precondition(lambda self: self.promises)
    @rule(pick=PICK, by=st.sampled_from([BEN, FINN, CRM]))
    def revoke(self, pick: int, by: Actor) -> None:
        promise = self._pick(pick)

        def revoked(_: Any) -> None:
            promise.revoked = self.now
            assert by is FINN or not _held_down_by_two(promise)

        self._attempt(lambda: revoke(override=self._row(promise), reason="Off", by=by, at=self.now), revoked)

    # What must hold

    @invariant()
    def every_answer_is_what_the_last_decision_promised(self) -> None:
        self.answered.append((self.now, self._amount(self.now)))
        facts = facts_of(account=self.acme, catalog=self.catalog)
        for t, amount in [*self.answered, *((edge, self._amount(edge)) for edge in self._edges())]:
            assert resolve(facts, at=t)["storage"].value == amount * GB, t
        self.now += timedelta(minutes=1)

    @invariant()
    def nothing_beyond_policy_reaches_an_answer_alone(self) -> None:
        for t in self._edges():
            lifted = [one for one in self.promises.values() if one.live(t) and one.approver]
            assert self._amount(t) <= MOST or lifted, t
        for one in self.promises.values():
            assert not one.in_force or one.approver != one.by, "four eyes"
            assert not one.in_force or one.approver or self._within(one), one

    def _within(self, one: Promise) -> bool:
        """Of sales, for so many days since what it is an edit of, and renewed so often."""
        long = (one.ends - one.since()) > DAYS * DAY
        often = one.mode is not Mode.DENY and 1 + sum(step.renewal for step in one.chain()) > TIMES
        return one.by in {ANN.key, BEN.key} and not long and not often

    def _amount(self, t: datetime) -> int:
        live = sorted((one for one in self.promises.values() if one.live(t)), key=lambda one: (one.starts, one.number))
        found = {mode: [one.amount for one in live if one.mode is mode] for mode in Mode}
        amount = (found[Mode.REPLACE] or [BASE])[-1] + sum(found[Mode.ADD])
        amount = min([max([amount, *found[Mode.AT_LEAST]]), *found[Mode.AT_MOST]])
        return 0 if found[Mode.DENY] else amount

    def _edges(self) -> set[datetime]:
        edges = {edge for one in self.promises.values() for edge in (one.starts, one.ends)}
        return {self.now, *(edge for edge in edges if edge > self.now)}

    # How it is told

    def _attempt(self, act: Callable[[], Any], then: Callable[[Any], None]) -> None:
        with suppress(Refusal):
            with transaction.atomic():
                done = act()
            then(done)

    def _told(self, row: Override, mode: Mode, amount: int, starts: datetime, *, by: Actor) -> Promise:
        assert row.ends_at is not None
        told = Promise(row.pk, mode, amount, starts, row.ends_at, by.key, in_force=row.state == "approved")
        self.promises[row.pk] = told
        return told

    def _replaced(self, old: Promise) -> None:
        old.revoked = self.now

    def _pick(self, pick: int) -> Promise:
        return list(self.promises.values())[-1 - pick % len(self.promises)]

    def _row(self, promise: Promise) -> Override:
        return Override.objects.get(pk=promise.number)

    def _value(self, mode: Mode, amount: int) -> dict[str, Any]:
        return {"mode": mode, "value": None if mode is Mode.DENY else amount * GB}

    def _through(self, length: int) -> dict[str, Any]:
        return {"through_on": (self.now + length * DAY).astimezone(ZoneInfo(ZONE)).date()}


def _held_down_by_two(promise: Promise) -> bool:
    return bool(promise.approver) and promise.mode in {Mode.DENY, Mode.AT_MOST}


@pytest.mark.django_db
def test_no_sequence_of_acts_lets_what_nobody_else_approved_reach_an_answer() -> None:
    world, acme = catalog(), account(zone=ZONE)
    subscribed(acme, world.team)  # 100 GB
    policy(days=DAYS, percent=MOST - BASE)
    limits = {"max_days": DAYS, "max_percent": MOST - BASE, "max_times": TIMES, "by": SYSTEM, "at": AT - DAY}
    set_policy(role="sales", concession=Concession.OVERRIDE, **limits)
    checked = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    often = settings(max_examples=EXAMPLES, stateful_step_count=10, deadline=None, suppress_health_check=checked)
    run_state_machine_as_test(lambda: OverrideLives(acme, world.storage), settings=often)
