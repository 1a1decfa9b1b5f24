"""Which version an item has when, and why: the pointer against a table of rows that are rewritten one by one.

The table knows nothing of pins or closures: publishing rewrites the row of every holder it reaches, at its moment.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from catalog.domain.rollouts import Audience, RolloutFact, version_on_sale
from catalog.domain.window import Window
from entitlements.domain.facts import Hold, ItemFact
from entitlements.domain.periods import Periods
from entitlements.domain.phases import next_in_life, pin_at, reached_at, versions_ahead
from tests.conftest import EXAMPLES
from tests.entitlements.domain.eager import renewals

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PLAN = "Pro"
examples = settings(deadline=None, print_blob=True, max_examples=8 * EXAMPLES)
days = st.integers(0, 120)


@dataclass
class Row:
    """A holder's row in the old way of keeping it: its version is written into it."""

    item: ItemFact
    version: str
    newest: int = -1


def met(published: list[RolloutFact], audience: Audience, moment: datetime) -> bool:
    """Whether publishing is refused, because one that meets it is still to come."""
    return any(r.effective_at > moment and r.cancelled_at is None and audience.meets(r.audience) for r in published)


@st.composite
def histories(draw: st.DrawFn) -> tuple[RolloutFact, ...]:
    """What finance did to one plan over the months, by the rules: publish, go back to a version, call off."""
    published = [RolloutFact("0", PLAN, "v1", Audience.NOW, START, 0)]
    versions = 1
    for day in sorted(draw(st.lists(days, min_size=3, max_size=8))):
        moment = START + day * DAY
        if draw(st.integers(0, 4)) == 0:
            last = published[-1]
            if last.effective_at > moment and last.cancelled_at is None:
                published[-1] = replace(last, cancelled_at=moment)
            continue
        audience = draw(st.sampled_from(Audience))
        if met(published, audience, moment):
            continue
        again = draw(st.booleans())
        number = draw(st.integers(1, versions)) if again else versions + 1
        versions = max(versions, number)
        later = audience is not Audience.NOW and draw(st.booleans())
        older = {f"v{n}" for n in range(1, versions + 1) if again or n != number}
        published.append(
            RolloutFact(
                id=str(len(published)),
                plan=PLAN,
                version=f"v{number}",
                audience=audience,
                effective_at=moment + (draw(st.integers(1, 20)) * DAY if later else timedelta()),
                order=len(published),
                moves_from=frozenset(older) if audience.moves else frozenset(),
                cohort=draw(st.sampled_from(("beta", "early"))) if audience is Audience.COHORT else "",
            )
        )
    return tuple(published)


@st.composite
def sold(draw: st.DrawFn, history: tuple[RolloutFact, ...]) -> ItemFact:
    """An item sold half a day after one of the days, in the version on sale at that moment."""
    recorded = START + draw(days) * DAY + 12 * HOUR + draw(st.integers(0, 5)) * HOUR
    pinned = version_on_sale(plan=PLAN, rollouts=history, at=recorded)
    assert pinned is not None
    begun = recorded + draw(st.sampled_from((0, 0, 3, 40))) * DAY
    ends = [begun + day * DAY for day in sorted(draw(st.sets(st.integers(0, 90), max_size=4)))]
    starts = tuple(sorted(begun + day * DAY for day in draw(st.sets(st.integers(20, 70), max_size=2))))
    return ItemFact(
        id="1",
        subscription="one",
        plan=PLAN,
        pinned=pinned,
        quantity=1,
        window=Window(begun, None),
        recorded_at=recorded,
        cohorts=draw(st.frozensets(st.sampled_from(("beta", "early")))),
        holds=tuple(Hold(Window(a, b)) for a, b in zip(ends[::2], ends[1::2], strict=False)),
        periods=Periods(begun, begun, recorded=starts, last_end=starts[-1] + 30 * DAY if starts else None),
    )


def migrated(item: ItemFact, history: tuple[RolloutFact, ...], until: datetime) -> str:
    """What stands in the row after every moment up to this one has been worked off."""
    row = Row(item, item.pinned)
    steps = sorted((moment, r.order) for r in history if (moment := reaches(item, r)) is not None and moment <= until)
    passed: list[int] = []
    ends = [(hold.window.end, -1) for hold in item.holds if hold.window.end <= until]
    for moment, order in sorted([*steps, *ends]):
        passed += [order] if order >= 0 else []
        if any(hold.window.contains(moment) for hold in item.holds):
            continue
        for waiting in passed:
            if waiting > row.newest:
                row.version, row.newest = history[waiting].version, waiting
        passed = []
    return row.version


def reaches(item: ItemFact, rollout: RolloutFact) -> datetime | None:
    """When the job for this publication comes to the row; every holder of the plan has one, whatever their version."""
    if rollout.cancelled_at is not None or rollout.effective_at < item.recorded_at:
        return None
    match rollout.audience:
        case Audience.NEW_CUSTOMERS:
            return None
        case Audience.AT_RENEWAL:
            return next(r for r in renewals(item.periods) if r >= rollout.effective_at)
        case Audience.COHORT if rollout.cohort not in item.cohorts:
            return None
    return rollout.effective_at


def moments(item: ItemFact, history: tuple[RolloutFact, ...]) -> list[datetime]:
    """Every moment at which anything happens, the instant before it, and one long after."""
    edges = {edge for hold in item.holds for edge in hold.window.edges()} | {r.effective_at for r in history}
    edges |= {moment for r in history if (moment := reaches(item, r)) is not None}
    just_before = {edge - timedelta(microseconds=1) for edge in edges}
    return sorted(edge for edge in {*edges, *just_before, START + 900 * DAY} if edge >= item.recorded_at)


@examples
@given(st.data(), histories())
def test_moving_a_pointer_gives_what_rewriting_every_row_gives(data, history):
    item = data.draw(sold(history))
    for at in moments(item, history):
        expected = migrated(item, history, at)
        event("moved" if expected != item.pinned else "kept")
        assert pin_at(item, rollouts=history, at=at) == expected


@examples
@given(st.data(), histories())
def test_a_new_customer_has_what_is_on_sale(data, history):
    item = data.draw(sold(history))
    assert pin_at(item, rollouts=history, at=item.recorded_at) == item.pinned


@examples
@given(st.data(), histories())
def test_the_version_and_its_reason_are_constant_until_the_next_instant_named(data, history):
    item = data.draw(sold(history))
    at = item.window.start
    while at is not None:
        following = next_in_life(item, rollouts=history, after=at)
        last_moment = at + 400 * DAY if following is None else following - timedelta(microseconds=1)
        first, last = (reached_at(item, rollouts=history, at=moment) for moment in (at, last_moment))
        assert (first.version, first.cause) == (last.version, last.cause)
        assert first.version in versions_ahead(item, rollouts=history)
        at = following


@examples
@given(st.data(), histories(), st.integers(0, 200))
def test_the_order_of_publications_in_the_table_never_matters(data, history, day):
    item = data.draw(sold(history))
    turned = data.draw(st.permutations(history))
    at = item.recorded_at + day * DAY
    assert reached_at(item, rollouts=turned, at=at) == reached_at(item, rollouts=history, at=at)


@examples
@given(st.data(), histories(), st.integers(0, 200))
def test_what_was_called_off_might_never_have_been(data, history, day):
    item = data.draw(sold(history))
    stood = tuple(rollout for rollout in history if rollout.stands)
    at = item.recorded_at + day * DAY
    assert pin_at(item, rollouts=history, at=at) == pin_at(item, rollouts=stood, at=at)


@examples
@given(histories(), st.integers(0, 200))
def test_on_sale_is_the_last_that_took_effect_of_those_for_all(history, day):
    """Last published and last effective agree, because nothing is published over what it meets."""
    at = START + day * DAY
    begun = [r for r in history if r.sells and r.effective_at <= at]
    last = max(begun, key=lambda r: (r.effective_at, r.order), default=None)
    assert version_on_sale(plan=PLAN, rollouts=history, at=at) == (last and last.version)
