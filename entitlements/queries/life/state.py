"""Where a subscription stands in its life, and the refusal of what may not be done with it there."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from catalog.domain.values import PlanKind
from catalog.domain.window import Window
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import Life, Move, State, Stretch, permitted, state_at
from entitlements.models import Subscription
from entitlements.models.lapsing import lapse_of
from journal.domain.refusal import Refusal


class NotPermitted(Refusal):
    """Where the subscription stands in its life, this can't be done with it."""

    code = "move_not_permitted"


def life_of(subscription: Subscription) -> Life:
    """The dates of a subscription, as known now."""
    phases = list(subscription.phases.all())
    lapse = lapse_of(subscription, phases=phases)
    bought = None
    if lapse is not None:
        sold = subscription.items.filter(plan__kind=PlanKind.PLAN, lent=False, follows=None, starts_at__gte=lapse)
        bought = sold.order_by("starts_at").values_list("starts_at", flat=True).first()
    return life_from(subscription, phases, bought_at=bought)


def life_from(subscription: Any, phases: Iterable[Any], *, bought_at: datetime | None) -> Life:
    """The same from rows at hand, today's or those history had."""
    rows = list(phases)
    return Life(
        starts_at=subscription.starts_at,
        ends_at=subscription.ends_at,
        converted_at=subscription.converted_at,
        with_card=any(row.with_card for row in rows),
        phases=tuple(Stretch(Phase(row.phase), Window(row.starts_at, row.ends_at), row.restored_at) for row in rows),
        bought_at=bought_at,
    )


def state_of(subscription: Subscription, *, at: datetime) -> State:
    return state_at(life_of(subscription), at=at)


def require_move(subscription: Subscription, move: Move, *, at: datetime) -> State:
    """The state it is in, or the refusal that there the move isn't permitted."""
    state = state_of(subscription, at=at)
    if not permitted(state, move):
        raise NotPermitted(f"Subscription {subscription.number} {state.said}, so {move.refused}.")
    return state
