"""What the reader may do for the customer now: what is most pressing first, the rest one click further.

The table of moves (entitlements/domain/lifecycle.py) says what a subscription's state allows, the role who may do it;
the action behind each page checks both again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from desk.in_view import AccountInView
from entitlements.admin.life.block import BESIDE, PAGES
from entitlements.admin.loans.lend_page import lend_url
from entitlements.domain.facts import Standing
from entitlements.domain.lifecycle import BEFALLING, Move, State, permitted
from entitlements.models.contract import contract_of
from entitlements.queries.billed.guard import biller_of
from entitlements.queries.holdings import HeldSubscription
from entitlements.queries.life.trials import again_open, undo_open

MOST_VISIBLE = 5
MOST_SUBSCRIPTIONS = 3

SELL = "entitlements.start_subscription"
PRESSING = (
    Move.EXTEND_TRIAL,
    Move.UNDO_EXTENSION,
    Move.CONVERT_TRIAL,
    Move.REACTIVATE_TRIAL,
    Move.RESTORE,
    Move.RESUME,
)
USUAL = (Move.CHANGE,)
RARE = (Move.FAIL_PAYMENT, Move.PAUSE, Move.CANCEL)
WORDS = {Move.CHANGE: "Change the plan"}
STANDING_CHANGES = {Standing.OPEN: "Reopen", Standing.SUSPENDED: "Suspend", Standing.CLOSED: "Close"}


@dataclass(frozen=True, slots=True)
class QuickAction:
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class QuickActions:
    """`main` is the most pressing act; what is rarely wanted, or beyond the five in sight, is `further`."""

    main: QuickAction | None
    others: tuple[QuickAction, ...]
    further: tuple[QuickAction, ...]


def quick_actions(view: AccountInView) -> QuickActions:
    moves = _Moves(view)
    acts, rare = list(_usual(view, moves)), list(_rare(view, moves))
    last = list(_standings(view)) if view.standing is Standing.OPEN else []
    if not acts:
        return QuickActions(None, tuple(rare[:MOST_VISIBLE]), (*rare[MOST_VISIBLE:], *last))
    return QuickActions(acts[0], tuple(acts[1:MOST_VISIBLE]), (*acts[MOST_VISIBLE:], *rare, *last))


def _usual(view: AccountInView, moves: "_Moves") -> Iterator[QuickAction]:
    if view.standing is not Standing.OPEN:
        yield from _standings(view)
    yield from moves.among(PRESSING)
    if view.may("entitlements.grant_override"):
        yield _link("Grant an override", "account_override", view)
    yield from moves.among(USUAL)
    if view.may(SELL):
        yield _link("Start a subscription", "subscription_start", view)


def _rare(view: AccountInView, moves: "_Moves") -> Iterator[QuickAction]:
    yield _link("Why may they, or not?", "account_explain", view)
    yield _link("What could they upgrade to?", "account_offers", view)
    compare = reverse("admin:entitlements_compare")
    yield QuickAction("Compare with another account", f"{compare}?left={view.account.key}")
    yield _link("The past, three ways", "account_past", view)
    if view.may("journal.view_auditevent"):
        yield _link("Dispute pack", "account_pack", view)
    if view.may("entitlements.grant_override"):
        yield QuickAction("Lend a plan or a feature", lend_url(account=view.account))
    yield from moves.among(RARE)
    if view.may("entitlements.open_account"):
        yield _link("Edit the account", "account_edit", view)
    if view.may("entitlements.merge_accounts"):
        yield _link("Merge a duplicate", "account_merge", view)


def _standings(view: AccountInView) -> Iterator[QuickAction]:
    if not view.may("entitlements.set_standing"):
        return
    for standing, words in STANDING_CHANGES.items():
        if standing is not view.standing:
            yield _link(words, "account_standing", view, standing.value)


class _Moves:
    """What the states of the newest subscriptions allow; with several of them each button names its own."""

    def __init__(self, view: AccountInView) -> None:
        self.view = view
        self.newest = list(reversed(view.current))[:MOST_SUBSCRIPTIONS]
        self.billed = {held.id for held in self.newest if biller_of(view.rows[held.id])}

    def among(self, moves: tuple[Move, ...]) -> Iterator[QuickAction]:
        for move in moves:
            page, permission = PAGES[move]
            for held in self.newest:
                if self._offered(move, held) and self.view.may(f"entitlements.{permission}"):
                    which = f" ({held.number})" if len(self.newest) > 1 else ""
                    yield _link(f"{WORDS.get(move, move.words)}{which}", page, self.view, held.number)

    def _offered(self, move: Move, held: HeldSubscription) -> bool:
        """Whether the state allows it and it isn't too late; what ends already is not cancelled again."""
        view, state, row = self.view, self.view.states[held.id], self.view.rows[held.id]
        phases = row.phases.all()
        if contract_of(row) is not None and move not in BEFALLING:
            return False
        if held.id in self.billed and move not in BESIDE:
            return False
        match move:
            case Move.CANCEL if held.window.end is not None:
                return False
            case Move.RESTORE if state is State.WINDING_DOWN:
                return False
            case Move.UNDO_EXTENSION if not any(undo_open(phase, at=view.now) for phase in phases):
                return False
            case Move.REACTIVATE_TRIAL if not any(again_open(phase, at=view.now, zone=view.zone) for phase in phases):
                return False
        return permitted(state, move)


def _link(words: str, address: str, view: AccountInView, *more: object) -> QuickAction:
    return QuickAction(words, reverse(f"admin:entitlements_{address}", args=[view.account.key, *more]))
