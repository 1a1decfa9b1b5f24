"""Activations by the actions: places taken once, released, moved, lost by silence and taken again."""

from datetime import timedelta
from typing import Any

import pytest

from entitlements.actions.licences.activating import activate, deactivate, heartbeat, move_activation
from entitlements.actions.licences.files import issue_file
from entitlements.actions.licences.policies import edit_policy
from entitlements.actions.licences.refusals import (
    ActivationLimitReached,
    FileStillOut,
    FingerprintMalformed,
    HeartbeatLost,
    NotActivated,
    Suspended,
)
from entitlements.actions.licences.standing import suspend
from entitlements.domain.licences.policy import BoundTo, Overage
from entitlements.models.licence import Licence, LicenceActivation, LicenceHeartbeat
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import NotAllowed
from journal.models import AuditEvent
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def licence_by(**terms: Any) -> Licence:
    return licensed(account("acme"), policy_of(None, at=AT - DAY, **terms), at=AT - DAY).licence


def come(licence: Licence, place: str, *, after: timedelta = timedelta(), **told: Any) -> Any:
    return activate(licence=licence, fingerprint=place, **{"by": SYSTEM, "at": AT + after, **told})


def test_a_place_is_taken_once_and_released(support_agent: Actor, auditor: Actor) -> None:
    licence = licence_by(activation_limit=1)
    first = come(licence, "press-4", name="Press 4", by=support_agent)
    again = come(licence, " press-4 ", after=MINUTE)
    assert (first.again, again.again, first.activation.pk) == (False, True, again.activation.pk)
    with pytest.raises(ActivationLimitReached, match=r"\(1\)"):
        come(licence, "press-5")
    with pytest.raises(NotAllowed):
        come(licence, "press-5", by=auditor)
    deactivate(licence=licence, fingerprint="press-4", by=support_agent, at=AT + MINUTE)
    with pytest.raises(NotActivated):
        deactivate(licence=licence, fingerprint="press-4", by=SYSTEM, at=AT + MINUTE)
    assert come(licence, "press-5", after=2 * MINUTE).activation.name == ""
    told = AuditEvent.objects.filter(verb__in=["licence:activate", "licence:deactivate"]).order_by("seq")
    assert [event.changes for event in told] == [
        {"device press-4": [None, "active"]},
        {"device press-4": ["active", None]},
        {"device press-5": [None, "active"]},
    ]


def test_overage_lets_in_and_says_so_and_a_stricter_policy_holds_at_once() -> None:
    licence = licence_by(activation_limit=2, overage=Overage.HALF)
    assert [come(licence, place).over for place in ("a", "b", "c")] == [False, False, True]
    with pytest.raises(ActivationLimitReached):
        come(licence, "d")
    policy = licence.policy
    from entitlements.actions.licences.policies import PolicyTerms

    edit_policy(policy=policy, terms=PolicyTerms("Press", BoundTo.DEVICE, activation_limit=1), by=SYSTEM, at=AT)
    with pytest.raises(ActivationLimitReached):
        come(licence, "b", after=MINUTE)
    deactivate(licence=licence, fingerprint="a", by=SYSTEM, at=AT + MINUTE)
    assert come(licence, "b", after=MINUTE).again


def test_the_limit_is_what_the_account_has_of_a_feature() -> None:
    world = catalog()
    acme = account("acme")
    row = licensed(acme, policy_of(None, at=AT, activation_limit=None, activation_feature=world.seats), at=AT).licence
    with pytest.raises(ActivationLimitReached, match=r"\(0\)"):
        come(row, "a")
    subscribed(acme, world.free, at=AT)
    assert [come(row, place).again for place in ("a", "b", "a")] == [False, False, True]
    with pytest.raises(ActivationLimitReached, match=r"\(2\)"):
        come(row, "c")


def test_a_silent_one_loses_its_place_and_takes_another_when_it_comes_back() -> None:
    licence = licence_by(activation_limit=1, heartbeat_seconds=3600)
    told = {"licence": licence, "by": SYSTEM}
    come(licence, "a")
    heartbeat(fingerprint="a", at=AT + 59 * MINUTE, **told)
    with pytest.raises(ActivationLimitReached):
        come(licence, "b", after=90 * MINUTE)
    come(licence, "b", after=119 * MINUTE)
    with pytest.raises(HeartbeatLost):
        heartbeat(fingerprint="a", at=AT + 120 * MINUTE, **told)
    back = heartbeat(fingerprint="a", at=AT + 240 * MINUTE, **told)
    assert (back.activated_at, LicenceActivation.objects.count()) == (AT + 240 * MINUTE, 2)
    with pytest.raises(HeartbeatLost):
        heartbeat(fingerprint="b", at=AT + 241 * MINUTE, **told)
    with pytest.raises(NotActivated):
        heartbeat(fingerprint="c", at=AT + 241 * MINUTE, **told)


def test_a_heartbeat_is_one_row_written_once_a_minute(django_assert_num_queries: Any) -> None:
    licence = licence_by(heartbeat_seconds=3600)
    come(licence, "a")
    for seconds, written in ((30, 0), (60, 60), (119, 60), (120, 120)):
        heartbeat(licence=licence, fingerprint="a", by=SYSTEM, at=AT + timedelta(seconds=seconds))
        assert LicenceHeartbeat.objects.get().at == AT + timedelta(seconds=written)
    assert not AuditEvent.objects.filter(verb__contains="heartbeat").exists()


def test_where_it_is_asked_for_each_minute_it_is_written_oftener() -> None:
    licence = licence_by(heartbeat_seconds=60)
    come(licence, "a")
    for seconds in range(25, 400, 25):
        heartbeat(licence=licence, fingerprint="a", by=SYSTEM, at=AT + timedelta(seconds=seconds))
    assert LicenceActivation.objects.get().activated_at == AT


def test_a_move_is_both_or_neither() -> None:
    licence = licence_by(activation_limit=1)
    come(licence, "a")
    with pytest.raises(FingerprintMalformed):
        move_activation(licence=licence, fingerprint="a", to=" ", by=SYSTEM, at=AT + MINUTE)
    assert LicenceActivation.objects.get().released_at is None
    moved = move_activation(licence=licence, fingerprint="a", to="b", by=SYSTEM, at=AT + MINUTE)
    assert (moved.again, moved.activation.fingerprint) == (False, "b")


def test_what_is_suspended_activates_nothing_and_releases_all_the_same() -> None:
    licence = licence_by(bound_to=BoundTo.DOMAIN)
    come(licence, "www.Example.com")
    suspend(licence=licence, reason="Unpaid", by=SYSTEM, at=AT)
    with pytest.raises(Suspended):
        come(licence, "shop.example.com")
    with pytest.raises(Suspended):
        heartbeat(licence=licence, fingerprint="example.com", by=SYSTEM, at=AT)
    assert deactivate(licence=licence, fingerprint="example.com.", by=SYSTEM, at=AT).released_by == SYSTEM.name


def test_a_file_that_is_out_keeps_its_place() -> None:
    """Else one licence would run in one place after another, by the files it left behind."""
    licence = licence_by(activation_limit=1, offline_days=3, heartbeat_seconds=3600)
    software = Actor(ActorKind.CONNECTION, "licence:x", "Licence x…", permissions=frozenset({"licences:use"}))
    come(licence, "press-4", by=software)
    issue_file(licence=licence, fingerprint="press-4", by=software, at=AT)
    with pytest.raises(FileStillOut, match="2026-03-05 09:00"):
        deactivate(licence=licence, fingerprint="press-4", by=software, at=AT + DAY)
    with pytest.raises(ActivationLimitReached):  # though it is silent all the while
        come(licence, "press-5", after=2 * DAY, by=software)
    deactivate(licence=licence, fingerprint="press-4", by=SYSTEM, at=AT + 2 * DAY)
    come(licence, "press-5", after=2 * DAY, by=software)
    deactivate(licence=licence, fingerprint="press-5", by=software, at=AT + 2 * DAY)
