"""A shop at a counterpart of Stripe's, time that passes in bits, and the desk that follows through a bad mail."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from entitlements.actions.sweep import sweep
from entitlements.integrations.stripe.following import fetched
from entitlements.models import Account
from entitlements.queries.billed import differences
from journal.models import Staff
from tests.fakes.stripe import Counterpart
from tests.journeys.stripe.judging import ended_and_running, held, needless, nothing_runs, ours, told_twice
from tests.journeys.stripe.mail import Mail


@dataclass
class World:
    fake: Counterpart
    stripe: Any
    prices: dict[str, str]
    clock: Any
    mail: Mail
    turn: bool  # which way a life goes that has two
    over: set[str] = field(default_factory=set)  # what the desk knew as ended
    owned: bool = False

    # The shop -----------------------------------------------------------------------------------------------------
    def customer(self, *, card: bool = True) -> str:
        made = str(self.stripe.v1.customers.create({"email": "ada@acme.example", "name": "Acme"}).id)
        if card:
            self.card(made)
        return made

    def card(self, customer: str) -> None:
        method = self.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": customer})
        self.stripe.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": method.id}})

    def buy(self, customer: str, price: str = "team month", quantity: int = 1, **more: Any) -> Any:
        lines = [{"price": self.prices[price], "quantity": quantity}]
        return self.stripe.v1.subscriptions.create({"customer": customer, "items": lines, **more})

    def change(self, bought: Any, price: str = "", **more: Any) -> None:
        line = {"id": bought["items"].data[0].id, **({"price": self.prices[price]} if price else {}), **more}
        self.stripe.v1.subscriptions.update(bought.id, {"items": [line]})

    def update(self, bought: Any, **what: Any) -> None:
        self.stripe.v1.subscriptions.update(bought.id, what)

    def schedule(self, bought: Any, price: str) -> None:
        """From the next period on another price, as the portal would plan it."""
        schedules = self.stripe.v1.subscription_schedules
        made = schedules.create({"from_subscription": bought.id})
        first = made.phases[0]
        now = {"items": [{"price": first["items"][0].price, "quantity": 1}], "start_date": first.start_date, "end_date": first.end_date}  # fmt: skip
        then = {"items": [{"price": self.prices[price]}], "duration": {"interval": "month", "interval_count": 1}}
        schedules.update(made.id, {"phases": [now, then]})

    # Time ---------------------------------------------------------------------------------------------------------
    @property
    def at(self) -> datetime:
        return self.mail.at

    def passes(self, days: float) -> None:
        """Time passes in bits, in each of which some of the mail may come; the desk's clock tells what it brought."""
        for _ in range(bits := self.mail.manners.bits()):
            self.fake.advance(seconds=int(days * 86_400 / bits))
            self.clock.move_to(self.at)
            self.mail.look_slowly()
            self.mail.round()
            self._take()
        if self.mail.manners.sweeps():
            sweep(at=self.at)

    def reconcile(self) -> None:
        """All that still waits comes, what was lost is found, and who has looked for long comes back at last."""
        self.mail.round(all_of_it=True)
        self._take()
        self.mail.find_lost()
        self._take(all_back=True)
        sweep(at=self.at)

    def _take(self, *, all_back: bool = False) -> None:
        self.mail.take(self.watch)
        self.mail.come_back(all_of_them=all_back)
        self.watch()
        if not self.owned:
            self._owned()
        if self.over and nothing_runs(self.at):
            assert held(self.at) == set(), "access after the end"

    def _owned(self) -> None:
        """The account is somebody's, so that there is somebody to be told."""
        owner = Staff.objects.get(username="owner")
        self.owned = bool(Account.objects.filter(owner=None).update(owner=owner))

    # What must hold -----------------------------------------------------------------------------------------------
    def watch(self) -> None:
        """No access after an end that is confirmed, at any moment, and none of it again."""
        ended, running = ended_and_running(self.at)
        assert not running, f"{running} known to be over, and goes on"
        assert self.over <= ended, f"{self.over - ended} came back after its end"
        self.over |= ended

    def wrong(self) -> list[str]:
        """What differs from how it stands at Stripe now, and what was left lying or told twice."""
        return [*self._differing(), *needless(), *told_twice()]

    def _differing(self) -> Iterator[str]:
        for row in self.fake.state.all("subscription"):
            billed, _ = fetched(self.mail.connection, row["id"], at=self.at)
            for step in differences(self.mail.connection, billed, self.at).steps:
                yield f"{row['id']}: {step}"
            if self.theirs(row) != ours(row["id"], self.at):
                yield f"{row['status']}: {self.theirs(row)} there, {ours(row['id'], self.at)} here"

    def theirs(self, row: Any) -> Counter[tuple[str, str, int]]:
        """What is owed for a subscription as it stands there, read off the counterpart's own rows."""
        if row["status"] in ("canceled", "incomplete", "incomplete_expired"):
            return Counter()
        names = {price: tuple(name.split()) for name, price in self.prices.items()}
        return Counter((*names[one["price"]["id"]], one["quantity"]) for one in row["items"]["data"])
