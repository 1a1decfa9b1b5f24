"""Telling whoever listens: at least once, many at a time, in no promised order, again after a failure, for a day."""

import json
import random
from collections.abc import Callable
from itertools import groupby

from tests.fakes.hubspot import signing
from tests.fakes.hubspot.clock import SECOND
from tests.fakes.hubspot.events import App, Notice
from tests.fakes.hubspot.state import State
from tests.fakes.pushing import Manner, going, posted, wait


def deliver(state: State, manner: Manner, drawn: random.Random, signs_at: Callable[[], float]) -> list[Notice]:
    """One round over all that is due: what was tried, in the order in which it was."""

    def later(one: Notice) -> None:
        one.due = state.clock.now() + manner.delay_seconds * SECOND

    with state.lock:
        now = state.clock.now()
        due = [one for one in state.notices if not one.settled and one.due <= now]
        due = going(due, manner, drawn, known=lambda one: (one.event, one.type), put_off=later)
    for key, group in groupby(sorted(due, key=lambda one: one.app), key=lambda one: one.app):
        told = list(group)
        for start in range(0, len(told), state.settings.batch_of_events):
            _attempt(state, state.apps[key], told[start : start + state.settings.batch_of_events], signs_at)
    return due


def _attempt(state: State, app: App, told: list[Notice], signs_at: Callable[[], float]) -> None:
    with state.lock:
        body = json.dumps([one.event | {"attemptNumber": len(one.attempts)} for one in told]).encode()
        at = round(signs_at() * SECOND)
    signed = signing.headers(app.secret, "POST", app.signed_as or app.url, body, at)
    said = {"Content-Type": "application/json", "User-Agent": "HubSpot Connect 2.0 (http://dev.hubspot.com/)"}
    status, _ = posted(app.url, body, said | signed | {"Connection": "close"})
    with state.lock:
        for one in {id(one): one for one in told}.values():
            one.attempts.append(status)
            _plan(state, one)


def _plan(state: State, one: Notice) -> None:
    if one.delivered:
        return
    seconds = wait(one.attempts, state.settings.delivery_retries)
    if seconds is None:
        one.given_up = True
    else:
        one.due = state.clock.now() + seconds * SECOND
