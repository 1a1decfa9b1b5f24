"""Markets: sets of countries, and from when until when a thing is sold or provided in them.

Whatever takes a thing away from somebody who has it is a lowering: it needs a reason and a second person, on every
path. What it does to whom is worked out before it is done (`queries/markets.py`), with the rows held.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from catalog.domain.availability import Limit, Place, limited_since, windows_in
from catalog.domain.countries import NoCountry, country_codes
from catalog.domain.window import Window
from catalog.domain.withdrawal import Lifting, Setting, read_proposal
from catalog.models import Feature, Market, MarketWindow, Plan
from catalog.models.market import MarketUse
from catalog.queries.markets import (
    Effect,
    Thing,
    effect_of_lifting,
    effect_of_setting,
    limits_of,
    places_of,
    thing_of,
    windows_token,
)
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, NeedsSecondPerson, Refusal, Stale
from journal.models import Approval

CHANGE, APPROVE = "catalog.change_market", "catalog.approve_publication"
WITHDRAWAL = "market_withdrawal"


@transaction.atomic
def create_market(*, key: str, name: str, countries: Iterable[str], by: Actor, at: datetime) -> Market:
    """A market was named, with the countries it is made of."""
    by.require(CHANGE)
    if Market.objects.filter(key=key).exists():
        raise Invalid(f"There is already a market with the key {key}. Choose another key.", field="key")
    codes = _known(countries)
    deed = begin(by=by, at=at)
    market = keep(Market(key=key, name=name.strip(), countries=codes), deed=deed)
    record(deed, "market:create", subject=market, changes={"countries": (None, codes)})
    return market


@transaction.atomic
def edit_market(
    *,
    market: Market,
    name: str,
    countries: Iterable[str],
    seen: tuple[str, list[str]],
    by: Actor,
    at: datetime,
    reason: str = "",
) -> Market:
    """A market was renamed, or is made of other countries from now on; accounts keep the market they have.

    `seen` is the name and the countries the form was opened with: what somebody else changed since isn't overwritten.
    """
    by.require(CHANGE)
    held = Market.objects.select_for_update().get(pk=market.pk)
    if (held.name, held.countries) != (seen[0], list(seen[1])):
        raise Stale()
    codes = _known(countries)
    changes = {"name": (held.name, name.strip()), "countries": (held.countries, codes)}
    changes = {field: pair for field, pair in changes.items() if pair[0] != pair[1]}
    if not changes:
        return held
    deed = begin(by=by, at=at)
    held.name, held.countries = name.strip(), codes
    keep(held, deed=deed)
    record(deed, "market:edit", subject=held, reason=reason, changes=changes)
    return held


@transaction.atomic
def launch(
    *,
    market: Market | None,
    thing: Thing,
    uses: Collection[MarketUse],
    starts_at: datetime | None,
    ends_at: datetime | None,
    by: Actor,
    at: datetime,
    reason: str = "",
    approval: Approval | None = None,
    seen: str | None = None,
    but: Market | None = None,
) -> list[MarketWindow]:
    """A thing was launched in a market: sold there, provided there, or both, from an instant on; all of it or nothing.

    `seen` is the token of the windows that the form, or the one who asked, had before their eyes. `but`: not in a
    market, but in every other one that there is by now.
    """
    _refuse_unseen(_held(thing), seen)
    told: dict[str, Any] = {"by": by, "at": at, "reason": reason, "approval": approval}
    where: dict[str, Any] = {"market": market, "but": but, "thing": thing, "starts_at": starts_at, "ends_at": ends_at}
    if not uses:
        raise Invalid("Choose whether it is sold there, provided there, or both.", field="uses")
    return [set_window(use=use, **where, **told) for use in MarketUse if use in uses]


@transaction.atomic
def set_window(
    *,
    market: Market | None,
    thing: Thing,
    use: MarketUse,
    starts_at: datetime | None,
    ends_at: datetime | None,
    by: Actor,
    at: datetime,
    reason: str = "",
    approval: Approval | None = None,
    but: Market | None = None,
) -> MarketWindow:
    """From when until when a plan or a feature is sold, or provided, in a market (or everywhere) was set.

    It takes the place of the window that stands there. No start means from now on. `but`: in every market but this
    one, a window each, of which the last is given back.
    """
    by.require(CHANGE if approval is None else APPROVE)
    thing = _held(thing)
    window = window_ahead(starts_at, ends_at, at=at)
    _refuse_place(thing, use, market, but, at=at)
    effect = effect_of_setting(thing, market=market, use=use, window=window, at=at, but=but)
    asked = _asked(approval, thing, at=at)
    place, left_out = (None if one is None else one.pk for one in (market, but))
    edges = Window(starts_at, ends_at)
    covered = isinstance(asked, Setting) and asked.covers(market=place, but=left_out, use=use, window=edges)
    _refuse_to_take_away(thing, effect, reason=reason, approval=approval, approved=covered)
    deed = begin(by=by, at=at)
    rows = _keep(effect, thing, deed=deed)
    for one in places_of(market, but):
        standing = [limit for limit in effect.before if limit.market == one and not limit.over(at)]
        row = rows[one]
        changes = {"window": (_edges(standing[0]) if standing else None, [row.starts_at, row.ends_at])}
        record(deed, "market_window:set", subject=row, reason=reason, changes=changes)
    return row


@transaction.atomic
def lift_window(
    *,
    window: MarketWindow,
    by: Actor,
    at: datetime,
    reason: str = "",
    approval: Approval | None = None,
    seen: str | None = None,
) -> None:
    """A window in a market was lifted: one that has begun ends now, one still to come is struck."""
    by.require(CHANGE if approval is None else APPROVE)
    thing = _held(thing_of(window))
    _refuse_unseen(thing, seen)
    held = MarketWindow.objects.select_related("market", "plan", "feature").filter(pk=window.pk).first()
    if held is None:
        raise Stale("Someone else struck this window since you opened it; nothing was changed.")
    if held.ends_at is not None and held.ends_at <= at:
        raise Refusal(f"{held} is over already; the past doesn't change.")
    effect = effect_of_lifting(held, at=at)
    approved = _asked(approval, thing, at=at) == Lifting(held.pk)
    _refuse_to_take_away(thing, effect, reason=reason, approval=approval, approved=approved)
    deed = begin(by=by, at=at)
    begun = held.starts_at is None or held.starts_at < at
    changes = {"window": ([held.starts_at, held.ends_at], [held.starts_at, at] if begun else None)}
    record(deed, "market_window:lift", subject=held, reason=reason, changes=changes)
    _keep(effect, thing, deed=deed)


def _known(countries: Iterable[str]) -> list[str]:
    try:
        codes = country_codes(countries)
    except NoCountry as unknown:
        raise Invalid(str(unknown), field="countries") from None
    if not codes:
        raise Invalid("A market needs at least one country, for example NL, DE, FR.", field="countries")
    return codes


def _held(thing: Thing) -> Thing:
    """The thing's row is the queue in which two people who set its windows at once stand."""
    if isinstance(thing, Plan):
        return Plan.objects.select_for_update().get(pk=thing.pk)
    return Feature.objects.select_for_update().get(pk=thing.pk)


def _refuse_unseen(thing: Thing, seen: str | None) -> None:
    if seen is not None and seen != windows_token(thing):
        raise Stale(f"Where {thing} is sold or provided has changed since you looked. Look again, then decide.")


def window_ahead(starts_at: datetime | None, ends_at: datetime | None, *, at: datetime) -> Window:
    """The window from now or later on; the past is refused."""
    for field, edge in (("starts_at", starts_at), ("ends_at", ends_at)):
        if edge is not None and edge < at:
            raise Invalid("That moment has passed; choose now or one that is still to come.", field=field)
    if ends_at is not None and ends_at <= (starts_at or at):
        raise Invalid("It has to end after it starts. To end one now, lift it.", field="ends_at")
    return Window(starts_at or at, ends_at)


def _asked(approval: Approval | None, thing: Thing, *, at: datetime) -> Setting | Lifting | None:
    """What was approved for this thing at this very moment: an approval takes effect as it is given, and once."""
    if approval is None or approval.kind != WITHDRAWAL or approval.state != Approval.State.APPROVED:
        return None
    if approval.decided_at != at:
        return None
    if (approval.subject_type, approval.subject_key) != (thing._meta.model_name, str(thing.pk)):
        return None
    return read_proposal(approval.payload)


def _refuse_place(thing: Thing, use: MarketUse, market: Market | None, but: Market | None, *, at: datetime) -> None:
    """Everywhere, where nothing limits it; or everywhere but where it would stay by a window of its own."""
    limits = limits_of(thing, use=use)
    limited = limited_since(limits) is not None
    if but is None:
        if market is None and not limited:
            raise Refusal(f"{thing} is {use} everywhere already: nothing limits it.")
        return
    if not places_of(market, but):
        raise Invalid(f"There is no market except {but}. Name the others first.", field="market")
    if limited and any(window.end is None or window.end > at for window in windows_in(limits, market=but.pk)):
        raise Invalid(f"{thing} is {use} in {but} by a window that stands. Withdraw that one instead.", field="market")


def _refuse_to_take_away(
    thing: Thing, effect: Effect, *, reason: str, approval: Approval | None, approved: bool
) -> None:
    if not effect.lowers:
        return
    if not reason.strip():
        raise Invalid(f"This takes {thing} away from those who have it. Say why.", field="reason")
    if not approved and approval is not None:
        raise NeedsSecondPerson(
            f"The approval is not for this: what was approved about {approval.subject_label} is not what is to be done."
        )
    if not approved:
        raise NeedsSecondPerson(
            f"This takes {thing} away from those who have it, so a second person has to approve it."
        )


def _keep(effect: Effect, thing: Thing, *, deed: Deed) -> dict[Place, MarketWindow]:
    """Write what the decision leaves: strike what is gone, cut or move what stands, add what is new. By place, the last."""
    rows = {row.pk: row for row in MarketWindow.objects.filter(pk__in=[one.id for one in effect.before])}
    left = {one.id for one in effect.after}
    for one in effect.before:
        if one.id not in left:
            remove(rows[one.id or 0], deed=deed)
    written: dict[Place, MarketWindow] = {}
    for limit in effect.after:
        if limit not in effect.before:
            about = {"plan": thing} if isinstance(thing, Plan) else {"feature": thing}
            row = rows.get(limit.id or 0) or MarketWindow(use=effect.use, **about)
            row.market_id, row.limits_from = limit.market, limit.since
            row.starts_at, row.ends_at = limit.window.start, limit.window.end
            written[limit.market] = keep(row, deed=deed)
    return written


def _edges(limit: Limit) -> list[datetime | None]:
    return [limit.window.start, limit.window.end]
