"""How licences of a product behave, and when its versions came out. An edit holds for every licence at once."""

from dataclasses import dataclass, fields
from datetime import date, datetime

from django.db import transaction

from catalog.models import Feature, Plan
from entitlements.domain.decision import is_used
from entitlements.domain.licences.maintenance import plain_version
from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.models.licence import LicenceActivation, LicencePolicy, Release
from journal.actions.deeds import begin, keep, pending_changes, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Stale

PERMISSION = "entitlements.set_licence_policy"
LONGEST_VERSION = 80


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """Everything about a policy that may be edited; what is left out asks for nothing."""

    name: str
    bound_to: BoundTo
    plan: Plan | None = None
    activation_limit: int | None = None
    activation_feature: Feature | None = None
    overage: Overage = Overage.NONE
    heartbeat_seconds: int | None = None
    offline_days: int | None = None
    validations_a_month: int | None = None
    maintenance_months: int | None = None


@transaction.atomic
def set_up_policy(*, key: str, terms: PolicyTerms, by: Actor, at: datetime) -> LicencePolicy:
    """Set up a licence policy."""
    by.require(PERMISSION)
    policy = LicencePolicy(key=key)
    _fill(policy, terms)
    changes = pending_changes(policy)
    deed = begin(by=by, at=at)
    keep(policy, deed=deed)
    record(deed, "licence_policy:set_up", subject=policy, changes=changes)
    return policy


@transaction.atomic
def edit_policy(
    *, policy: LicencePolicy, terms: PolicyTerms, by: Actor, at: datetime, reason: str = "", seen: str | None = None
) -> LicencePolicy:
    """Edited a licence policy; it holds at once for every licence issued by it, but for maintenance, whose last day was
    said when each was issued. `seen` is the token of the policy the person had before them."""
    by.require(PERMISSION)
    row = _locked(policy)
    if seen is not None and seen != token_of(row):
        raise Stale
    if terms.bound_to != row.bound_to and _runs_anywhere(row):
        words = "Licences of this policy are active, by names that mean nothing otherwise. Set up another policy."
        raise Invalid(words, field="bound_to")
    _fill(row, terms)
    changes = pending_changes(row)
    if not changes:
        return row
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(deed, "licence_policy:edit", subject=row, reason=reason.strip(), changes=changes)
    return row


@transaction.atomic
def retire_policy(*, policy: LicencePolicy, by: Actor, at: datetime, reason: str = "") -> LicencePolicy:
    """Retired a licence policy: no more licences are issued by it, and those there are go on."""
    by.require(PERMISSION)
    row = _locked(policy)
    if row.retired_at is not None:
        raise Stale("This policy was retired already.")
    row.retired_at, row.plan = at, None
    deed = begin(by=by, at=at)
    keep(row, deed=deed)
    record(
        deed, "licence_policy:retire", subject=row, reason=reason.strip(), changes={"retired": [None, at]}
    )  # fmt: skip
    return row


@transaction.atomic
def tell_release(*, policy: LicencePolicy, version: str, released_on: date, by: Actor, at: datetime) -> Release:
    """Told of a version and the day it came out, by which maintenance covers it or not. Told again, the day is put
    right."""
    by.require(PERMISSION)
    row = _locked(policy)
    plain = plain_version(version.replace("\x00", ""))
    if not plain or len(plain) > LONGEST_VERSION:
        raise Invalid(
            f"Name the version as the software does, in at most {LONGEST_VERSION} characters.", field="version"
        )
    release = Release.objects.filter(policy=row, version=plain).first()
    before = None if release is None else release.released_on
    if release is not None and before == released_on:
        return release
    release = release or Release(policy=row, version=plain)
    release.released_on = released_on
    deed = begin(by=by, at=at)
    keep(release, deed=deed)
    keep(row, deed=deed)  # nothing else tells the memories of all processes that versions changed
    record(deed, "release:tell", subject=release, changes={"released": [before, released_on]})
    return release


@transaction.atomic
def withdraw_release(*, release: Release, by: Actor, at: datetime, reason: str = "") -> None:
    """Withdrew a version that was told in error: nobody knows any more whether it is covered."""
    by.require(PERMISSION)
    row = _locked(release.policy)
    found = Release.objects.filter(pk=release.pk).first()
    if found is None:
        raise Stale("This version was withdrawn already.")
    deed = begin(by=by, at=at)
    changes = {"released": [found.released_on, None]}
    record(deed, "release:withdraw", subject=found, reason=reason.strip(), changes=changes)
    remove(found, deed=deed)
    keep(row, deed=deed)


def token_of(policy: LicencePolicy) -> str:
    """What a form was opened with, for `seen`."""
    columns = [field.name for field in fields(PolicyTerms)]
    told = [getattr(policy, f"{name}_id" if name in {"plan", "activation_feature"} else name) for name in columns]
    return ";".join(str(one) for one in (*told, policy.retired_at))


def _locked(policy: LicencePolicy) -> LicencePolicy:
    return LicencePolicy.objects.select_for_update().get(pk=policy.pk)


def _runs_anywhere(policy: LicencePolicy) -> bool:
    return LicenceActivation.objects.filter(licence__policy=policy, released_at=None).exists()


def _fill(policy: LicencePolicy, terms: PolicyTerms) -> None:
    if terms.activation_limit is not None and terms.activation_feature is not None:
        raise Invalid("Write the limit, or take it from a feature: not both.", field="activation_limit")
    if terms.activation_feature is not None and not is_used(terms.activation_feature.shape):
        words = f"{terms.activation_feature} is no amount, so it can't say how many places there are."
        raise Invalid(words, field="activation_feature")
    unlimited = terms.activation_limit is None and terms.activation_feature is None
    if unlimited and terms.overage is not Overage.NONE:
        raise Invalid("Without a limit there is nothing to be over.", field="overage")
    for name in (field.name for field in fields(terms)):
        setattr(policy, name, getattr(terms, name))
