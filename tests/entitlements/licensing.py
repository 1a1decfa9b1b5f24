"""A small world of licences: a policy for a plan, a licence of a customer who has the plan, and where it runs."""

from datetime import date, datetime, timedelta
from typing import Any

from catalog.models import Plan
from entitlements.actions.licences.activating import activate
from entitlements.actions.licences.files import issue_file
from entitlements.actions.licences.issuing import Issued, issue
from entitlements.actions.licences.policies import PolicyTerms, set_up_policy, tell_release
from entitlements.domain.licences.policy import BoundTo
from entitlements.models import Account, LicencePolicy, SigningKey
from journal.domain.actor import SYSTEM

DEVICE = "4C4C4544-0051"


def policy_of(plan: Plan | None, *, at: datetime, key: str = "press", **terms: Any) -> LicencePolicy:
    """Press: devices, two at most, files for 14 days, unless said otherwise."""
    told = {"name": "Press", "bound_to": BoundTo.DEVICE, "activation_limit": 2, "offline_days": 14, **terms}
    return set_up_policy(key=key, terms=PolicyTerms(plan=plan, **told), by=SYSTEM, at=at)


def licensed(account: Account, policy: LicencePolicy, *, at: datetime, **told: Any) -> Issued:
    return issue(account=account, policy=policy, by=SYSTEM, at=at, **told)


def with_licences(acme: Account, *, at: datetime) -> dict[str, object]:
    """One of each thing, for the table of addresses and roles."""
    began = at - timedelta(days=1)
    policy = policy_of(None, at=began)
    release = tell_release(policy=policy, version="4.2", released_on=date(2026, 1, 7), by=SYSTEM, at=began)
    row = licensed(acme, policy, at=began).licence
    place = activate(licence=row, fingerprint=DEVICE, by=SYSTEM, at=began).activation
    issue_file(licence=row, fingerprint=DEVICE, by=SYSTEM, at=began)
    return {
        "entitlements_licence": row.pk,
        "licence_place": place.pk,
        "entitlements_licencepolicy": policy.pk,
        "licence_release": release.pk,
        "entitlements_signingkey": SigningKey.objects.earliest("pk").pk,
    }
