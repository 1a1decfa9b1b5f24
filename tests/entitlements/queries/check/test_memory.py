"""The memory answers as the rows do, and reads no row for what it knows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.domain.rollouts import Audience
from catalog.domain.values import ParentRule
from entitlements.actions.accounts import set_standing
from entitlements.domain.facts import Standing
from entitlements.domain.usage.terms import use_terms
from entitlements.models import CohortMember, UsageCounter
from entitlements.queries.check import Memory
from entitlements.queries.check.log import Log
from entitlements.snapshots import Reader, snapshot_facts
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotFound
from tests.catalog.factories import FeatureRevisionFactory, PlanFactory
from tests.entitlements.factories import CohortFactory, IdentifierFactory, OverrideFactory
from tests.entitlements.world import AT, DAY, GB, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db


class Clock:
    def __init__(self):
        self.at = AT

    def __call__(self):
        return self.at.timestamp()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def world():
    return catalog()


@pytest.fixture
def acme(world):
    acme = account()
    subscribed(acme, world.team)
    return acme


@pytest.fixture
def memory(acme, clock, monkeypatch):
    """As a process has it whose thread has just read the log; the test's own transaction counts as committed."""
    monkeypatch.setattr(Log, "written_here", lambda *_: False)
    made = Memory(clock=clock)
    made.take_up_changes()
    return made


def test_what_is_known_is_answered_without_a_query(memory, acme, django_assert_num_queries):
    first = memory.check("acme", "sso")
    with django_assert_num_queries(0):
        again = memory.check("acme", "sso")
        other = memory.check("acme", "tier", choice="smart")
    assert (again.allowed, other.allowed, again.source) == (True, True, "cache")
    assert again.version == first.version
    assert again.until == float("inf")
    assert "Team v1" in again.because[0]


def test_a_second_account_of_the_same_kind_costs_no_second_working_out(memory, acme, world):
    subscribed(account("bravo"), world.team)
    memory.take_up_changes()
    assert memory.check("acme", "sso").source == memory.check("bravo", "sso").source == "cache"
    assert len(memory.store.profiles) == 1


def test_terms_are_those_the_resolver_gives(memory, acme):
    held = memory.terms(acme.pk, at=AT)
    by_rows = use_terms(snapshot_facts(acme.pk, reader=Reader(), billing=True), at=AT)
    assert held.keys() == by_rows.keys()
    for key, terms in by_rows.items():
        assert (held[key].answer.value, held[key].reliance, held[key].zone) == (
            terms.answer.value, terms.reliance, terms.zone,
        )  # fmt: skip
        assert held[key].period(AT) == terms.period(AT)


def test_what_was_changed_is_taken_up(memory, acme, world):
    assert memory.check("acme", "storage", quantity=101 * GB).allowed is False
    promise(acme, world.storage, 200 * GB)
    assert memory.take_up_changes() >= 1
    assert memory.check("acme", "storage", quantity=101 * GB).allowed is True


def promise(held_by, feature, value):
    return OverrideFactory(account=held_by, feature=feature, amount=int(value), ends_at=AT + 30 * DAY)


def test_only_the_overridden_features_stand_apart(memory, acme, world):
    promise(acme, world.storage, 200 * GB)
    memory.take_up_changes()
    compiled = memory.whole_set("acme").compiled
    assert set(compiled.rulings) == {"storage"}
    assert compiled.base is not None
    assert memory.terms(acme.pk, at=AT)["sso"].answer.granted


def test_a_plan_edit_reads_no_account(memory, acme, world, django_assert_max_num_queries):
    subscribed(account("bravo"), world.team)
    memory.take_up_changes()
    assert [memory.check(key, "seats", quantity=11).allowed for key in ("acme", "bravo")] == [False, False]
    publish_plan(world.team, {world.seats: Decimal(12)}, at=AT)
    memory.take_up_changes()
    with django_assert_max_num_queries(20) as asked:
        assert [memory.check(key, "seats", quantity=11, now=AT).allowed for key in ("acme", "bravo")] == [True, True]
    assert not [query for query in asked if "entitlements_account" in query["sql"]]


def test_an_answer_ends_by_itself(memory, clock, acme, world):
    promise(acme, world.storage, 200 * GB)
    memory.take_up_changes()
    answer = memory.check("acme", "storage", quantity=101 * GB)
    assert answer.until == (AT + 30 * DAY).timestamp()
    clock.at = AT + 30 * DAY
    memory.take_up_changes()
    assert memory.check("acme", "storage", quantity=101 * GB).allowed is False


def test_where_nobody_watches_rows_are_read(memory, clock, acme, world):
    memory.check("acme", "storage")
    clock.at = AT + timedelta(seconds=3)
    promise(acme, world.storage, 200 * GB)
    answer = memory.check("acme", "storage", quantity=101 * GB)
    assert (answer.allowed, answer.source) == (True, "live")


def test_an_account_answers_to_its_other_names(memory, acme):
    IdentifierFactory(account=acme, kind="external", system="crm", value="Cus_1", value_key="cus_1")
    memory.take_up_changes()
    assert memory.account("crm:cus_1") == memory.account("acme") == acme.pk


def test_nobody_is_remembered_briefly(memory, world, django_assert_num_queries):
    assert memory.account("nobody") is None
    with django_assert_num_queries(0), pytest.raises(NotFound, match="nobody"):
        memory.check("nobody", "sso")
    account("nobody")
    memory.take_up_changes()
    assert memory.account("nobody") is not None


def test_an_unknown_feature_is_named(memory, acme):
    with pytest.raises(NotFound, match="no feature 'sos'"):
        memory.check("acme", "sos")


def test_another_instant_is_read_and_changes_nothing_held(memory, acme):
    held = memory.whole_set("acme").compiled
    assert not memory.check("acme", "sso", now=AT - 20 * DAY).allowed
    assert memory.whole_set("acme").compiled is held


def test_what_others_change_while_it_is_read_is_not_kept(memory, acme, world, monkeypatch):
    from entitlements.queries.check import finding

    def reads_and_is_overtaken(account_id, **options):
        read = real(account_id, **options)
        memory.store.forget([account_id])
        return read

    real = finding.read_account
    monkeypatch.setattr(finding, "read_account", reads_and_is_overtaken)
    assert memory.check("acme", "sso").allowed
    assert memory.store.ids.get(acme.pk) is None
    assert memory.store.names.get("acme") is None


def counted(account_id, feature, used, *, at=AT, held=0):
    beginning = datetime(1970, 1, 1, tzinfo=UTC)
    row, _made = UsageCounter.objects.update_or_create(
        account_id=account_id, feature=feature, starts_at=beginning, subject="", choice="",
        defaults={"since": beginning, "used": used, "held": held, "updated_at": at},
    )  # fmt: skip
    return row


def test_use_is_remembered_and_refreshed_with_its_age(memory, clock, acme, world, django_assert_num_queries):
    counted(acme.pk, world.seats, 7, held=1)
    first = memory.check("acme", "seats", quantity=2)
    assert (first.allowed, first.left, first.used, first.used_as_of) == (True, 2, 8, AT.timestamp())
    counted(acme.pk, world.seats, 9, at=AT + timedelta(seconds=1))
    clock.at = AT + timedelta(seconds=1)
    memory.take_up_changes()
    with django_assert_num_queries(1):
        memory.take_up_use()
    with django_assert_num_queries(0):
        again = memory.check("acme", "seats", quantity=2)
    assert (again.allowed, again.left, again.used, again.used_as_of) == (False, 1, 9, clock())
    assert memory.used(acme.pk, "seats") == (9, clock())
    assert memory.used(acme.pk, "sso") is None


def test_an_explanation_names_rows_and_days(memory, acme, world):
    promise(acme, world.storage, 200 * GB)
    memory.take_up_changes()
    told = memory.explain("acme", "storage", quantity=250 * GB)
    assert told.decision.allowed is False
    assert any("verride #" in line for line in told.lines)
    assert "200 GB" in told.lines[0]


def test_many_are_read_at_once(memory, acme, world):
    others = [account(f"holder-{n}") for n in range(3)]
    for other in others:
        subscribed(other, world.free)
    memory.take_up_changes()
    assert memory.warm([acme.pk, *(other.pk for other in others)]) == 4
    assert {memory.check(other.key, "seats", quantity=2).source for other in others} == {"cache"}
    assert len(memory.store.profiles) == 2


def test_what_was_not_asked_for_longest_goes_first_and_is_read_again(clock, acme, world, memory):
    small = Memory(most=2, clock=clock)
    small.take_up_changes()
    for n in range(4):
        subscribed(account(f"holder-{n}"), world.free)
        small.take_up_changes()
        small.check(f"holder-{n}", "seats")
    assert len(small.store.ids) <= 2
    assert small.check("holder-0", "seats", quantity=2).allowed


def test_a_parents_change_is_its_childrens(memory, acme, world):
    child = account("child", parent=acme)
    FeatureRevisionFactory(feature=world.sso, effective_at=AT - DAY, parent_rule=ParentRule.INHERIT)
    memory.take_up_changes()
    assert memory.check("child", "sso").allowed
    set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT)
    memory.take_up_changes()
    assert memory.store.ids.get(child.pk) is None
    assert not memory.check("child", "sso").allowed


def test_children_are_read_again_when_a_rule_first_asks_for_parents(memory, acme, world):
    account("child", parent=acme)
    memory.take_up_changes()
    assert not memory.check("child", "sso").allowed
    FeatureRevisionFactory(feature=world.sso, effective_at=AT - DAY, parent_rule=ParentRule.INHERIT)
    memory.take_up_changes()
    assert memory.check("child", "sso").allowed


def test_a_new_version_for_a_cohort_is_read_by_its_members_only(memory, acme, world):
    subscribed(account("bravo"), world.team)
    member(acme, CohortFactory(key="beta"))
    memory.take_up_changes()
    before = [memory.check(key, "seats", quantity=11).allowed for key in ("acme", "bravo")]
    untouched = memory.store.ids.get(memory.account("bravo"))
    publish_plan(world.team, {world.seats: Decimal(12)}, at=AT, audience=Audience.COHORT, cohort_key="beta")
    memory.take_up_changes()
    after = [memory.check(key, "seats", quantity=11).allowed for key in ("acme", "bravo")]
    assert (before, after) == ([False, False], [True, False])
    assert memory.store.ids.get(memory.account("bravo")) is untouched


def member(held_by, cohort):
    return keep(CohortMember(cohort=cohort, account=held_by), deed=begin(by=SYSTEM, at=AT))


def test_at_renewal_each_holder_is_read_again_and_moves_at_its_own_instant(memory, clock, acme, world):
    assert not memory.check("acme", "seats", quantity=11).allowed
    publish_plan(world.team, {world.seats: Decimal(12)}, at=AT, audience=Audience.AT_RENEWAL)
    memory.take_up_changes()
    answer = memory.check("acme", "seats", quantity=11)
    renewal = AT - 10 * DAY + timedelta(days=28)
    assert (answer.allowed, answer.until) == (False, renewal.timestamp())
    clock.at = renewal
    memory.take_up_changes()
    assert memory.check("acme", "seats", quantity=11).allowed


def brand_new(world):
    plan = PlanFactory(key="brand_new", name="Brand new")
    publish_plan(plan, {world.sso: True, world.storage: 5 * GB})
    return plan


def another_edition(world):
    publish_plan(world.team, {world.sso: True, world.storage: 5 * GB}, audience=Audience.NEW_CUSTOMERS)
    return world.team


@pytest.mark.parametrize("published", [brand_new, another_edition])
def test_what_was_published_and_sold_before_word_of_it_came_is_answered_by_the_rows(memory, acme, world, published):
    assert memory.check("acme", "sso").source == "cache"
    bravo = account("bravo")
    subscribed(bravo, published(world), at=AT)
    told = memory.check("bravo", "sso")
    assert (told.allowed, told.source) == (True, "live")
    assert memory.check("bravo", "storage", quantity=6 * GB).allowed is False
    assert memory.explain("bravo", "sso")
    memory.warm([acme.pk, bravo.pk])
    memory.take_up_changes()
    assert (memory.check("bravo", "sso").allowed, memory.check("bravo", "sso").source) == (True, "cache")
