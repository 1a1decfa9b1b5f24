"""Asking HubSpot: its own client for each connection, and what its refusals mean here.

The token is unsealed when a connection is asked, stands in no log, no error and no row, and is remembered by the client
alone. Each part of the client opens a pool of lines of its own, so all of them are kept. Answers are read as they came:
the client's classes cost five times as long, and read stamps into the zone of this machine. Nothing is retried by the
client, which would sleep for as long as it is told; a line that was cut is tried once more, for writing the same again
is no harm, and so is a login that was refused.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from desk.domain.crm.budget import Budget
from desk.integrations.crm.asking import TIME_OUT, Calls, NotEntered, away, base_of
from desk.integrations.crm.port import Declined, LoginRefused
from desk.integrations.hubspot import errors
from desk.integrations.hubspot.names import WORDS, instant
from journal.domain.receiving import Later
from journal.models import Connection
from journal.queries.connections import secret_of

TOKEN, CLIENT_SECRET, PORTAL = "access_token", "client_secret", "portal"
SEARCHES_A_SECOND = 4  # of the whole portal's five
KNOWN_FOR = timedelta(minutes=10)  # what is remembered of a portal: its properties, its zone
USAGE_AGAIN = timedelta(hours=1)
USAGE = "/account-info/v3/api-usage/daily/private-apps"
PASSING = (0, 423, 477)  # nothing came; locked for seconds, since much is written; the portal moves to another place
NO_OBJECT = "Unable to infer object type"  # said with 400 of an object that the portal doesn't have
Answer = dict[str, Any]


class NotThere(Declined):
    """There is nothing by this name or id."""


class NotAllowed(NotEntered):
    """The token is good and may not do this. Nobody is locked out by asking again, so nothing rests by it."""

    def __init__(self, words: str, scopes: tuple[str, ...]) -> None:
        super().__init__(words)
        self.scopes = scopes


class _OnceMore(Exception):
    """It may go well if it is asked again at once; else it means this."""

    def __init__(self, meant: Exception) -> None:
        super().__init__(str(meant))
        self.meant = meant


class Parts:
    """The parts of the official client that are used, and what is known of the portal by this token for a while."""

    def __init__(self, token: str, base: str) -> None:
        from hubspot import Client  # heavy: only who asks pays for it
        from hubspot.crm import objects, owners, properties, schemas
        from hubspot.crm.associations import v4
        from urllib3.exceptions import HTTPError, ProtocolError

        client = Client.create(access_token=token, retry=False, **({"host": base} if base else {}))
        self.search = client.crm.objects.search_api
        self.batch = client.crm.objects.batch_api
        self.basic = client.crm.objects.basic_api
        self.links = client.crm.associations.v4.batch_api
        self.properties = client.crm.properties.core_api
        self.groups = client.crm.properties.groups_api
        self.schemas = client.crm.schemas.core_api
        self.owners = client.crm.owners.owners_api
        self.refusals = tuple(one.ApiException for one in (objects, owners, properties, schemas, v4))
        self.cut, self.unreachable = ProtocolError, HTTPError
        self._known: dict[str, tuple[datetime, Any]] = {}
        self._searches: deque[float] = deque(maxlen=SEARCHES_A_SECOND)

    def known(self, name: str, ask: Callable[[], Any], *, at: datetime, longest: timedelta = KNOWN_FOR) -> Any:
        """What was asked a moment ago, else what is answered now."""
        since, answer = self._known.get(name, (None, None))
        if since is None or not since <= at < since + longest:
            answer = ask()
            self.keep(name, answer, at=at)
        return answer

    def keep(self, name: str, answer: Any, *, at: datetime) -> None:
        self._known[name] = (at, answer)

    def forget(self, name: str) -> None:
        self._known.pop(name, None)

    def pace(self) -> None:
        """Searches have a limit a second, for all who ask the portal at once."""
        if len(self._searches) == SEARCHES_A_SECOND:
            time.sleep(max(0.0, self._searches[0] + 1 - time.monotonic()))
        self._searches.append(time.monotonic())


class Line:
    """An open line to the portal of one connection."""

    def __init__(self, connection: Connection, parts: Parts, calls: Calls, *, at: datetime) -> None:
        self.connection, self.parts, self.calls, self.at = connection, parts, calls, at
        self.portal = str(connection.settings.get(PORTAL, ""))

    def ask(self, call: Callable[..., Any], *told: Any, **more: Any) -> Answer:
        """One call, and its answer as plain values. Whatever is refused is Later, LoginRefused or Declined."""
        try:
            return self._asked(call, told, more)
        except _OnceMore:
            pass
        try:
            return self._asked(call, told, more)
        except _OnceMore as again:
            raise again.meant from None

    def _asked(self, call: Callable[..., Any], told: tuple[Any, ...], more: dict[str, Any]) -> Answer:
        """The client's own error carries what was sent, so it goes no further."""
        self.calls.spend()
        try:
            answer = call(*told, **more, _preload_content=False, _request_timeout=TIME_OUT)
            self._note(answer.headers)
            return self._read(answer.data)
        except (*self.parts.refusals, UnicodeDecodeError) as error:
            # The client stumbles over a gateway's page that isn't UTF-8, holding the refusal that the page came with.
            refused: Any = error.__context__ if isinstance(error, UnicodeDecodeError) else error
            said = errors.read(refused.status, refused.headers, refused.body)
            meant = self._meant(said)
            raise (_OnceMore(meant) if said.status == 401 else meant) from None
        except self.parts.cut:  # a server closes lines that stood idle, without a word
            raise _OnceMore(self._away("HubSpot can’t be reached")) from None
        except self.parts.unreachable:
            raise self._away("HubSpot can’t be reached") from None
        except AttributeError as broken:  # the client stumbles over a certificate that can't be believed
            if getattr(broken.__context__, "status", None) != 0:
                raise
            raise self._away("HubSpot’s certificate can’t be believed") from None

    def listed(self, call: Callable[..., Any], *told: Any) -> Answer:
        """An answer that lists something. One that lists nothing at all, not even nothing, tells of no record."""
        return self._listed(self.ask(call, *told))

    def search(self, kind: str, body: Mapping[str, Any]) -> Answer:
        self.parts.pace()
        return self._listed(self.ask(self.parts.search.do_search, kind, dict(body)))

    def reach(self, path: str) -> Answer:
        """An address that the client has no method for, over its own lines."""
        return self.ask(self.parts.basic.api_client.call_api, path, "GET", auth_settings=["oauth2"])

    def learn_calls(self) -> None:
        """How many calls are used of the portal's day, and when that ends: asked where it isn't known."""
        budget = self.calls.budget
        if budget.resets_at is not None:
            return
        told = self.parts.known("usage", self._usage, at=self.at, longest=USAGE_AGAIN)
        if told.resets_at is not None and told.resets_at <= self.at:  # that was another day's
            self.parts.forget("usage")
            told = self.parts.known("usage", self._usage, at=self.at, longest=USAGE_AGAIN)
        used, limit = (told.used, told.limit) if budget.used is None else (budget.used, budget.limit)
        if used is not None and limit is not None:
            self.calls.told(used=used, limit=limit, resets_at=told.resets_at)

    def _usage(self) -> Budget:
        try:
            rows = self.reach(USAGE).get("results") or [{}]
        except (Declined, NotAllowed):
            return Budget()  # then only what stands at answers is known
        return Budget(rows[0].get("currentUsage"), rows[0].get("usageLimit"), instant(rows[0].get("resetsAt") or ""))

    def _note(self, headers: Mapping[str, str]) -> None:
        """Answers to searches say nothing of it."""
        limit, left = headers.get("X-HubSpot-RateLimit-Daily"), headers.get("X-HubSpot-RateLimit-Daily-Remaining")
        if limit and left and limit.isdigit() and left.isdigit():
            used = max(int(limit) - int(left), 0)
            self.calls.told(used=used, limit=int(limit), resets_at=self.calls.budget.resets_at)

    def _read(self, body: bytes) -> Answer:
        try:
            answer = json.loads(body) if body else {}
        except ValueError:
            raise self.unread() from None
        return answer if isinstance(answer, dict) else {"results": answer}

    def _listed(self, answer: Answer) -> Answer:
        if not isinstance(answer.get("results"), list):
            raise self.unread()
        return answer

    def _meant(self, said: errors.Refusal) -> Exception:
        match said.status:
            case 401:
                return LoginRefused("HubSpot refuses the access token. Enter a new one on the page of the connection.")
            case 403 | 404 if not said.words and not said.scopes:
                return self.unread()  # a gateway says these, too: nothing is gone by that, and no right is missing
            case 403:
                return NotAllowed(_missing(said), said.scopes)
            case 404:
                return NotThere(said.words)
            case 400 if said.words.startswith(NO_OBJECT):
                return NotThere(said.words)
            case 429:
                return self._limited(said)
            case status if status in PASSING or status >= 500:
                return self._away(f"HubSpot can’t answer ({status or 'nothing came'})", wait=said.wait)
        return Declined(said.words or f"HubSpot refuses it ({said.status}) and doesn’t say why.")

    def _limited(self, said: errors.Refusal) -> Later:
        if said.policy == errors.DAILY:
            until = self.calls.budget.resets_at or _midnight_after(self.at)
            return Later("All calls of HubSpot’s day are used", after=max(until - self.at, timedelta(minutes=1)))
        wait = max(said.wait, errors.SHORT_LIMITS.get(said.policy, 10))
        return Later("HubSpot asks to be asked less often", after=timedelta(seconds=wait))

    def unread(self) -> Later:
        """Something was answered, and not what was asked."""
        return self._away("HubSpot’s answer can’t be read")

    def _away(self, why: str, *, wait: int = 0) -> Later:
        return away(self.connection, why, at=self.at, asked=timedelta(seconds=wait))


def line_of(connection: Connection, calls: Calls, *, at: datetime) -> Line:
    """SecretMissing where the connection has no token that can be opened."""
    base = base_of(connection, WORDS)
    return Line(connection, _parts(secret_of(connection, TOKEN, at=at), base), calls, at=at)


@lru_cache(maxsize=16)
def _parts(token: str, base: str) -> Parts:
    return Parts(token, base)


def _missing(said: errors.Refusal) -> str:
    if said.scopes:
        named = ", ".join(said.scopes)
        return f"The private app at HubSpot lacks the scope {named}. Add it there, under “Scopes” of the app."
    return f"The private app at HubSpot may not do this; give it the scopes that docs/hubspot.md lists. {said.words}".strip()


def _midnight_after(at: datetime) -> datetime:
    return (at.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
