"""Overrides nobody has kept yet: what was asked, checked as a whole, and refused beside the field at fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from catalog.domain.values import UNLIMITED, Value
from catalog.domain.window import end_through
from catalog.models import Feature
from entitlements.actions.internal import require_end
from entitlements.domain.arithmetic import MODES
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Verdict
from entitlements.domain.resolution import Resolution
from entitlements.models import Account, ContractLine, Loan, Override, ReasonCode, Subscription
from entitlements.models.override import OverrideState
from entitlements.queries.reasons import reason_codes
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, Refusal

FIRST_YEAR, LAST_YEAR = 1970, 2200
PEOPLE = frozenset({ActorKind.STAFF, ActorKind.API_KEY})


@dataclass(frozen=True, slots=True)
class Proposal:
    """An override nobody has kept yet, what the customer has before it, and whether the role may grant it alone."""

    override: Override
    before: Mapping[str, Resolution]
    judged: Verdict


def drafted(
    *,
    account: Account,
    feature: Feature,
    mode: Mode,
    reason: str,
    by: Actor,
    at: datetime,
    value: Value | None = None,
    subscription: Subscription | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    through_on: date | None = None,
    review_on: date | None = None,
    typed_unit: str = "",
    link: str = "",
    reason_code: ReasonCode | None = None,
    loan: Loan | None = None,
    contract_line: ContractLine | None = None,
    follows: Override | None = None,
) -> Override:
    """The override as it would be asked for, unsaved.

    `ends_at` is for an end that was never said as a day. It never starts before `at`. What it follows lends it its
    reason code, retired or not.
    """
    _check_value(feature, mode, value)
    check_day(through_on, field="through_on")
    check_day(review_on, field="review_on")
    override = Override(
        account=account,
        subscription=subscription,
        feature=feature,
        mode=mode,
        unlimited=value is UNLIMITED,
        starts_at=max(starts_at or at, at),
        through_on=through_on,
        zone=account.zone if through_on or ends_at else "",
        ends_at=end_through(through_on, account.zone) if through_on else ends_at,
        review_on=review_on,
        typed_unit=typed_unit,
        reason=reason.strip(),
        reason_code=reason_code,
        link=link,
        requested_at=at,
        requested_by=by.name,
        requested_by_key=by.key,
        requested_as=roles_of(by),
        state=OverrideState.REQUESTED,
        follows=follows,
        loan=loan,
        contract_line=contract_line,
    )
    override.set_value(value, shape=feature.shape)
    _check_window(override)
    _check_reason(override, by=by)
    return override


def roles_of(by: Actor) -> str:
    """The roles somebody asked with, as a row keeps them."""
    return ", ".join(sorted(by.roles))


def _check_value(feature: Feature, mode: Mode, value: Value | None) -> None:
    shape = feature.shape
    if mode not in MODES[shape.nature]:
        raise Refusal(f"{feature} can't be changed in this way.", field="mode")
    if mode is Mode.DENY:
        if value is not None:
            raise Refusal("A denial leaves nothing, so it takes no value. Leave the value empty.", field="value")
        return
    if value is None:
        raise Refusal(f"Say what {feature} becomes.", field="value")
    if not shape.suits(value):
        raise Refusal(f"This is not a value {feature} can have.", field="value")
    if isinstance(value, Decimal) and value < 0:
        raise Refusal(
            "An amount can't be negative. To take something away, deny it or set a highest value.", field="value"
        )


def check_day(day: date | None, *, field: str) -> None:
    """Refuse a day that can only be a slip of the pen; at the very ends of the calendar no zone can say it."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refusal(f"The year {day.year} can't be meant. Choose a day from today to {LAST_YEAR}.", field=field)


def _check_window(override: Override) -> None:
    if override.ends_at is not None and override.ends_at <= override.starts_at:
        raise Refusal("The last day is over already. Choose today or a later day.", field="through_on")
    if override.subscription is None and override.ends_at is None and override.review_on is None:
        raise Refusal("An override for the whole account needs a last day or a day of review.", field="through_on")
    if override.subscription is not None and override.subscription.account_id != override.account_id:
        raise Refusal("That subscription belongs to another customer.", field="subscription")
    require_end(account=override.account, ends_at=override.ends_at)


def _check_reason(override: Override, *, by: Actor) -> None:
    """Why, in words, and which reason of the list: people choose one as soon as there is one to choose."""
    if not override.reason:
        raise Refusal("Give a reason: it is shown wherever this override explains an answer.", field="reason")
    code, old = override.reason_code, override.follows
    if old is None or old.reason_code != code:
        check_reason_code(code, by=by, needed=override.contract_line is None)


def check_reason_code(code: ReasonCode | None, *, by: Actor, needed: bool = True) -> None:
    """Refuse a retired reason, and none where people have to choose one."""
    if code is not None and code.retired_at is not None:
        raise Invalid(f"{code} is no longer used. Choose another reason.", field="reason_code")
    if code is None and needed and by.kind in PEOPLE and reason_codes().exists():
        raise Invalid("Choose a reason from the list: what was given is counted by it.", field="reason_code")
