"""Several hands on one case at the same moment: each event counts once, and the clocks are those of all of them."""

import pytest

from entitlements.models import Account
from journal.domain.actor import SYSTEM
from support.actions.cases.intake import take_events
from support.actions.cases.noting import note, note_once
from support.actions.cases.opening import set_account
from support.actions.cases.promising import promise_anew
from support.domain.case_events import EventKind
from support.domain.case_intake.ticket_events import parse_ticket_events
from support.models import Case, CaseEvent, SlaPolicyVersion
from support.queries.cases.anew import anew
from tests.journal.side_by_side import at_once
from tests.support.casework import NOW, clock, happened, holder, hour, opened, policy, rows, world
from tests.support.counting_world import AT, a_case, left, sold, supported

pytestmark = pytest.mark.django_db(transaction=True)
REPLY, MESSAGE = EventKind.PUBLIC_REPLY, EventKind.CUSTOMER_MESSAGE
OPENED = {
    "source": "tickets", "id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T09:00:00Z",
    "subject": "Export stops", "severity": "high", "account": "acme",
}  # fmt: skip


def test_two_events_at_once_are_both_in_the_clocks() -> None:
    case = opened(world())
    told = at_once(
        lambda: happened(case, REPLY, hour(0.5)),
        lambda: happened(case, MESSAGE, hour(1)),
        lambda: happened(case, EventKind.STATE, hour(2), "waiting"),
    )
    assert not [one for one in told if isinstance(one, Exception)]
    assert clock(case, "first_response").met_at == hour(0.5)
    assert clock(case, "next_response").started_at == hour(1)
    assert clock(case, "resolution").paused_since == hour(2)
    assert Case.objects.get(pk=case.pk).state == "waiting"


def test_one_event_told_by_many_at_once_is_noted_once() -> None:
    case = opened(world())

    def tell() -> bool:
        return note_once(case=case, kind=REPLY, by=SYSTEM, at=NOW, happened_at=hour(1), name="m-1").again

    assert sorted(at_once(*(tell for _ in range(4)))) == [False, True, True, True]
    assert CaseEvent.objects.filter(case=case, name="m-1").count() == 1


def test_one_ticket_opened_by_many_at_once_is_one_case() -> None:
    world()
    told = at_once(*(lambda: take_events(parse_ticket_events(OPENED), by=SYSTEM, at=NOW)[0].outcome for _ in range(4)))
    assert sorted(told) == ["accepted", "duplicate", "duplicate", "duplicate"]
    assert Case.objects.count() == 1


def test_an_event_and_a_recompute_at_once_end_in_the_same_clocks() -> None:
    acme = world()
    newer = policy("priority")
    case, other = opened(acme), opened(acme)

    def recompute(one: Case, version: SlaPolicyVersion = newer) -> object:
        return promise_anew(one, promise=anew(one.promises.get(), at=hour(1), policy=version), at=NOW)

    told = at_once(lambda: recompute(case), lambda: note(case=case, kind=REPLY, by=SYSTEM, at=NOW, happened_at=hour(3)))
    assert not [one for one in told if isinstance(one, Exception)]
    note(case=other, kind=REPLY, by=SYSTEM, at=NOW, happened_at=hour(3))
    recompute(other)
    assert rows(case) == rows(other)


def test_given_to_an_account_while_something_happens() -> None:
    acme = world()
    case = opened(None)
    told = at_once(
        lambda: set_account(case=case, account=acme, by=SYSTEM, at=NOW),
        lambda: happened(case, REPLY, hour(0.5)),
        lambda: happened(case, MESSAGE, hour(1)),
    )
    assert not [one for one in told if isinstance(one, Exception)]
    assert Case.objects.get(pk=case.pk).account == Account.objects.get(key="acme")
    assert clock(case, "first_response").met_at == hour(0.5)
    assert clock(case, "next_response").started_at == hour(1)


def test_two_cases_that_change_customers_at_once_wait_for_nobody_who_waits() -> None:
    """Each gives an incident back to one customer and takes one of the other."""
    acme, pack = supported(10)
    bolt = holder("bolt")
    sold(bolt, pack, 10)
    one, two = a_case(acme), a_case(bolt)
    for to_one, to_two in [(bolt, acme), (acme, bolt)] * 3:
        told = at_once(
            lambda to=to_one: set_account(case=Case.objects.get(pk=one.pk), account=to, by=SYSTEM, at=AT),
            lambda to=to_two: set_account(case=Case.objects.get(pk=two.pk), account=to, by=SYSTEM, at=AT),
        )
        assert not [answer for answer in told if isinstance(answer, Exception)]
    assert [left(account, pack) for account in (acme, bolt)] == [9, 9]
