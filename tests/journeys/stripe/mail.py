"""A mail between Stripe and the desk that can't be relied on: late, doubled, shuffled, lost, and looks that take long."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.test import RequestFactory

from entitlements.actions.billed.following import follow
from entitlements.actions.billed.tickets import take_ticket
from entitlements.integrations.stripe.arrivals import TYPES
from entitlements.integrations.stripe.following import all_subscriptions, fetched, follow_subscription
from entitlements.integrations.stripe.missed import fetch_missed_of
from journal.actions.connections import as_actor
from journal.api.hooks import hook
from journal.integrations.receiving import take
from journal.models import Connection
from tests.fakes.stripe import Counterpart
from tests.fakes.stripe.events import body_of
from tests.fakes.stripe.signing import header
from tests.journal.side_by_side import at_once

SECRET, SECRET_THIN = "whsec_chaos", "whsec_chaos_thin"
FINEST = 6  # in so many bits time passes where nothing goes wrong; any permutation's are some of these
Event = dict[str, Any]


@dataclass
class Manners:
    """How the mail of one permutation behaves."""

    drawn: random.Random
    lost: float = 0.0  # of all messages
    now: float = 1.0  # of those that wait, at each round
    thin: float = 0.0  # of the events, told by what names them alone
    slow: float = 0.0  # how often somebody begins to look, and follows it only later
    forgotten: bool = False  # what was lost is older than what Stripe lists
    straight: bool = False

    @classmethod
    def of(cls, seed: str) -> "Manners":
        drawn = random.Random(seed)
        return cls(
            drawn,
            lost=drawn.uniform(0, 0.3),
            now=drawn.uniform(0.2, 1),
            thin=drawn.choice((0, 0, 0.5)),
            slow=drawn.choice((0, 0.5)),
            forgotten=drawn.random() < 0.2,
        )

    @classmethod
    def good(cls) -> "Manners":
        return cls(random.Random(0), straight=True)

    def copies(self) -> int:
        return 1 if self.straight else self.drawn.choice((1, 1, 2, 3, 4))

    def sweeps(self) -> bool:
        """Whether the desk's own clock gets its turn now; it catches up whenever it does."""
        return self.straight or self.drawn.random() < 0.4

    def bits(self) -> int:
        return FINEST if self.straight else self.drawn.choice((1, 1, 2, 3))


@dataclass
class Mail:
    """What Stripe told, on its way; only what the desk's endpoints listen to sets out."""

    fake: Counterpart
    connection: Connection
    manners: Manners
    seen: int
    waiting: list[Event] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    takers: int = 1
    came: bool = False  # since somebody took what came
    looks: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def path(self) -> str:
        return f"/hooks/{self.connection.key}"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.fake.now, UTC)

    def round(self, *, all_of_it: bool = False) -> None:
        """Some of what waits is delivered, in any order, one to four times; some is lost for good."""
        drawn = self.manners.drawn
        self.waiting += self._set_out()
        now = [event for event in self.waiting if all_of_it or drawn.random() < self.manners.now]
        self.waiting = [event for event in self.waiting if event not in now]
        copies = [event for event in now for _ in range(self.manners.copies())]
        if not self.manners.straight:
            drawn.shuffle(copies)
        for event in copies:
            self._post(event)
        self.came = self.came or bool(copies)

    def _set_out(self) -> list[Event]:
        drawn, told = self.manners.drawn, [event for event in self.fake.events[self.seen :] if event["type"] in TYPES]
        self.seen = len(self.fake.events)
        found = []
        for event in told:
            twins = event["_thin"] if drawn.random() < self.manners.thin else ()
            messages = [self.fake.state.get("v2.core.event", key) for key in twins] or [event]
            kept = [one for one in messages if one["type"] in TYPES and drawn.random() >= self.manners.lost]
            self.gone |= set() if kept else {event["id"]}
            found += kept
        return found

    def _post(self, event: Event) -> None:
        """At the desk's own address; what stands before it is of no matter here, and is tried elsewhere."""
        body, secret = body_of(event), SECRET if event["object"] == "event" else SECRET_THIN
        signed = {"stripe-signature": header(body, (secret,), self.fake.now), "host": "127.0.0.1"}
        request = RequestFactory().post(self.path, body, content_type="application/json", headers=signed)
        answer = hook(request, self.connection.key)
        assert answer.status_code == 200, answer.content

    # Looks that take long -----------------------------------------------------------------------------------------
    def look_slowly(self) -> None:
        """Somebody asks for a ticket and for how it stands; what they saw is followed much later."""
        subscriptions = self.fake.state.all("subscription")
        if not subscriptions or self.manners.drawn.random() >= self.manners.slow:
            return
        one = self.manners.drawn.choice(subscriptions)["id"]
        ticket = take_ticket(connection=self.connection, billing_id=one, customer="", at=self.at)
        billed, customer = fetched(self.connection, one, at=self.at)
        self.looks.append({"billed": billed, "customer": customer, "ticket": ticket})

    def come_back(self, *, all_of_them: bool = False) -> None:
        """Some of those who looked are back, the last who went perhaps first."""
        drawn, by = self.manners.drawn, as_actor(self.connection)
        back = [look for look in self.looks if all_of_them or drawn.random() < 0.4]
        self.looks = [look for look in self.looks if look not in back]
        for look in reversed(back):
            follow(connection=self.connection, by=by, at=self.at, **look)

    # Taking and finding -------------------------------------------------------------------------------------------
    def take(self, watch: Any = lambda: None) -> None:
        """All that came: by one who looks at the desk before each, or by several at once."""
        if not self.came:
            return
        self.came = False
        if self.takers > 1:
            outcomes = at_once(*[self._takes] * self.takers)
            assert not [one for one in outcomes if isinstance(one, Exception)], outcomes
        take(clock=lambda: self.at, jitter=lambda: 0.0, enough=lambda: bool(watch()))

    def _takes(self) -> None:
        take(clock=lambda: self.at, jitter=lambda: 0.0)

    def find_lost(self) -> None:
        """In Stripe's own list; what that lists no longer is found by going through all there are."""
        if not self.manners.forgotten:
            self.came = bool(fetch_missed_of(self.connection, at=self.at, whole=True))
            return
        for gone in self.gone:
            self.fake.state.tables["event"].pop(gone, None)  # a life may look twice
        self.came = bool(fetch_missed_of(self.connection, at=self.at, whole=True))
        for billing_id in all_subscriptions(self.connection, at=self.at)[0]:
            follow_subscription(self.connection, billing_id, at=self.at)
