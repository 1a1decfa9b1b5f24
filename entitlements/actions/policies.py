"""What each role may concede alone, in general and by reason: a small table that finance keeps.

Nobody widens what their own role may give: someone of another role does that.
"""

from datetime import datetime

from django.db import transaction

from entitlements.domain.policy import Concession, PolicyRule, allows_more, rule_for
from entitlements.models import ConcessionPolicy, ReasonCode
from entitlements.queries.policies import deciding_roles, policy_rules, rule_of
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Stale

PERMISSION = "entitlements.set_policy"
LIMITS = ("max_days", "max_percent", "max_times")
SETTINGS = (*LIMITS, "approver_role")


@transaction.atomic
def set_policy(
    *,
    role: str,
    concession: Concession,
    max_days: int | None,
    max_percent: int | None,
    max_times: int | None,
    by: Actor,
    at: datetime,
    reason_code: ReasonCode | None = None,
    approver_role: str = "",
    reason: str = "",
) -> ConcessionPolicy:
    """Set how much, how long and how often a role may concede alone, and who approves beyond; in general or by reason."""
    by.require(PERMISSION)
    _check_reason(reason, by=by)
    _check_approver(approver_role)
    if reason_code is not None and concession is Concession.TRIAL_EXTENSION:
        raise Invalid("A trial is extended without a reason from the list. Leave it empty.", field="reason_code")
    line = {"role": role, "concession": concession, "reason_code": reason_code}
    row = ConcessionPolicy.objects.select_for_update().filter(**line).first()
    policy = row or ConcessionPolicy(**line)
    before = {name: getattr(policy, name) for name in SETTINGS}
    policy.max_days, policy.max_percent, policy.max_times = max_days, max_percent, max_times
    policy.approver_role = approver_role
    _check_limits(policy)
    _refuse_own_widening(policy, rule_of(policy), by=by)
    deed = begin(by=by, at=at)
    keep(policy, deed=deed)
    changes = {n: [before[n], getattr(policy, n)] for n in SETTINGS if before[n] != getattr(policy, n) or row is None}
    record(deed, "policy:set", subject=policy, reason=reason, changes=changes)
    return policy


@transaction.atomic
def remove_policy(*, policy: ConcessionPolicy, by: Actor, at: datetime, reason: str = "") -> None:
    """Removed a line of the policy: the role's general line is heard instead, or nothing may be conceded alone."""
    by.require(PERMISSION)
    _check_reason(reason, by=by)
    held = ConcessionPolicy.objects.select_for_update().filter(pk=policy.pk).first()
    if held is None:
        raise Stale("Someone else has removed this line since you opened it.")
    general = next((rule for rule in policy_rules() if _is_general(rule, held)), None)
    _refuse_own_widening(held, None if held.reason_code is None else general, by=by)
    deed = begin(by=by, at=at)
    record(deed, "policy:remove", subject=held, reason=reason, changes={n: [getattr(held, n), None] for n in SETTINGS})
    remove(held, deed=deed)


def _is_general(rule: PolicyRule, policy: ConcessionPolicy) -> bool:
    return (rule.role, rule.concession, rule.reason) == (policy.role, policy.concession, None)


def _check_reason(reason: str, *, by: Actor) -> None:
    if by.kind is ActorKind.STAFF and not reason.strip():
        raise Invalid("Say why: whoever looks at this line later will ask.", field="reason")


def _check_limits(policy: ConcessionPolicy) -> None:
    for name in LIMITS:
        limit = getattr(policy, name)
        if limit is not None and limit < 0:
            raise Invalid("A limit can't be negative. Leave it empty where there is none.", field=name)


def _check_approver(role: str) -> None:
    if role and role not in deciding_roles():
        raise Invalid(f"{role.capitalize()} may not approve concessions. Choose who may.", field="approver_role")


def _refuse_own_widening(policy: ConcessionPolicy, becomes: PolicyRule | None, *, by: Actor) -> None:
    """Compared with the rule that is heard today, whichever line it stands on."""
    if policy.role not in by.roles:
        return
    reason = None if policy.reason_code is None else policy.reason_code.key
    stands = rule_for(policy_rules(), role=policy.role, concession=policy.concession, reason=reason)
    if allows_more(becomes, than=stands):
        raise NotAllowed("Someone of another role has to change what you may give alone.")
