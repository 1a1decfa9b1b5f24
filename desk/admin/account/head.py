"""The head of an account's page: what it holds and where each subscription stands, in a few badges."""

from typing import Any

from desk.in_view import AccountInView
from desk.slots import Line
from entitlements.admin.life.block import COLOURS
from entitlements.admin.life.state_words import say_state
from entitlements.admin.wording import STANDING_WORDS, say_weekday
from entitlements.domain.lifecycle import State
from entitlements.models.account import AccountKind, SalesChannel
from entitlements.queries.holdings import HeldSubscription
from support.queries.one_line import cover_in_a_line

MOST_BADGES = 3
KIND_BADGES = {kind.value: kind.words for kind in AccountKind if kind is not AccountKind.CUSTOMER}
COVER_COLOURS = {"with_targets": "on_sale", "no_promised_time": "waiting", "not_covered": "closed"}


def head_of(view: AccountInView) -> dict[str, Any]:
    current = [badge_of(held, view) for held in view.current]
    return {
        "standing": view.standing,
        "standing_words": STANDING_WORDS[view.standing],
        "kind": KIND_BADGES.get(view.account.kind, ""),
        "channel": SalesChannel(view.account.sales_channel).words if view.account.sales_channel else "",
        "badges": current[:MOST_BADGES],
        "more": len(current[MOST_BADGES:]),
        "local_time": say_weekday(view.now, zone=view.zone),
    }


def badge_of(held: HeldSubscription, view: AccountInView) -> dict[str, Any]:
    """ "Team v3 · In trial, 3 days left, through 6 March 2026 (Amsterdam)", of a subscription in force."""
    state = view.states[held.id]
    plans = ", ".join(item.version for item in held.items if item.live and item.is_plan)
    return {
        "held": held,
        "plans": "" if state is State.TRIAL_OVER else plans,  # the words name what it fell back to
        "words": say_state(held, state, at=view.moment.at, zone=view.zone),
        "colour": COLOURS.get(state, state.value),
    }


def cover_line(view: AccountInView) -> Line | None:
    """Whether support owes the customer help now, and how fast."""
    if not view.moment.now or view.facts is None:
        return None
    cover = cover_in_a_line(account=view.account, facts=view.facts, at=view.now)
    return Line("Support", cover.words, colour=COVER_COLOURS[cover.state], why=cover.why)
