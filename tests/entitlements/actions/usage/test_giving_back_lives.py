"""Whatever is granted, used, voided, given back and started again, in any order of telling: the ledger sums to the
balance, and the balance is that of the same story without the uses given back, as a slow and obvious telling has it.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from catalog.domain.values import Reset
from catalog.domain.window import MOMENT
from entitlements.actions.credits.grants import void
from entitlements.actions.usage.giving_back import give_back
from entitlements.actions.usage.recording import record
from entitlements.domain.credits.grants import Grant, Use
from entitlements.domain.credits.grants import Reset as CreditReset
from entitlements.domain.credits.plan import PLAN, PRIORITY
from entitlements.domain.credits.recurrence import Interval, Recurrence
from entitlements.domain.usage.operations import Act, Operation, Outcome
from entitlements.models import CreditEntry, CreditGrant, UsageCounter, UsageReset
from entitlements.queries.credits import balance_of
from entitlements.snapshots.credits import snapshot_grants
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from tests.catalog.factories import PlanFactory
from tests.conftest import EXAMPLES
from tests.entitlements.crediting import Credited, CreditsFactory, adds_up, granted, publish_credits
from tests.entitlements.domain.credits.oracle import simulate
from tests.entitlements.world import account, subscribed

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
GIVES = 20  # each week, where a plan gives any
AMOUNTS = st.sampled_from([1, 3, 10, 25])
PICK = st.integers(0, 20)


class Purses(RuleBasedStateMachine):
    planned = False

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world.__enter__()
        self.now = START + DAY
        self.names = 0
        self.used: dict[str, Use] = {}
        self.back: set[str] = set()
        self.resets: list[datetime] = []
        feature, plan = CreditsFactory(), PlanFactory(key="pro", name="Pro")
        self.credited = Credited(account("acme", zone="UTC", at=START), feature, plan)
        if self.planned:
            publish_credits(plan, feature, Decimal(GIVES), reset=Reset.WEEK)
            subscribed(self.credited.acme, plan, at=START)

    def teardown(self) -> None:
        self.world.__exit__(RuntimeError, RuntimeError(), None)  # nothing stays

    @rule(hours=st.sampled_from([1, 5, 24, 70, 200]))
    def time_passes(self, hours: int) -> None:
        self.now += hours * HOUR

    @rule(amount=AMOUNTS, days=st.sampled_from([None, 1, 9]), priority=st.sampled_from([10, 100, 100]),
          again=st.sampled_from([None, None, None, "day"]))  # fmt: skip
    def grant(self, amount: int, days: int | None, priority: int, again: str | None) -> None:
        ends = None if days is None else self.now + days * DAY + 3 * HOUR
        granted(
            self.credited,
            amount,
            at=self.now,
            expires_at=ends,
            priority=priority,
            recurs=again,
            max_rollover=Decimal(5),
        )
        self.now += HOUR

    @rule(amount=AMOUNTS, late=st.sampled_from([0, 0, 1, 30, 90, 250]))
    def report(self, amount: int, late: int) -> None:
        self._tell(Act.REPORT, amount, at=max(self.now - late * HOUR, START))

    @rule(amount=AMOUNTS)
    def ask(self, amount: int) -> None:
        left, _ = self._told(self.now + MOMENT)
        outcome = self._tell(Act.CONSUME, amount, at=self.now)
        assert outcome.allowed == (amount <= left), (left, outcome)

    def _tell(self, act: Act, amount: int, *, at: datetime) -> Outcome:
        self.names += 1
        name = f"e{self.names}"
        told = Operation(
            act, "shop", name, self.credited.acme.pk, self.credited.credits.key, Decimal(amount), at
        )  # fmt: skip
        (outcome,) = record([told], by=SYSTEM, at=self.now)
        assert isinstance(outcome, Outcome)
        if outcome.allowed:
            self.used[name] = Use(at, Decimal(amount), name)
        return outcome

    @precondition(lambda self: self.used)
    @rule(pick=PICK)
    def give_back(self, pick: int) -> None:
        name = sorted(self.used)[pick % len(self.used)]
        answer = give_back(source="shop", event_id=name, reason="Why not", by=SYSTEM, at=self.now)
        assert answer.replayed == (name in self.back)
        self.back.add(name)

    @precondition(lambda self: CreditGrant.objects.exists())
    @rule(pick=PICK)
    def void(self, pick: int) -> None:
        self.now += HOUR
        rows = list(CreditGrant.objects.order_by("pk"))
        with suppress(Refusal):
            void(grant=rows[pick % len(rows)], reason="Paid back", by=SYSTEM, at=self.now)

    @precondition(lambda self: not self.planned)
    @rule()
    def start_again(self) -> None:
        self.now += HOUR
        UsageReset.objects.create(
            account=self.credited.acme, feature=self.credited.credits, starts_at=START, at=self.now, used=0,
            reason="Outage", reset_by="Ann",
        )  # fmt: skip
        self.resets.append(self.now)
        self.now += HOUR

    def _grants(self) -> list[Grant]:
        return snapshot_grants(CreditGrant.objects.filter(account=self.credited.acme))

    def _told(self, until: datetime) -> tuple[int, int]:
        """What is left and what is owed, told from the beginning without what was given back."""
        grants, resets = self._grants(), [CreditReset(at) for at in self.resets]
        if self.planned:
            weekly = Recurrence(Interval(days=7), START)
            grants.append(Grant(PLAN, Decimal(GIVES), START, priority=PRIORITY, recurrence=weekly))
            resets += [CreditReset(START + n * WEEK) for n in range(1, (until - START) // WEEK + 1)]
        uses = [use for name, use in self.used.items() if name not in self.back]
        left, owed, _ = simulate(grants, uses, resets, until, START - MOMENT)
        return int(sum(left.values())), int(owed)

    def _seen(self, at: datetime, **how: Any) -> tuple[int, int]:
        view = balance_of(account=self.credited.acme, feature=self.credited.credits, at=at, **how)
        return int(view.left), int(view.overage)  # type: ignore[arg-type]

    @invariant()
    def the_balance_is_that_of_the_story_without_what_was_given_back(self) -> None:
        assert self._seen(self.now, latest=True) == self._told(self.now + MOMENT)

    @invariant()
    def so_it_was_at_every_moment_before(self) -> None:
        moments = {START + DAY, *(use.at for use in self.used.values())}
        for at in sorted(moments)[-4:]:
            assert self._seen(at) == self._told(at + MOMENT), at

    @invariant()
    def the_ledger_sums_to_the_balance(self) -> None:
        assert not CreditEntry.objects.exists() or adds_up(self.credited)

    @invariant()
    def the_counter_is_what_is_used(self) -> None:
        counter = UsageCounter.objects.filter(subject="", choice="").first()
        since = max(self.resets, default=START)
        stand = sum(use.amount for name, use in self.used.items() if name not in self.back)
        if counter is not None and since == START:
            assert counter.used == stand


class Planned(Purses):
    planned = True


@pytest.mark.django_db
@pytest.mark.parametrize("machine", [Purses, Planned])
def test_what_was_given_back_was_never_used(machine: type[Purses]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=15, deadline=None, print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
