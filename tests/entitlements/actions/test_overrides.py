"""Granting, asking for, approving, rejecting and revoking overrides."""

from datetime import UTC, date, datetime

import pytest

from catalog.domain.values import UNLIMITED
from entitlements.actions.overrides import grant, revoke
from entitlements.domain.facts import Mode
from entitlements.models import EntitlementChange, Override
from entitlements.models.override import OverrideState
from journal.actions import approvals
from journal.domain.actor import Actor
from journal.domain.refusal import NotAllowed, Refusal
from journal.models import Approval, AuditEvent
from tests.conftest import actor
from tests.entitlements.world import AT, DAY, GB, account, answer, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db
MOMENT = datetime.resolution


def granted(by: Actor, **more: object) -> Override:
    world = catalog()
    acme = account()
    subscribed(acme, world.team)
    policy()
    terms = {
        "mode": Mode.ADD,
        "value": 20 * GB,
        "through_on": date(2026, 3, 31),
        "reason": "Migration",
        "review_on": None,
    }
    return grant(account=acme, feature=world.storage, by=by, at=AT, **(terms | more))


def test_twenty_gigabytes_more_are_there_at_once_and_end_on_their_second(sales: Actor) -> None:
    override = granted(sales)
    acme = override.account
    end = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # the first instant of 1 April in Amsterdam
    assert value(acme, "storage", AT - MOMENT) == 100 * GB
    assert value(acme, "storage", AT) == 120 * GB
    assert value(acme, "storage", end - MOMENT) == 120 * GB
    assert value(acme, "storage", end) == 100 * GB


def test_the_answer_names_the_override_and_when_it_ends(sales: Actor) -> None:
    override = granted(sales)
    resolution = answer(override.account, "storage", AT)
    assert resolution.valid_until == override.ends_at
    last = resolution.because[-1]
    assert (last.id, last.reason, last.by) == (str(override.pk), "Migration", "Sales Person")


def test_what_it_changed_is_journalled_with_its_cause(sales: Actor) -> None:
    override = granted(sales)
    change = EntitlementChange.objects.get(account=override.account, effective_at=AT)
    assert (change.before, change.after) == ("100 GB", "120 GB")
    assert change.audit_id == AuditEvent.objects.get(verb="override:grant").pk


def test_a_denied_feature_is_gone_at_once(sales: Actor) -> None:
    override = granted(sales, mode=Mode.DENY, value=None)
    assert not answer(override.account, "storage", AT).granted


def test_more_than_policy_allows_waits_for_someone_else(sales: Actor) -> None:
    override = granted(sales, value=80 * GB)
    assert override.state == OverrideState.REQUESTED
    assert value(override.account, "storage", AT) == 100 * GB
    assert "80 GB" in Approval.objects.get(kind="override").summary


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"through_on": date(2026, 12, 31)}, id="longer than the policy"),
        pytest.param({"through_on": None, "review_on": date(2026, 5, 1)}, id="without an end"),
        pytest.param({"mode": Mode.REPLACE, "value": UNLIMITED}, id="no limit at all"),
    ],
)
def test_beyond_policy_in_any_way_waits(sales: Actor, more: dict[str, object]) -> None:
    assert granted(sales, **more).state == OverrideState.REQUESTED


def test_once_approved_it_is_in_force_from_then_on(sales: Actor, finance: Actor) -> None:
    override = granted(sales, value=80 * GB)
    approvals.approve(approval=Approval.objects.get(), by=finance, at=AT + DAY)
    assert value(override.account, "storage", AT + DAY - MOMENT) == 100 * GB
    assert value(override.account, "storage", AT + DAY) == 180 * GB


def test_rejected_it_never_speaks(sales: Actor, finance: Actor) -> None:
    override = granted(sales, value=80 * GB)
    approvals.reject(approval=Approval.objects.get(), by=finance, at=AT + DAY, note="Too much")
    override.refresh_from_db()
    assert override.state == OverrideState.REJECTED
    assert value(override.account, "storage", AT + 2 * DAY) == 100 * GB


def test_nobody_approves_what_they_asked_for() -> None:
    both = Actor(**{**_parts(actor("sales")), "permissions": actor("sales").permissions | actor("finance").permissions})
    granted(both, value=80 * GB)
    with pytest.raises(NotAllowed):
        approvals.approve(approval=Approval.objects.get(), by=both, at=AT + DAY)


def _parts(person: Actor) -> dict[str, object]:
    return {name: getattr(person, name) for name in ("kind", "key", "name", "roles", "permissions")}


def test_approved_after_its_last_day_it_is_refused(sales: Actor, finance: Actor) -> None:
    granted(sales, value=80 * GB)
    with pytest.raises(Refusal, match="has passed"):
        approvals.approve(approval=Approval.objects.get(), by=finance, at=AT + 60 * DAY)
    assert Approval.objects.get().state == "pending"


def test_revoked_it_stops_this_second(sales: Actor) -> None:
    override = granted(sales)
    revoke(override=override, reason="Deal fell through", by=sales, at=AT + DAY)
    assert value(override.account, "storage", AT + DAY - MOMENT) == 120 * GB
    assert value(override.account, "storage", AT + DAY) == 100 * GB


def test_revoked_twice_is_refused(sales: Actor) -> None:
    override = granted(sales)
    revoke(override=override, reason="Deal fell through", by=sales, at=AT + DAY)
    with pytest.raises(Refusal, match="isn't in force"):
        revoke(override=override, reason="Again", by=sales, at=AT + DAY)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        pytest.param({"through_on": date(2026, 3, 1)}, "through_on", id="a day that is over"),
        pytest.param({"through_on": None}, "through_on", id="neither end nor review"),
        pytest.param({"value": None}, "value", id="no amount"),
        pytest.param({"value": "smart"}, "value", id="a choice for an amount"),
        pytest.param({"value": -GB}, "value", id="less than nothing"),
        pytest.param({"reason": " "}, "reason", id="no reason"),
        pytest.param({"mode": Mode.DENY}, "value", id="an amount with a denial"),
        pytest.param({"through_on": date.max}, "through_on", id="a last day beyond all calendars"),
        pytest.param({"through_on": date(2201, 1, 1)}, "through_on", id="a last day too far away"),
        pytest.param({"through_on": date.min}, "through_on", id="a last day before all clocks"),
        pytest.param({"review_on": date.max}, "review_on", id="a review too far away"),
        pytest.param({"review_on": date(1969, 12, 31)}, "review_on", id="a review long ago"),
    ],
)
def test_bad_input_is_refused_beside_its_field(sales: Actor, more: dict[str, object], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        granted(sales, **more)
    assert refused.value.field == field
    assert not Override.objects.exists()


def test_support_may_not_grant(support_agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        granted(support_agent)
    assert not Override.objects.exists()
