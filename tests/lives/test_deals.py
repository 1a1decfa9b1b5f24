"""Whatever two customers are granted, lent, sold by contract or merged into, in any order and by whomever:

what nobody else approved never adds up to more than policy gives, at any moment, now or to come.

The oracle asks the rows, not the actions: an override is *agreed* where an approval that somebody else decided stands
behind it, its loan, its contract's version, or the merge that brought it. All others together, resolved by themselves,
must stay within what sales may concede alone.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from catalog.domain.values import UNLIMITED
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.contract_drafts import add_line, amend, set_terms
from entitlements.actions.contract_endings import end_early
from entitlements.actions.contract_signing import sign
from entitlements.actions.contracts import open_contract
from entitlements.actions.lifecycle import pause, resume
from entitlements.actions.loan_proposals import LoanTerms
from entitlements.actions.loans import lend, recall
from entitlements.actions.merging import ask_to_merge
from entitlements.actions.override_changes import edit, renew
from entitlements.actions.overrides import grant, revoke
from entitlements.actions.policies import set_policy
from entitlements.domain.boundaries import boundaries
from entitlements.domain.facts import Facts, Mode, Phase
from entitlements.domain.policy import Concession
from entitlements.domain.resolve import resolve
from entitlements.models import Account, Contract, ContractVersion, Loan, Override, Subscription
from entitlements.models.contract import Renewal
from entitlements.queries.entitlements import facts_of
from journal.actions import approvals
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import Approval
from tests.conftest import EXAMPLES, actor
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed

BASE, PERCENT, DAYS = 100, 50, 30
MOST = BASE * (100 + PERCENT) // 100
# Ann may also approve, so that she can try it on her own requests.
ANN = replace(actor("sales", "Ann"), permissions=actor("sales").permissions | actor("finance").permissions)
BEN, FINN = actor("sales", "Ben"), actor("finance", "Finn")
ASKERS = st.sampled_from([ANN, BEN])
MODES = st.sampled_from([Mode.REPLACE, Mode.ADD, Mode.AT_LEAST, Mode.AT_MOST])
AMOUNTS = st.sampled_from([10, 30, 50, 120, 150, 400])
LENGTHS = st.sampled_from([3, 20, 29, 60])
PICK = st.integers(0, 9)


class Deals(RuleBasedStateMachine):
    def __init__(self, world: Catalog, accounts: tuple[Account, Account]) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.storage, self.now = world.storage, AT
        self.keys = [one.pk for one in accounts]
        self.agreed: set[int] = set()  # what was there when a merge was approved

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(which=PICK, by=ASKERS, mode=MODES, amount=AMOUNTS, length=LENGTHS, scoped=st.booleans())
    def grant(self, which: int, by: Any, mode: Mode, amount: int, length: int, scoped: bool) -> None:
        scope = self._second(which) if scoped else None
        told = {"account": self._account(which), "feature": self.storage, "mode": mode, "value": amount * GB}
        told |= {"subscription": scope, "through_on": self._day(length), "reason": "Deal"}
        self._try(lambda: grant(**told, by=by, at=self.now))

    @rule(which=PICK)
    def pause_or_resume(self, which: int) -> None:
        second = self._second(which)
        paused = second.phases.filter(phase=Phase.PAUSED, ends_at=None).exists()
        self._try(lambda: (resume if paused else pause)(subscription=second, by=BEN, at=self.now))

    @rule(pick=PICK, by=ASKERS, mode=MODES, amount=AMOUNTS, length=LENGTHS)
    def edit(self, pick: int, by: Any, mode: Mode, amount: int, length: int) -> None:
        told = {"mode": mode, "value": amount * GB, "through_on": self._day(length), "reason": "Other"}
        self._with(Override, pick, lambda row: edit(override=row, by=by, at=self.now, **told))

    @rule(pick=PICK, by=ASKERS, length=LENGTHS)
    def renew(self, pick: int, by: Any, length: int) -> None:
        told = {"through_on": self._day(2 * length), "reason": "Again", "by": by, "at": self.now}
        self._with(Override, pick, lambda row: renew(override=row, **told))

    @rule(pick=PICK, by=ASKERS)
    def revoke(self, pick: int, by: Any) -> None:
        self._with(Override, pick, lambda row: revoke(override=row, reason="Off", by=by, at=self.now))

    @rule(which=PICK, both=st.booleans(), by=ASKERS, mode=MODES, amount=AMOUNTS, length=LENGTHS)
    def lend(self, which: int, both: bool, by: Any, mode: Mode, amount: int, length: int) -> None:
        own = {"account": self._account(which)}
        told = {"feature": self.storage, "mode": mode, "value": amount * GB, "through_on": self._day(length)}

        def lent() -> Loan:
            to = {"cohort": self._cohort()} if both else own
            return lend(terms=LoanTerms(name="Beta", reason="Beta", **told, **to), by=by, at=self.now)

        self._try(lent)

    @rule(pick=PICK, by=ASKERS)
    def recall(self, pick: int, by: Any) -> None:
        self._with(Loan, pick, lambda row: recall(loan=row, reason="Over", by=by, at=self.now))

    @rule(which=PICK, by=ASKERS, mode=MODES, amount=AMOUNTS, months=st.sampled_from([1, 12]))
    def contract(self, which: int, by: Any, mode: Mode, amount: int, months: int) -> None:
        def signed() -> ContractVersion:
            contract = open_contract(account=self._account(which), name="Deal", by=by, at=self.now)
            return self._written(contract.versions.get(), mode, amount, months, by=by)

        self._try(signed)

    @rule(pick=PICK, by=ASKERS, mode=MODES, amount=AMOUNTS)
    def amend(self, pick: int, by: Any, mode: Mode, amount: int) -> None:
        def amended(contract: Contract) -> ContractVersion:
            return self._written(amend(contract=contract, by=by, at=self.now), mode, amount, 1, by=by)

        self._with(Contract, pick, amended)

    @rule(pick=PICK, by=ASKERS)
    def end_contract(self, pick: int, by: Any) -> None:
        self._with(
            Contract, pick, lambda row: end_early(contract=row, ends_at=self.now, reason="Off", by=by, at=self.now)
        )

    @rule(by=ASKERS)
    def merge(self, by: Any) -> None:
        into, duplicate = (Account.objects.get(pk=pk) for pk in self.keys)
        self._try(lambda: ask_to_merge(duplicate=duplicate, into=into, reason="Same", by=by, at=self.now))

    @rule(by=st.sampled_from([ANN, FINN]), yes=st.sampled_from([True, True, False]), pick=PICK)
    def decide(self, by: Any, yes: bool, pick: int) -> None:
        def decided(asked: Approval) -> None:
            before = self._ids() if asked.kind == "merge" and yes else set()
            (approvals.approve if yes else approvals.reject)(approval=asked, by=by, at=self.now)
            self.agreed |= before

        self._with(Approval, pick, decided, state=Approval.State.PENDING)

    @invariant()
    def what_nobody_else_approved_stays_within_policy(self) -> None:
        for pk in self.keys:
            facts = facts_of(account=Account.objects.get(pk=pk))
            alone = replace(facts, overrides=tuple(o for o in facts.overrides if not self._is_agreed(int(o.id))))
            for moment in self._moments(alone):
                amount = resolve(alone, at=moment)["storage"].value
                assert amount is None or (amount is not UNLIMITED and amount <= MOST * GB), (moment, amount)
        self.now += timedelta(minutes=1)

    def _is_agreed(self, pk: int) -> bool:
        row = Override.objects.get(pk=pk)
        line = row.contract_line
        while line is not None and line.carried_from is not None and not _approved("contract", line.version_id):
            line = line.carried_from
        return (
            pk in self.agreed
            or _approved("override", pk)
            or _approved("loan", row.loan_id)
            or (line is not None and _approved("contract", line.version_id))
        )

    def _moments(self, facts: Facts) -> Iterator[datetime]:
        yield self.now
        yield from (edge for edge in boundaries(facts) if edge > self.now)

    def _written(self, version: ContractVersion, mode: Mode, amount: int, months: int, *, by: Any) -> ContractVersion:
        terms: dict[str, Any] = {"effective_on": None, "renewal_months": None, "notice_days": 0, "reason_code": None}
        terms |= {"term_months": months, "renewal": Renewal.ENDS, "reason": "Agreed", "by": by, "at": self.now}
        set_terms(version=version, **terms)
        told = {"feature": self.storage, "mode": mode, "value": amount * GB, "typed_unit": "GB"}
        add_line(version=version, by=by, at=self.now, **told)
        return sign(version=version, by=by, at=self.now)

    def _try(self, act: Callable[[], Any]) -> None:
        with suppress(Refusal), transaction.atomic():
            act()

    def _with(self, model: Any, pick: int, act: Callable[[Any], Any], **narrowed: Any) -> None:
        rows = list(model.objects.filter(**narrowed).order_by("-pk"))
        if rows:
            self._try(lambda: act(rows[pick % len(rows)]))

    def _account(self, which: int) -> Account:
        return Account.objects.get(pk=self.keys[which % 2])

    def _second(self, which: int) -> Subscription:
        """One that gives no more than the first, so that pausing it only puts to sleep what is scoped to it."""
        bought = Subscription.objects.filter(contract=None).order_by("pk")
        return bought.filter(account=self.keys[which % 2]).last() or bought.get(pk=bought[0].pk)

    def _cohort(self) -> Any:
        both = Account.objects.filter(pk__in=self.keys)
        key = f"both_{self.now:%m%d%H%M%S}"
        return create_cohort(key=key, name="Both", accounts=both, by=SYSTEM, at=self.now)

    def _day(self, length: int) -> Any:
        return (self.now + length * DAY).date()

    def _ids(self) -> set[int]:
        return set(Override.objects.values_list("pk", flat=True))


def _approved(kind: str, pk: int | None) -> bool:
    asked = Approval.objects.filter(kind=kind, subject_key=str(pk), state=Approval.State.APPROVED)
    return any(one.decided_by_key != one.requested_by_key for one in asked)


@pytest.mark.django_db
def test_no_deal_goes_past_policy_alone() -> None:
    world = catalog()
    accounts = account("acme", zone="UTC"), account("acme-bv", zone="UTC")
    for one in accounts:
        subscribed(one, world.team)  # 100 GB
        subscribed(one, world.team)
    limits = {"role": "sales", "max_days": DAYS, "max_percent": PERCENT, "by": SYSTEM, "at": AT - DAY}
    set_policy(concession=Concession.OVERRIDE, max_times=None, **limits)
    set_policy(concession=Concession.COHORT_LOAN, max_times=5, **limits)
    checked = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    lives = settings(max_examples=EXAMPLES, stateful_step_count=12, deadline=None, suppress_health_check=checked)
    run_state_machine_as_test(lambda: Deals(world, accounts), settings=lives)
