"""Use given back that landed on more than one counter or balance: a part, a subject, a parent, an account merged since."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from catalog.domain.values import ParentRule, Reset
from catalog.models import SubLimit
from entitlements.actions.merging import ask_to_merge
from entitlements.actions.usage.giving_back import give_back
from entitlements.domain.usage.operations import Act, Why
from entitlements.models import CreditEntry, CreditGrant, SubjectLimit, UsageCounter, UsageDay, UsageEvent
from journal.actions import approvals
from journal.actions.deeds import begin, keep, remove
from journal.domain.actor import SYSTEM
from journal.models import Approval
from tests.catalog.factories import (
    EPOCH,
    DimensionChoiceFactory,
    DimensionFactory,
    FeatureRevisionFactory,
    PlanFactory,
    PlanVersionFactory,
    publish_now,
)
from tests.conftest import actor
from tests.entitlements.crediting import Credited, CreditsFactory, adds_up, credited, granted, left, publish_credits
from tests.entitlements.using import operation, told, use
from tests.entitlements.world import AT, DAY, account, subscribed, term

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
APRIL = datetime(2026, 3, 31, 22, 0, tzinfo=UTC)  # midnight in Amsterdam


def back(name: str, *, at: datetime = AT + HOUR):
    return give_back(source="shop", event_id=name, reason="It was our fault", by=SYSTEM, at=at)


def parted() -> Credited:
    """100 credits a month, of which at most 20 by phone."""
    feature, plan = CreditsFactory(), PlanFactory(key="pro", name="Pro")
    phone = DimensionChoiceFactory(dimension=DimensionFactory(feature=feature, key="channel"), key="phone")
    draft = PlanVersionFactory(plan=plan)
    row = keep(term(draft, feature, Decimal(100), reset=Reset.MONTH), deed=begin(by=SYSTEM, at=EPOCH))
    keep(SubLimit(term=row, choice=phone, amount=20), deed=begin(by=SYSTEM, at=EPOCH))
    publish_now(draft)
    acme = account()
    subscribed(acme, plan, at=AT - DAY)
    return Credited(acme, feature, plan)


def test_a_part_has_it_again():
    world = parted()
    use(world.acme, world.credits, 20, choice="channel.phone", id="e1")
    assert use(world.acme, world.credits, 1, choice="channel.phone").why is Why.PART_REACHED
    back("e1", at=AT)
    assert use(world.acme, world.credits, 20, choice="channel.phone").allowed
    assert left(world) == 80


def test_each_period_has_its_own_part():
    world = parted()
    use(world.acme, world.credits, 20, choice="channel.phone")
    assert use(world.acme, world.credits, 20, choice="channel.phone", at=APRIL).allowed
    assert use(world.acme, world.credits, 1, choice="channel.phone", at=APRIL).why is Why.PART_REACHED


def test_given_back_of_last_month_this_months_part_stays():
    world = parted()
    use(world.acme, world.credits, 20, choice="channel.phone", id="e1")
    use(world.acme, world.credits, 20, choice="channel.phone", at=APRIL)
    back("e1", at=APRIL + HOUR)
    assert use(world.acme, world.credits, 1, choice="channel.phone", at=APRIL + HOUR).why is Why.PART_REACHED
    assert sorted(UsageCounter.objects.filter(choice="channel.phone").values_list("used", flat=True)) == [0, 20]


def test_a_subject_with_a_limit_has_it_again():
    world = credited()
    limit = SubjectLimit(account=world.acme, feature=world.credits, subject="agent:a", amount=10, starts_at=AT)
    keep(limit, deed=begin(by=SYSTEM, at=AT))
    use(world.acme, world.credits, 10, subject="agent:a", id="e1")
    back("e1", at=AT)
    assert use(world.acme, world.credits, 10, subject="agent:a").allowed


def test_a_counter_of_former_rules_is_worked_out_again():
    """The limit of its own is gone; whoever sets one again finds what is used."""
    world = credited()
    limit = SubjectLimit(account=world.acme, feature=world.credits, subject="agent:a", amount=10, starts_at=AT)
    keep(limit, deed=begin(by=SYSTEM, at=AT))
    use(world.acme, world.credits, 10, subject="agent:a", id="e1")
    remove(SubjectLimit.objects.get(), deed=begin(by=SYSTEM, at=AT))
    back("e1")
    keep(SubjectLimit(account=world.acme, feature=world.credits, subject="agent:a", amount=10, starts_at=AT),
         deed=begin(by=SYSTEM, at=AT))  # fmt: skip
    assert use(world.acme, world.credits, 10, subject="agent:a", at=AT + HOUR).allowed


def family():
    """A parent whose 100 credits a month its children share."""
    world = credited()
    rule = {"default_reset": Reset.MONTH, "parent_rule": ParentRule.SHARED}
    FeatureRevisionFactory(feature=world.credits, effective_at=EPOCH + timedelta(days=1), **rule)
    return world, account("child", parent=world.acme)


def test_the_parent_whose_credits_they_were_has_them_again():
    world, child = family()
    use(child, world.credits, 30, id="e1")
    assert left(world) == 70
    back("e1")
    assert (left(world, AT + HOUR), adds_up(world)) == (100, True)
    assert set(UsageCounter.objects.values_list("account__key", "used")) == {("acme", 0), ("child", 0)}
    assert set(UsageDay.objects.values_list("account__key", "amount")) == {("acme", 0), ("child", 0)}
    assert UsageEvent.objects.filter(act=Act.GIVE_BACK).count() == 2


def test_also_where_the_child_hangs_elsewhere_by_now():
    world, child = family()
    use(child, world.credits, 30, id="e1")
    child.parent = account("holding")
    keep(child, deed=begin(by=SYSTEM, at=AT + HOUR))
    back("e1", at=AT + 2 * HOUR)
    assert left(world, AT + 2 * HOUR) == 100


def merged(duplicate, into, *, at=AT + DAY):
    request = ask_to_merge(duplicate=duplicate, into=into, reason="One customer", by=actor("sales"), at=at)
    if isinstance(request, Approval):
        approvals.approve(approval=request, by=actor("finance"), at=at)


def bought(**terms) -> tuple[Credited, Credited]:
    """Acme with 50 credits bought, of which 30 are used; and Beta, which has none."""
    feature = CreditsFactory()
    acme, beta = (Credited(account(key), feature, PlanFactory(key=f"of_{key}")) for key in ("acme", "beta"))
    granted(acme, 50, at=AT - HOUR, **terms)
    use(acme.acme, feature, 30, id="e1")
    return acme, beta


def test_after_a_merge_the_account_that_stays_gets_it():
    acme, beta = bought()
    merged(acme.acme, beta.acme)
    assert left(beta, AT + DAY) == 20
    back("e1", at=AT + 2 * DAY)
    assert (left(beta, AT + 2 * DAY), left(acme, AT + 2 * DAY)) == (50, 0)
    assert adds_up(acme)
    assert adds_up(beta)
    row = CreditGrant.objects.latest("pk")
    assert (row.account, row.amount, row.reason) == (beta.acme, 30, "Given back to Acme (acme): They bought it")


def test_after_a_merge_twice_is_once_too():
    acme, beta = bought()
    merged(acme.acme, beta.acme)
    back("e1", at=AT + 2 * DAY)
    assert back("e1", at=AT + 3 * DAY).replayed
    assert left(beta, AT + 3 * DAY) == 50


def test_what_would_have_expired_since_the_merge_is_gone():
    acme, beta = bought(expires_at=AT + 2 * DAY)
    merged(acme.acme, beta.acme)
    back("e1", at=AT + 3 * DAY)
    assert left(beta, AT + 3 * DAY) == 0
    assert adds_up(acme)


def test_the_plans_credits_of_a_merged_account_went_with_its_plan():
    """They begin anew, whole, under the account that stays: use of them was never charged to it."""
    world = credited()
    use(world.acme, world.credits, 30, id="e1")
    beta = Credited(account("beta"), world.credits, world.plan)
    merged(world.acme, beta.acme)
    back("e1", at=AT + 2 * DAY)
    assert adds_up(world)
    assert left(beta, AT + 2 * DAY) == 100
    assert not CreditGrant.objects.exists()
    assert CreditEntry.objects.filter(kind="given_back", amount=30).exists()


def test_a_parents_ledger_follows_the_parents_merge():
    feature = CreditsFactory()
    FeatureRevisionFactory(feature=feature, default_reset=Reset.MONTH, parent_rule=ParentRule.SHARED)
    plan = PlanFactory(key="pro")
    publish_credits(plan, feature, Decimal(1))
    parent, beta = (Credited(account(key), feature, plan) for key in ("parent", "beta"))
    subscribed(parent.acme, plan, at=AT - DAY)
    granted(parent, 50, at=AT - HOUR)
    child = account("child", parent=parent.acme)
    use(child, feature, 31, id="e1")
    merged(parent.acme, beta.acme)
    before = left(beta, AT + 2 * DAY)
    back("e1", at=AT + 2 * DAY)
    assert left(beta, AT + 2 * DAY) == before + 30  # and the 1 of the plan stays where it was


def test_many_uses_given_back_in_any_order_leave_nothing_used():
    world = credited()
    told(*(operation(world.acme, world.credits, n, id=f"e{n}") for n in (5, 30, 7)))
    for name in ("e30", "e5", "e7"):
        back(name)
    assert (left(world, AT + HOUR), adds_up(world)) == (100, True)
    assert set(UsageCounter.objects.values_list("used", "total")) == {(0, 0)}
