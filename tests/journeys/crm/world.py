"""A CRM whose people are at work, a wire between it and the desk that can't be relied on, and the desk behind it."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import RequestFactory
from django.utils.timezone import now

from desk.actions.crm.anew import look_anew
from desk.actions.crm.flows import retry
from desk.actions.crm.turns import LEASE
from desk.domain.crm.flows import Flow
from desk.integrations.crm.running import run_due
from entitlements.actions.sweep import sweep
from journal.actions import approvals
from journal.api.hooks import hook
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Stale
from journal.integrations.receiving import take
from journal.models import Approval, Connection
from tests.conftest import actor
from tests.journeys.crm.there import Told

MINUTE, HOUR = 60, 3600
SOONER = 200  # seconds; what is committed late is seen within the overlap


@dataclass
class Manners:
    """How the wire of one permutation behaves."""

    drawn: random.Random
    lost: float = 0.0  # of all pushes
    now: float = 1.0  # of those that wait, at each round
    troubled: float = 0.0  # how often a run meets something
    late: float = 0.0  # how often what is done is committed only later
    skew: float = 0.0
    page: int = 200

    @classmethod
    def of(cls, seed: str) -> "Manners":
        drawn = random.Random(seed)
        return cls(
            drawn,
            lost=drawn.choice((0, 0.3, 1)),
            now=drawn.uniform(0.3, 1),
            troubled=drawn.choice((0, 0.3, 0.6)),
            late=drawn.choice((0, 0.4)),
            skew=drawn.choice((0, 0, 100, -100, 5000)),
            page=drawn.choice((1, 2, 3, 200)),
        )


@dataclass
class World:
    """`do(what, …)` is what somebody at the CRM does; then time passes and the desk is or isn't told."""

    there: Any
    connection: Connection
    manners: Manners
    clock: Any
    at: datetime
    troubles: tuple[str, ...]
    waiting: list[Told] = field(default_factory=list)
    concealed: bool = False

    def do(self, what: str, *about: Any, **more: Any) -> Any:
        drawn = self.manners.drawn
        if hasattr(self.there, "conceal") and not self.concealed and drawn.random() < self.manners.late:
            self.there.conceal()
            self.concealed = True
        return getattr(self.there, what)(*about, **more)

    # Time ---------------------------------------------------------------------------------------------------------
    def passes(self, seconds: float) -> None:
        """In one to three bits, in each of which pushes may come and the flows have their turns."""
        if self.concealed:
            self._bit(SOONER)
            self.there.reveal()
            self.concealed = False
        bits = self.manners.drawn.choice((1, 1, 2, 3))
        for _ in range(bits):
            self._bit(seconds / bits)

    def _bit(self, seconds: float) -> None:
        self._advance(seconds)
        self._deliver()
        if self.manners.drawn.random() < 0.7:
            self._run()

    def _advance(self, seconds: float) -> None:
        self.there.passes(seconds)
        self.at += timedelta(seconds=seconds)
        self.clock.move_to(self.at)

    def _run(self) -> None:
        drawn = self.manners.drawn
        if drawn.random() < self.manners.troubled:
            self.there.trouble(drawn.choice(self.troubles))
        run_due(clock=now)
        self.there.heal()

    def _deliver(self, *, all_of_it: bool = False) -> None:
        """Some of what waits comes, in any order, one to three times; some is lost for good."""
        drawn = self.manners.drawn
        self.waiting += [told for told in self.there.told() if drawn.random() >= self.manners.lost]
        coming = [told for told in self.waiting if all_of_it or drawn.random() < self.manners.now]
        self.waiting = [told for told in self.waiting if told not in coming]
        copies = [told for told in coming for _ in range(drawn.choice((1, 1, 2, 3)))]
        drawn.shuffle(copies)
        for told in copies:
            self._post(told)
        if copies:
            take(clock=now, jitter=lambda: 0.0)

    def _post(self, told: Told) -> None:
        path = f"/hooks/{self.connection.key}"
        headers: Mapping[str, str] = {**told.headers, "host": "127.0.0.1"}
        request = RequestFactory().post(path, told.body, content_type="application/json", headers=headers)
        hook(request, self.connection.key)  # one that was signed too long ago is refused, as it would be

    # People here --------------------------------------------------------------------------------------------------
    def approve(self) -> None:
        """Finance says yes to all that waits for it."""
        for row in Approval.objects.filter(state=Approval.State.PENDING).order_by("pk"):
            approvals.approve(approval=row, by=actor("finance"), at=self.at)

    def reconcile(self) -> None:
        """No more trouble: all that waits comes, what was put off is tried again, what holds something is looked at, and
        what waits for somebody is approved."""
        self.manners.troubled = self.manners.late = 0
        self.there.heal()
        for again in range(3):
            self._advance(2 * HOUR + LEASE.total_seconds())
            self._deliver(all_of_it=True)
            self.approve()
            self._try_again()
            look_anew(at=self.at, nightly=False)
            self._advance(MINUTE)
            run_due(clock=now)
            sweep(at=self.at)
            if again == 1:
                self._advance(22 * HOUR)
                look_anew(at=self.at, nightly=True)
        self._advance(MINUTE)
        run_due(clock=now)

    def _try_again(self) -> None:
        for flow in Flow:
            try:
                retry(connection=self.connection, flow=flow, by=SYSTEM, at=self.at)
            except Stale:
                continue
