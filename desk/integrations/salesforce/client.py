"""Asking Salesforce: its usual client for each connection, and what its refusals mean here.

The client is given a session that was opened before, so that it never logs in by itself: it would do so four times in a
row, and without end for single records (its `SFType`, which is used nowhere). Here a session that ended is renewed once.
Secrets and the session's token stand in no log, no error and no row; the token is remembered by this process alone.
Lists are asked for through `restful`, which turns an empty one into None.
"""

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from json import JSONDecodeError
from typing import Any

from desk.integrations.crm.asking import Calls, away, base_of
from desk.integrations.crm.port import Declined, LoginRefused
from desk.integrations.salesforce import errors
from desk.integrations.salesforce.login import ORGANISATION, VERSION, entered, logged_in, refuse_another
from desk.integrations.salesforce.names import WORDS, quoted, selected
from desk.integrations.salesforce.wire import UNREADABLE, Unanswered, session
from journal.domain.receiving import Later
from journal.models import Connection

DESCRIBED_FOR = timedelta(minutes=10)
USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d+)/(\d+)")
Answer = dict[str, Any]


@dataclass(slots=True)
class Opened:
    """What this process remembers of one way in: its session at Salesforce, and what objects looked like there."""

    mark: str
    http: Any
    token: str = field(default="", repr=False)
    instance: str = ""
    described: dict[str, tuple[datetime, Mapping[str, Answer] | None]] = field(default_factory=dict)
    entering: threading.Lock = field(default_factory=threading.Lock)


_opened: dict[int, Opened] = {}
_opening = threading.Lock()


def opened_by(connection: int, base: str, mark: str) -> Opened:
    """One for each connection. `mark` is another once something else was entered: what was opened before is forgotten."""
    mark = f"{base} {mark}"
    with _opening:
        known = _opened.get(connection)
        if known is None or known.mark != mark:
            if known is not None:
                known.http.close()
            known = _opened[connection] = Opened(mark, session(base))
    return known


def close() -> None:
    """Forgotten all that was opened."""
    with _opening:
        while _opened:
            _opened.popitem()[1].http.close()


class Line:
    """An open line to one organisation, for the length of a `with`."""

    def __init__(self, connection: Connection, calls: Calls, *, at: datetime) -> None:
        self.connection, self.at = connection, at
        self._calls = calls
        self._entered = entered(connection, at=at)
        self._opened = opened_by(connection.pk, base_of(connection, WORDS), self._entered.mark)
        self._heard_at: datetime | None = None

    def ask(self, path: str, *, method: str = "GET", params: Any = None, json: Any = None) -> Any:
        """What Salesforce answers; None where that is nothing. A session that ended is renewed once."""
        return self._asked(lambda there: there.restful(path, params, method, json=json, hooks=self._hooks))

    def query(self, soql: str, *, deleted: bool = False, tooling: bool = False) -> Iterator[Answer]:
        """The records that it finds, page by page; with those in the recycle bin where `deleted`."""
        path = "tooling/query" if tooling else "queryAll" if deleted else "query"
        page = self._listed(self.ask(path, params={"q": soql}))
        while True:
            yield from page["records"]
            if page["done"]:
                return
            page = self._listed(self.ask(page["nextRecordsUrl"].partition(f"/v{VERSION}/")[2]))

    def fields(self, kind: str, *, anew: bool = False) -> Mapping[str, Answer] | None:
        """The fields of an object that this user sees, by their names; None where it sees no such object."""
        since, found = self._opened.described.get(kind, (None, None))
        if anew or since is None or not since <= self.at < since + DESCRIBED_FOR:
            try:
                found = {one["name"]: one for one in self.ask(f"sobjects/{kind}/describe")["fields"]}
            except NotThere:
                found = None
            self._opened.described[kind] = (self.at, found)
        return found

    def forget(self) -> None:
        """What objects look like may be another now."""
        self._opened.described.clear()

    def user(self) -> str:
        """The id of the user that it is asked as."""
        name = self._entered.user
        if name:
            for row in self.query(selected(["Id"], "User", where=f"Username = {quoted(name)}")):
                return str(row["Id"])
        return str(self._asked(lambda there: there.oauth2("userinfo"))["user_id"])

    def now(self) -> datetime:
        """By the organisation's clock, as its last answer said."""
        if self._heard_at is None:
            self.ask("limits")
        if self._heard_at is None:
            raise Declined(f"{WORDS} doesn’t say what time it is.")
        return self._heard_at

    def _asked(self, ask: Any) -> Any:
        from simple_salesforce.exceptions import SalesforceExpiredSession

        for again in (True, False):
            self._calls.spend()
            there, token = self._there()
            try:
                return ask(there)
            except SalesforceExpiredSession:
                with self._opened.entering:
                    self._opened.token = "" if self._opened.token == token else self._opened.token
                if not again:
                    raise LoginRefused(
                        f"{WORDS} lets the desk in and then knows nothing of the session. See whether the user may use the "
                        "API, and from this machine’s address."
                    ) from None
            except Exception as error:
                raise _meant(error, self.connection, at=self.at) from None  # the client's own carries what was asked
        raise AssertionError("The second try returns or raises.")

    def _there(self) -> tuple[Any, str]:
        """The client on an open session; only where there is none somebody logs in, one at a time."""
        from simple_salesforce import Salesforce  # heavy: only who asks pays for it

        opened = self._opened
        with opened.entering:
            if not opened.token:
                try:
                    token, opened.instance = logged_in(self._entered, opened.http)
                except Unanswered as error:
                    raise _meant(error, self.connection, at=self.at) from None
                refuse_another(token, str(self.connection.settings.get(ORGANISATION, "")))
                opened.token = token
            token, instance = opened.token, opened.instance
        return Salesforce(
            session_id=token, instance=instance, session=opened.http, version=VERSION, parse_float=Decimal
        ), token

    def _listed(self, page: Any) -> Answer:
        """A page of a list. What isn't one tells of no record, and least of all that one is gone."""
        if not isinstance(page, dict) or not {"records", "done"} <= page.keys():
            raise away(self.connection, UNREADABLE, at=self.at)
        return page

    @property
    def _hooks(self) -> Answer:
        return {"response": self._hear}

    def _hear(self, answer: Any, **_: Any) -> None:
        """What every answer says beside itself, refusals too: the time, and how many calls of the day were used."""
        said = USAGE.search(answer.headers.get("Sforce-Limit-Info", ""))
        if said:
            self._calls.told(used=int(said[1]), limit=int(said[2]))
        if answer.headers.get("Date"):
            self._heard_at = parsedate_to_datetime(answer.headers["Date"])


class NotThere(Declined):
    """There is nothing by this name or id, or the user may not see it."""


def _meant(error: Exception, connection: Connection, *, at: datetime) -> Exception:
    """Ours for the client's; what is a fault of our own stays as it is."""
    from simple_salesforce.exceptions import SalesforceError

    if isinstance(error, Unanswered):
        return away(connection, str(error), at=at)
    if isinstance(error, JSONDecodeError):
        return away(connection, UNREADABLE, at=at)
    if not isinstance(error, SalesforceError):
        return error
    found = errors.refusals(error.content)
    if not found:
        return Declined(f"{WORDS} refuses it with status {error.status}.")
    kind, words = errors.worst(found)
    match kind:
        case errors.FaultKind.QUOTA:
            why, after = errors.of_calls(found[0])
            return Later(why, after=after)
        case errors.FaultKind.AWAY | errors.FaultKind.LOCKED:
            return away(connection, f"{WORDS} can’t answer: {words}", at=at)
    return NotThere(words) if error.status == 404 else Declined(words)
