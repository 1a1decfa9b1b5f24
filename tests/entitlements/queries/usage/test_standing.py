"""The one rule by which a check is answered: what a consume would answer, in words a person reads, and nothing counted."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.domain.values import UNLIMITED, ParentRule, Reset
from entitlements.domain.decision import UnfitQuestion
from entitlements.domain.usage.operations import Act, UnfitUse, Why
from entitlements.models import Account, UsageEvent
from entitlements.queries.account_names import Named
from entitlements.queries.usage.landing import Sources
from entitlements.queries.usage.standing import Question, Standing, reasons_of, standing_of, standing_then
from entitlements.queries.usage.wanted import is_for_sale, wanted_of
from entitlements.snapshots.account import UnknownAccount
from tests.catalog.factories import EPOCH, FeatureRevisionFactory
from tests.entitlements.crediting import credited
from tests.entitlements.using import customer, metered, priced, use
from tests.entitlements.world import AT, DAY, account

pytestmark = pytest.mark.django_db


def stands(held_by: Account, feature: str, quantity: int | None = None, **more: Any) -> Standing:
    named = Named(held_by.pk, held_by.key)
    [standing] = standing_of(named, [Question(feature, quantity, **more)], sources=Sources(AT), now=AT)
    return standing


def test_what_weighs_more_is_said_as_it_counts() -> None:
    world = metered()
    acme = customer(world)
    use(acme, world.tokens, 90)
    assert stands(acme, "tokens", 2, choice="model.premium").decision.because == "10 left, nothing after this"
    assert stands(acme, "tokens", 10).decision.because == "10 left, nothing after this"
    refused = stands(acme, "tokens", 3, choice="model.premium")
    assert (refused.why, refused.decision.because) == (Why.LIMIT_REACHED, "105 would be 5 over the limit of 100")
    use(acme, world.tokens, 7)
    last = stands(acme, "tokens", choice="model.premium")  # 3 are left, and the least of these counts 5
    assert (last.decision.allowed, last.decision.because) == (False, "102 would be 2 over the limit of 100")


def test_nothing_more_of_credits_is_always_allowed_and_too_much_is_refused_as_a_consume_is() -> None:
    world = credited()
    use(world.acme, world.credits, 60)
    use(world.acme, world.credits, 40, act=Act.RESERVE, until=AT + DAY)
    assert stands(world.acme, "ai_credits", 0).decision.because == "0 left"
    asked = stands(world.acme, "ai_credits", 1)
    assert (asked.why, asked.decision.because) == (
        Why.CREDITS_SPENT, use(world.acme, world.credits, 1).because,
    )  # fmt: skip


def test_what_is_shared_of_credits_bounds_the_child_by_the_parents_balance() -> None:
    world = credited()
    rule = {"default_reset": Reset.MONTH, "parent_rule": ParentRule.SHARED}
    FeatureRevisionFactory(feature=world.credits, effective_at=EPOCH + timedelta(days=1), **rule)
    child = account("child", parent=world.acme)
    use(world.acme, world.credits, 30)
    own, above = (told for _, told in stands(child, "ai_credits", 10).lines)
    assert (own.used, own.left, own.limit) == (0, 70, 70)
    assert (above.used, above.left, above.limit) == (30, 70, 100)


def test_reasons_end_with_the_verdict() -> None:
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 900)
    standing = stands(acme, "calls", 101)
    lines = reasons_of(standing, Question("calls", 101))
    assert lines[-3:] == ["900 in use", "Asks for 101", "Refused: 1,001 would be 1 over the limit of 1,000."]
    assert (wanted_of(standing, Question("calls", 101)), is_for_sale(standing)) == (Decimal(1001), True)


def test_buying_helps_nobody_whose_own_cap_is_reached() -> None:
    acme, [calls] = priced("calls")
    use(acme, calls, 10)
    standing = stands(acme, "calls", 1)
    assert (standing.why, is_for_sale(standing)) == (Why.CAP_REACHED, False)


def test_what_cannot_be_asked_says_which_part_of_it() -> None:
    acme = customer(metered())
    with pytest.raises(UnfitUse) as unknown:
        stands(acme, "nothing")
    assert (unknown.value.field, unknown.value.code) == ("feature", "unknown_feature")
    with pytest.raises(UnfitUse) as huge:
        stands(acme, "tokens", choice="model.huge")
    assert (huge.value.field, huge.value.code) == ("choice", "unknown_choice")
    with pytest.raises(UnfitQuestion) as less:
        stands(acme, "sso", -1)
    assert less.value.field == "quantity"


def test_at_another_moment_the_terms_alone_speak() -> None:
    world = metered()
    acme = customer(world)
    use(acme, world.calls, 1000)
    named = Named(acme.pk, acme.key)
    later = standing_then(named, Question("calls", 1000), at=AT + timedelta(days=40))
    assert (later.decision.allowed, later.decision.certain, later.outcome) == (True, False, None)
    assert later.terms.limit is not UNLIMITED
    with pytest.raises(UnknownAccount):
        standing_then(named, Question("calls"), at=AT, known_at=EPOCH)
    assert UsageEvent.objects.count() == 1
