"""The part of an account's page about its subscriptions: where each stands, what is to come, what may be done.

The buttons are those that the table of moves names for the state (domain/lifecycle.py), by the permission that each
needs; the page shows those the reader's role has, and each action checks again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from catalog.queries.instants import say_instant
from entitlements.admin.contracts.pages import contract_url
from entitlements.admin.life.item_words import say_item
from entitlements.admin.life.state_words import say_ahead, say_state
from entitlements.admin.moments import AskedMoment
from entitlements.admin.wording import say_after_trial, say_left, say_start
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import BEFALLING, PERMITTED, Move, State
from entitlements.models import Account, Subscription
from entitlements.models.contract import contract_of
from entitlements.queries.billed.guard import biller_of
from entitlements.queries.holdings import HeldSubscription, holdings
from entitlements.queries.life.after_trial import after_trial
from entitlements.queries.life.planned import STATE_WORDS, PlannedChange, changes_of, pending_cancellation
from entitlements.queries.life.renewal_ahead import renewal_ahead
from entitlements.queries.life.trials import again_open, undo_open

NEWEST = 5
# Of each move: the page that asks, and the permission; what only an action or a program does has no page.
PAGES: Mapping[Move, tuple[str, str]] = {
    Move.UNDO_EXTENSION: ("trial_undo", "extend_trial"),
    Move.EXTEND_TRIAL: ("trial_extend", "extend_trial"),
    Move.REACTIVATE_TRIAL: ("trial_reactivate", "extend_trial"),
    Move.CONVERT_TRIAL: ("trial_convert", "convert_trial"),
    Move.RESTORE: ("payment_came", "record_payment"),
    Move.RESUME: ("subscription_resume", "start_subscription"),
    Move.KEEP: ("subscription_keep", "start_subscription"),
    Move.CHANGE: ("subscription_change", "start_subscription"),
    Move.FAIL_PAYMENT: ("payment_failed", "record_payment"),
    Move.PAUSE: ("subscription_pause", "start_subscription"),
    Move.CANCEL: ("subscription_cancel", "start_subscription"),
}
# What is done here of what a connected system bills; all else is changed there (queries/billed/guard.py).
BESIDE = {Move.UNDO_EXTENSION, Move.EXTEND_TRIAL, Move.REACTIVATE_TRIAL, Move.CONVERT_TRIAL, Move.CHANGE}
COLOURS = {State.PAST_DUE: "closed", State.TRIAL_OVER: "lapsed"}


@dataclass(frozen=True, slots=True)
class ButtonOf:
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """One subscription as the page shows it; `buttons` by the permission they need.

    `contract` leads to the contract that alone changes what the subscription holds.
    """

    held: HeldSubscription
    state: State
    words: str
    since: str
    after: str
    items: tuple[tuple[Any, str], ...]
    period: str = ""
    renews: str = ""
    to_come: tuple[dict[str, Any], ...] = ()
    buttons: Mapping[str, list[ButtonOf]] = field(default_factory=dict)
    contract: ButtonOf | None = None
    biller: str = ""

    @property
    def colour(self) -> str:
        return COLOURS.get(self.state, self.state.value)

    @property
    def over(self) -> bool:
        return self.state is State.ENDED


def subscriptions_block(account: Account, *, moment: AskedMoment) -> dict[str, Any]:
    """Every subscription as it stood at the moment; what is to come and may be done only for now."""
    held = holdings(account_ids=[account.pk], at=moment.at, known_at=moment.known_at)[account.pk]
    if not moment.now:
        lines = [_line(one, one.state, account, moment) for one in held]
        return {"lines": lines, "over": [], "decided": [], "now": False}
    rows = {
        row.pk: row for row in account.subscriptions.select_related("account", "contract").prefetch_related("phases")
    }
    changes = changes_of(account=account, at=moment.at)
    lines = [_line_now(one, rows[one.id], account, changes, moment) for one in held]
    return {
        "lines": [line for line in lines if not line.over],
        "over": [line for line in lines if line.over],
        "decided": [_decided(one, account) for one in changes if not one.to_come][:NEWEST],
        "now": True,
    }


def _line(held: HeldSubscription, state: State, account: Account, moment: AskedMoment, **more: Any) -> SubscriptionLine:
    return SubscriptionLine(
        held=held,
        state=state,
        words=say_state(held, state, at=moment.at, zone=account.zone),
        since=say_start(held, zone=account.zone),
        items=tuple((item, say_item(item, at=moment.at, zone=account.zone)) for item in held.items),
        **({"after": say_after_trial(held) if held.in_trial else ""} | more),
    )


def _line_now(
    held: HeldSubscription,
    row: Subscription,
    account: Account,
    changes: Collection[PlannedChange],
    moment: AskedMoment,
) -> SubscriptionLine:
    state, at, zone = held.state, moment.at, account.zone
    if state is State.ENDED:
        return _line(held, state, account, moment)
    cancelled, biller = pending_cancellation(row, at=at) is not None, biller_of(row)
    own = [one for one in changes if one.to_come and one.row.subscription_id == row.pk]
    return _line(
        held,
        state,
        account,
        moment,
        after=say_after_trial(held, after_trial(row, at=at), zone=zone) if held.in_trial else "",
        period=_period(row, at=at, zone=zone),
        renews="" if state is State.TRIAL else _renewal(row, at=at, zone=zone),
        to_come=tuple(_to_come(one, account, at=at) for one in sorted(own, key=lambda one: one.row.effective_at)),
        buttons=_buttons(row, state, account, biller=biller, cancelled=cancelled, at=at),
        contract=_contract(row),
        biller=biller,
    )


def _contract(row: Subscription) -> ButtonOf | None:
    contract = contract_of(row)
    return None if contract is None else ButtonOf(contract.key, contract_url(contract))


def _period(row: Subscription, *, at: datetime, zone: str) -> str:
    """The recorded period the moment lies in; nothing where none is recorded."""
    period = row.billing_periods.filter(starts_at__lte=at, ends_at__gt=at).first()
    if period is None:
        return ""
    return f"{say_instant(period.starts_at, zone=zone)} to {say_instant(period.ends_at, zone=zone)}"


def _renewal(row: Subscription, *, at: datetime, zone: str) -> str:
    renewal = renewal_ahead(row, at=at)
    return "" if renewal is None else f"{say_instant(renewal, zone=zone)}, {say_ahead(renewal, at=at, zone=zone)}"


def _to_come(one: PlannedChange, account: Account, *, at: datetime) -> dict[str, Any]:
    when = one.row.effective_at
    return {
        "words": one.words,
        "when": say_instant(when, zone=account.zone),
        "ahead": say_ahead(when, at=at, zone=account.zone),
        "by": one.row.recorded_by,
        "move": _address("change_move", account, one.row.pk),
        "call_off": _address("change_cancel", account, one.row.pk),
    }


def _decided(one: PlannedChange, account: Account) -> dict[str, Any]:
    return {
        "words": one.words,
        "state": STATE_WORDS[one.state],
        "when": say_instant(one.row.effective_at, zone=account.zone),
        "number": one.row.subscription.number,
    }


def _buttons(
    row: Subscription, state: State, account: Account, *, biller: str, cancelled: bool, at: datetime
) -> Mapping[str, list[ButtonOf]]:
    found: dict[str, list[ButtonOf]] = defaultdict(list)
    for move, (page, permission) in PAGES.items():
        if biller and move not in BESIDE:
            continue
        if move in PERMITTED[state] and _has_a_sense(move, row, state, cancelled=cancelled, at=at):
            found[permission].append(ButtonOf(_say_move(move, row, at=at), _address(page, account, row.number)))
    return dict(found)


def _say_move(move: Move, row: Subscription, *, at: datetime) -> str:
    """ "Undo the extension (7 minutes left)"; others as the table says them."""
    left = [until for phase in row.phases.all() if (until := undo_open(phase, at=at))]
    return f"{move.words} ({say_left(left[0], at=at)})" if move is Move.UNDO_EXTENSION and left else move.words


def _has_a_sense(move: Move, row: Subscription, state: State, *, cancelled: bool, at: datetime) -> bool:
    """What the state permits, but would be refused for what else is known."""
    if contract_of(row) is not None and move not in BEFALLING:
        return False
    match move:
        case Move.KEEP:
            return cancelled
        case Move.CANCEL:
            return not cancelled
        case Move.UNDO_EXTENSION:
            return any(undo_open(phase, at=at) for phase in row.phases.all())
        case Move.REACTIVATE_TRIAL:
            return any(again_open(phase, at=at, zone=row.account.zone) for phase in row.phases.all())
        case Move.RESTORE if state is State.WINDING_DOWN:
            return any(phase.phase == Phase.GRACE and phase.restored_at is None for phase in row.phases.all())
    return True


def _address(page: str, account: Account, number: int) -> str:
    return reverse(f"admin:entitlements_{page}", args=[account.key, number])
