"""Making what goes on in the place of what ends: the next contract as a draft, more maintenance, the next credits.

Each is done by the action that does it anywhere else, with that action's own permission and refusals.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.db import transaction

from catalog.domain.window import DAY, last_day, start_of_day
from entitlements.actions.contract_drafts import add_line, set_terms
from entitlements.actions.contracts import open_contract
from entitlements.actions.credits.grants import GrantTerms, grant, words_of
from entitlements.actions.licences.issuing import edit_licence
from entitlements.domain.contract_terms import months_after
from entitlements.domain.facts import Mode
from entitlements.domain.renewing import day_after, months_between
from entitlements.ending_sources import Offer, Successor
from entitlements.models import Contract, ContractLine, ContractVersion, CreditGrant, Licence
from entitlements.models.contract import Renewal
from entitlements.models.credit import GrantSource, Recurs
from entitlements.models.override import override_value
from entitlements.queries.contracts.versions import last_signed, terms_of
from entitlements.queries.contracts.wording import say_day, say_line, say_terms
from entitlements.queries.renewals.contract_ends import label_of
from entitlements.queries.renewals.other_ends import grant_label, licence_label
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotFound, Refusal

USUAL_MONTHS = 12


def offer_contract(key: str, at: datetime) -> Offer:
    """The next contract begins on the day after this one, for the same term, with the same lines."""
    row, last = _contract(key)
    if row.ends_at is None:
        raise Refusal("It goes on by itself now, so there is nothing to renew. The list follows within minutes.")
    terms = terms_of(last, at=at)
    lines = [say_line(line) for line in last.lines.select_related("plan", "feature").order_by("number")]
    return Offer(
        starts_on=day_after(row.ends_at, zone=last.zone),
        through_on=None,
        says=(
            "A draft of a new contract, with a number of its own. It gives nothing before it is signed.",
            f"The same terms: {say_terms(terms).partition('; ')[2] or say_terms(terms)}",
            *(f"Line: {line}" for line in lines),
            "Covers of support that name the old contract end with it; each has a task of its own.",
        ),
        asks_last_day=False,
    )


@transaction.atomic
def renew_contract(
    key: str, *, starts_on: date, through_on: date | None, reason: str, by: Actor, at: datetime
) -> Successor:
    """Drafted the contract that goes on in the place of one that ends: the same terms and lines, from a day on."""
    row, last = _contract(key)
    contract = open_contract(account=row.account, name=row.name, link=row.link, by=by, at=at)
    version = contract.versions.select_related("contract__account").get()
    set_terms(
        version=version,
        effective_on=starts_on,
        term_months=last.term_months,
        renewal=Renewal(last.renewal),
        renewal_months=last.renewal_months if last.renewal == Renewal.RENEWS else None,
        notice_days=last.notice_days,
        reason=reason or f"Goes on in the place of {row.key}.",
        reason_code=None,
        by=by,
        at=at,
    )
    for line in last.lines.select_related("plan", "feature").order_by("number"):
        add_line(version=version, by=by, at=at, **_promised(line))
    return Successor(str(contract.pk), label_of(contract), start_of_day(starts_on, last.zone), agreed=False)


def _contract(key: str) -> tuple[Contract, ContractVersion]:
    row = Contract.objects.select_related("account").filter(pk=int(key)).first()
    last = last_signed(row) if row is not None else None
    if row is None or last is None:
        raise NotFound("There is no such contract in force.")
    return row, last


def _promised(line: ContractLine) -> Any:
    """What a line says, without days of its own: those belong to the contract that ends."""
    if line.plan is not None:
        return {"plan": line.plan, "quantity": line.quantity, "interval": line.interval, "note": line.note}
    assert line.feature is not None  # a line is one or the other
    value = override_value(line, shape=line.feature.shape)
    return {
        "feature": line.feature,
        "mode": Mode(cast(str, line.mode)),
        "value": value,
        "typed_unit": line.typed_unit,
        "note": line.note,
    }


def offer_maintenance(key: str, at: datetime) -> Offer:
    row = _licence(key)
    assert row.maintenance_until is not None  # it ends
    months = row.policy.maintenance_months or USUAL_MONTHS
    first = row.maintenance_until + DAY
    return Offer(
        first,
        months_after(first, months) - DAY,
        says=(f"The same licence, {licence_label(row)}: later versions are covered too. Its key stays as it is.",),
        moves_start=False,
    )


@transaction.atomic
def renew_maintenance(
    key: str, *, starts_on: date, through_on: date | None, reason: str, by: Actor, at: datetime
) -> Successor:
    """Extended the maintenance of a licence, and the licence with it where it would have ended before."""
    row = _licence(key)
    assert row.maintenance_until is not None  # it ends
    if through_on is None or through_on <= row.maintenance_until:
        said = say_day(row.maintenance_until)
        raise Invalid(f"It is covered through {said} already. Choose a later last day.", field="through_on")
    zone = ZoneInfo(row.account.zone)
    ends_before = row.expires_at is not None and row.expires_at.astimezone(zone).date() <= through_on
    edit_licence(
        licence=row,
        name=row.name,
        environment=row.environment,
        through_on=through_on if ends_before else row.through_on,
        expires_at=None if ends_before or row.through_on else row.expires_at,
        maintenance_until=through_on,
        reason=reason,
        by=by,
        at=at,
    )
    starts = start_of_day(row.maintenance_until + DAY, row.account.zone)
    return Successor(str(row.pk), f"maintenance of {licence_label(row)} through {say_day(through_on)}", starts)


def _licence(key: str) -> Licence:
    row = Licence.objects.select_related("account", "policy").filter(pk=int(key)).first()
    if row is None or row.maintenance_until is None:
        raise NotFound("There is no such licence with maintenance that ends.")
    return row


def offer_grant(key: str, at: datetime) -> Offer:
    """The same amount again, for as long as this grant lasts."""
    row = _grant(key)
    assert row.expires_at is not None  # it ends
    first = day_after(row.expires_at, zone=row.zone)
    return Offer(
        first,
        _as_long_again(row, first),
        says=(f"A new grant of {words_of(row)} of {row.feature.name}. What is left of this one still expires.",),
    )


def _as_long_again(row: CreditGrant, first: date) -> date:
    assert row.expires_at is not None  # it ends
    began = row.effective_at.astimezone(ZoneInfo(row.zone)).date()
    last = last_day(row.expires_at, row.zone) or row.expires_at.astimezone(ZoneInfo(row.zone)).date()
    months = months_between(began, last)
    return months_after(first, months) - DAY if months else first + (last - began)


@transaction.atomic
def renew_grant(
    key: str, *, starts_on: date, through_on: date | None, reason: str, by: Actor, at: datetime
) -> Successor:
    """Granted the next credits in the place of some that expire."""
    row = _grant(key)
    assert row.expires_at is not None  # it ends
    right_then = starts_on == day_after(row.expires_at, zone=row.zone)
    starts_at = row.expires_at if right_then else start_of_day(starts_on, row.account.zone)
    terms = GrantTerms(
        amount=Decimal(row.amount),
        source=GrantSource(row.source) if row.source != GrantSource.MERGE else GrantSource.SALE,
        priority=row.priority,
        effective_at=starts_at,
        through_on=through_on,
        recurs=Recurs(row.recurs) if row.recurs else None,
        recurs_every=row.recurs_every,
        min_rollover=Decimal(row.min_rollover),
        max_rollover=None if row.max_rollover is None else Decimal(row.max_rollover),
        typed_unit=row.typed_unit,
        link=row.link,
    )
    made = grant(account=row.account, feature=row.feature, terms=terms, reason=reason, by=by, at=at)
    return Successor(str(made.pk), grant_label(made), made.effective_at)


def _grant(key: str) -> CreditGrant:
    row = CreditGrant.objects.select_related("account", "feature__group").filter(pk=int(key)).first()
    if row is None or row.expires_at is None:
        raise NotFound("There is no such grant that expires.")
    return row
