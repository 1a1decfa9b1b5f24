"""The review queue: which overrides stand in it, why, in which order, and in how many reads."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.domain.rollouts import Audience
from entitlements.actions.policies import set_policy
from entitlements.domain.facts import Mode
from entitlements.domain.policy import Concession
from entitlements.domain.reviewing import Section
from entitlements.domain.saying import in_words
from entitlements.models import Account, Override
from entitlements.queries.review.queue import due_count, review_queue
from entitlements.queries.review.rows import Asked
from journal.domain.actor import SYSTEM
from journal.models import Approval, AuditEvent, Staff
from tests.entitlements.factories import ContractLineFactory, LoanFactory, OverrideFactory, ReasonCodeFactory
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, publish_plan, subscribed

pytestmark = pytest.mark.django_db
READS = 22
ENDING, OVERDUE, ENDED, LEFT, BEYOND, PERMANENT, SAFE = Section


@pytest.fixture
def sold(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    held_by = account("acme")
    subscribed(held_by, sold.team)
    return held_by


def given(held_by: Account, feature: Any, mode: Mode = Mode.ADD, *, amount: Any = 20 * GB, **columns: Any) -> Override:
    """An override in force from ten days ago through sixty days ahead."""
    told = {"starts_at": AT - 10 * DAY, "ends_at": AT + 60 * DAY, "typed_unit": feature.unit} | columns
    return OverrideFactory(account=held_by, feature=feature, mode=mode, amount=amount, **told)


def sections() -> dict[int, tuple[Section, ...]]:
    return {line.override.pk: line.sections for line in review_queue(at=AT).lines}


def test_what_is_in_order_is_not_in_the_queue(sold: Catalog, acme: Account) -> None:
    given(acme, sold.storage)
    assert review_queue(at=AT).lines == ()


def test_each_line_says_what_the_customer_has_with_it_and_without(sold: Catalog, acme: Account) -> None:
    given(acme, sold.storage, ends_at=AT + 3 * DAY)
    line = review_queue(at=AT).lines[0]
    assert line.sections == (ENDING,)
    assert line.now is not None
    assert line.without is not None
    assert (in_words(line.now), in_words(line.without)) == ("120 GB", "100 GB")


def test_the_most_urgent_come_first(sold: Catalog, acme: Account) -> None:
    due = given(acme, sold.storage, review_on=AT.date())
    last = given(acme, sold.storage, ends_at=AT + 9 * DAY)
    first = given(acme, sold.storage, ends_at=AT + 3 * DAY)
    over = given(acme, sold.storage, ends_at=AT - 3 * DAY)
    assert list(sections()) == [first.pk, last.pk, due.pk, over.pk]


def test_what_the_plan_gives_by_now_is_safe_to_remove(sold: Catalog, acme: Account) -> None:
    override = given(acme, sold.storage, Mode.AT_LEAST, amount=50 * GB)
    assert sections() == {override.pk: (SAFE,)}


def test_what_will_be_needed_before_it_ends_is_not_safe(sold: Catalog, acme: Account) -> None:
    given(acme, sold.storage, Mode.AT_LEAST, amount=50 * GB)
    publish_plan(sold.team, {sold.storage: 10 * GB}, at=AT - DAY, audience=Audience.ON_DATE, effective_at=AT + 20 * DAY)
    assert sections() == {}


def test_a_cap_is_never_called_safe(sold: Catalog, acme: Account) -> None:
    given(acme, sold.storage, Mode.AT_MOST, amount=500 * GB)
    assert sections() == {}


def test_two_that_say_the_same_are_each_safe_beside_the_other(sold: Catalog, acme: Account) -> None:
    for _ in range(2):
        given(acme, sold.storage, Mode.AT_LEAST, amount=150 * GB)
    assert set(sections().values()) == {(SAFE,)}


def test_beyond_what_the_role_may_give_today(sold: Catalog, acme: Account) -> None:
    policy(days=90, percent=50)
    over = given(acme, sold.storage, Mode.REPLACE, amount=None, unlimited=True, requested_as="sales")
    line = review_queue(at=AT).lines[0]
    assert (line.override, line.sections) == (over, (BEYOND,))
    assert "may concede alone" in line.beyond


def test_within_policy_or_given_by_no_role_it_is_not_beyond(sold: Catalog, acme: Account) -> None:
    policy(days=90, percent=50)
    given(acme, sold.storage, requested_as="sales")
    given(acme, sold.seats, Mode.REPLACE, amount=None, unlimited=True)
    assert sections() == {}


def test_by_a_rule_for_its_own_reason_it_may_be_within(sold: Catalog, acme: Account) -> None:
    policy(days=10)
    beta = ReasonCodeFactory(key="beta")
    longer: dict[str, Any] = {"max_percent": None, "max_times": None, "by": SYSTEM, "at": AT - DAY}
    set_policy(role="sales", concession=Concession.OVERRIDE, max_days=120, reason_code=beta, **longer)
    given(acme, sold.storage, requested_as="sales", reason_code=beta)
    other = given(acme, sold.seats, amount=2, requested_as="sales")
    assert sections() == {other.pk: (BEYOND,)}


def test_given_or_approved_by_somebody_who_left(sold: Catalog, acme: Account) -> None:
    gone = Staff.objects.create_user("gone", first_name="Gina", last_name="Gone", is_active=False)
    asked = given(acme, sold.storage, requested_by_key=f"staff:{gone.pk}")
    approved = given(acme, sold.storage)
    Approval.objects.create(
        kind="override", subject_type="override", subject_key=str(approved.pk), subject_label="x", summary="x",
        requested_at=AT, requested_by_key="staff:0", requested_by_name="Sal", state=Approval.State.APPROVED,
        decided_at=AT, decided_by_key=f"staff:{gone.pk}", decided_by_name="Gina Gone",
    )  # fmt: skip
    assert sections() == {asked.pk: (LEFT,), approved.pk: (LEFT,)}
    assert {line.left for line in review_queue(at=AT).lines} == {("Gina Gone",)}


def test_what_a_loan_or_a_contract_gives_is_looked_after_there(sold: Catalog, acme: Account) -> None:
    given(acme, sold.storage, ends_at=AT + DAY, loan=LoanFactory(account=acme))
    given(acme, sold.storage, ends_at=AT + DAY, contract_line=ContractLineFactory())
    assert sections() == {}


def test_what_another_follows_doesn_t_end(sold: Catalog, acme: Account) -> None:
    first = given(acme, sold.storage, ends_at=AT + DAY)
    given(acme, sold.storage, starts_at=AT + DAY, follows=first)
    assert sections() == {}


def test_it_is_narrowed_down_and_counts_what_is_left(sold: Catalog, acme: Account) -> None:
    ann = Staff.objects.create_user("ann")
    other = account("other", owner=ann)
    beta = ReasonCodeFactory(key="beta")
    mine = given(other, sold.seats, amount=5, ends_at=AT + DAY, reason_code=beta, requested_as="sales")
    given(acme, sold.storage, ends_at=AT + DAY)
    for asked in (Asked(owner=ann.pk), Asked(feature="seats"), Asked(reason_code="beta"), Asked(team="sales")):
        found = review_queue(at=AT, asked=asked)
        assert [line.override for line in found.lines] == [mine]
        assert found.counts[ENDING] == 1
    assert len(review_queue(at=AT).within("ending")) == 2
    assert review_queue(at=AT).within("overdue") == ()


def test_the_reads_do_not_grow_with_the_queue(sold: Catalog, django_assert_num_queries: Any) -> None:
    subscribed(account("first"), sold.team)
    given(Account.objects.get(), sold.storage, ends_at=AT + DAY)
    with django_assert_num_queries(READS):
        assert len(review_queue(at=AT).lines) == 1
    for number in range(6):
        held_by = account(f"a{number}")
        subscribed(held_by, sold.team)
        given(held_by, sold.storage, ends_at=AT + DAY)
        given(held_by, sold.seats, Mode.REPLACE, amount=None, unlimited=True)
    with django_assert_num_queries(READS):
        assert len(review_queue(at=AT).lines) == 7


def test_beside_the_link_stands_what_time_has_brought(sold: Catalog, acme: Account) -> None:
    given(acme, sold.storage, ends_at=AT + DAY)
    given(acme, sold.storage, review_on=AT.date())
    given(acme, sold.storage, Mode.AT_LEAST, amount=50 * GB)  # safe to remove, which only resolving tells
    assert due_count(at=AT) == 2
    assert due_count(at=AT - 20 * DAY) == 0


def test_counting_for_the_link_takes_two_reads(sold: Catalog, acme: Account, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        given(acme, sold.storage, ends_at=AT + DAY)
    with django_assert_num_queries(2):
        assert due_count(at=AT) == 3
    with django_assert_num_queries(1):
        assert due_count(at=AT - timedelta(days=50)) == 0


def test_no_audit_is_written_by_looking(sold: Catalog, acme: Account) -> None:
    given(acme, sold.storage, ends_at=AT + DAY)
    before = AuditEvent.objects.count()
    review_queue(at=AT)
    assert AuditEvent.objects.count() == before
