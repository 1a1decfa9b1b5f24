"""Covers of the demo: a contract that looks after two plants, amended once, with a change that waits; one that ends soon,
one that is over and one to come.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from catalog.domain.window import end_through, start_of_day
from catalog.models import Feature
from desk.demo.customers import Customer
from desk.demo.equipment import PLANT_1, PLANT_2, another, maintained
from entitlements.actions.contract_drafts import add_line, set_terms
from entitlements.actions.contract_signing import KIND, sign
from entitlements.actions.contracts import open_contract
from entitlements.domain.facts import Mode
from entitlements.domain.promises import read_promise
from entitlements.models import Account, Contract
from entitlements.models.contract import ContractState, Renewal
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.models import Approval
from support.actions.covers.agreeing import agree_cover
from support.actions.covers.amending import amend_cover
from support.domain.cover_draft import CoverDraft
from support.domain.cover_terms import Aspect
from support.domain.covers import Scope
from support.models import Cover, Location, Product
from support.queries.covers.reading import draft_of

DAY = timedelta(days=1)
MAINTENANCE = "Maintenance of both plants"
OF_PLANT_1, OF_PLANT_2, ON_CALL = "Maintenance of plant 1", "Maintenance of plant 2", "On call for the presses"
LABOUR, PARTS, TRAVEL = Aspect.LABOUR, Aspect.PARTS, Aspect.TRAVEL


def sign_maintenance(customers: Sequence[Customer], *, by: Actor, approver: Actor, at: datetime) -> None:
    """A year that renews by itself, with one line for each plant; longer than sales may promise, so finance approves."""
    account = maintained(customers)
    if account is None:
        return
    version = open_contract(account=account, name=MAINTENANCE, by=by, at=at).versions.get()
    set_terms(
        version=version, term_months=12, renewal=Renewal.RENEWS, renewal_months=12, effective_on=None, notice_days=60,
        reason_code=None, reason="They don’t want to look after the presses themselves", by=by, at=at,
    )  # fmt: skip
    lines = (
        ("support_tier", "standard", "Plant 1: presses and cooling"),
        ("storage", "150 GB", "Plant 2: its records too"),
    )
    for key, said, note in lines:
        feature = Feature.objects.get(key=key)
        value, typed_unit = read_promise(said, shape=feature.shape)
        promise: dict[str, Any] = {"mode": Mode.AT_LEAST, "value": value, "typed_unit": typed_unit}
        add_line(version=version, feature=feature, note=note, **promise, by=by, at=at)
    sign(version=version, by=by, at=at)
    waiting = Approval.objects.filter(kind=KIND, subject_key=str(version.pk), state=Approval.State.PENDING).first()
    if waiting is not None:
        approvals.approve(approval=waiting, note="Calculated with service.", by=approver, at=at)


def agree_on_plants(customers: Sequence[Customer], *, by: Actor, at: datetime, now: datetime) -> None:
    """Plant 1 for as long as the contract, plant 2 for ten weeks more, and the presses by phone until next month."""
    account = maintained(customers)
    contract = _contract(account)
    if account is None or contract is None:
        return
    under: dict[str, Any] = {"contract": contract.pk}
    first = _draft(
        account, OF_PLANT_1, at, **under, line=1, tier="priority", shares={LABOUR: 100, PARTS: 50, TRAVEL: 100},
        visits_a_year=4, authorisation="Parts over 2,000 € by the plant manager", scope=_at(account, PLANT_1),
    )  # fmt: skip
    second = _draft(
        account, OF_PLANT_2, at, **under, line=2, through=_day(account, now + 70 * DAY), tier="standard",
        shares={LABOUR: 80, PARTS: 25}, visits_a_year=2, scope=_at(account, PLANT_2),
    )  # fmt: skip
    presses = Product.objects.get(key="press_600").pk
    on_call = _draft(
        account, ON_CALL, at, through=_day(account, now + 26 * DAY), tier="priority_plus",
        scope=Scope(products=frozenset({presses}), channels=frozenset({"phone"})),
    )  # fmt: skip
    for draft in (first, second, on_call):
        agree_cover(account=account, draft=draft, by=by, at=at, reason="As their production needs it")


def agree_on_warehouse(customers: Sequence[Customer], *, by: Actor, at: datetime, now: datetime) -> None:
    """Another customer: a cover that was over by now, and one that is to come."""
    account = another(customers)
    if account is None:
        return
    trial = _draft(account, "Four weeks to try", at, through=_day(account, at + 28 * DAY), shares={LABOUR: 50})
    year = _draft(
        account, "The warehouse", now + 12 * DAY, through=_day(account, now + 376 * DAY), tier="standard",
        shares={LABOUR: 100, TRAVEL: 50},
    )  # fmt: skip
    for draft in (trial, year):
        agree_cover(account=account, draft=draft, by=by, at=at)


def bear_more_of_parts(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """An amendment that gives more: one person does it."""
    cover = _cover(customers, OF_PLANT_1)
    if cover is not None:
        draft = replace(draft_of(cover), starts_at=at, shares={LABOUR: 100, PARTS: 75, TRAVEL: 100})
        amend_cover(cover=cover, draft=draft, by=by, at=at, reason="After the second broken seal in a month")


def ask_for_less(customers: Sequence[Customer], *, by: Actor, at: datetime) -> None:
    """An amendment that gives less; it waits for a second person."""
    cover = _cover(customers, OF_PLANT_2)
    if cover is not None:
        draft = replace(draft_of(cover), starts_at=at, shares={LABOUR: 50, PARTS: 25})
        amend_cover(
            cover=cover, draft=draft, by=by, at=at, reason="They do small repairs themselves now, for a lower fee"
        )


def _draft(account: Account, name: str, begins: datetime, *, through: date | None = None, **said: Any) -> CoverDraft:
    """From the day of the instant on; under a contract from the instant itself, on which it may have been signed."""
    starts_at = begins if said.get("contract") else start_of_day(_day(account, begins), account.zone)
    ends_at = None if through is None else end_through(through, account.zone)
    return CoverDraft(name=name, starts_at=starts_at, ends_at=ends_at, zone=account.zone, **said)


def _day(account: Account, at: datetime) -> date:
    return at.astimezone(ZoneInfo(account.zone)).date()


def _at(account: Account, place: str) -> Scope:
    return Scope(locations=frozenset({Location.objects.get(account=account, name=place).pk}))


def _contract(account: Account | None) -> Contract | None:
    signed = Contract.objects.filter(account=account, name=MAINTENANCE, versions__state=ContractState.SIGNED)
    return None if account is None else signed.first()


def _cover(customers: Sequence[Customer], name: str) -> Cover | None:
    account = maintained(customers)
    return None if account is None else Cover.objects.filter(account=account, name=name, followed_by=None).first()
