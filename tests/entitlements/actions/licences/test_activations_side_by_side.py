"""Many at the same licence at once: never more places than there are, never more validations than the cap."""

import pytest

from entitlements.actions.licences.activating import Activated, activate, deactivate, heartbeat
from entitlements.actions.licences.noting import count_validation
from entitlements.actions.licences.refusals import ActivationLimitReached
from entitlements.models.licence import LicenceActivation, LicenceHeartbeat, LicenceMonth
from journal.domain.actor import SYSTEM
from tests.entitlements.licensing import licensed, policy_of
from tests.entitlements.world import AT, DAY, account
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 16
NOW = {"by": SYSTEM, "at": AT}


def test_the_last_place_goes_to_exactly_one() -> None:
    licence = licensed(account("acme"), policy_of(None, at=AT - DAY, activation_limit=3), at=AT - DAY).licence
    for place in ("a", "b"):
        activate(licence=licence, fingerprint=place, **NOW)
    names = [f"press-{number}" for number in range(8)]
    found = at_once(*[lambda name=name: activate(licence=licence, fingerprint=name, **NOW) for name in names])
    assert sum(isinstance(one, Activated) for one in found) == 1, found
    assert sum(isinstance(one, ActivationLimitReached) for one in found) == 7, found
    assert LicenceActivation.objects.filter(released_at=None).count() == 3


def test_the_same_place_from_everybody_is_one_place() -> None:
    licence = licensed(account("acme"), policy_of(None, at=AT - DAY, activation_limit=1), at=AT - DAY).licence
    found = at_once(*[lambda: activate(licence=licence, fingerprint="press-4", **NOW) for _ in range(6)])
    assert sorted(one.again for one in found) == [False] + [True] * 5, found
    assert LicenceActivation.objects.count() == 1
    beats = at_once(*[
        lambda: heartbeat(licence=licence, fingerprint="press-4", by=SYSTEM, at=AT + DAY) for _ in range(6)
    ])  # fmt: skip
    assert {type(one) for one in beats} == {LicenceActivation}
    assert LicenceHeartbeat.objects.get().at == AT + DAY


def test_who_leaves_lets_exactly_one_in() -> None:
    licence = licensed(account("acme"), policy_of(None, at=AT - DAY, activation_limit=1), at=AT - DAY).licence
    activate(licence=licence, fingerprint="a", **NOW)
    acts = [lambda name=name: activate(licence=licence, fingerprint=name, **NOW) for name in "bcd"]
    found = at_once(lambda: deactivate(licence=licence, fingerprint="a", **NOW), *acts)
    assert sum(isinstance(one, Activated) for one in found) <= 1, found
    assert LicenceActivation.objects.filter(released_at=None).count() <= 1


def test_a_cap_on_validations_is_exact() -> None:
    licence = licensed(account("acme"), policy_of(None, at=AT - DAY), at=AT - DAY).licence

    def ask() -> list[bool]:
        return [count_validation(licence_id=licence.pk, cap=20, at=AT) for _ in range(3)]

    found = at_once(*[ask for _ in range(CLIENTS)])
    assert all(isinstance(one, list) for one in found), found
    assert sum(answer for one in found for answer in one) == 20
    assert LicenceMonth.objects.get().validations == 20
    assert count_validation(licence_id=licence.pk, cap=20, at=AT.replace(month=4))
    assert not count_validation(licence_id=licence.pk, cap=0, at=AT.replace(month=5))
