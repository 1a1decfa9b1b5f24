"""Whatever happens here, and goes wrong on the way, in any order: soon after the CRM says what stands here."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from desk.actions.crm.marking import make_due, mark_changed
from desk.actions.crm.written import try_again
from desk.domain.crm.faults import FaultKind
from desk.domain.crm.outgoing import COMPANY
from desk.integrations.crm.writing import write_due
from desk.models import CrmCompany
from desk.queries.crm.rendered import rendered
from entitlements.actions.accounts import set_standing
from entitlements.actions.overrides import revoke
from entitlements.actions.subscriptions import end
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account, Override, Subscription
from journal.domain.actor import SYSTEM
from journal.domain.receiving import Later
from journal.domain.refusal import Refusal
from journal.models import Connection
from tests.desk.integrations.crm.written_there import Killed, There, company_of, connected, counted
from tests.entitlements.factories import overridden
from tests.entitlements.spent import counted as used
from tests.entitlements.using import Metered, customer, metered
from tests.entitlements.world import AT, account, subscribed

STEPS = 40
SEEDS = (3, 11, 29, 71)


@dataclass
class Play:
    """A few customers and their companies there; each step does one thing by chance."""

    seed: int
    world: Metered
    connection: Connection
    there: There
    at: datetime = AT
    accounts: list[Account] = field(default_factory=list)
    companies: list[CrmCompany] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.accounts = [customer(self.world, f"c{place}") for place in range(3)]
        self.accounts.append(account("bare", zone="UTC"))
        ids = [*self.accounts, None]
        self.companies = [company_of(one, self.connection, id=f"00{place}") for place, one in enumerate(ids)]

    def one(self, found: Any) -> Any:
        return self.chance.choice(list(found))

    def step(self) -> None:
        self.at += timedelta(minutes=self.chance.choice([0, 1, 7, 61, 600]))
        does = self.one([self.buy, self.leave, self.promise, self.take_back, self.use, self.stand, self.link, self.run])
        does = self.one([does, does, self.run, self.fail])
        self.log.append(does.__name__)
        with suppress(Refusal):
            does()

    # Here -----------------------------------------------------------------------------------------------------------
    def buy(self) -> None:
        subscribed(self.one(self.accounts), self.world.plan, at=self.at)

    def leave(self) -> None:
        held = Subscription.objects.filter(ends_at=None).order_by("pk")
        if held:
            ends = self.at + timedelta(hours=self.chance.choice([0, 5, 50]))
            end(subscription=self.one(held), ends_at=ends, reason="Left", by=SYSTEM, at=self.at)

    def promise(self) -> None:
        feature = self.one([self.world.calls, self.world.seats, self.world.tokens])
        overridden(self.one(self.accounts), feature, Mode.ADD, Decimal(self.chance.randint(1, 900)), at=self.at)

    def take_back(self) -> None:
        rows = Override.objects.filter(revoked_at=None).order_by("pk")
        if rows:
            revoke(override=self.one(rows), reason="Over", by=SYSTEM, at=self.at)

    def use(self) -> None:
        feature = self.one([self.world.calls, self.world.seats, self.world.visitors])
        used(self.one(self.accounts), feature, self.chance.randint(1, 1200), at=self.at)

    def stand(self) -> None:
        to = self.one([Standing.OPEN, Standing.SUSPENDED, Standing.OPEN])
        set_standing(account=self.one(self.accounts), standing=to, reason="Said", by=SYSTEM, at=self.at)

    def link(self) -> None:
        """As whoever links does it: the company is somebody else's, or nobody's, and is marked."""
        rows = CrmCompany.objects.filter(pk=self.one(self.companies).pk)
        was = list(rows.values_list("account", flat=True))
        rows.update(account=self.one([*self.accounts, None]), gone=self.chance.random() < 0.1)
        siblings = CrmCompany.objects.filter(account__in=[one for one in was if one])
        make_due(siblings | rows | CrmCompany.objects.filter(account__in=rows.values("account")), at=self.at)

    # There ----------------------------------------------------------------------------------------------------------
    def fail(self) -> None:
        names = [COMPANY, *self.there.records, *(f"{one.key}.calls" for one in self.accounts)]
        fault = self.one([FaultKind.LOCKED, FaultKind.AWAY, FaultKind.INVALID, FaultKind.GONE])
        name = self.one(names)
        if fault is FaultKind.GONE and name == COMPANY:
            return
        self.there.faults.setdefault(name, []).append((fault, "It went wrong."))

    def run(self) -> None:
        broken = self.one([None, None, Later("busy", after=timedelta(minutes=1)), Killed()])
        when = self.one(["before", "after"])
        setattr(self.there, when, None if broken is None else _raises(broken))
        with suppress(Later, Killed):
            mark_changed(self.connection, at=self.at)
            write_due(self.connection, at=self.at)
        self.there.before = self.there.after = None

    def quiet_run(self) -> None:
        self.there.faults.clear()
        self.at += timedelta(hours=7)  # whatever was put off may be tried again
        try_again(CrmCompany.objects.exclude(written={}), at=self.at)
        mark_changed(self.connection, at=self.at)
        write_due(self.connection, at=self.at)
        write_due(self.connection, at=self.at)  # what one company left to another

    def should_say(self) -> dict[str, Any]:
        rows = list(CrmCompany.objects.select_related("account", "connection").order_by("pk"))
        found: dict[str, Any] = {}
        for parts in rendered(rows, at=self.at).values():
            for part, one in parts.items():
                says = counted(one.fields)
                if part != COMPANY:
                    found[one.key] = (one.company, says)
                elif any(says.values()):
                    found[one.company] = says
        return found


def _raises(error: BaseException) -> Callable[[object], None]:
    def broken(_rows: object) -> None:
        raise error

    return broken


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_once_it_is_quiet_both_sides_agree(seed: int) -> None:
    play = Play(seed, metered(), *connected())
    for _ in range(STEPS):
        play.step()
    play.quiet_run()
    told = f"seed {seed}: {' '.join(play.log)}"
    gone = {row.external_id for row in CrmCompany.objects.filter(gone=True)}
    says = {key: value for key, value in play.there.says().items() if key not in gone}
    assert says == play.should_say(), told
    sent = play.there.sent
    write_due(play.connection, at=play.at)
    assert (play.there.sent, CrmCompany.objects.filter(to_write_at__isnull=False).count()) == (sent, 0), told
