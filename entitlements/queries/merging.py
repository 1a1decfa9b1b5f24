"""What a merge would do: row by row, answer by answer, and what keeps it from being done. Nothing here writes."""

import hashlib
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model

from entitlements.domain.facts import Standing
from entitlements.domain.figures import FeatureEffect
from entitlements.merge_rules import Fate, MergeRule, rules
from entitlements.models import Account, BilledFeature, CohortMember, Override, Subscription
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.holdings import standings
from entitlements.queries.life.as_if import as_if, effects
from entitlements.queries.merge_cautions import KIND, blockers, cautions, differences
from journal.domain.refusal import NotFound
from journal.models import Approval

PERMISSION = "entitlements.merge_accounts"
MOST_NAMED = 12


@dataclass(frozen=True, slots=True)
class Part:
    """What becomes of the duplicate's rows of one relation; the first so many are named."""

    rule: MergeRule
    moves: int
    named: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    stays: int = 0

    @property
    def more(self) -> int:
        return self.moves - len(self.named)


@dataclass(frozen=True, slots=True)
class MergePreview:
    """`changes`: what the account that stays has otherwise; `instead`: what whoever asks for the duplicate is told."""

    parts: tuple[Part, ...]
    changes: tuple[FeatureEffect, ...]
    instead: tuple[FeatureEffect, ...]
    differences: tuple[tuple[str, str, str], ...]
    cautions: tuple[str, ...]
    needs_second_person: bool
    token: str = field(default="")


def preview_merge(*, duplicate: Account, into: Account, at: datetime) -> MergePreview:
    """Everything the page shows before the button."""
    before, after = entitlements_of(account=into, at=at), _as_if_merged(duplicate, into, at=at)
    return MergePreview(
        parts=tuple(part for rule in rules() if (part := part_of(rule, duplicate, into)) is not None),
        changes=effects(before, after),
        instead=effects(entitlements_of(account=duplicate, at=at), after),
        differences=tuple(differences(duplicate, into, at=at)),
        cautions=tuple(cautions(duplicate, into, at=at)),
        needs_second_person=needs_second_person(duplicate, at=at),
        token=merge_token(duplicate=duplicate, into=into),
    )


def part_of(rule: MergeRule, duplicate: Account, into: Account) -> Part | None:
    """What becomes of these rows; None where there is none."""
    rows = rule.rows(duplicate)
    if rule.fate is Fate.STAYS:
        count = rows.count()
        return Part(rule, 0, stays=count) if count else None
    moving, same = parted(rule, duplicate, into)
    if not moving and not same:
        return None
    return Part(rule, len(moving), tuple(map(str, moving[:MOST_NAMED])), tuple(map(str, same)))


def parted(rule: MergeRule, duplicate: Account, into: Account) -> tuple[list[Any], list[Any]]:
    """The rows that move, and those whose like the account that stays has already."""
    rows = list(rule.rows(duplicate))
    alike = rule.alike
    if alike is None:
        return rows, []
    there = {alike(row) for row in rule.rows(into)} - {None}
    return [row for row in rows if alike(row) not in there], [row for row in rows if alike(row) in there]


def needs_second_person(duplicate: Account, *, at: datetime) -> bool:
    """Unless it never held anything: what both were promised adds up, which may be more than anybody may grant alone."""
    if standings(account_ids=[duplicate.pk], at=at)[duplicate.pk] is not Standing.OPEN:
        return True
    return any(rule.rows(duplicate).exists() for rule in rules() if rule.weighs)


def merge_token(*, duplicate: Account, into: Account) -> str:
    """Differs as soon as something is added to either, taken from it, or moved."""
    sides = (duplicate, into)
    rows = [
        (rule.relation, [list(rule.rows(one).values_list("pk", flat=True)) for one in sides])
        for rule in rules(Fate.MOVES, Fate.UNLESS_SAME)
    ]
    own = Account.objects.filter(pk__in=[duplicate.pk, into.pk]).order_by("pk").values_list()
    return hashlib.sha256(repr([rows, list(own)]).encode()).hexdigest()[:32]


def parties(approval: Approval) -> tuple[Account, Account]:
    """The duplicate and the account that stays, of a request."""
    rows = Account.objects.in_bulk([int(approval.subject_key), int(approval.payload["into"])])
    if len(rows) != 2:
        raise NotFound("One of the two accounts is no longer there.")
    return rows[int(approval.subject_key)], rows[int(approval.payload["into"])]


def waiting_merge(*, duplicate: Account, into: Account) -> Approval | None:
    """The request for this very merge that nobody has decided yet."""
    pending = Approval.objects.filter(kind=KIND, state=Approval.State.PENDING, subject_key=str(duplicate.pk))
    return next((request for request in pending if request.payload.get("into") == into.pk), None)


def outdated_merge(approval: Approval) -> str:
    """Why a merge that was asked for can't be approved any more; empty while it can."""
    duplicate, into = parties(approval)
    return next(blockers(duplicate, into, at=approval.requested_at, asked=approval), "")


def _as_if_merged(duplicate: Account, into: Account, *, at: datetime) -> Any:
    return as_if(account=into, rows=list(_moved(duplicate, into)), at=at)


def _moved(duplicate: Account, into: Account) -> Iterator[Model]:
    """In memory, the rows that decide an answer, as they would stand under the other account."""
    for rule in rules(Fate.MOVES, Fate.UNLESS_SAME):
        if rule.model in {BilledFeature, Subscription, Override, CohortMember}:
            for row in parted(rule, duplicate, into)[0]:
                moved = copy(row)
                moved.account_id = into.pk
                yield moved
