"""Amending, ordering and ending covers: the past stays, and what gives less is decided by a second person."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from catalog.domain.window import end_through, start_of_day
from journal.actions import approvals
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import Approval, AuditEvent, Outbound
from support.actions.covers.amending import Changed, amend_cover, end_cover, set_priority
from support.actions.covers.refusals import CoverChangeWaits, CoverPast
from support.domain.cover_draft import CoverPlace
from support.domain.cover_terms import Aspect, VisitState
from support.models import Cover, Visit
from support.queries.covers.reading import cover_token, draft_of, read_cover
from support.queries.covers.waiting import pending_change
from tests.conftest import AT, actor
from tests.entitlements.factories import ContactFactory
from tests.journal.factories import WebhookEndpointFactory
from tests.support.cover_world import LATER, SALES, SUPPORT, ZONE, CoverWorld, agreed, cover_world

pytestmark = pytest.mark.django_db
MAY = start_of_day(date(2026, 5, 1), ZONE)


@pytest.fixture
def world() -> CoverWorld:
    return cover_world()


def amended(cover: Cover, *, at: Any = AT, by: Any = SALES, reason: str = "They asked", **said: Any) -> Changed:
    draft = replace(draft_of(cover), **({"starts_at": max(at, cover.starts_at)} | said))
    return amend_cover(cover=cover, draft=draft, by=by, at=at, reason=reason)


def decided(approval: Approval | None, *, by: Any = SUPPORT, at: Any = AT) -> Approval:
    assert approval is not None
    return approvals.approve(approval=approval, by=by, at=at)


def test_an_amendment_is_a_successor_and_the_past_stays(world: CoverWorld) -> None:
    old = agreed(world)
    new = amended(old, starts_at=MAY, tier="priority_plus").cover
    old.refresh_from_db()
    assert (old.ends_at, old.through_on, old.tier) == (MAY, date(2026, 4, 30), "priority")
    assert (new.follows, new.starts_at, new.through_on, new.tier) == (old, MAY, date(2026, 12, 31), "priority_plus")
    event = AuditEvent.objects.get(verb="cover:amend")
    assert event.changes == {"Response": ["Priority", "Priority Plus"]}


def test_what_gives_less_waits_for_a_second_person(world: CoverWorld) -> None:
    old = agreed(world)
    asked = amended(old, shares={Aspect.LABOUR: 80, Aspect.PARTS: 50}, tier="priority_plus")
    assert asked.waits
    assert Cover.objects.count() == 1
    assert "Labour: in full becomes 80 %. That is less." in asked.approval.summary
    with pytest.raises(NotAllowed):
        decided(asked.approval, by=SALES)
    decided(asked.approval, at=LATER)
    new = Cover.objects.get(follows=old)
    assert (new.starts_at, new.labour, new.tier) == (LATER, 80, "priority_plus")  # never from before it was decided


def test_less_needs_a_reason_and_one_change_waits_at_a_time(world: CoverWorld) -> None:
    old = agreed(world)
    with pytest.raises(Invalid, match="Say why") as raised:
        amended(old, shares={Aspect.LABOUR: 80}, reason=" ")
    assert raised.value.field == "reason"
    amended(old, shares={Aspect.LABOUR: 80})
    with pytest.raises(CoverChangeWaits):
        amended(old, tier="priority_plus")


def test_rejected_the_cover_goes_on_as_it_is(world: CoverWorld) -> None:
    old = agreed(world)
    asked = amended(old, shares={Aspect.LABOUR: 80})
    approvals.reject(approval=asked.approval, by=SUPPORT, at=AT)
    assert (Cover.objects.get().labour, pending_change(old)) == (100, None)
    again = amended(old, shares={Aspect.LABOUR: 80})
    approvals.withdraw(approval=again.approval, by=SALES, at=AT)
    assert Cover.objects.get().labour == 100


def test_a_request_about_what_has_changed_since_can_only_be_rejected(world: CoverWorld) -> None:
    old = agreed(world, contract=world.contract.pk, line=1)
    asked = amended(old, shares={Aspect.LABOUR: 80})
    world.contract.ends_at = LATER
    from tests.support.world import kept

    kept(world.contract)
    with pytest.raises(Stale):
        decided(asked.approval)


def test_what_has_not_begun_is_written_anew_by_one_person(world: CoverWorld) -> None:
    old = agreed(world, starts_at=MAY, locations={world.graz.pk})
    again = amended(
        old, shares={Aspect.LABOUR: 10}, scope=replace(draft_of(old).scope, locations={world.linz.pk})
    ).cover
    assert (again.pk, again.labour, again.parts) == (old.pk, 10, None)
    assert [one.location for one in again.scope.all()] == [world.linz]
    assert Cover.objects.count() == 1


def test_the_past_is_never_amended(world: CoverWorld) -> None:
    old = agreed(world)
    with pytest.raises(Invalid, match="today or later") as raised:
        amended(old, at=LATER, starts_at=AT)
    assert raised.value.field == "starts"
    with pytest.raises(Invalid, match="has ended by then"):
        amended(old, starts_at=end_through(date(2026, 12, 31), ZONE), ends_at=end_through(date(2027, 1, 31), ZONE))
    with pytest.raises(CoverPast, match="has ended"):
        amended(old, at=end_through(date(2026, 12, 31), ZONE), ends_at=None)
    amended(old, tier="priority_plus")
    with pytest.raises(CoverPast, match="next version"):
        amended(old, tier="standard")


def test_the_same_again_is_refused(world: CoverWorld) -> None:
    with pytest.raises(Refusal, match="the same as before"):
        amended(agreed(world))


def test_a_form_that_saw_another_cover_overwrites_nothing(world: CoverWorld) -> None:
    old = agreed(world, starts_at=MAY)
    seen = cover_token(old)
    amended(old, tier="priority_plus")
    with pytest.raises(Stale):
        amend_cover(cover=old, draft=draft_of(old), by=SALES, at=AT, seen=seen)


def test_ending_early_waits_for_a_second_person_also_through_a_day_to_come(world: CoverWorld) -> None:
    cover = agreed(world)
    asked = end_cover(cover=cover, ends_at=MAY, by=SALES, at=AT, reason="They sold the plant")
    assert asked.waits
    assert "It ends sooner." in asked.approval.summary
    decided(asked.approval)
    cover.refresh_from_db()
    assert (cover.ends_at, cover.ended_early_at, cover.end_reason) == (MAY, AT, "They sold the plant")
    assert AuditEvent.objects.get(verb="cover:end_early").changes["lasts"] == [
        "through 31 December 2026 (Amsterdam)", "through 30 April 2026 (Amsterdam)"
    ]  # fmt: skip


def test_decided_late_it_ends_with_the_decision(world: CoverWorld) -> None:
    cover = agreed(world)
    decided(end_cover(cover=cover, ends_at=MAY, by=SALES, at=AT, reason="Sold").approval, at=LATER)
    cover.refresh_from_db()
    assert cover.ends_at == LATER


@pytest.mark.parametrize(
    ("ends_on", "words"), [(date(2026, 2, 28), "in the past"), (date(2027, 1, 31), "choose an earlier day")]
)
def test_an_end_that_is_none_is_refused(world: CoverWorld, ends_on: date, words: str) -> None:
    with pytest.raises(Invalid, match=words) as raised:
        end_cover(cover=agreed(world), ends_at=end_through(ends_on, ZONE), by=SALES, at=AT, reason="Why")
    assert raised.value.field == "through"


def test_called_off_before_it_begins_it_was_never_there(world: CoverWorld) -> None:
    cover = agreed(world, starts_at=MAY)
    off = end_cover(cover=cover, ends_at=AT, by=SALES, at=AT, reason="Not wanted")
    assert not off.waits
    assert read_cover(off.cover).place(LATER) is CoverPlace.CALLED_OFF
    agreed(world, starts_at=MAY)  # it stands in nobody's way
    with pytest.raises(CoverPast, match="called off"):
        amended(cover, at=LATER, tier="standard")


def test_an_amendment_called_off_gives_the_one_before_its_end_back(world: CoverWorld) -> None:
    old = agreed(world)
    new = amended(old, starts_at=MAY, tier="priority_plus").cover
    end_cover(cover=new, ends_at=AT, by=SALES, at=AT, reason="Not wanted after all")
    old.refresh_from_db()
    assert (old.through_on, old.ends_at) == (date(2026, 12, 31), end_through(date(2026, 12, 31), ZONE))
    assert amended(old, tier="priority_plus").cover.follows == old


def test_a_place_that_gives_nobody_less_is_set_by_one_person(world: CoverWorld) -> None:
    cover = agreed(world)
    new = set_priority(cover=cover, priority=1, by=SALES, at=AT, reason="As the customer wants").cover
    assert (new.follows, new.priority) == (cover, 1)


def test_a_place_before_a_more_generous_cover_gives_less(world: CoverWorld) -> None:
    agreed(world, name="Generous", tier="priority_plus", shares={Aspect.LABOUR: 100, Aspect.PARTS: 100})
    asked = set_priority(cover=agreed(world), priority=1, by=SALES, at=AT, reason="As the contract says")
    assert asked.waits
    decided(asked.approval)
    assert Cover.objects.get(follows=asked.cover).priority == 1


def test_other_systems_are_told(world: CoverWorld) -> None:
    WebhookEndpointFactory(events=["cover.agreed", "cover.changed", "cover.ended"])
    new = amended(agreed(world, starts_at=MAY), tier="priority_plus").cover
    end_cover(cover=new, ends_at=AT, by=SALES, at=AT, reason="Not wanted")
    told = [row.payload["type"] for row in Outbound.objects.filter(kind="webhook").order_by("pk")]
    assert told == ["cover.agreed", "cover.changed", "cover.ended"]


def test_who_may_not_is_refused(world: CoverWorld) -> None:
    cover = agreed(world)
    for act in (
        lambda: amended(cover, by=actor("auditor"), tier="priority_plus"),
        lambda: end_cover(cover=cover, ends_at=MAY, by=actor("auditor"), at=AT, reason="Why"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_visits_are_planned_with_whatever_is_done_to_a_cover(world: CoverWorld) -> None:
    def planned() -> list[Visit]:
        return list(Visit.objects.filter(state=VisitState.PLANNED).order_by("from_on"))

    old = agreed(world, visits_a_year=2)
    first = planned()
    assert {visit.cover_id for visit in first} == {old.pk}
    more = amended(old, starts_at=MAY, visits_a_year=4).cover
    assert more.pk in {visit.cover_id for visit in planned()}
    end_cover(cover=more, ends_at=AT, by=SALES, at=AT, reason="Not wanted after all")
    assert [visit.from_on for visit in planned()] == [visit.from_on for visit in first]
    old.refresh_from_db()
    asked = end_cover(cover=old, ends_at=LATER, by=SALES, at=AT, reason="Sold")
    assert len(planned()) == len(first)  # nothing before it is decided
    decided(asked.approval)
    assert len(planned()) < len(first)


def test_an_amendment_to_come_takes_nothing_by_one_person(world: CoverWorld) -> None:
    """Else one would amend to more from May on, and then that to less before May."""
    old = agreed(world)
    new = amended(old, starts_at=MAY, tier="priority_plus").cover
    asked = amended(new, tier="standard", shares={Aspect.LABOUR: 100})
    assert asked.waits
    assert Cover.objects.get(pk=new.pk).tier == "priority_plus"
    approvals.reject(approval=asked.approval, by=SUPPORT, at=AT)
    between = amended(new, tier="priority")  # no less than they have
    assert not between.waits


def test_what_was_approved_from_a_day_on_is_not_moved_forward_by_one_person(world: CoverWorld) -> None:
    old = agreed(world)
    decided(amended(old, starts_at=MAY, tier="standard").approval)
    new = Cover.objects.get(follows=old)
    assert not amended(new, name="Called otherwise").waits
    assert amended(Cover.objects.get(pk=new.pk), starts_at=AT).waits  # and that says something else by itself


def test_an_amendment_never_begins_after_what_it_amends_has_ended(world: CoverWorld) -> None:
    """Else calling it off later would give the one before an end in the past."""
    new = amended(agreed(world), starts_at=MAY, tier="priority_plus", ends_at=None).cover
    with pytest.raises(Invalid, match="has ended by then") as raised:
        amended(new, starts_at=end_through(date(2027, 6, 30), ZONE))
    assert raised.value.field == "starts"


def test_a_place_before_others_is_no_way_round_the_second_person(world: CoverWorld) -> None:
    agreed(world, name="Generous", tier="priority_plus", shares={Aspect.LABOUR: 100, Aspect.PARTS: 100})
    with pytest.raises(Invalid, match="By this place somebody has less") as raised:
        agreed(world, tier="standard", priority=1)
    assert raised.value.field == "priority"
    to_come = agreed(world, starts_at=MAY, tier="standard")
    assert amended(to_come, priority=1).waits
    assert agreed(world, name="Better", tier="priority_plus", shares={Aspect.LABOUR: 100}, priority=1).priority == 1


def test_a_place_is_judged_for_whoever_it_is_narrowed_to(world: CoverWorld) -> None:
    jo = ContactFactory(account=world.acme, email="jo@acme.example")
    agreed(world, name="Generous", tier="priority_plus")
    narrow = agreed(world, tier="standard", contacts={jo.pk})
    assert set_priority(cover=narrow, priority=1, by=SALES, at=AT, reason="As agreed").waits
