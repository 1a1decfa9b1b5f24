"""Logging in to Salesforce: by a signed assertion, as an app of its own, or by a user's password.

All of it goes to the organisation's My Domain, which is also whom an assertion is addressed to: apps of the newer kind
are known nowhere else.
"""

import re
import warnings
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from html import escape
from typing import Any
from xml.parsers.expat import ExpatError

from jwt import PyJWTError

from desk.integrations.crm.asking import NotEntered
from desk.integrations.crm.port import LoginRefused
from desk.integrations.salesforce import errors
from desk.integrations.salesforce.wire import UNREADABLE, Unanswered
from journal.models import Connection
from journal.queries.connections import opened

VERSION = "64.0"
LOGIN, DOMAIN, USER, CONSUMER_KEY, ORGANISATION = "login", "domain", "user", "consumer_key", "organisation"
PRIVATE_KEY, CONSUMER_SECRET, PASSWORD, TOKEN = "private_key", "consumer_secret", "password", "security_token"
JWT, APP, BY_PASSWORD = "jwt", "client_credentials", "password"
WAYS = (
    (JWT, "JWT: the app signs with a private key (best)"),
    (APP, "Client credentials: the app logs in by its secret"),
    (BY_PASSWORD, "User name and password"),
)
NEEDED = {
    USER: ("user name", (JWT, BY_PASSWORD)),
    CONSUMER_KEY: ("consumer key", (JWT, APP)),
    PRIVATE_KEY: ("private key", (JWT,)),
    CONSUMER_SECRET: ("consumer secret", (APP,)),
    PASSWORD: ("password", (BY_PASSWORD,)),
}
SUFFIX = ".salesforce.com"
OF_ORGANISATION = re.compile(r"(00D[A-Za-z0-9]{12})(?:[A-Z0-5]{3})?!")  # a session's token begins with whose it is


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person entered to log in by, as the client takes it. `mark` changes with any of it, and tells none of it."""

    how: str
    user: str
    given: dict[str, Any] = field(repr=False)

    @property
    def mark(self) -> str:
        said = "\x00".join(f"{name}={value}" for name, value in sorted(self.given.items()))
        return blake2b(said.encode(), digest_size=16).hexdigest()


def entered(connection: Connection, *, at: datetime) -> Entered:
    """NotEntered, which names the field, where something is missing that this way of logging in needs."""
    told = {name: str(connection.settings.get(name, "")).strip() for name in (LOGIN, DOMAIN, USER, CONSUMER_KEY)}
    told |= {
        name: next(iter(opened(connection, [name], at=at)), "")
        for name in (PRIVATE_KEY, CONSUMER_SECRET, PASSWORD, TOKEN)
    }
    how = told[LOGIN] or JWT
    for name, (words, ways) in NEEDED.items():
        if how in ways and not told[name]:
            raise NotEntered(f"Enter the {words} on the page of the connection: this way of logging in needs it.")
    domain = told[DOMAIN].lower().removeprefix("https://").strip("/").removesuffix(SUFFIX)
    if not domain:
        raise NotEntered("Enter the My Domain address on the page of the connection: it is where the desk logs in.")
    return Entered(how, "" if how == APP else told[USER], {"domain": domain} | _given(how, told))


def logged_in(entered: Entered, http: Any) -> tuple[str, str]:
    """A new session's token, and the instance that it is good at. LoginRefused says why there is none."""
    from simple_salesforce import SalesforceLogin  # heavy: only who logs in pays for it
    from simple_salesforce.exceptions import SalesforceAuthenticationFailed

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of what it raises a moment later
            token, instance = SalesforceLogin(session=http, sf_version=VERSION, **entered.given)
    except SalesforceAuthenticationFailed as error:
        if error.code is None or isinstance(error.code, int):  # a page with a status, and no refusal of Salesforce's
            raise Unanswered(UNREADABLE) from None
        code, message = str(error.code), str(getattr(error, "auth_message", "") or error)
        if code.removeprefix("sf:") in errors.AWAY_AT_LOGIN:
            raise Unanswered(f"Salesforce can’t let anybody in at the moment: {code}") from None
        raise LoginRefused(errors.login_words(code, message)) from None
    except ExpatError:
        raise Unanswered(UNREADABLE) from None
    except (PyJWTError, TypeError, ValueError):
        raise NotEntered(
            "The private key can’t be read: enter all of it, with the lines that begin and end it."
        ) from None
    return str(token), str(instance)


def refuse_another(token: str, organisation: str) -> None:
    """LoginRefused where it lets into another organisation, such as a sandbox that was made anew: its records are others."""
    found = OF_ORGANISATION.match(token)
    if found and organisation and found[1] != organisation[:15]:
        raise LoginRefused(
            f"By what is entered the desk gets into organisation {found[1]}, and this connection is with {organisation[:15]}. "
            "Compare the My Domain address and the organisation id on the page of the connection. For a sandbox that was made "
            "anew, connect anew."
        )


def _given(how: str, told: dict[str, str]) -> dict[str, str]:
    app = {"consumer_key": told[CONSUMER_KEY], "consumer_secret": told[CONSUMER_SECRET]}
    match how:
        case one if one == JWT:
            return {"username": told[USER], "consumer_key": told[CONSUMER_KEY], "privatekey": told[PRIVATE_KEY]}
        case one if one == APP:
            return app
    if all(app.values()):
        return app | {"username": told[USER], "password": told[PASSWORD] + told[TOKEN]}
    # Of these the client escapes all but the token.
    return {"username": told[USER], "password": told[PASSWORD], "security_token": escape(told[TOKEN])}
