"""What becomes of work to bill: handed over, waived by somebody else, or withdrawn as recorded by mistake."""

from dataclasses import replace
from datetime import timedelta

import pytest

from entitlements.models import Account
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, NotFound
from journal.models import AuditEvent
from support.actions.work.billing import MOST, hand_over, state_price, waive, withdraw_with_its_source, withdraw_work
from support.actions.work.handling import BILL, NothingToBill, OwnWork
from support.models import WorkItem
from tests.conftest import AT
from tests.entitlements.factories import AccountFactory
from tests.support.worked import EURO, maintained, recorded

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def acme(db: None) -> Account:
    return AccountFactory(key="acme", name="Acme")


@pytest.fixture
def item(acme: Account, support_agent: Actor) -> WorkItem:
    return recorded(acme, support_agent)


def test_several_are_handed_over_once(acme: Account, support_agent: Actor, finance: Actor) -> None:
    items = [recorded(acme, support_agent) for _ in range(2)]
    assert len(hand_over(items=items, by=finance, at=LATER)) == 2
    assert hand_over(items=items, by=finance, at=LATER) == []
    assert set(WorkItem.objects.values_list("billing", "settled_by", "settled_at")) == {
        ("handed_over", "Finance Person", LATER)
    }
    assert AuditEvent.objects.filter(verb="work:hand_over", account_key="acme").count() == 2


def test_a_waiver_has_a_reason_and_is_somebody_elses(item: WorkItem, finance: Actor) -> None:
    with pytest.raises(Invalid, match="Say why") as refused:
        waive(items=[item], reason=" ", by=finance, at=LATER)
    assert refused.value.field == "reason"
    (done,) = waive(items=[item], reason="Our mistake.", by=finance, at=LATER)
    assert (done.billing, done.settle_reason) == ("waived", "Our mistake.")
    assert waive(items=[item], reason="Again.", by=finance, at=LATER) == []
    assert AuditEvent.objects.get(verb="work:waive").reason == "Our mistake."


def test_nobody_waives_what_they_recorded(acme: Account, finance: Actor) -> None:
    both = replace(finance, permissions=finance.permissions | {"support.record_work"})
    item = recorded(acme, both)
    with pytest.raises(OwnWork, match="somebody else"):
        waive(items=[item], reason="So.", by=both, at=LATER)
    assert hand_over(items=[item], by=both, at=LATER)


def test_all_or_nothing(acme: Account, item: WorkItem, support_agent: Actor, finance: Actor) -> None:
    maintained(acme, parts=100)
    covered = recorded(acme, support_agent)
    with pytest.raises(NothingToBill, match="it is covered"):
        hand_over(items=[item, covered], by=finance, at=LATER)
    item.refresh_from_db()
    assert item.billing == "open"


def test_what_was_handed_over_cannot_be_waived(item: WorkItem, finance: Actor) -> None:
    hand_over(items=[item], by=finance, at=LATER)
    with pytest.raises(NothingToBill, match="handed over"):
        waive(items=[item], reason="Late.", by=finance, at=LATER)
    with pytest.raises(NothingToBill):
        withdraw_work(item=item, reason="Wrong.", by=finance, at=LATER)


def test_a_price_may_be_stated_later(acme: Account, support_agent: Actor, finance: Actor) -> None:
    maintained(acme, parts=75)
    item = recorded(acme, support_agent, amount_micros=None, currency="")
    priced = state_price(item=item, amount_micros=10 * EURO, currency="eur", by=finance, at=LATER)
    assert (priced.customer_micros, priced.currency) == (2_500_000, "EUR")
    assert state_price(item=item, amount_micros=10 * EURO, currency="EUR", by=finance, at=LATER) == priced
    assert AuditEvent.objects.filter(verb="work:state_price").count() == 1
    with pytest.raises(Invalid) as refused:
        state_price(item=item, amount_micros=10 * EURO, currency="", by=finance, at=LATER)
    assert refused.value.field == "currency"


def test_a_mistake_is_withdrawn_by_somebody_else_where_it_is_to_bill(
    acme: Account, item: WorkItem, support_agent: Actor, finance: Actor
) -> None:
    with pytest.raises(OwnWork):
        withdraw_work(item=item, reason="Wrong customer.", by=support_agent, at=LATER)
    assert withdraw_work(item=item, reason="Wrong customer.", by=finance, at=LATER).billing == "withdrawn"
    maintained(acme, parts=100)
    covered = recorded(acme, support_agent)
    assert withdraw_work(item=covered, reason="Twice.", by=support_agent, at=LATER).billing == "withdrawn"


def test_it_goes_with_what_it_was_written_from(item: WorkItem, support_agent: Actor, finance: Actor) -> None:
    gone = withdraw_with_its_source(item=item, reason="The time was withdrawn.", by=support_agent, at=LATER)
    assert gone is not None
    assert gone.billing == "withdrawn"
    assert withdraw_with_its_source(item=item, reason="Again.", by=support_agent, at=LATER) is None


def test_who_may(item: WorkItem, support_agent: Actor, auditor: Actor) -> None:
    for by in (support_agent, auditor):
        with pytest.raises(NotAllowed):
            hand_over(items=[item], by=by, at=LATER)
        with pytest.raises(NotAllowed):
            waive(items=[item], reason="So.", by=by, at=LATER)
        with pytest.raises(NotAllowed):
            state_price(item=item, amount_micros=1, currency="EUR", by=by, at=LATER)
    with pytest.raises(NotAllowed):
        withdraw_work(item=item, reason="So.", by=auditor, at=LATER)


def test_nothing_too_many_and_what_is_gone(item: WorkItem, finance: Actor) -> None:
    with pytest.raises(NothingToBill, match="Choose at least one"):
        hand_over(items=[], by=finance, at=LATER)
    with pytest.raises(NothingToBill, match="at most"):
        hand_over(items=[item] * (MOST + 1), by=finance, at=LATER)
    with pytest.raises(NotFound):
        hand_over(items=[WorkItem(pk=item.pk + 1)], by=finance, at=LATER)
    assert BILL == "support.bill_work"
    assert SYSTEM.may(BILL)
