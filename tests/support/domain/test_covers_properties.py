"""The rule against a slow oracle: every pair is compared by the words of the rule, one sentence after the other."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.domain.values import UNLIMITED
from catalog.domain.window import Window
from support.domain.cover_terms import Aspect, Source
from support.domain.covers import Asked, CoverFact, Left, Scope, choose
from tests.conftest import EXAMPLES

DAY = timedelta(days=1)
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CLOSEST = ["asset", "location", "line", "contact", "product", "account"]
ids = st.frozensets(st.integers(1, 2), max_size=1)
days = st.one_of(st.none(), st.integers(0, 5).map(lambda day: BEGIN + day * DAY))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    start, end = draw(days), draw(days)
    return Window(start, end) if start is None or end is None or start <= end else Window(end, start)


@st.composite
def facts(draw: st.DrawFn, number: int) -> CoverFact:
    source = draw(st.sampled_from([Source.COVER, Source.COVER, Source.WARRANTY, Source.BALANCE, Source.TIER]))
    tier = draw(st.sampled_from([None, "bronze", "gold"]))
    shares = draw(st.dictionaries(st.sampled_from(list(Aspect)[1:]), st.sampled_from([0, 50, 100]), max_size=3))
    amounts = draw(st.lists(st.sampled_from([Decimal(0), Decimal(2), UNLIMITED]), max_size=2))
    scope = Scope(
        assets=draw(ids), locations=draw(ids), contacts=draw(ids), products=draw(ids),
        channels=draw(st.sampled_from([frozenset(), frozenset({"phone"}), frozenset({"phone", "chat"})])),
    )  # fmt: skip
    return CoverFact(
        f"{source}:{number}", source, f"No. {number}", draw(st.sampled_from([1, 1, 1, 2, 3])), draw(windows()),
        tier=tier, rank=-1 if tier is None else ["bronze", "gold"].index(tier), shares=shares,
        scope=draw(st.sampled_from([scope, Scope()])), children=draw(st.booleans()), line=draw(st.booleans()),
        priority=draw(st.sampled_from([None, None, 1, 2])), promised=tier is None or draw(st.booleans()),
        left=tuple(Left("help", amount, blocks=draw(st.booleans())) for amount in amounts),
        withheld=draw(st.sampled_from(["", "", "", "Not signed."])),
    )  # fmt: skip


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[CoverFact], Asked]:
    some = [draw(facts(number)) for number in range(1, draw(st.integers(0, 7)) + 1)]
    one = st.one_of(st.none(), st.integers(1, 2))
    return some, Asked(
        account=1, at=BEGIN + draw(st.integers(0, 5)) * DAY, above=(2,), is_open=draw(st.booleans()),
        shut=draw(st.sampled_from([{}, {2: "Closed."}])), asset=draw(one), location=draw(one), contact=draw(one),
        product=draw(one), channel=draw(st.sampled_from([None, "phone", "email"])),
        chosen=draw(st.sampled_from(["", *(fact.key for fact in some), "cover:99"])),
    )  # fmt: skip


def takes_part(cover: CoverFact, asked: Asked) -> bool:
    """The first paragraph of the rule."""
    begun = cover.window.start is None or cover.window.start <= asked.at
    over = cover.window.end is not None and cover.window.end <= asked.at
    own = cover.account == asked.account
    theirs = own or (cover.account in asked.above and cover.children)
    is_open = asked.is_open or cover.source is Source.TIER
    if not own and cover.account in asked.shut:
        is_open = False
    channel = not cover.scope.channels or asked.channel is None or asked.channel in cover.scope.channels
    narrowed = [
        (cover.scope.assets, asked.asset), (cover.scope.locations, asked.location),
        (cover.scope.contacts, asked.contact), (cover.scope.products, asked.product),
    ]  # fmt: skip
    meant = all(not named or thing in named for named, thing in narrowed)
    empty = [one.blocks and one.amount is not UNLIMITED and one.amount <= 0 for one in cover.left]
    used_up = bool(empty) and False not in empty
    return begun and not over and theirs and is_open and channel and meant and not cover.withheld and not used_up


def closeness(cover: CoverFact) -> int:
    has = {
        "asset": cover.scope.assets, "location": cover.scope.locations, "line": cover.line,
        "contact": cover.scope.contacts, "product": cover.scope.products, "account": True,
    }  # fmt: skip
    return next(place for place, kind in enumerate(CLOSEST) if has[kind])


def beats(one: CoverFact, other: CoverFact, aspect: Aspect, chosen: str) -> bool:
    """The numbered sentences; what speaks only where nobody else does, first of all."""
    if aspect is Aspect.RESPONSE and one.promised is not other.promised:
        return one.promised
    if chosen in (one.key, other.key):
        return one.key == chosen
    if one.priority != other.priority:
        return other.priority is None or (one.priority is not None and one.priority < other.priority)
    worth = [each.rank if aspect is Aspect.RESPONSE else each.shares[aspect] for each in (one, other)]
    if worth[0] != worth[1]:
        return worth[0] > worth[1]
    if closeness(one) != closeness(other):
        return closeness(one) < closeness(other)
    if one.window.start != other.window.start:
        return one.window.start is None or (other.window.start is not None and one.window.start < other.window.start)
    return (one.key.split(":")[0], int(one.key.split(":")[1])) < (other.key.split(":")[0], int(other.key.split(":")[1]))


def speaks(cover: CoverFact, aspect: Aspect) -> bool:
    return cover.tier is not None if aspect is Aspect.RESPONSE else aspect in cover.shares


def who_speaks(covers: Sequence[CoverFact], asked: Asked, aspect: Aspect) -> CoverFact | None:
    """The one that beats all others; by the rule there is exactly one, or nobody."""
    some = [cover for cover in covers if takes_part(cover, asked) and speaks(cover, aspect)]
    unbeaten = [one for one in some if all(beats(one, each, aspect, asked.chosen) for each in some if each is not one)]
    assert len(unbeaten) == (1 if some else 0)
    return unbeaten[0] if unbeaten else None


@settings(max_examples=40 * EXAMPLES)
@given(worlds())
def test_the_one_that_speaks_is_the_one_the_written_rule_picks(world: tuple[list[CoverFact], Asked]) -> None:
    covers, asked = world
    choice = choose(covers, asked=asked)
    assert {aspect: choice.winners.get(aspect) for aspect in Aspect} == {
        aspect: who_speaks(covers, asked, aspect) for aspect in Aspect
    }


@settings(max_examples=20 * EXAMPLES)
@given(worlds(), st.integers(0, 2**32))
def test_any_order_of_rows_gives_the_same(world: tuple[list[CoverFact], Asked], seed: int) -> None:
    covers, asked = world
    again = list(covers)
    random.Random(seed).shuffle(again)
    assert choose(again, asked=asked) == choose(covers, asked=asked)


@settings(max_examples=20 * EXAMPLES)
@given(worlds())
def test_every_candidate_comes_back_once_with_its_reason(world: tuple[list[CoverFact], Asked]) -> None:
    covers, asked = world
    choice = choose(covers, asked=asked)
    assert sorted(one.cover.key for one in choice.candidates) == sorted(cover.key for cover in covers)
    for one in choice.candidates:
        assert one.kept is takes_part(one.cover, asked)
        assert one.decides == tuple(aspect for aspect in Aspect if choice.winners.get(aspect) is one.cover)
        assert one.reason.endswith(".")


@settings(max_examples=20 * EXAMPLES)
@given(worlds())
def test_a_choice_is_kept_or_said_to_be_missed(world: tuple[list[CoverFact], Asked]) -> None:
    covers, asked = world
    choice = choose(covers, asked=asked)
    kept = {one.cover.key for one in choice.candidates if one.kept}
    assert bool(choice.missed) is (asked.chosen != "" and asked.chosen not in kept)


@settings(max_examples=20 * EXAMPLES)
@given(worlds(), facts(8))
def test_one_more_that_takes_no_part_changes_nothing(world: tuple[list[CoverFact], Asked], more: CoverFact) -> None:
    covers, asked = world
    if not takes_part(more, asked):
        assert choose([*covers, more], asked=asked).winners == choose(covers, asked=asked).winners
