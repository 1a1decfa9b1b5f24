"""Salesforce's faults on order: for whole requests, and for single records of one."""

import random
import time
from typing import Any

from tests.fakes.faults import Fault
from tests.fakes.salesforce.errors import LOCKED, Refused, RefusedPlainly, Wrong, no_session, over_limit, refused_login
from tests.fakes.salesforce.state import Spoiling, State
from tests.fakes.serving import ConnectionCut

WHERE = "/services/data/"
OF_REQUESTS = {"expired", "401", "401_html", "limit", "lock", "500", "503", "502", "timeout", "reset", "slow", "login"}
OF_RECORDS = {"lock_items", "validation", "partial"}
KINDS = OF_REQUESTS | OF_RECORDS
BUSY = Wrong("SERVER_UNAVAILABLE", "We are currently experiencing heavy load. Please try again later.")
ASHAMED = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
SOME = (
    LOCKED,
    Wrong("FIELD_CUSTOM_VALIDATION_EXCEPTION", "This record is refused by a rule", ()),
    Wrong("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity is in approval", ()),
    Wrong("DUPLICATES_DETECTED", "Use one of these records?", ()),
)


def before(fault: Fault | None, state: State, token: str) -> None:
    """What a fault does before anything is done."""
    match fault.kind if fault else "":
        case "expired":
            state.sessions.pop(token, None)
        case "401":
            raise no_session()
        case "401_html":
            raise RefusedPlainly("<html><body>Unauthorized</body></html>", 401)
        case "limit":
            raise over_limit()
        case "lock":
            raise Refused(LOCKED)
        case "500":
            raise Refused(Wrong("UNKNOWN_EXCEPTION", "An unexpected error occurred."), status=500)
        case "503":
            raise Refused(BUSY, status=503)
        case "502":
            raise RefusedPlainly(ASHAMED, 502)
        case "login":
            raise refused_login("invalid_grant", "authentication failure")
        case "reset":
            raise ConnectionCut
        case "slow" if fault:
            time.sleep(fault.seconds)


def after(fault: Fault | None) -> None:
    """The write is done; nobody hears of it."""
    if fault and fault.kind == "timeout":
        time.sleep(fault.seconds)
        raise ConnectionCut


def spoiling(fault: Fault | None, drawn: random.Random) -> Spoiling | None:
    if fault is None or fault.kind not in OF_RECORDS:
        return None
    more: dict[str, Any] = fault.more
    wrongs: tuple[Wrong, ...] = (LOCKED,) if fault.kind == "lock_items" else SOME
    if fault.kind == "validation":
        name = more.get("field", "")
        wrongs = (Wrong("FIELD_CUSTOM_VALIDATION_EXCEPTION", more.get("message", "This value is refused by a rule"),
                        (name,) if name else ()),)  # fmt: skip
    share = more.get("share", 0.5 if fault.kind == "partial" else 1.0)
    return Spoiling(wrongs, share, more.get("items"), drawn)
