"""A thousand changes at a CRM, until all of them are in force here; then as many accounts changed here, until it says so there.

    python -m benchmarks.crm_delta [--changes 1000]

Half are lines of won deals with another quantity, half are companies by another name. Nobody pushes: they are found by the
clock. Counted is from the last change on. Told apart are the work, with its processor and statements, and the waiting for
the flow's next turn. Then every account with a deal is given more seats here, and each of their companies has to say so there.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.crm_desk import There, connected, folder


@dataclass(slots=True)
class Spent:
    """Seconds at work, seconds of the processor within them, what the database was asked meanwhile, and all seconds."""

    work: float = 0.0
    processor: float = 0.0
    statements: int = 0
    all: float = 0.0

    def say(self, changes: int) -> str:
        each = (
            f"{self.processor / changes * 1000:.1f} ms of the processor and {self.statements / changes:.0f} statements"
        )
        return f"{self.all:.1f} s: {self.work:.1f} s at work ({each} each), {self.all - self.work:.1f} s waiting"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--changes", type=int, default=1000)
    half = asked.parse_args().changes // 2
    with folder():
        there = There(companies=2 * half, deals=half)
        try:
            measure(there, half)
        finally:
            there.end()


def measure(there: There, half: int) -> None:
    from desk.domain.crm.flows import RUN_EVERY

    connection = connected(there)
    mapped(connection)
    begun = time.perf_counter()
    until(lambda: in_force(5) == half and not waiting_out())
    print(f"read at first: {half:,} deals of {2 * half:,} companies, {time.perf_counter() - begun:.0f} s")
    there.do({"quantity": 8, "of": half})
    there.do({"rename": half})
    there.do("count")
    spent = until(lambda: in_force(8) == half and renamed() == half)
    print(f"in force here: {2 * half:,} changes, {spent.say(2 * half)}, {there.do('now')['requests']:,} requests")
    print(f"    a flow has its turn every {RUN_EVERY.seconds} s")
    until(lambda: not waiting_out())
    there.do("count")
    before, _ = written(connection), more_seats()
    spent = until(lambda: written(connection) - before >= half and not waiting_out())
    requests = there.do("now")["requests"]
    print(f"written there: {half:,} accounts changed here, {spent.say(half)}, {requests:,} requests")


def until(done: Callable[[], bool]) -> Spent:
    """Turns by the clock, as a worker's."""
    from django.utils.timezone import now

    from desk.integrations.crm.running import run_due
    from desk.models import CrmFlow

    spent, begun = Spent(), time.perf_counter()
    while not done():
        with at_work(spent):
            run_due(clock=now)
        assert not CrmFlow.objects.exclude(trouble="").exists(), CrmFlow.objects.exclude(trouble="").get().trouble
        time.sleep(0.5)
    spent.all = time.perf_counter() - begun
    return spent


@contextmanager
def at_work(spent: Spent) -> Iterator[None]:
    from django.db import connection

    def counted(execute: Callable[..., Any], *asked: Any) -> Any:
        spent.statements += 1
        return execute(*asked)

    begun, processor = time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counted):
        yield
    spent.work += time.perf_counter() - begun
    spent.processor += time.process_time() - processor


def in_force(quantity: int) -> int:
    from django.db.models import Q
    from django.utils.timezone import now

    from entitlements.models import SubscriptionItem

    at = now()
    rows = SubscriptionItem.objects.filter(contract_line__isnull=False, quantity=quantity, starts_at__lte=at)
    return rows.filter(Q(ends_at=None) | Q(ends_at__gt=at)).count()


def renamed() -> int:
    from desk.models import CrmCompany

    return CrmCompany.objects.filter(name__endswith="renamed").count()


def more_seats() -> None:
    """What somebody decides here within policy, for each account that has a contract."""
    from datetime import timedelta
    from decimal import Decimal

    from django.utils.timezone import now

    from catalog.models import Feature
    from entitlements.actions.overrides import grant
    from entitlements.domain.facts import Mode
    from entitlements.models import Account
    from journal.domain.actor import Actor, ActorKind
    from tests.entitlements.world import policy

    policy("sales")
    may = frozenset({"entitlements.grant_override"})
    sal = Actor(ActorKind.STAFF, "staff:sal", "Sal", roles=frozenset({"sales"}), permissions=may)
    seats, at = Feature.objects.get(key="seats"), now()
    day = (at + timedelta(days=30)).date()
    told: dict[str, Any] = {"feature": seats, "mode": Mode.ADD, "value": Decimal(3), "through_on": day}
    for account in Account.objects.filter(contracts__isnull=False):
        grant(account=account, reason="Three more for a month", by=sal, at=at, **told)


def written(connection: Any) -> int:
    """To how many companies anything was written so far."""
    from desk.domain.crm.flows import Flow
    from desk.models import CrmFlow

    return CrmFlow.objects.get(connection=connection, flow=Flow.ENTITLEMENTS).moved_ever


def waiting_out() -> bool:
    """Something changed that wasn't read yet, or a company waits to be written."""
    from django.db.models import Q
    from django.utils.timezone import now

    from desk.actions.crm.marking import mark_changed
    from desk.models import CrmCompany
    from journal.models import Connection

    for connection in Connection.objects.filter(vendor="salesforce"):
        mark_changed(connection, at=now())
    return CrmCompany.objects.filter(Q(to_write_at__isnull=False) | Q(next_at__lte=now())).exists()


def mapped(connection: Any) -> None:
    from datetime import timedelta

    from django.utils.timezone import now

    from desk.models import DealMapping, DealRule, MappingState
    from journal.actions.deeds import begin, keep
    from journal.domain.actor import SYSTEM
    from tests.entitlements.world import catalog

    at, team = now() - timedelta(days=2), catalog().team
    told = {"months": {"written": "12"}, "drafted_at": at, "drafted_by": "Sal", "in_force_at": at}
    row = DealMapping(connection=connection, number=1, state=MappingState.IN_FORCE, renews=True, **told)
    mapping = keep(row, deed=begin(by=SYSTEM, at=at))
    rule = DealRule(mapping=mapping, key="team", target="plan", products=["TEAM"], plan=team, position=1)
    keep(rule, deed=begin(by=SYSTEM, at=at))


if __name__ == "__main__":
    main()
