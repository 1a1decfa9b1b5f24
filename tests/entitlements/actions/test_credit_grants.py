"""Granting credits and voiding them: who may, what is refused, what the ledger and the audit say."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.window import MOMENT
from entitlements.actions.credits.grants import MOST, GrantTerms, grant, void
from entitlements.actions.merging import ask_to_merge
from entitlements.models import CreditEntry, CreditGrant
from entitlements.models.account import AccountKind
from entitlements.models.credit import GrantSource, Recurs
from entitlements.queries.credits import ledger_of
from entitlements.queries.credits.balances import token_of
from journal.actions import approvals
from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import StorageFactory
from tests.conftest import actor
from tests.entitlements.crediting import Credited, adds_up, credited, granted, left, lines, seen, spent, unplanned
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> Credited:
    return credited()


def voided(row: CreditGrant, *, at: datetime = AT + HOUR, by: Any = SYSTEM, reason: str = "Paid back") -> CreditGrant:
    return void(grant=row, reason=reason, by=by, at=at)


def test_what_was_sold_is_there_at_once_and_says_why(world: Credited, sales: Actor) -> None:
    row = granted(world, 50, by=sales)
    assert left(world) == 150
    (event,) = AuditEvent.objects.filter(verb="credits:grant")
    assert (event.changes, event.reason, event.account_key) == (
        {"AI credits": [None, "50 credits"]}, "They bought it", "acme",
    )  # fmt: skip
    assert (row.granted_by, row.history.count()) == (sales.name, 1)


def test_through_a_day_of_the_customers_calendar(world: Credited) -> None:
    row = granted(world, 50, through_on=date(2026, 3, 31))
    assert row.expires_at == datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    assert (left(world, row.expires_at - HOUR), left(world, row.expires_at)) == (150, 100)


def test_it_may_begin_later_and_never_earlier(world: Credited) -> None:
    later = granted(world, 50, effective_at=AT + DAY)
    assert granted(world, 5, effective_at=AT - DAY).effective_at == AT
    assert [left(world), left(world, AT + DAY - HOUR), left(world, AT + DAY)] == [105, 105, 155]
    assert [one.row for one in seen(world).to_come] == [later]


def test_one_that_recurs_is_set_again_and_not_added_up(world: Credited) -> None:
    granted(world, 10, recurs=Recurs.WEEK)
    spent(world, 104, at=AT + DAY)
    assert [left(world, AT + days * DAY) for days in (1, 6, 7, 14)] == [6, 6, 10, 10]


def test_what_rolls_over_is_bounded(world: Credited) -> None:
    granted(world, 50, max_rollover=Decimal(20))
    april = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)
    assert left(world, april) == 120


def test_a_lower_priority_number_is_used_before_the_plan(world: Credited) -> None:
    first = granted(world, 50, priority=1)
    spent(world, 60, at=AT + HOUR)
    assert [(one.row, one.left) for one in seen(world, AT + HOUR).grants] == [(None, 90)]
    assert first.entries.filter(kind="use").get().amount == -50


def test_voided_what_is_left_is_gone_and_what_was_used_stays_used(world: Credited, finance: Actor) -> None:
    row = granted(world, 50)
    spent(world, 120, at=AT + HOUR)
    voided(row, at=AT + 2 * HOUR, by=finance)
    assert left(world, AT + 2 * HOUR) == 0
    assert lines(world)[-1] == ("void", -30, 0)
    (line, *_) = ledger_of(account=world.acme, feature=world.credits, at=AT + 2 * HOUR).lines
    assert (line.words, line.note) == (
        f"30 credits voided: 50 credits, sold (grant {row.pk})",
        f"Paid back ({finance.name})",
    )
    assert AuditEvent.objects.filter(verb="credits:void").get().reason == "Paid back"


def test_voided_before_it_begins_it_never_does(world: Credited) -> None:
    row = granted(world, 50, effective_at=AT + DAY)
    voided(row)
    assert left(world, AT + 2 * DAY) == 100


def test_voided_twice_or_after_its_end_is_refused(world: Credited) -> None:
    row, short = granted(world, 50), granted(world, 5, through_on=date(2026, 3, 2))
    voided(row)
    with pytest.raises(Stale):
        voided(row, at=AT + DAY)
    with pytest.raises(Refusal, match="expired by itself"):
        voided(short, at=AT + DAY)


def test_a_grant_or_a_voiding_in_the_very_moment_of_a_use_counts(world: Credited) -> None:
    spent(world, 130, forced=True)
    row = granted(world, 50)
    assert left(world) == 20
    row = voided(row, at=AT)
    assert (left(world), left(world, row.voided_at), seen(world, row.voided_at).overage) == (20, 0, 0)
    assert row.voided_at == AT + MOMENT  # what was used in that moment stays used
    assert adds_up(world)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal(-5)}, "amount"),
        ({"amount": Decimal("1.5")}, "amount"),
        ({"amount": MOST + 1}, "amount"),
        ({"amount": Decimal(1), "priority": 0}, "priority"),
        ({"amount": Decimal(1), "priority": 256}, "priority"),
        ({"amount": Decimal(1), "through_on": date(2026, 3, 1)}, "through_on"),
        ({"amount": Decimal(1), "recurs": Recurs.DAY, "recurs_every": 0}, "recurs_every"),
        ({"amount": Decimal(1), "min_rollover": Decimal(2), "max_rollover": Decimal(1)}, "max_rollover"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(world: Credited, terms: dict[str, Any], field: str) -> None:
    asked = {"account": world.acme, "feature": world.credits, "reason": "x", "by": SYSTEM, "at": AT}
    with pytest.raises(Refusal) as refused:
        grant(terms=GrantTerms(**terms), **asked)
    assert refused.value.field == field
    assert not CreditGrant.objects.exists()


def test_a_reason_is_needed_both_ways(world: Credited) -> None:
    with pytest.raises(Invalid, match="reason"):
        grant(account=world.acme, feature=world.credits, terms=GrantTerms(Decimal(1)), reason=" ", by=SYSTEM, at=AT)
    with pytest.raises(Invalid, match="Say why"):
        voided(granted(world, 5), reason=" ")


def test_only_credits_are_granted(world: Credited) -> None:
    with pytest.raises(Invalid, match="is no credits"):
        granted(Credited(world.acme, StorageFactory(), world.plan), 5)


def test_sales_grant_and_finance_void_and_nobody_else_does(world: Credited) -> None:
    row = granted(world, 50, by=actor("sales"))
    for role, act in (("support", granted), ("auditor", granted), ("administrator", granted)):
        with pytest.raises(NotAllowed):
            act(world, 5, by=actor(role))
    with pytest.raises(NotAllowed):
        voided(row, by=actor("sales"))
    voided(row, by=actor("finance"))


def test_a_program_needs_the_scope(world: Credited) -> None:
    key = {"kind": ActorKind.API_KEY, "key": "key:1", "name": "Shop"}
    row = granted(world, 50, by=Actor(**key, permissions=frozenset({"credits:write"})))
    assert row.granted_by == "Shop"
    with pytest.raises(NotAllowed):
        granted(world, 50, by=Actor(**key))


def test_pressed_twice_the_second_press_is_refused(world: Credited) -> None:
    token = token_of(account=world.acme, feature=world.credits)
    told = {"account": world.acme, "feature": world.credits, "reason": "x", "by": SYSTEM, "at": AT, "seen": token}
    grant(terms=GrantTerms(Decimal(1)), **told)
    with pytest.raises(Stale):
        grant(terms=GrantTerms(Decimal(1)), **told)


def test_on_an_internal_account_credits_end() -> None:
    world = unplanned()
    own = Credited(account("ours", kind=AccountKind.INTERNAL), world.credits, world.plan)
    with pytest.raises(Invalid, match="needs an end"):
        granted(own, 5)
    granted(own, 5, through_on=date(2026, 12, 31))


def test_merged_away_what_is_left_goes_on_under_the_account_that_stays(world: Credited) -> None:
    twin = Credited(account("twin"), world.credits, world.plan)
    granted(twin, 50, through_on=date(2026, 12, 31))
    granted(twin, 10, recurs=Recurs.WEEK)
    spent(twin, 25, at=AT + HOUR)
    asked = {"duplicate": twin.acme, "into": world.acme, "reason": "One customer", "at": AT + DAY}
    approvals.approve(approval=ask_to_merge(by=actor("sales"), **asked), by=actor("finance"), at=AT + DAY)
    assert (left(twin, AT + DAY), left(world, AT + DAY)) == (0, 135)
    assert left(world, AT + 7 * DAY) == 135 + 0  # 25 of the first and, the week's 10 being whole still, 10
    assert {row.source for row in CreditGrant.objects.filter(account=world.acme)} == {GrantSource.MERGE}
    assert adds_up(world)


def test_the_ledger_pages_and_tells_what_time_has_brought(world: Credited) -> None:
    granted(world, 50, through_on=date(2026, 3, 31))
    for number in range(6):
        spent(world, 1, at=AT + (number + 1) * HOUR)
    told = {"account": world.acme, "feature": world.credits, "at": AT + 60 * DAY}
    page = ledger_of(size=5, **told)
    fresh = [line.words for line in page.lines if not line.number]
    assert fresh[-1] == f"50 credits expired: 50 credits, sold (grant {CreditGrant.objects.get().pk})"
    assert fresh[0] == "100 credits again: the plan's credits"
    rest = ledger_of(size=5, before=page.before, **told)
    numbers = [line.number for line in (*page.lines, *rest.lines) if line.number]
    assert numbers == sorted(CreditEntry.objects.values_list("pk", flat=True), reverse=True)
    assert rest.before is None
