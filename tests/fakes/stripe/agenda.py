"""What falls due as time goes by, and doing it at the moment at which it was due, earliest first."""

import heapq
from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.stripe import dunning, invoices, lifecycle, schedules, subscriptions
from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.events import emit
from tests.fakes.stripe.state import Row, State

Due = tuple[int, int, Callable[[], Any]]  # when, what comes first of the same moment, what to do
SUBJECTS = ("subscription", "subscription_schedule", "checkout.session")
TOO_OFTEN = 50


def run(state: State, scope: str | None, until: int) -> None:
    """Does all that falls due up to and including `until`, for one test clock or for the account."""
    agenda = Agenda(state, scope, until)
    agenda.find()
    now = state.now({"test_clock": scope})
    while due := agenda.earliest():
        row, (at, rank, deed) = due
        now = max(now, at)  # what was due long ago, as in a schedule of a subscription that rested, is done now
        _stand_at(state, scope, now)
        _once(row, at, rank)
        deed()
        agenda.look(row)
        agenda.look_at_partner(row)
        agenda.find()
    _stand_at(state, scope, until)


class Agenda:
    """What waits, by time; looking at a row again puts its newest date in the place of the former."""

    def __init__(self, state: State, scope: str | None, until: int) -> None:
        self._state, self._scope, self._until = state, scope, until
        self._known: set[str] = set()
        self._newest: dict[str, int] = {}
        self._waiting: list[tuple[int, int, int, Row]] = []
        self._looked = 0

    def look(self, row: Row) -> None:
        self._looked += 1
        self._newest[row["id"]] = self._looked
        due = _next(self._state, row)
        if due and due[0] <= self._until:
            heapq.heappush(self._waiting, (due[0], due[1], self._looked, row))

    def look_at_partner(self, row: Row) -> None:
        """A schedule moves its subscription's dates, and the other way round."""
        for name, kind in (("schedule", "subscription_schedule"), ("subscription", "subscription")):
            partner = self._state.find(kind, row.get(name) or "")
            if partner:
                self.look(partner)

    def earliest(self) -> tuple[Row, Due] | None:
        while self._waiting:
            _, _, looked, row = heapq.heappop(self._waiting)
            due = _next(self._state, row) if looked == self._newest[row["id"]] else None
            if due:
                return row, due
        return None

    def find(self) -> None:
        """Takes in what has been made since the last look."""
        tables = [self._state.tables[kind] for kind in SUBJECTS]
        if len(self._known) == sum(map(len, tables)):
            return
        for table in tables:
            for key, row in list(table.items()):
                if key not in self._known:
                    self._known.add(key)
                    if row.get("test_clock", row.get("_test_clock")) == self._scope:
                        self.look(row)


def _once(row: Row, at: int, rank: int) -> None:
    """What falls due again and again at one moment would never end: that is a fault here."""
    same, count = row.get("_lately", ((0, 0), 0))
    count = count + 1 if same == (at, rank) else 0
    row["_lately"] = ((at, rank), count)
    assert count < TOO_OFTEN, f"{row['id']} is due again and again at {at}"


def _stand_at(state: State, scope: str | None, at: int) -> None:
    if scope:
        state.get("test_helpers.test_clock", scope)["frozen_time"] = at
    else:
        state.clock.hold(at)


def _next(state: State, row: Row) -> Due | None:
    kinds = {"subscription": _of_subscription, "subscription_schedule": _of_schedule, "checkout.session": _of_session}
    return min(kinds[row["object"]](state, row), key=lambda due: due[:2], default=None)


def _of_subscription(state: State, row: Row) -> Iterator[Due]:
    status = row["status"]
    if status == "incomplete":
        yield row["created"] + lifecycle.LAPSES_AFTER, 0, lambda: lifecycle.lapsed(state, row)
    if status not in lifecycle.ENDED:
        yield from _of_life(state, row, status)
    for key in row["_invoices"]:
        yield from _of_invoice(state, state.get("invoice", key))


def _of_life(state: State, row: Row, status: str) -> Iterator[Due]:
    if row["cancel_at"]:
        yield row["cancel_at"], 0, lambda: lifecycle.cancelled(state, row)
    pause = row["pause_collection"]
    if pause and pause["resumes_at"]:
        yield pause["resumes_at"], 1, lambda: _collects_again(state, row)
    if row["pending_update"]:
        yield row["pending_update"]["expires_at"], 1, lambda: _waited_long_enough(state, row)
    if status == "trialing":
        if not row["_warned"]:
            warned = row["trial_end"] - state.settings.trial_warning_days * DAY
            yield max(warned, row["trial_start"]), 1, lambda: subscriptions.told_of_trial(state, row)
        yield row["trial_end"], 3, lambda: lifecycle.trial_over(state, row, row["trial_end"])
    elif status in ("active", "past_due", "unpaid"):
        end = min(one["current_period_end"] for one in row["items"]["data"])
        yield end, 3, lambda: lifecycle.renewed(state, row, end)


def _collects_again(state: State, row: Row) -> None:
    with lifecycle.changing(state, row):
        row["pause_collection"] = None


def _waited_long_enough(state: State, row: Row) -> None:
    invoice = state.get("invoice", row["_pending_invoice"])
    invoices.voided(state, invoice)
    lifecycle.pending_applied(state, row, invoice)


def _of_invoice(state: State, row: Row) -> Iterator[Due]:
    if row["status"] == "draft" and row["auto_advance"] and row["automatically_finalizes_at"]:
        yield row["automatically_finalizes_at"], 4, lambda: lifecycle.finalized(state, row)
    if row["status"] == "open" and row["auto_advance"] and row["next_payment_attempt"]:
        yield row["next_payment_attempt"], 5, lambda: dunning.attempted(state, row)
    if row["status"] == "open" and row["due_date"] and not row.get("_overdue"):
        yield row["due_date"], 5, lambda: _overdue(state, row)


def _overdue(state: State, row: Row) -> None:
    row["_overdue"] = True
    emit(state, "invoice.overdue", row)
    subscription = state.get("subscription", invoices.subscription_of(row))
    if subscription["status"] == "active":
        with lifecycle.changing(state, subscription):
            subscription["status"] = "past_due"


def _of_schedule(state: State, row: Row) -> Iterator[Due]:
    if row["status"] == "not_started":
        yield row["phases"][0]["start_date"], 2, lambda: schedules.entered(state, row, row["phases"][0])
    if row["status"] == "active":
        yield row["current_phase"]["end_date"], 2, lambda: schedules.turned(state, row)


def _of_session(state: State, row: Row) -> Iterator[Due]:
    from tests.fakes.stripe.checkout import expired

    if row["status"] == "open":
        yield row["expires_at"], 0, lambda: expired(state, row)
