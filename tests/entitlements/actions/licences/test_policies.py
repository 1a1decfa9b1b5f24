"""Licence policies and releases: set up, edited by who saw them, retired; told, put right, withdrawn."""

from datetime import date
from typing import Any

import pytest

from entitlements.actions.licences.activating import activate
from entitlements.actions.licences.policies import (
    PolicyTerms,
    edit_policy,
    retire_policy,
    set_up_policy,
    tell_release,
    token_of,
    withdraw_release,
)
from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.models.licence import LicencePolicy, Release
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT, DAY, account, catalog

pytestmark = pytest.mark.django_db
NOW: dict[str, Any] = {"by": SYSTEM, "at": AT}


def terms(**more: Any) -> PolicyTerms:
    return PolicyTerms(**{"name": "Press", "bound_to": BoundTo.DEVICE, **more})


def test_a_policy_is_set_up_edited_and_retired(finance: Actor, sales: Actor) -> None:
    plan = catalog().team
    policy = set_up_policy(key="press", terms=terms(plan=plan, activation_limit=3), by=finance, at=AT)
    assert (policy.plan, policy.activation_limit, policy.overage) == (plan, 3, Overage.NONE)
    with pytest.raises(NotAllowed):
        edit_policy(policy=policy, terms=terms(), by=sales, at=AT)
    seen = token_of(policy)
    edit_policy(policy=policy, terms=terms(activation_limit=5, offline_days=14), seen=seen, by=finance, at=AT)
    with pytest.raises(Stale):
        edit_policy(policy=policy, terms=terms(), seen=seen, by=finance, at=AT)
    retired = retire_policy(policy=policy, by=finance, at=AT)
    assert (retired.retired_at, retired.plan) == (AT, None)
    with pytest.raises(Stale):
        retire_policy(policy=policy, by=finance, at=AT)
    verbs = AuditEvent.objects.filter(verb__startswith="licence_policy:").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["licence_policy:set_up", "licence_policy:edit", "licence_policy:retire"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"activation_limit": 3, "activation_feature": "seats"}, "activation_limit"),
        ({"activation_feature": "sso"}, "activation_feature"),
        ({"overage": Overage.HALF}, "overage"),
        ({"activation_limit": 0}, "activation_limit"),
        ({"heartbeat_seconds": 59}, "heartbeat_seconds"),
    ],
)
def test_what_makes_no_policy(changed: dict[str, Any], field: str) -> None:
    world = catalog()
    if "activation_feature" in changed:
        changed = {**changed, "activation_feature": getattr(world, changed["activation_feature"])}
    with pytest.raises(Invalid) as refused:
        set_up_policy(key="press", terms=terms(**changed), **NOW)
    assert refused.value.field == field
    assert not LicencePolicy.objects.exists()


def test_one_plan_is_sold_by_one_policy() -> None:
    plan = catalog().team
    policy_of(plan, at=AT)
    with pytest.raises(Invalid):
        policy_of(plan, at=AT, key="other")


def test_what_is_active_keeps_the_kind_of_its_names() -> None:
    policy = policy_of(None, at=AT - DAY)
    licence = licensed(account("acme"), policy, at=AT - DAY).licence
    assert edit_policy(policy=policy, terms=terms(bound_to=BoundTo.INSTANCE), **NOW).bound_to == BoundTo.INSTANCE
    activate(licence=licence, fingerprint="press-4", **NOW)
    with pytest.raises(Invalid, match="another policy"):
        edit_policy(policy=policy, terms=terms(bound_to=BoundTo.DOMAIN), **NOW)


def test_a_release_is_told_put_right_and_withdrawn() -> None:
    policy = policy_of(None, at=AT - DAY)
    told = {"policy": policy, **NOW}
    tell_release(version=" v4.2 ", released_on=date(2026, 1, 7), **told)
    release = tell_release(version="4.2", released_on=date(2026, 1, 9), **told)
    assert list(Release.objects.values_list("version", "released_on")) == [("4.2", date(2026, 1, 9))]
    changes = AuditEvent.objects.filter(verb="release:tell").order_by("seq").values_list("changes", flat=True)
    assert list(changes) == [{"released": [None, "2026-01-07"]}, {"released": ["2026-01-07", "2026-01-09"]}]
    with pytest.raises(Invalid):
        tell_release(version=" ", released_on=date(2026, 1, 7), **told)
    withdraw_release(release=release, **NOW)
    with pytest.raises(Stale):
        withdraw_release(release=release, **NOW)
    assert not Release.objects.exists()
