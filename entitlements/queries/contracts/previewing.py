"""What signing a version would do: feature by feature, line by line, and who has to approve it. Nothing is written."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Model

from catalog.queries.instants import say_until
from entitlements.domain.facts import Facts
from entitlements.domain.figures import FeatureEffect
from entitlements.domain.policy import Verdict
from entitlements.domain.resolve import resolve
from entitlements.models import Account, ContractVersion, Override
from entitlements.models.contract import ContractState
from entitlements.queries.concessions import words_of
from entitlements.queries.contracts.difference import LineDifference, difference
from entitlements.queries.contracts.lifting import judge_lifting
from entitlements.queries.contracts.ready import refuse_unready
from entitlements.queries.contracts.settling import Settlement, settlement
from entitlements.queries.contracts.versions import effective_instant, end_agreed, last_signed, signed_versions
from entitlements.queries.life.as_if import AsIf, effects
from entitlements.queries.policies import judge_grant
from entitlements.snapshots import snapshot_facts
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Refusal


@dataclass(frozen=True, slots=True)
class LineVerdict:
    """One promise of a line, and whether the role may make it alone."""

    number: int
    words: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Preview:
    """`effects` are what the customer has from `effective_at` on beside what they would have had without.

    Where a refusal stands, signing would be refused for it, and nothing else is worked out.
    """

    effective_at: datetime
    ends_at: datetime | None
    lines: tuple[LineDifference, ...]
    effects: tuple[FeatureEffect, ...] = ()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    verdicts: tuple[LineVerdict, ...] = ()
    waits: bool = False
    because: str = ""
    approver_role: str = ""
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be written, and whether this person may write it alone."""

    settled: Settlement
    verdicts: tuple[LineVerdict, ...]
    waits: bool
    because: str
    approver_role: str

    @property
    def kept(self) -> Settlement | None:
        """What is to be written, where it can be kept as it is: overrides were judged as if they stood already."""
        return None if self.settled.replaced else self.settled


def preview_signing(*, version: ContractVersion, by: Actor, at: datetime) -> Preview:
    """What signing the draft at this moment would do, as it stands."""
    effective_at, ends_at = effective_instant(version, at=at), None
    lines = difference(last_signed(version.contract), version)
    try:
        refuse_unready(version, at=at)
        ends_at = end_agreed(version, at=at)
        judged = judge_signing(version=version, by=by, at=at)
    except Refusal as refusal:
        return Preview(effective_at, ends_at, lines, refusals=(refusal,))
    account, settled = version.contract.account, judged.settled
    with_it = snapshot_facts(account.pk, reader=AsIf(others=tuple(in_memory(settled, at=at))))
    without = snapshot_facts(account.pk, reader=AsIf())
    return Preview(
        effective_at,
        ends_at,
        lines,
        effects=effects(resolve(without, at=effective_at), resolve(with_it, at=effective_at)),
        begins=tuple(_begins(settled)),
        ends=tuple(_ends(settled, account)),
        verdicts=judged.verdicts,
        waits=judged.waits,
        because=judged.because,
        approver_role=judged.approver_role,
    )


def judge_signing(
    *, version: ContractVersion, by: Actor, at: datetime, before: Sequence[ContractVersion] | None = None
) -> Judged:
    """What signing writes at the moment, and who decides it: whoever may write contracts, or someone else too.

    Every override that begins, or gets a later end, is measured beside all else the version gives; one that ends sooner
    is judged as if it were revoked. A program has no role, so whatever it signs waits for a person. `before`: the
    versions that were signed, where whoever asks has read them.
    """
    versions = [*(signed_versions(version.contract) if before is None else before), as_signed(version, at=at)]
    settled = settlement(version.contract, versions, ends_at=end_agreed(version, at=at), at=at)
    facts = _with_all(settled, version.contract.account_id, at=at) if settled.replaced else None
    given = (_judge(row, instead, facts, by=by, at=at) for row, instead in settled.replaced)
    lifted = (LineVerdict(*found) for found in judge_lifting(settled, by=by, at=at))
    verdicts = (*given, *lifted)
    beyond = [one for one in verdicts if not one.verdict.within]
    if by.kind is ActorKind.API_KEY and not beyond:
        return Judged(settled, verdicts, True, "A program can't sign alone, so someone else approves it.", "")
    because = " ".join(f"Line {one.number}: {one.verdict.because}" for one in beyond)
    role = next((one.verdict.approver_role for one in beyond if one.verdict.approver_role), "")
    return Judged(settled, verdicts, bool(beyond), because, role)


def _with_all(settled: Settlement, account_id: int, *, at: datetime) -> Facts:
    return snapshot_facts(account_id, reader=AsIf(others=tuple(in_memory(settled, at=at))))


def as_signed(version: ContractVersion, *, at: datetime) -> ContractVersion:
    """The draft in memory with the instants it would have if it were signed at the moment."""
    row = copy(version)
    row.effective_at = effective_instant(row, at=at)
    row.state = ContractState.SIGNED
    return row


def _judge(row: Override, instead: Override | None, facts: Facts | None, *, by: Actor, at: datetime) -> LineVerdict:
    assert row.contract_line is not None  # a contract made it
    beside = facts and replace(facts, overrides=tuple(one for one in facts.overrides if one.id != str(row.pk)))
    verdict = judge_grant(override=row, by=by, at=at, replacing=instead, facts=beside)
    return LineVerdict(row.contract_line.number, f"{row.feature} {words_of(row)}", verdict)


def in_memory(settled: Settlement, *, at: datetime) -> Iterable[Model]:
    """The rows as they would stand; what isn't kept yet gets a key nothing kept can have, so that rows can join."""
    subscription = settled.subscription
    if subscription is not None:
        if subscription.pk is None:
            subscription.pk = -1
        yield subscription
    yield from (row for row, _ in (*settled.item_moves, *settled.override_moves))
    for item in settled.items_never:
        item.ends_at = item.starts_at
        yield item
    for override in settled.overrides_never:
        override.revoked_at = override.starts_at
        yield override
    yield from _keyed(settled.items_begin, subscription)
    for override in _keyed(settled.overrides_begin, None):
        override.state, override.approved_at = "approved", at
        if override.subscription is not None:
            override.subscription = subscription
        yield override


def _keyed(rows: Sequence[Any], subscription: Any) -> Iterable[Any]:
    for place, row in enumerate(rows, start=1):
        row.pk = row.pk or -place
        if subscription is not None:
            row.subscription = subscription
        yield row


def _begins(settled: Settlement) -> Iterable[str]:
    yield from (f"{item.quantity} × {item.plan.name}" for item in settled.items_begin)
    yield from (f"{row.feature} {words_of(row)}" for row in settled.overrides_begin)


def _ends(settled: Settlement, account: Account) -> Iterable[str]:
    for item, _ in settled.item_moves:
        if item.ends_at is not None:
            yield f"{item.quantity} × {item.plan.name} lasts {say_until(item.ends_at, zone=account.zone)}"
    for row, _ in settled.override_moves:
        yield f"{row.feature} {words_of(row)}"
    yield from (f"{item.quantity} × {item.plan.name} doesn't begin" for item in settled.items_never)
    yield from (f"{row.feature} {words_of(row)} doesn't begin" for row in settled.overrides_never)
