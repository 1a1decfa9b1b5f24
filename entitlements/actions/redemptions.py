"""Redeeming promotional codes: a code becomes a dated item or override of one customer (C3).

What a code gives is approved by whoever made it, so no concession policy is asked: the guard is who may make codes.

- **An add-on** is an item of the customer's subscription, lent for the code's days: a trial that lapses meanwhile
  leaves it.
- **An override** holds for the whole account, for the code's days.
- **A trial of a plan** depends on the customer. Who has a subscription that gives something gets the plan *lent* beside
  it: it can only add, and it ends by itself without touching what is paid for. Who has none is a prospect, and gets a
  trial subscription, which can be extended and converted and ends by the plan's own rule (E4).

Days are calendar days in the customer's zone, from this moment to the same wall clock, as for every trial.

**The limit is exact**: the account's row and then the code's row are held while its redemptions are counted and the new
one is written, so that of two customers who use the last one at once, one is refused. What was taken back gives its
place back. On a code used by one customer at a time, the same request sent twice is refused the second time.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.domain.promotions import CodeFacts, UnknownCode, check_code
from catalog.domain.window import add_days
from catalog.models import PromoCode
from catalog.models.offer import Gift
from catalog.queries.promotions import find_code, given_value, redeemed, say_gift, window_of
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import journal_changes
from entitlements.actions.items import cut_short
from entitlements.actions.locking import lock_account
from entitlements.actions.override_drafts import roles_of
from entitlements.actions.sales import check_sale, sell_item
from entitlements.actions.subscriptions import begin_trial, open_subscription
from entitlements.domain.facts import Standing
from entitlements.domain.lending import Hosting
from entitlements.models import Account, Override, Redemption, Subscription, SubscriptionItem
from entitlements.models.override import OverrideState
from entitlements.queries.holdings import HeldSubscription, holdings, standings
from entitlements.queries.life.hosts import host_of
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale

PERMISSION = "entitlements.redeem_code"
SCOPE = "redemptions:write"


class NothingToAddTo(Refusal):
    """The customer has no subscription that could carry what the code gives."""

    code = "nothing_to_add_to"


class HasItAlready(Refusal):
    """The code would give nothing that the customer doesn't have."""

    code = "has_it_already"


@dataclass(frozen=True, slots=True)
class Offered:
    """What a code would give this customer now. Exactly one of the three ways: an override, a host, or a new trial."""

    code: PromoCode
    ends_at: datetime
    host: Subscription | None = None
    override: Override | None = None

    @property
    def opens_trial(self) -> bool:
        return self.host is None and self.override is None


@transaction.atomic
def redeem(*, account: Account, code: str, by: Actor, at: datetime) -> Redemption:
    """Redeemed a promotional code for a customer: what it gives begins now and ends by itself."""
    if not by.may(SCOPE):
        by.require(PERMISSION)
    account = lock_account(account.pk)
    known = _known(code)
    PromoCode.objects.select_for_update().get(pk=known.pk)
    offered = look_at(account=account, code=code, by=by, at=at)
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    item = None if offered.override is not None else _item(account, offered, deed=deed)
    override = None if offered.override is None else keep(offered.override, deed=deed)
    used = Redemption(code=offered.code, account=account, redeemed_at=at, item=item, override=override)
    keep(used, deed=deed)
    event = record(
        deed,
        "promo_code:redeem",
        subject=used,
        account_key=account.key,
        changes={offered.code.code: [None, say_gift(offered.code)], "ends_at": [None, offered.ends_at.isoformat()]},
    )
    journal_changes(account=account, before=before, at=at, cause=f"{origin_of(offered.code)} was redeemed", event=event)
    return used


def look_at(*, account: Account, code: str, by: Actor, at: datetime) -> Offered:
    """What redeeming would give, refused for the same reasons; nothing is written."""
    row = _known(code)
    if standings(account_ids=[account.pk], at=at)[account.pk] is not Standing.OPEN:
        raise Refusal(f"{account} is suspended or closed, so the code would give nothing. Reopen it first.")
    market = None if account.market is None else account.market.key
    check_code(_facts(row, account), market=market, at=at, zone=account.zone)
    ends_at = add_days(at, row.days, account.zone)
    match row.gives:
        case Gift.OVERRIDE:
            return Offered(row, ends_at, override=_override(row, account, ends_at=ends_at, by=by, at=at))
        case Gift.ADD_ON:
            host = _host(account, at=at)
            if host is None:
                raise NothingToAddTo(f"{row.plan} is an add-on, and {account} has no subscription to add it to.")
        case _:
            _refuse_held(row, account, at=at)
            host = _host(account, at=at)
    assert row.plan is not None  # the database says so
    begins = host or Subscription(account=account, starts_at=at)
    check_sale(begins, row.plan, quantity=row.quantity, starts_at=at, at=at)
    return Offered(row, ends_at, host=host)


def origin_of(code: PromoCode) -> str:
    return f"Promotional code {code.code}"


def _known(text: str) -> PromoCode:
    row = find_code(text)
    if row is None:
        raise UnknownCode(f"No code is spelled “{text.strip()[:60]}”. Check it letter by letter.", field="code")
    return row


def _facts(row: PromoCode, account: Account) -> CodeFacts:
    own = Q(code__campaign=row.campaign) if row.campaign else Q(code=row)
    mine = Redemption.objects.filter(own, account=account, revoked_at__isnull=True).count()
    return CodeFacts(
        code=row.code,
        window=window_of(row),
        stopped_at=row.stopped_at,
        market=None if row.market is None else row.market.key,
        market_name="" if row.market is None else row.market.name,
        most=row.max_redemptions,
        most_per_account=row.max_per_account,
        used=redeemed(row),
        used_by_account=mine,
        campaign=row.campaign,
    )


def _override(row: PromoCode, account: Account, *, ends_at: datetime, by: Actor, at: datetime) -> Override:
    """Approved by the code: who asked is whoever redeems it, who approved is said by its name."""
    assert row.feature is not None  # the database says so
    override = Override(
        account=account,
        feature=row.feature,
        mode=row.mode,
        unlimited=row.unlimited,
        starts_at=at,
        ends_at=ends_at,
        zone=account.zone,
        typed_unit=row.typed_unit,
        reason=origin_of(row),
        state=OverrideState.APPROVED,
        requested_at=at,
        requested_by=by.name,
        requested_by_key=by.key,
        requested_as=roles_of(by),
        approved_at=at,
        approved_by=origin_of(row),
    )
    override.set_value(given_value(row), shape=row.feature.shape)
    return override


def _refuse_held(row: PromoCode, account: Account, *, at: datetime) -> None:
    held = SubscriptionItem.objects.filter(subscription__account=account, plan=row.plan, lent=False)
    running = {found.id for found in _held(account, at=at) if found.live and found.plans}
    if any(item.window.contains(at) for item in held.filter(subscription__in=running)):
        raise HasItAlready(f"{account} has {row.plan} already, so a trial of it would give nothing.")


def _host(account: Account, *, at: datetime) -> Subscription | None:
    """The first subscription that gives something; None where there is none, and a refusal where it only waits."""
    hosting, host = host_of(account, at=at)
    if host is not None and hosting is not Hosting.GIVING:
        why = f"Subscription {host.number} is {hosting.value}"
        raise NothingToAddTo(f"{why}, so the code would give nothing while it lasts.")
    return host


def _held(account: Account, *, at: datetime) -> tuple[HeldSubscription, ...]:
    return holdings(account_ids=[account.pk], at=at)[account.pk]


def _item(account: Account, offered: Offered, *, deed: Deed) -> SubscriptionItem:
    code, host = offered.code, offered.host
    assert code.plan is not None  # the database says so
    if host is None:
        trial = open_subscription(account, starts_at=deed.at, deed=deed)
        item = sell_item(trial, code.plan, quantity=1, starts_at=deed.at, origin=origin_of(code), deed=deed)
        begin_trial(trial, days=code.days, deed=deed)
        return item
    return sell_item(
        host,
        code.plan,
        quantity=code.quantity,
        starts_at=deed.at,
        ends_at=offered.ends_at,
        lent=True,
        origin=origin_of(code),
        deed=deed,
    )


@transaction.atomic
def revoke_redemption(*, redemption: Redemption, reason: str, by: Actor, at: datetime) -> Redemption:
    """Took back what a promotional code gave; its place is free again."""
    by.require("entitlements.revoke_redemption")
    account = lock_account(redemption.account_id)
    row = Redemption.objects.select_related("code", "item__subscription", "override").get(pk=redemption.pk)
    if row.revoked_at is not None:
        raise Stale(f"{row.revoked_by} has taken it back already.")
    if not reason.strip():
        raise Invalid("Say why: the customer will ask.", field="reason")
    before = answers_before(account=account, at=at)
    deed = begin(by=by, at=at)
    _end_gift(row, deed=deed)
    row.revoked_at, row.revoked_by = at, by.name
    keep(row, deed=deed)
    event = record(
        deed,
        "promo_code:take_back",
        subject=row,
        account_key=account.key,
        reason=reason,
        changes={row.code.code: [say_gift(row.code), None]},
    )
    journal_changes(account=account, before=before, at=at, cause=f"{origin_of(row.code)} was taken back", event=event)
    return row


def _end_gift(row: Redemption, *, deed: Deed) -> None:
    """End what it gave; what had ended by itself, or was revoked before, stays as it is."""
    if row.override is not None and row.override.revoked_at is None:
        if row.override.ends_at is None or row.override.ends_at > deed.at:
            row.override.revoked_at, row.override.revoked_by = deed.at, deed.by.name
            keep(row.override, deed=deed)
    elif row.item is not None and (row.item.ends_at is None or row.item.ends_at > deed.at):
        cut_short(row.item, deed.at, deed=deed)
