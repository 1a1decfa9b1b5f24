"""SLA policies: drafted, asked for, put in force by a second person, restored. A version in force never changes."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from journal.actions import approvals
from journal.actions.deeds import begin, keep, record
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, NeedsSecondPerson, Refusal, Stale
from journal.models import Approval
from support.actions.policy_versions import (
    bring_in_force,
    changes_in_words,
    lock_policy,
    refuse_open,
    write_version,
)
from support.domain.policy_difference import Difference, difference, say_lowerings
from support.domain.policy_draft import PolicyDraft
from support.models import SlaPolicy, SlaPolicyVersion, VersionState
from support.queries.policies import (
    KIND,
    changes_of,
    draft_of,
    in_force,
    open_version,
    policy_token,
    read_known,
    refuse_faulty,
    refuse_unknown_tier,
    version_token,
)

PERMISSION = "support.edit_sla"
TOLD = 3  # so many changes are named in a request; its page shows all


@transaction.atomic
def declare_policy(*, tier: str, name: str, by: Actor, at: datetime, note: str = "") -> SlaPolicy:
    """The policy of a support tier was declared, or its words changed; it promises nothing until a version does."""
    by.require(PERMISSION)
    refuse_unknown_tier(tier)
    policy = SlaPolicy.objects.select_for_update().filter(tier=tier).first() or SlaPolicy(tier=tier)
    said = {"name": name.strip(), "note": note}
    before = {column: getattr(policy, column) if policy.pk else None for column in said}
    if before == said:
        return policy
    deed = begin(by=by, at=at)
    policy.name, policy.note = said["name"], said["note"]
    keep(policy, deed=deed)
    changes = {column: [before[column], value] for column, value in said.items() if before[column] != value}
    record(deed, "sla_policy:declare", subject=policy, changes=changes)
    return policy


@transaction.atomic
def draft_policy(
    *, policy: SlaPolicy, draft: PolicyDraft, by: Actor, at: datetime, note: str = "", seen: str | None = None
) -> SlaPolicyVersion:
    """A version of a policy was drafted, or its draft written anew; no case is promised anything by it yet.

    Refused with every error it has (`Invalid.errors` by where they stand), and as stale where the policy is no longer
    what `seen`, its token, says.
    """
    by.require(PERMISSION)
    policy = lock_policy(policy)
    _refuse_stale(policy, seen)
    version = open_version(policy)
    if version is not None and version.state == VersionState.ASKED:
        raise Refusal(f"{version} waits for a second person; withdraw that request before you change it.")
    known = read_known(at=at)
    refuse_faulty(draft, known=known)
    stood = version or in_force(policy, at=at)
    before = None if stood is None else draft_of(stood)
    deed = begin(by=by, at=at)
    version = write_version(policy, draft, note=note, deed=deed, over=version)
    changes = changes_in_words(difference(before, draft, known=known))
    record(deed, "sla_policy:draft", subject=version, reason=note, changes=changes)
    return version


@transaction.atomic
def put_policy_in_force(
    *, version: SlaPolicyVersion, by: Actor, at: datetime, seen: str | None = None
) -> SlaPolicyVersion:
    """The first version of a policy was put in force; every further one needs a second person."""
    by.require(PERMISSION)
    version = _lock(version)
    _refuse_stale(version.policy, seen)
    if by.kind is not ActorKind.SYSTEM and in_force(version.policy, at=at) is not None:
        raise NeedsSecondPerson(
            f"{version.policy} is promised to customers already, so a second person has to approve a change. Ask for it."
        )
    return _put_in_force(version, state=VersionState.DRAFT, by=by, at=at)


@transaction.atomic
def ask_for_policy(
    *, version: SlaPolicyVersion, by: Actor, at: datetime, reason: str = "", seen: str | None = None
) -> Approval:
    """Asked for a version to be put in force by someone else; until they decide, it can't be written in."""
    by.require(PERMISSION)
    version = _lock(version)
    _refuse_stale(version.policy, seen)
    _require_state(version, VersionState.DRAFT)
    changes = _changes_to_make(version, at=at)
    reason = reason.strip() or version.note
    if say_lowerings(changes) and not reason:
        raise Invalid("Say why: by this, some customers are promised less.", field="reason")
    version.state = VersionState.ASKED
    keep(version, deed=begin(by=by, at=at))
    return approvals.request(
        kind=KIND,
        subject=version,
        summary=f"{version}. {_summary(changes)}",
        payload={"seen": version_token(version)},
        reason=reason,
        by=by,
        at=at,
    )


def approve_policy(*, approval: Approval, by: Actor, at: datetime) -> SlaPolicyVersion:
    """Approved a version of a policy and put it in force: cases opened from now on are promised by it."""
    version = _asked(approval)
    if version_token(version) != approval.payload.get("seen"):
        raise Stale(
            "The policy or its hours have changed since this was asked for. Reject it; it can be asked for anew."
        )
    return _put_in_force(version, state=VersionState.ASKED, by=by, at=at, reason=approval.reason)


def back_to_draft(*, approval: Approval, by: Actor, at: datetime) -> SlaPolicyVersion:
    """A version that was rejected, or whose request was withdrawn, is a draft again, to be changed or dropped."""
    version = _asked(approval)
    deed = begin(by=by, at=at)
    version.state = VersionState.DRAFT
    keep(version, deed=deed)
    record(deed, "sla_policy:reopen_draft", subject=version, reason=approval.note)
    return version


@transaction.atomic
def drop_policy(*, version: SlaPolicyVersion, by: Actor, at: datetime) -> SlaPolicyVersion:
    """A draft was dropped; it stays to be read, and can be restored."""
    by.require(PERMISSION)
    version = _lock(version)
    _require_state(version, VersionState.DRAFT)
    deed = begin(by=by, at=at)
    version.state = VersionState.DROPPED
    keep(version, deed=deed)
    record(deed, "sla_policy:drop", subject=version)
    return version


@transaction.atomic
def restore_policy(
    *, version: SlaPolicyVersion, by: Actor, at: datetime, note: str = "", seen: str | None = None
) -> SlaPolicyVersion:
    """An old version was taken up again as a draft, without the rules that have ended since."""
    by.require(PERMISSION)
    policy = lock_policy(version.policy)
    _refuse_stale(policy, seen)
    refuse_open(policy)
    old = draft_of(version)
    draft = replace(old, rules=tuple(rule for rule in old.rules if rule.ends_at > at))
    return draft_policy(policy=policy, draft=draft, by=by, at=at, note=note or f"As in version {version.number}.")


def outdated_policy(approval: Approval) -> str:
    """Why the request can't be approved any more; nothing while it can."""
    version = SlaPolicyVersion.objects.select_related("policy").get(pk=int(approval.subject_key))
    if version_token(version) != approval.payload.get("seen"):
        return "The policy or its hours have changed since this was asked for. Reject it; it can be asked for anew."
    return ""


def _put_in_force(
    version: SlaPolicyVersion, *, state: VersionState, by: Actor, at: datetime, reason: str = ""
) -> SlaPolicyVersion:
    _require_state(version, state)
    refuse_faulty(draft_of(version), known=read_known(at=at))
    changes = _changes_to_make(version, at=at)
    deed = begin(by=by, at=at)
    bring_in_force(version, deed=deed)
    record(
        deed,
        "sla_policy:put_in_force",
        subject=version,
        reason=reason or version.note,
        changes=changes_in_words(changes),
    )
    return version


def _changes_to_make(version: SlaPolicyVersion, *, at: datetime) -> tuple[Difference, ...]:
    stands = in_force(version.policy, at=at)
    if stands is not None and draft_of(stands) == draft_of(version):
        raise Refusal(f"{version} says the same as what is in force; change something, or drop it.")
    return changes_of(version, at=at)


def _summary(changes: tuple[Difference, ...]) -> str:
    """What makes the promise less is named first."""
    ordered = sorted(changes, key=lambda one: not one.lowers)
    more = f" And {len(ordered) - TOLD} more." if len(ordered) > TOLD else ""
    return " ".join(one.words for one in ordered[:TOLD]) + more


def _lock(version: SlaPolicyVersion) -> SlaPolicyVersion:
    policy = lock_policy(SlaPolicy(pk=version.policy_id))
    row = SlaPolicyVersion.objects.get(pk=version.pk)
    row.policy = policy
    return row


def _asked(approval: Approval) -> SlaPolicyVersion:
    row = SlaPolicyVersion.objects.get(pk=int(approval.subject_key))
    version = _lock(row)
    _require_state(version, VersionState.ASKED)
    return version


def _require_state(version: SlaPolicyVersion, state: VersionState) -> None:
    if version.state != state:
        wanted = "a draft" if state is VersionState.DRAFT else "waiting for a second person"
        raise Refusal(f"{version} is not {wanted} any more; nothing was changed.")


def _refuse_stale(policy: SlaPolicy, seen: str | None) -> None:
    if seen is not None and seen != policy_token(policy):
        raise Stale
