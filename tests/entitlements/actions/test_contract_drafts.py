"""Drafting contracts: numbers, terms and lines, each refused beside its field; and nothing of it speaks."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from entitlements.actions.contract_drafts import add_line, amend, discard, edit_line, remove_line, set_terms
from entitlements.actions.contract_signing import sign
from entitlements.actions.contracts import open_contract, rename
from entitlements.domain.facts import Mode
from entitlements.models import ContractLine
from entitlements.models.contract import ContractState, Renewal
from entitlements.queries.contracts.token import contract_token, draft_token
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.conftest import actor
from tests.entitlements.contracts import drafted, promising, request_for, selling, signed, with_terms
from tests.entitlements.factories import ContractFactory, ReasonCodeFactory
from tests.entitlements.world import AT, DAY, GB, account, catalog, value

pytestmark = pytest.mark.django_db


def test_a_contract_gets_the_next_number_of_the_year_and_an_empty_draft() -> None:
    acme = account()
    keys = [open_contract(account=acme, name="Framework", by=actor("sales"), at=AT).key for _ in range(2)]
    assert keys == ["C-2026-0001", "C-2026-0002"]
    version = acme.contracts.get(key="C-2026-0001").versions.get()
    assert (version.number, version.state, version.zone) == (1, ContractState.DRAFT, "Europe/Amsterdam")
    assert AuditEvent.objects.filter(verb="contract:open", account_key="acme").count() == 2


def test_numbers_of_other_years_and_in_other_words_are_passed_over() -> None:
    for key in ("C-2025-0400", "C-2026-0011", "C-2026-draft", "Frame 7"):
        ContractFactory(key=key)
    assert open_contract(account=account(), name="Framework", by=SYSTEM, at=AT).key == "C-2026-0012"


def test_it_may_have_a_number_of_its_own_that_no_other_has() -> None:
    acme = account()
    assert open_contract(account=acme, name="Framework", key=" F-77 ", by=SYSTEM, at=AT).key == "F-77"
    with pytest.raises(Invalid, match="There is a contract F-77 already") as refused:
        open_contract(account=acme, name="Framework", key="F-77", by=SYSTEM, at=AT)
    assert refused.value.field == "key"


def test_it_has_a_name_and_may_get_another() -> None:
    with pytest.raises(Invalid, match="Give the contract a name"):
        open_contract(account=account(), name=" ", by=SYSTEM, at=AT)
    contract = ContractFactory()
    seen = contract_token(contract)
    rename(contract=contract, name="Global deal", link="https://crm.example/7", by=SYSTEM, at=AT, seen=seen)
    contract.refresh_from_db()
    assert (contract.name, contract.link) == ("Global deal", "https://crm.example/7")
    with pytest.raises(Stale):
        rename(contract=contract, name="Other", by=SYSTEM, at=AT, seen=seen)


def test_support_drafts_nothing_and_a_program_with_the_scope_does() -> None:
    acme = account()
    with pytest.raises(NotAllowed):
        open_contract(account=acme, name="Framework", by=actor("support"), at=AT)
    crm = Actor(kind=ActorKind.API_KEY, key="key:1", name="CRM", permissions=frozenset({"contracts:write"}))
    assert open_contract(account=acme, name="Framework", by=crm, at=AT).versions.get().drafted_by == "CRM"


def test_nothing_of_a_draft_speaks() -> None:
    world, acme = catalog(), account()
    selling(drafted(acme), world.team)
    assert value(acme, "seats", AT + DAY) is None


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"term_months": 0}, "term_months"),
        ({"term_months": None}, "term_months"),
        ({"renewal_months": None}, "renewal_months"),
        ({"renewal_months": 601}, "renewal_months"),
        ({"notice_days": -1}, "notice_days"),
        ({"effective_on": date(9999, 1, 1)}, "effective_on"),
    ],
)
def test_terms_that_can_not_be_meant_are_refused_beside_their_field(terms: dict[str, Any], field: str) -> None:
    version = drafted(account())
    with pytest.raises(Refusal) as refused:
        with_terms(version, **terms)
    assert refused.value.field == field


def test_what_a_line_says_is_refused_as_for_any_override() -> None:
    world = catalog()
    version = drafted(account())
    for told, field in (
        ({"plan": None}, "plan"),
        ({"plan": world.team, "feature": world.sso}, "plan"),
        ({"plan": world.team, "quantity": 0}, "quantity"),
        ({"plan": world.team, "interval": "week"}, "interval"),
        ({"feature": world.sso}, "mode"),
        ({"feature": world.sso, "mode": Mode.ADD, "value": True}, "mode"),
        ({"feature": world.seats, "mode": Mode.REPLACE}, "value"),
        ({"feature": world.seats, "mode": Mode.REPLACE, "value": Decimal(-1)}, "value"),
        ({"plan": world.team, "starts_on": date(2026, 5, 2), "through_on": date(2026, 5, 1)}, "through_on"),
    ):
        with pytest.raises(Refusal) as refused:
            add_line(version=version, by=SYSTEM, at=AT, **told)  # type: ignore[arg-type]  # of many sorts
        assert refused.value.field == field
    assert not version.lines.exists()


def test_a_line_keeps_its_number_and_a_number_is_never_used_again() -> None:
    world = catalog()
    version = drafted(account())
    first, second = selling(version, world.team), promising(version, world.storage, 5 * GB, typed_unit="GB")
    edit_line(line=first, plan=world.free, quantity=2, note="As agreed", by=SYSTEM, at=AT)
    signed(version)
    assert list(ContractLine.objects.values_list("number", "quantity", "note")) == [(1, 2, "As agreed"), (2, 1, "")]
    event = AuditEvent.objects.get(verb="contract:edit_line")
    assert event.changes == {"line 1": ["1 × Team", "2 × Free"]}
    assert second.number == 2


def test_a_line_taken_out_leaves_its_number_to_nobody() -> None:
    world = catalog()
    version = drafted(account())
    for _ in range(2):
        selling(version, world.team)
    contract = signed(version).contract
    version = amend(contract=contract, by=SYSTEM, at=AT)
    remove_line(line=version.lines.get(number=2), by=SYSTEM, at=AT)
    assert selling(version, world.free).number == 3


def test_forms_that_showed_another_draft_are_refused() -> None:
    world = catalog()
    version = drafted(account())
    line = selling(version, world.team)
    seen = draft_token(version)
    promising(version, world.sso, True)
    of_it: dict[str, Any] = {"by": SYSTEM, "at": AT, "seen": seen}
    for change in (
        lambda: add_line(version=version, plan=world.free, **of_it),
        lambda: edit_line(line=line, plan=world.free, **of_it),
        lambda: remove_line(line=line, **of_it),
        lambda: discard(version=version, **of_it),
    ):
        with pytest.raises(Stale):
            change()
    remove_line(line=line, by=SYSTEM, at=AT)
    with pytest.raises(Stale, match="taken out of the draft"):
        edit_line(line=line, plan=world.free, by=SYSTEM, at=AT)


def test_what_waits_for_approval_is_not_changed_meanwhile() -> None:
    world = catalog()
    version = drafted(account())
    promising(version, world.sso, True)
    version = sign(version=version, by=actor("sales"), at=AT)
    with pytest.raises(Refusal, match="Withdraw that request first"):
        set_terms(
            version=version,
            effective_on=None,
            term_months=1,
            renewal=Renewal.ENDS,
            renewal_months=None,
            notice_days=0,
            reason="",
            reason_code=None,
            by=SYSTEM,
            at=AT,
        )
    assert request_for(version).summary.startswith("Acme: C-2026-0001, version 1. Line 1: Single sign-on: on.")


def test_a_reason_that_is_no_longer_used_can_not_be_chosen() -> None:
    version = drafted(account())
    with pytest.raises(Invalid, match="is no longer used") as refused:
        with_terms(version, reason_code=ReasonCodeFactory(retired_at=AT - DAY))
    assert refused.value.field == "reason_code"
    assert with_terms(version, reason_code=ReasonCodeFactory(key="deal")).reason_code.key == "deal"
