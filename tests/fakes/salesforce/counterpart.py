"""The counterpart as tests hold it: where it stands, what it was asked, and the strings to pull."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import Any

from tests.fakes.pushing import Choice, Manner
from tests.fakes.salesforce import client, founding, opening, permissions, records, removal, tooling, world
from tests.fakes.salesforce.access import key_pair
from tests.fakes.salesforce.api import Api
from tests.fakes.salesforce.clock import Clock
from tests.fakes.salesforce.delivery import Callout, Outbound, Push, deliver, watching
from tests.fakes.salesforce.pages import Pages
from tests.fakes.salesforce.state import Row, Rule, Settings, State
from tests.fakes.serving import Serving
from tests.fakes.standing import BEGAN, Standing, standing

VERSION = "64.0"


class Counterpart(Standing):
    def __init__(
        self, seed: int = 0, *, clock: Callable[[], float] | None = None, settings: Settings | None = None,
        port: int = 0, told: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        made = settings or Settings()
        self.state = State(seed, Clock(clock or (lambda: BEGAN)), founding.access(seed), made)
        founding.founded(self.state)
        self._api = Api(self.state)
        self._drawn = random.Random(f"{seed}:delivery")
        self._serving = Serving(self._api.answer, Pages(self.state, told), self._api.prefixes, port)
        self._sessions: list[Any] = []
        self._ways: list[Outbound | Callout] = []
        self.base = self.state.base = self._serving.base
        self.state.watchers.append(lambda *change: permissions.watching(self.state, *change))
        self.state.watchers.append(lambda *change: watching(self.state, self._ways, *change))

    def stop(self) -> None:
        for session in self._sessions:
            session.close()
        super().stop()

    @property
    def now(self) -> datetime:
        return self.state.clock.now()

    @property
    def private_key(self) -> str:
        """What signs the JWT of the connected app."""
        return key_pair()[0]

    def session(self, *, timeout: float | None = 10) -> Any:
        """A `requests` session whose every name of Salesforce's is this counterpart; closed with it."""
        self._sessions.append(client.session(self.base, timeout=timeout))
        return self._sessions[-1]

    def login(self, flow: str = "jwt") -> dict[str, Any]:
        """What simple-salesforce is given to log in by: jwt, app, password, soap, network."""
        name, access = founding.INTEGRATION, self.state.access
        password, token = access.passwords[name]
        app = {"consumer_key": access.consumer_key, "consumer_secret": access.consumer_secret}
        return {
            "jwt": {"username": name, "consumer_key": access.consumer_key, "privatekey": self.private_key},
            "app": app | {"domain": self.state.settings.domain},
            "password": app | {"username": name, "password": password + token},
            "soap": {"username": name, "password": password, "security_token": token},
            "network": {"username": name, "password": password, "organizationId": self.state.org["Id"]},
        }[flow]

    def client(self, flow: str = "jwt", **options: Any) -> Any:
        """The client as everybody would set it up, logged in."""
        from simple_salesforce import Salesforce

        session = options.pop("session", None) or self.session(timeout=options.pop("timeout", 10))
        domain = "test" if self.settings.sandbox else None
        return Salesforce(**({"version": VERSION, "session": session, "domain": domain} | self.login(flow) | options))

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        self.state.clock.add(timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))

    def skew(self, seconds: float) -> None:
        """From now on the org's clock is this much ahead of ours, or behind."""
        self.state.clock.skew = timedelta(seconds=seconds)

    def world(self) -> dict[str, str]:
        """A few accounts, products and opportunities; ids by short names."""
        with self.state.lock:
            return world.made(self.state, self._admin())

    def _admin(self) -> str:
        row = opening.by_username(self.state, founding.ADMINISTRATOR)
        return str(row["Id"]) if row else ""

    def add(self, name: str, **fields: Any) -> str:
        """A record, as somebody would enter it in the org; its id."""
        with self.state.lock:
            return str(records.created(self.state, self.state.schema[name.lower()], fields, self._admin())["Id"])

    def edit(self, key: str, **fields: Any) -> None:
        with self.state.lock:
            sobject = self._kind(key)
            records.changed(self.state, sobject, self.row(key), fields, self._admin())

    def delete(self, key: str) -> None:
        with self.state.lock:
            removal.removed(self.state, self._kind(key), self.row(key), self._admin())

    def merge(self, key: str, master: str) -> None:
        """The first becomes part of the second, as an administrator merges accounts."""
        with self.state.lock:
            removal.merged(self.state, self._kind(key), self.row(key), self.row(master), self._admin())

    def undelete(self, key: str) -> None:
        with self.state.lock:
            removal.restored(self.state, self._kind(key), self.row(key), self._admin())

    def erase(self, key: str) -> None:
        """The recycle bin is emptied of it: nobody finds it any more."""
        with self.state.lock:
            removal.erased(self.state, self._kind(key), self.row(key), self._admin())

    def _kind(self, key: str) -> Any:
        return next(one for one in self.state.schema.values() if key.startswith(one.prefix))

    def row(self, key: str) -> Row:
        found = self.state.find(self._kind(key).name, key)
        if found is None:
            raise KeyError(key)
        return found

    def custom_object(self, name: str, label: str, plural: str = "") -> None:
        with self.state.lock:
            meta = {"label": label, "pluralLabel": plural or f"{label}s"}
            tooling.object_made(self.state, name, meta, self._admin())

    def custom_field(self, full: str, type: str = "Text", **meta: Any) -> None:
        """`Account.Desk_Key__c`, as the Tooling API takes it: length, externalId, unique, required, referenceTo …"""
        with self.state.lock:
            said = {"type": type, "label": full.partition(".")[2].removesuffix("__c").replace("_", " ")} | meta
            said |= {"length": 255} if type == "Text" and "length" not in said else {}
            tooling.field_made(self.state, full, said, self._admin(), seen=True)

    def stage(self, label: str, *, closed: bool = False, won: bool = False, probability: float = 50) -> None:
        """A stage more, by the org's own words."""
        with self.state.lock:
            place = len(self.state.rows("OpportunityStage")) + 1
            founding.stage_made(self.state, label, closed, won, probability, place)

    def rule(self, name: str, when: Callable[[Row], bool], message: str, field: str = "") -> Rule:
        """A validation rule; taken away again by `fake.state.rules.remove(rule)`."""
        self.state.rules.append(Rule(name, when, message, field))
        return self.state.rules[-1]

    def spend(self, requests: int) -> None:
        """Somebody else uses up this many of the day's requests."""
        self.state.requests_at.extend([self.now] * requests)

    def inject(self, kind: str, **how: Any) -> Any:
        """The next requests fail (`next=None`: all of them): see README for the kinds and what they take."""
        return self._api.injectors.add(kind, **how)

    @contextmanager
    def uncommitted(self) -> Iterator[None]:
        """What is written inside is stamped now and found by queries only afterwards, as in a long transaction."""
        self.state.shown = {name: dict(rows) for name, rows in self.state.tables.items()}
        try:
            yield
        finally:
            self.state.shown = None

    def outbound(self, url: str, name: str = "Opportunity", **how: Any) -> Outbound:
        """An outbound message of a flow: `fields=`, `when=` (a rule on the row)."""
        self._ways.append(Outbound(self.state.ids("04k"), url, self.state.schema[name.lower()], **how))
        return self._ways[-1]  # type: ignore[return-value]

    def callout(self, url: str, bearer: str, name: str = "Opportunity", **how: Any) -> Callout:
        """An HTTP callout of a flow: JSON with a bearer, once, `body=` makes it of the row."""
        self._ways.append(Callout(url, bearer, self.state.schema[name.lower()], **how))
        return self._ways[-1]  # type: ignore[return-value]

    @property
    def pushes(self) -> list[Push]:
        return self.state.pushes

    def deliver(
        self, *, drop: Choice = (), duplicate: Choice = (), delay: Choice = (), shuffle: bool = False,
        delay_seconds: int = 600,
    ) -> list[Push]:  # fmt: skip
        """One round of all that is due: what was tried, in that order."""
        return deliver(self.state, Manner(drop, duplicate, delay, shuffle, delay_seconds), self._drawn)


def salesforce_counterpart(seed: int = 0, **options: Any) -> AbstractContextManager[Counterpart]:
    """A counterpart for the length of a test; a fault of its own is the test's failure."""
    return standing(Counterpart(seed, **options))
