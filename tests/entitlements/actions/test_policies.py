"""Setting what each role may concede alone, and who may set it for whom."""

from typing import Any

import pytest

from entitlements.actions.policies import remove_policy, set_policy
from entitlements.domain.policy import Concession
from entitlements.models import ConcessionPolicy
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from tests.conftest import actor
from tests.entitlements.factories import ReasonCodeFactory
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db
OWN = "Someone of another role has to change what you may give alone"


def line(by: Actor, role: str = "sales", **more: Any) -> ConcessionPolicy:
    limits = {"max_days": 90, "max_percent": 50, "max_times": 2, "reason": "The new year"}
    return set_policy(**({"role": role, "concession": Concession.OVERRIDE, "by": by, "at": AT} | limits | more))


def test_a_line_is_set_in_general_and_by_reason(finance: Actor) -> None:
    deal = ReasonCodeFactory()
    general, special = line(finance), line(finance, reason_code=deal, approver_role="finance", max_days=180)
    assert ConcessionPolicy.objects.count() == 2
    assert (general.reason_code, special.reason_code, special.approver_role) == (None, deal, "finance")


def test_what_changed_and_why_is_recorded(finance: Actor) -> None:
    line(finance)
    assert line(finance, max_days=60, reason="Too long").max_days == 60
    event = AuditEvent.objects.filter(verb="policy:set").latest("seq")
    assert (event.changes, event.reason) == ({"max_days": [90, 60]}, "Too long")


def test_people_say_why(finance: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        line(finance, reason=" ")
    assert refused.value.field == "reason"
    line(SYSTEM, reason="")
    with pytest.raises(Invalid):
        remove_policy(policy=ConcessionPolicy.objects.get(), reason="", by=finance, at=AT)


def test_whoever_approves_must_be_able_to(finance: Actor) -> None:
    with pytest.raises(Invalid, match="Support may not approve concessions") as refused:
        line(finance, approver_role="support")
    assert refused.value.field == "approver_role"


def test_trials_are_extended_without_a_reason_from_the_list(finance: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        line(finance, concession=Concession.TRIAL_EXTENSION, reason_code=ReasonCodeFactory())
    assert refused.value.field == "reason_code"


@pytest.mark.parametrize("more", [{"max_days": 91}, {"max_percent": None}, {"max_times": 3}])
def test_nobody_widens_what_their_own_role_may_give(finance: Actor, more: dict[str, Any]) -> None:
    line(SYSTEM, role="finance")
    with pytest.raises(NotAllowed, match=OWN):
        line(finance, role="finance", **more)
    assert line(finance, role="finance", max_days=10).max_days == 10
    assert line(actor("administrator"), role="finance", **more).pk


def test_nor_by_a_first_line_or_one_for_a_reason(finance: Actor) -> None:
    with pytest.raises(NotAllowed, match=OWN):
        line(finance, role="finance")
    line(SYSTEM, role="finance")
    deal = ReasonCodeFactory()
    with pytest.raises(NotAllowed, match=OWN):
        line(finance, role="finance", reason_code=deal, max_days=91)
    line(finance, role="finance", reason_code=deal, max_days=30)


def test_nor_by_removing_the_line_that_holds_them_down(finance: Actor) -> None:
    line(SYSTEM, role="finance")
    narrow = line(SYSTEM, role="finance", reason_code=ReasonCodeFactory(), max_days=7)
    with pytest.raises(NotAllowed, match=OWN):
        remove_policy(policy=narrow, reason="Tidy", by=finance, at=AT)
    remove_policy(policy=narrow, reason="Tidy", by=actor("administrator"), at=AT)
    remove_policy(policy=ConcessionPolicy.objects.get(), reason="Ask first", by=finance, at=AT)


def test_a_removed_line_stays_on_record_and_is_removed_once(finance: Actor) -> None:
    row = line(finance)
    remove_policy(policy=row, reason="Ask first", by=finance, at=AT)
    assert not ConcessionPolicy.objects.exists()
    assert AuditEvent.objects.get(verb="policy:remove").reason == "Ask first"
    with pytest.raises(Stale):
        remove_policy(policy=row, reason="Ask first", by=finance, at=AT)


def test_sales_sets_nothing(sales: Actor) -> None:
    with pytest.raises(NotAllowed):
        line(sales)
    with pytest.raises(NotAllowed):
        remove_policy(policy=line(SYSTEM), reason="x", by=sales, at=AT)


def test_a_negative_limit_is_refused(finance: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        line(finance, max_days=-1)
    assert refused.value.field == "max_days"
