"""The last known answers, so that a product that restarts during an outage starts with them."""

import logging
from typing import Any

from entitlement_client.clock import DeskClock
from entitlement_client.instants import moment
from entitlement_client.known import Known, read_known, write_known
from entitlement_client.shelf import Shelf
from entitlement_client.store import Store

FORMAT = "entitlement-client/answers/1"
logger = logging.getLogger("entitlement_client")


def remember(store: Store, *, desk: str, clock: DeskClock, shelf: Shelf) -> None:
    known = {name: write_known(one) for name, one in list(shelf.known.items()) if not one.unknown}
    if known:
        store.write({"format": FORMAT, "desk": desk, "clock": clock.remembered(), "known": known})


def recall(told: Any, *, desk: str, clock: DeskClock, shelf: Shelf) -> None:
    """Take up what was stored for this desk. Anything else is left alone, with a warning: it is no reason to stop."""
    if told is None:
        return
    try:
        if told["format"] != FORMAT or told["desk"] != desk:
            raise ValueError("it is for another desk, or of another kind")
        known: dict[str, Known] = {name: read_known(one) for name, one in told["known"].items()}
        then = {name: float(told["clock"][name]) for name in ("desk", "wall")}
        moment(then["desk"])  # of no calendar, it would be the time here until the desk tells another
        newest = max((one.as_of for one in known.values()), default=0.0)
        if newest > then["desk"] + 1:
            raise ValueError("it holds answers from after it was written")
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as fault:
        logger.warning("The stored answers are left alone: %s", fault)
        return
    if not clock.go_on_from(**then):
        logger.warning("The clock was set back since the answers were stored, so that nobody can tell their age.")
        return
    shelf.take(known)
