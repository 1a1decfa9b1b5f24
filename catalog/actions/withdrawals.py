"""Taking something away from a market with a second pair of eyes: one person asks, another decides."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.actions.markets import CHANGE, WITHDRAWAL, launch, lift_window, window_ahead
from catalog.domain.window import Window
from catalog.domain.withdrawal import Lifting, Setting, read_proposal
from catalog.models import Feature, Market, MarketWindow, Plan
from catalog.models.market import MarketUse
from catalog.queries.markets import (
    Effect,
    Thing,
    effect_of_lifting,
    effect_of_setting,
    say_accounts,
    say_effect,
    say_place,
    thing_of,
    windows_token,
)
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Approval


@transaction.atomic
def request_setting(
    *,
    market: Market | None,
    thing: Thing,
    uses: Collection[MarketUse],
    starts_at: datetime | None,
    ends_at: datetime | None,
    reason: str,
    by: Actor,
    at: datetime,
    zone: str = "UTC",
    but: Market | None = None,
) -> Approval:
    """Asked that a window be set which takes something away from those who have it.

    `zone` is the one in which the request says its instants, by name.
    """
    window = window_ahead(starts_at, ends_at, at=at)
    effects = [
        effect_of_setting(thing, market=market, use=use, window=window, at=at, but=but)
        for use in MarketUse
        if use in uses
    ]
    place, left_out = (None if one is None else one.pk for one in (market, but))
    asked = Setting(place, tuple(sorted(uses)), Window(starts_at, ends_at), left_out)
    summary = _say(thing, say_place(market, but), effects, zone, at)
    return _request(thing, asked, effects, summary=summary, reason=reason, by=by, at=at)


@transaction.atomic
def request_lifting(*, window: MarketWindow, reason: str, by: Actor, at: datetime, zone: str = "UTC") -> Approval:
    """Asked that a window be lifted which others rely on."""
    thing, effect = thing_of(window), effect_of_lifting(window, at=at)
    summary = _say(thing, say_place(window.market), [effect], zone, at)
    return _request(thing, Lifting(window.pk), [effect], summary=summary, reason=reason, by=by, at=at)


def _request(
    thing: Thing, asked: Setting | Lifting, effects: list[Effect], *, summary: str, reason: str, by: Actor, at: datetime
) -> Approval:
    by.require(CHANGE)
    if not reason.strip():
        raise Invalid(f"This takes {thing} away from those who have it. Say why.", field="reason")
    if not any(effect.lowers for effect in effects):
        raise Refusal("This takes nothing away from anybody, so nobody has to approve it; do it yourself.")
    if waiting := pending_withdrawal(thing):
        raise Refusal(f"{waiting.requested_by_name} has asked for a change of {thing} that waits for approval already.")
    payload = {**asked.spelled(), "seen": windows_token(thing)}
    return approvals.request(
        kind=WITHDRAWAL, subject=thing, summary=summary, payload=payload, reason=reason, by=by, at=at
    )


def pending_withdrawal(thing: Thing) -> Approval | None:
    waiting = Approval.objects.filter(kind=WITHDRAWAL, state=Approval.State.PENDING)
    return waiting.filter(subject_type=thing._meta.model_name, subject_key=str(thing.pk)).first()


def carry_out(*, approval: Approval, by: Actor, at: datetime) -> None:
    """Do what was asked, now that a second person has approved it; unless its windows have changed since."""
    thing, asked = _thing(approval), read_proposal(approval.payload)
    seen = approval.payload["seen"]
    if seen != windows_token(thing):
        raise Stale(f"Where {thing} is sold or provided has changed since this was asked. Reject it and ask again.")
    told: dict[str, Any] = {"by": by, "at": at, "reason": approval.reason, "approval": approval, "seen": seen}
    if isinstance(asked, Lifting):
        lift_window(window=MarketWindow.objects.get(pk=asked.window), **told)
        return
    market, but = (None if pk is None else Market.objects.get(pk=pk) for pk in (asked.market, asked.but))
    edges: dict[str, Any] = {"starts_at": asked.window.start, "ends_at": asked.window.end}
    launch(market=market, but=but, thing=thing, uses=[MarketUse(use) for use in asked.uses], **edges, **told)


def _thing(approval: Approval) -> Thing:
    if approval.subject_type == Plan._meta.model_name:
        return Plan.objects.get(pk=approval.subject_key)
    return Feature.objects.get(pk=approval.subject_key)


def _say(thing: Thing, where: str, effects: list[Effect], zone: str, at: datetime) -> str:
    sentences = [sentence for effect in effects for sentence in say_effect(effect, zone=zone, at=at)]
    return "\n".join(part for part in (f"{thing} {where}:", *sentences, say_accounts(effects, at=at)) if part)
