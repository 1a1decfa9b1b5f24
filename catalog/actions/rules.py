"""The rules of a feature: set from an instant on, never for the past; what lowers goes through a second person."""

from datetime import UTC, datetime

from django.db import transaction
from django.utils.dateparse import parse_datetime

from catalog.actions.features import EDIT, check_feature, spell_rules
from catalog.domain.rules import FeatureRules, lowers, plain_rules, read_rules, rules_of, say_rules
from catalog.models import Feature, FeatureRevision
from catalog.queries.instants import say_instant
from catalog.queries.rules import losses_of_striking, rules_at, rules_before
from catalog.queries.uses import sold
from journal.actions import approvals
from journal.actions.deeds import begin, keep, record, remove
from journal.domain.actor import Actor
from journal.domain.changes import changes_between
from journal.domain.deed import Deed
from journal.domain.refusal import Invalid, NeedsSecondPerson, Refusal, Stale
from journal.models import Approval

KIND = "feature_rules"
APPROVE = "catalog.approve_publication"
FIRST_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


@transaction.atomic
def set_rules(
    *,
    feature: Feature,
    rules: FeatureRules,
    effective_at: datetime,
    by: Actor,
    at: datetime,
    reason: str = "",
    approval: Approval | None = None,
) -> FeatureRevision:
    """The rules of a feature were set from an instant on."""
    by.require(EDIT if approval is None else APPROVE)
    held = _take(feature)
    before = _checked(held, rules, effective_at=effective_at, at=at)
    losses = lowers(before, rules) if sold(feature=held) else ()
    if losses:
        _demand_reason(reason)
        _demand_approval(approval, held, rules, losses=losses, at=at)
    deed = begin(by=by, at=at)
    _keep_the_past(held, deed=deed)
    revision = held.revisions.filter(effective_at=effective_at).first()
    revision = spell_rules(revision or FeatureRevision(feature=held, effective_at=effective_at), rules)
    keep(revision, deed=deed)
    changes = changes_between(plain_rules(before), plain_rules(rules))
    record(deed, "feature_rules:set", subject=held, reason=reason, label=str(revision), changes=changes)
    return revision


@transaction.atomic
def request_rules(
    *, feature: Feature, rules: FeatureRules, effective_at: datetime, by: Actor, at: datetime, reason: str
) -> Approval:
    """Rules that take something away from customers were put to a second person."""
    by.require(EDIT)
    held = _take(feature)
    before = _checked(held, rules, effective_at=effective_at, at=at)
    losses = lowers(before, rules)
    if not losses:
        raise Refusal(f"Nobody loses anything of {held} by this, so there is nothing to approve: set it yourself.")
    _demand_reason(reason)
    _refuse_to_ask_twice(held)
    return approvals.request(
        kind=KIND,
        subject=held,
        summary=_summary(held, rules, losses, effective_at=effective_at, at=at),
        payload={
            "rules": plain_rules(rules),
            "before": plain_rules(before),
            "effective_at": effective_at.isoformat(),
        },
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def request_striking(*, revision: FeatureRevision, by: Actor, at: datetime, reason: str) -> Approval:
    """A second person was asked to let rules be struck of which customers would have gained."""
    by.require(EDIT)
    held = _take(revision.feature)
    standing, before = _to_strike(held, revision, at=at)
    losses = losses_of_striking(revision=standing)
    if not losses:
        raise Refusal(f"Nobody loses anything of {held} by this, so there is nothing to approve: strike it yourself.")
    _demand_reason(reason)
    _refuse_to_ask_twice(held)
    begins = say_instant(standing.effective_at)
    return approvals.request(
        kind=KIND,
        subject=held,
        summary=f"The rules of {held} that were to begin on {begins} are struck.\nCustomers lose: {'; '.join(losses)}.",
        payload={"strike": standing.pk, "rules": plain_rules(before), "before": plain_rules(rules_of(standing))},
        reason=reason,
        by=by,
        at=at,
    )


def approve_rules(*, approval: Approval, by: Actor, at: datetime) -> FeatureRevision | None:
    """Carried out inside the approval: from the instant asked for, or from now on where that has passed."""
    feature = Feature.objects.filter(pk=approval.subject_key).first()
    if feature is None:
        raise Stale(f"{approval.subject_label} is no longer there. Reject the request.")
    if "strike" in approval.payload:
        _strike_approved(feature, approval, by=by, at=at)
        return None
    asked = parse_datetime(approval.payload["effective_at"])
    assert asked is not None  # written by request_rules
    effective_at = max(asked, at)
    if plain_rules(rules_at(feature=feature, at=effective_at)) != approval.payload["before"]:
        raise Stale(f"The rules of {feature} have changed since this was asked. Reject it, and let it be asked anew.")
    rules = read_rules(approval.payload["rules"])
    return set_rules(
        feature=feature,
        rules=rules,
        effective_at=effective_at,
        reason=approval.reason,
        approval=approval,
        by=by,
        at=at,
    )


def _strike_approved(feature: Feature, approval: Approval, *, by: Actor, at: datetime) -> None:
    revision = feature.revisions.filter(pk=approval.payload["strike"]).first()
    if revision is None or plain_rules(rules_of(revision)) != approval.payload["before"]:
        raise Stale(f"The rules of {feature} have changed since this was asked. Reject it, and let it be asked anew.")
    strike_rules(revision=revision, reason=approval.reason, approval=approval, by=by, at=at)


@transaction.atomic
def strike_rules(
    *, revision: FeatureRevision, by: Actor, at: datetime, reason: str, approval: Approval | None = None
) -> None:
    """Rules that were still to come were struck; those before them go on."""
    by.require(EDIT if approval is None else APPROVE)
    held = _take(revision.feature)
    standing, before = _to_strike(held, revision, at=at)
    _demand_reason(reason)
    if losses := losses_of_striking(revision=standing):
        _demand_approval(approval, held, before, losses=losses, at=at)
    deed = begin(by=by, at=at)
    changes = changes_between(plain_rules(rules_of(standing)), {})
    record(deed, "feature_rules:strike", subject=held, reason=reason, label=str(standing), changes=changes)
    remove(standing, deed=deed)


def _to_strike(held: Feature, revision: FeatureRevision, *, at: datetime) -> tuple[FeatureRevision, FeatureRules]:
    """The rules as they stand, still to come, and those that go on without them."""
    standing = held.revisions.filter(pk=revision.pk).first()
    if standing is None:
        raise Stale("Someone else struck these rules already.")
    if standing.effective_at <= at:
        raise Refusal("These rules are in force or past, and the past never changes. Set other rules from now on.")
    if standing == held.revisions.order_by("effective_at").first():
        raise Refusal(f"These are the only rules {held} has so far. Set others in their place.")
    return standing, rules_before(revision=standing)


def pending_request(*, feature: Feature) -> Approval | None:
    """What waits for a second person about this feature's rules."""
    waiting = Approval.objects.filter(kind=KIND, subject_key=str(feature.pk), state=Approval.State.PENDING)
    return waiting.first()


def _refuse_to_ask_twice(feature: Feature) -> None:
    waiting = pending_request(feature=feature)
    if waiting is not None:
        raise Refusal(f"{waiting.requested_by_name} has asked for other rules of {feature} already; decide that first.")


def _take(feature: Feature) -> Feature:
    """The feature's row is the queue in which those stand who set its rules at once."""
    return Feature.objects.select_for_update(of=("self",)).select_related("group").get(pk=feature.pk)


def _checked(feature: Feature, rules: FeatureRules, *, effective_at: datetime, at: datetime) -> FeatureRules:
    """The rules that hold at that instant so far; refused where the new ones make no sense or change the past."""
    if effective_at < at:
        raise Invalid("Rules can't change the past; choose a moment that is still to come.", field="effective_at")
    first = feature.revisions.order_by("effective_at").first()
    if first is not None and effective_at < first.effective_at:
        since = say_instant(first.effective_at)
        raise Invalid(f"The rules of {feature} begin on {since}; choose that moment or later.", field="effective_at")
    check_feature(shape=feature.shape, group=feature.group, rules=rules)
    before = rules_at(feature=feature, at=effective_at)
    if before == rules:
        raise Refusal(f"Nothing would change: these rules of {feature} hold from then on already.")
    return before


def _keep_the_past(feature: Feature, *, deed: Deed) -> None:
    """The earliest revision holds for the time before it too, so a feature without any first gets the usual rules."""
    if not feature.revisions.exists():
        keep(spell_rules(FeatureRevision(feature=feature, effective_at=FIRST_INSTANT), FeatureRules()), deed=deed)


def _demand_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("Say why: the audit keeps it, and whoever approves has to know.", field="reason")


def _demand_approval(
    approval: Approval | None, feature: Feature, rules: FeatureRules, *, losses: tuple[str, ...], at: datetime
) -> None:
    if approval is None:
        raise NeedsSecondPerson(f"It takes something away: {'; '.join(losses)}. A second person has to approve it.")
    right = (
        approval.kind == KIND
        and approval.subject_key == str(feature.pk)
        and approval.state == Approval.State.APPROVED
        and approval.decided_at == at  # an approval is carried out once, in the transaction that gives it
        and approval.decided_by_key != approval.requested_by_key
        and approval.payload["rules"] == plain_rules(rules)
    )
    if not right:
        raise NeedsSecondPerson("The approval is not for this: what was approved is not what is to be done.")


def _summary(
    feature: Feature, rules: FeatureRules, losses: tuple[str, ...], *, effective_at: datetime, at: datetime
) -> str:
    when = (
        "from the approval on" if effective_at <= at else f"from {say_instant(effective_at)}, or from the approval on"
    )
    sentences = " ".join(say_rules(rules, shape=feature.shape))
    return f"New rules of {feature} {when}.\nCustomers lose: {'; '.join(losses)}.\nThen: {sentences}"
