"""Promotional codes: what each gives, for how long, how often and where. Whoever makes a code approves what it gives."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from catalog.domain.promotions import (
    DRAWN,
    GIVING_MODES,
    LONGEST_CODE,
    MOST_CODES,
    MOST_DAYS,
    code_key,
    drawn_code,
    spell_code,
)
from catalog.domain.values import UNLIMITED, PlanKind, Value
from catalog.models import Feature, Market, Plan, PromoCode
from catalog.models.offer import Gift
from catalog.queries.promotions import redeemed, say_gift
from catalog.queries.versions import on_sale
from journal.actions.deeds import begin, keep, keep_many, pending_changes, record
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal

EDIT = "catalog.change_promocode"
GIFT = frozenset(
    {"gives", "plan", "quantity", "feature", "mode", "amount", "text", "choices", "unlimited", "typed_unit", "days"}
)


@dataclass(frozen=True, slots=True)
class CodeTerms:
    """What a code gives, for how long, and who may use it. A trial is of a plan, the other two of what they name."""

    gives: Gift
    days: int
    plan: Plan | None = None
    quantity: int = 1
    feature: Feature | None = None
    mode: str = ""
    value: Value | None = None
    typed_unit: str = ""
    market: Market | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_redemptions: int | None = None
    max_per_account: int = 1


@transaction.atomic
def create_code(*, code: str, name: str, terms: CodeTerms, by: Actor, at: datetime) -> PromoCode:
    """A promotional code was made."""
    by.require(EDIT)
    spelled = spell_code(code)
    _refuse_terms(terms, at=at)
    _refuse_spelling(code, spelled)
    deed = begin(by=by, at=at)
    row = _filled(PromoCode(code=spelled, code_key=code_key(spelled)), name, terms)
    keep(row, deed=deed)
    record(deed, "promo_code:create", subject=row, changes={"gives": (None, say_gift(row))})
    return row


@transaction.atomic
def create_campaign(
    *,
    campaign: str,
    name: str,
    begins_with: str,
    number: int,
    terms: CodeTerms,
    by: Actor,
    at: datetime,
    draw: Callable[[str], str] = secrets.choice,
) -> list[PromoCode]:
    """Many codes were made at once, one for each customer: the same terms, and a spelling nobody can guess.

    How often one customer may use them is counted over the whole campaign.
    """
    by.require(EDIT)
    _refuse_terms(terms, at=at)
    _refuse_campaign(campaign, begins_with=begins_with, number=number)
    deed = begin(by=by, at=at)
    spelled = _different_codes(begins_with, number=number, draw=draw)
    rows = [_filled(PromoCode(code=code, code_key=code_key(code), campaign=campaign), name, terms) for code in spelled]
    kept = keep_many(rows, deed=deed)
    first = PromoCode.objects.get(code_key=kept[0].code_key)
    changes = {"codes": (None, number), "gives": (None, say_gift(first))}
    record(deed, "promo_campaign:create", subject=first, label=f"Campaign {campaign}", changes=changes)
    return kept


@transaction.atomic
def edit_code(*, code: PromoCode, name: str, terms: CodeTerms, by: Actor, at: datetime, reason: str = "") -> PromoCode:
    """A promotional code was changed. What it gives stays as it is once somebody has it."""
    by.require(EDIT)
    row = PromoCode.objects.select_for_update().get(pk=code.pk)
    _refuse_terms(terms, at=at, standing=row)
    used, gave, market = redeemed(row), say_gift(row), row.market
    changes = pending_changes(_filled(row, name, terms))
    if not changes:
        return row
    if row.redemptions.exists() and changes.keys() & GIFT:
        raise Invalid(
            f"{row} was redeemed already, so what it gives can't change any more. Stop it and make another code.",
            field="gives",
        )
    if terms.max_redemptions is not None and terms.max_redemptions < used:
        raise Invalid(f"It was redeemed {used} times already; allow at least as many.", field="max_redemptions")
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    told = {field: change for field, change in changes.items() if field not in GIFT and field != "market"}
    if changes.keys() & GIFT:
        told["gives"] = [gave, say_gift(row)]
    if row.market != market:
        told["market"] = [str(market or "everywhere"), str(row.market or "everywhere")]
    record(deed, "promo_code:edit", subject=row, reason=reason, changes=told)
    return row


@transaction.atomic
def stop_code(*, code: PromoCode, reason: str, by: Actor, at: datetime) -> PromoCode:
    """A promotional code was taken out of use; who has redeemed it keeps what it gave."""
    by.require(EDIT)
    row = PromoCode.objects.select_for_update().get(pk=code.pk)
    if row.stopped_at is not None:
        raise Refusal(f"{row} is stopped already.")
    if not reason.strip():
        raise Invalid("Say why: whoever is asked about the code will look here.", field="reason")
    row.stopped_at = at
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, "promo_code:stop", subject=row, reason=reason)
    return row


def _filled(row: PromoCode, name: str, terms: CodeTerms) -> PromoCode:
    """The row as the terms say it; what doesn't belong to the kind of gift is left empty."""
    override = terms.gives is Gift.OVERRIDE
    row.name, row.gives, row.days = name.strip(), terms.gives.value, terms.days
    row.plan = None if override else terms.plan
    row.quantity = terms.quantity if terms.gives is Gift.ADD_ON else 1
    row.feature = terms.feature if override else None
    row.mode = terms.mode if override else ""
    row.unlimited = override and terms.value is UNLIMITED
    row.typed_unit = terms.typed_unit if override else ""
    row.market, row.starts_at, row.ends_at = terms.market, terms.starts_at, terms.ends_at
    row.max_redemptions, row.max_per_account = terms.max_redemptions, terms.max_per_account
    if row.feature is None:
        row.amount, row.text, row.choices = None, "", None
    else:
        row.set_value(terms.value, shape=row.feature.shape)
    return row


def _refuse_terms(terms: CodeTerms, *, at: datetime, standing: PromoCode | None = None) -> None:
    if not 1 <= terms.days <= MOST_DAYS:
        raise Invalid(f"It lasts 1 to {MOST_DAYS:,} days.", field="days")
    if terms.max_per_account < 1:
        raise Invalid("A customer may use it at least once.", field="max_per_account")
    if terms.max_redemptions is not None and terms.max_redemptions < 1:
        raise Invalid("Let it be redeemed at least once, or leave the limit empty.", field="max_redemptions")
    if terms.starts_at and terms.ends_at and terms.ends_at <= terms.starts_at:
        raise Invalid("The last day is before the first day.", field="ends_at")
    if terms.ends_at is not None and terms.ends_at <= at and (standing is None or standing.ends_at != terms.ends_at):
        raise Invalid("The last day is over already.", field="ends_at")
    if terms.gives is Gift.OVERRIDE:
        _refuse_override(terms)
    else:
        _refuse_plan(terms, at=at, standing=standing)


def _refuse_plan(terms: CodeTerms, *, at: datetime, standing: PromoCode | None) -> None:
    plan, wanted = terms.plan, PlanKind.PLAN if terms.gives is Gift.TRIAL else PlanKind.ADD_ON
    if plan is None or plan.kind != wanted:
        said = "A trial is of a plan" if terms.gives is Gift.TRIAL else "Choose an add-on"
        raise Invalid(f"{said}; {plan} isn't one." if plan else f"{said}: say which.", field="plan")
    if terms.quantity < 1:
        raise Invalid("The quantity is at least 1.", field="quantity")
    same = standing is not None and standing.plan_id == plan.pk
    if not same and on_sale(plan=plan, at=max(at, terms.starts_at or at)) is None:
        raise Invalid(f"{plan} is not on sale by then: publish a version of it first.", field="plan")


def _refuse_override(terms: CodeTerms) -> None:
    feature, value = terms.feature, terms.value
    if feature is None:
        raise Invalid("Say which feature the code gives more of.", field="feature")
    if terms.mode not in GIVING_MODES[feature.shape.nature]:
        raise Invalid(f"A code can't change {feature} in this way.", field="mode")
    if value is None or not feature.shape.suits(value):
        raise Invalid(f"Say what {feature} becomes, in a value it can have.", field="value")
    if isinstance(value, Decimal) and (value < 0 or (value == 0 and terms.mode != "replace")):
        raise Invalid("This much would give the customer nothing.", field="value")


def _refuse_spelling(typed: str, spelled: str) -> None:
    if len(code_key(spelled)) < 3 or len(spelled) > LONGEST_CODE:
        raise Invalid(
            f"“{typed}” can't be a code: write 3 to {LONGEST_CODE} letters, digits and dashes, such as SPRING-26.",
            field="code",
        )
    twin = PromoCode.objects.filter(code_key=code_key(spelled)).first()
    if twin is not None:
        raise Invalid(f"There is a code {twin} already; dashes and small letters make no difference.", field="code")


def _refuse_campaign(campaign: str, *, begins_with: str, number: int) -> None:
    if not campaign.strip():
        raise Invalid("Name the campaign: its codes are found and counted by it.", field="campaign")
    if not 1 <= number <= MOST_CODES:
        raise Invalid(f"Between 1 and {MOST_CODES:,} codes are made at a time.", field="number")
    if len(spell_code(begins_with)) + DRAWN + 2 > LONGEST_CODE:
        raise Invalid("This beginning is too long; codes are typed by people.", field="begins_with")
    if PromoCode.objects.filter(campaign=campaign).exists():
        raise Invalid(f"There is a campaign {campaign} already. Choose another name.", field="campaign")


def _different_codes(begins_with: str, *, number: int, draw: Callable[[str], str]) -> list[str]:
    """So many codes, none of which is drawn twice or stood before."""
    drawn: dict[str, str] = {}
    while len(drawn) < number:
        codes = {
            code_key(code): code for code in (drawn_code(begins_with, draw=draw) for _ in range(number - len(drawn)))
        }
        known = PromoCode.objects.filter(code_key__startswith=code_key(begins_with)).values_list("code_key", flat=True)
        drawn |= {key: code for key, code in codes.items() if key not in set(known)}
    return list(drawn.values())
