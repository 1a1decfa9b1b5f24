"""The list of reasons that staff choose from."""

import pytest

from entitlements.actions.reason_codes import (
    add_reason_code,
    bring_back_reason_code,
    rename_reason_code,
    retire_reason_code,
)
from entitlements.models import ReasonCode
from entitlements.queries.reasons import reason_codes
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent
from tests.entitlements.factories import ReasonCodeFactory
from tests.entitlements.world import AT, DAY

pytestmark = pytest.mark.django_db


def added(by: Actor, key: str = "deal", name: str = "Negotiated deal") -> ReasonCode:
    return add_reason_code(key=key, name=name, note="Agreed with a customer.", by=by, at=AT)


def test_a_reason_is_added_and_can_be_chosen(finance: Actor) -> None:
    row = added(finance)
    assert list(reason_codes()) == [row]
    assert AuditEvent.objects.get().verb == "reason_code:add"


def test_renamed_it_keeps_its_key(finance: Actor) -> None:
    row = rename_reason_code(reason_code=added(finance), name="Deal", note="", by=finance, at=AT + DAY)
    assert (row.key, row.name, row.note) == ("deal", "Deal", "")
    assert AuditEvent.objects.get(verb="reason_code:rename").changes["name"] == ["Negotiated deal", "Deal"]


def test_saving_what_stands_already_writes_nothing(finance: Actor) -> None:
    row = added(finance)
    rename_reason_code(reason_code=row, name=row.name, note=row.note, by=finance, at=AT + DAY)
    assert row.history.count() == 1


def test_retired_it_is_not_offered_and_brought_back_it_is(finance: Actor) -> None:
    row = added(finance)
    retire_reason_code(reason_code=row, by=finance, at=AT + DAY)
    assert not reason_codes().exists()
    bring_back_reason_code(reason_code=row, by=finance, at=AT + 2 * DAY)
    assert list(reason_codes()) == [row]


def test_twice_is_told(finance: Actor) -> None:
    row = added(finance)
    with pytest.raises(Stale, match="can be chosen already"):
        bring_back_reason_code(reason_code=row, by=finance, at=AT)
    retire_reason_code(reason_code=row, by=finance, at=AT)
    with pytest.raises(Stale, match="retired already"):
        retire_reason_code(reason_code=row, by=finance, at=AT)


@pytest.mark.parametrize(
    ("key", "name", "field"),
    [("deal", "Other", "key"), ("other", "negotiated DEAL", "name"), ("Not a key", "x", "key"), ("x", " ", "name")],
)
def test_what_cannot_be_is_refused_beside_its_field(finance: Actor, key: str, name: str, field: str) -> None:
    added(finance)
    with pytest.raises(Invalid) as refused:
        added(finance, key, name)
    assert refused.value.field == field


def test_a_name_in_use_is_refused_for_a_rename(finance: Actor) -> None:
    other = ReasonCodeFactory(name="Beta")
    with pytest.raises(Invalid, match="called beta"):
        rename_reason_code(reason_code=added(finance), name="beta", note="", by=finance, at=AT)
    assert rename_reason_code(reason_code=other, name="BETA", note="", by=finance, at=AT).name == "BETA"


def test_only_who_sets_policy_keeps_the_list(sales: Actor) -> None:
    row = ReasonCodeFactory()
    with pytest.raises(NotAllowed):
        added(sales)
    for act in (retire_reason_code, bring_back_reason_code):
        with pytest.raises(NotAllowed):
            act(reason_code=row, by=sales, at=AT)
    with pytest.raises(NotAllowed):
        rename_reason_code(reason_code=row, name="x", note="", by=sales, at=AT)
