"""The own limits of users, agents, devices and tasks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Feature
from entitlements.actions.merging import ask_to_merge
from entitlements.actions.usage.subjects import lift_subject_limit, say_subject_limit, set_subject_limit, token_of
from entitlements.domain.usage.operations import Why
from entitlements.models import Account, SubjectLimit
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, NotFound, Stale
from journal.models import AuditEvent
from tests.conftest import actor
from tests.entitlements.using import Metered, customer, metered, use
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db

ANN = "user:ann"


@pytest.fixture
def world() -> Metered:
    return metered()


@pytest.fixture
def acme(world: Metered) -> Account:
    return customer(world)


def limited(held_by: Account, feature: Feature, amount: int = 100, subject: str = ANN, **more: Any) -> SubjectLimit:
    told = {"by": SYSTEM, "at": AT} | more
    return set_subject_limit(account=held_by, feature=feature, subject=subject, amount=Decimal(amount), **told)


def test_a_subject_stops_at_its_own_limit_and_others_go_on(world: Metered, acme: Account) -> None:
    limited(acme, world.calls, 100)
    assert use(acme, world.calls, 100, subject=ANN).left == 900
    refused = use(acme, world.calls, 1, subject=ANN)
    assert (refused.allowed, refused.why) == (False, Why.SUBJECT_REACHED)
    assert use(acme, world.calls, 900, subject="user:ben").allowed


def test_in_each_period_it_starts_again(world: Metered, acme: Account) -> None:
    limited(acme, world.requests, 2)
    use(acme, world.requests, 2, subject=ANN)
    assert use(acme, world.requests, 2, subject=ANN, at=AT + timedelta(minutes=1)).allowed


def test_a_budget_lasts_over_the_periods(world: Metered, acme: Account) -> None:
    limited(acme, world.requests, 2, in_all=True)
    use(acme, world.requests, 2, subject=ANN)
    assert not use(acme, world.requests, 1, subject=ANN, at=AT + timedelta(hours=3)).allowed


def test_a_budget_that_is_raised_goes_on_with_what_it_used(world: Metered, acme: Account) -> None:
    limited(acme, world.calls, 10, in_all=True)
    use(acme, world.calls, 10, subject=ANN)
    raised = limited(acme, world.calls, 15, in_all=True, at=AT + DAY)
    assert raised.starts_at == AT
    assert not use(acme, world.calls, 6, subject=ANN, at=AT + DAY).allowed
    assert use(acme, world.calls, 5, subject=ANN, at=AT + DAY).allowed


def test_another_start_is_another_task(world: Metered, acme: Account) -> None:
    limited(acme, world.calls, 10, in_all=True)
    use(acme, world.calls, 10, subject=ANN)
    limited(acme, world.calls, 10, in_all=True, starts_at=AT + DAY, at=AT + DAY)
    assert use(acme, world.calls, 10, subject=ANN, at=AT + DAY).allowed


def test_it_is_audited_and_under_history(world: Metered, acme: Account) -> None:
    limited(acme, world.calls, 100, by=actor("sales"), reason="Asked for it")
    row = limited(acme, world.calls, 200, at=AT + DAY)
    limited(acme, world.calls, 200, at=AT + 2 * DAY)
    assert row.history.count() == 2
    events = AuditEvent.objects.filter(verb="subject_limit:set").order_by("seq")
    assert [(event.reason, event.changes) for event in events] == [
        ("Asked for it", {"API calls for user:ann": [None, "100 in each period"]}),
        ("", {"API calls for user:ann": ["100 in each period", "200 in each period"]}),
    ]


def test_lifted_only_the_account_bounds_it(world: Metered, acme: Account) -> None:
    limited(acme, world.calls, 1)
    lift_subject_limit(account=acme, feature=world.calls, subject=ANN, by=SYSTEM, at=AT)
    assert use(acme, world.calls, 1000, subject=ANN).allowed
    assert AuditEvent.objects.get(verb="subject_limit:lift").changes == {
        "API calls for user:ann": ["1 in each period", None]
    }
    with pytest.raises(NotFound):
        lift_subject_limit(account=acme, feature=world.calls, subject=ANN, by=SYSTEM, at=AT)


def test_in_words(world: Metered, acme: Account) -> None:
    ends = datetime(2026, 4, 1, tzinfo=UTC)
    budget = limited(acme, world.calls, 5000, in_all=True, ends_at=ends)
    assert say_subject_limit(budget) == "5,000 in all from 2 March 2026 09:00 (UTC) to 1 April 2026 (UTC)"
    assert say_subject_limit(None) == ""


def test_nobody_overwrites_what_they_have_not_seen(world: Metered, acme: Account) -> None:
    limited(acme, world.calls, 10, seen="")
    with pytest.raises(Stale, match="10 in each period"):
        limited(acme, world.calls, 20, seen="")
    row = SubjectLimit.objects.get()
    limited(acme, world.calls, 20, seen=token_of(row))
    with pytest.raises(Stale):
        lift_subject_limit(account=acme, feature=world.calls, subject=ANN, seen=token_of(row), by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"amount": -1}, "amount"),
        ({"amount": 2**63}, "amount"),
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "a\x00"}, "subject"),
        ({"ends_at": AT + DAY}, "ends_at"),
        ({"in_all": True, "ends_at": AT}, "ends_at"),
        ({"in_all": True, "starts_at": AT + DAY, "ends_at": AT + DAY}, "ends_at"),
        ({"feature": "sso"}, "feature"),
        ({"feature": "builds"}, "feature"),
    ],
)
def test_what_cannot_be_names_its_field(world: Metered, acme: Account, more: dict[str, Any], field: str) -> None:
    feature = getattr(world, more.pop("feature", "calls"))
    with pytest.raises(Invalid) as refused:
        limited(acme, feature, **more)
    assert refused.value.field == field


def test_it_needs_a_role(world: Metered, acme: Account) -> None:
    for role, may in {"sales": True, "support": True, "finance": True, "auditor": False}.items():
        assert actor(role).may("entitlements.set_subject_limit") is may
    with pytest.raises(NotAllowed):
        limited(acme, world.calls, by=actor("auditor"))


def test_merged_the_limits_of_the_account_that_stays_hold(world: Metered, acme: Account) -> None:
    duplicate = account("acme-2", zone="UTC")
    limited(acme, world.calls, 100)
    limited(duplicate, world.calls, 7)
    limited(duplicate, world.calls, 8, subject="user:ben")
    ask_to_merge(duplicate=duplicate, into=acme, reason="The same firm", by=actor("finance"), at=AT + DAY)
    rows = SubjectLimit.objects.filter(account=acme).order_by("subject").values_list("subject", "amount")
    assert list(rows) == [(ANN, 100), ("user:ben", 8)]
