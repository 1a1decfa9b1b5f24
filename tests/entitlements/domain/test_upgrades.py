"""What an account would have if it bought something else; and provided windows, at any moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.availability import Limit, open_at, shared, windows_in
from catalog.domain.values import FeatureShape, Kind, PlanKind, TermState
from catalog.domain.window import Window
from entitlements.domain.facts import (
    Facts,
    FeatureFact,
    FeatureRule,
    ItemFact,
    Mode,
    OverrideFact,
    Phase,
    TermFact,
    VersionFact,
)
from entitlements.domain.resolve import resolve
from entitlements.domain.upgrades import Upgrade, alone, upgrade

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SEATS = FeatureShape(key="seats", name="Seats", kind=Kind.CAPACITY, unit="seat")
FEATURES = {"seats": FeatureFact(SEATS, (FeatureRule(datetime(1970, 1, 1, tzinfo=UTC)),))}


def version(plan: str, seats: int | None, *, kind: PlanKind = PlanKind.PLAN, **term: object) -> VersionFact:
    state = TermState.SET_PER_CUSTOMER if seats is None else TermState.VALUE
    cell = TermFact(f"{plan}-seats", "seats", state, None if seats is None else Decimal(seats), **term)
    return VersionFact(plan, plan, plan.title(), 1, kind, terms=(cell,))


FREE, TEAM, OPEN = version("free", 2), version("team", 10), version("open", None)
EXTRA = version("extra", 5, kind=PlanKind.ADD_ON)


def item(of: VersionFact, *, id: str = "1", subscription: str = "1", since: int = 9, **more: object) -> ItemFact:
    return ItemFact(id, subscription, of.plan, of.id, 1, Window(NOW - since * DAY, None), **more)


def facts(*items: ItemFact, **more: object) -> Facts:
    known = {one.id: one for one in (FREE, TEAM, OPEN, EXTRA)}
    return Facts("acme", None, FEATURES, known, items=items, **more)


def bought(of: VersionFact, *items: ItemFact, **more: object) -> Upgrade | None:
    have = facts(*items, **more)
    return upgrade(have, of, answers=resolve(have, at=NOW), at=NOW)


def told(found: Upgrade | None) -> str:
    assert found is not None
    return "; ".join(f"{e.direction.value}: {e.before} to {e.after}" for e in found.effects)


def test_a_plan_takes_the_place_of_the_one_there_is() -> None:
    assert told(bought(TEAM, item(FREE))) == "better: 2 to 10"
    assert told(bought(FREE, item(TEAM))) == "worse: 10 to 2"


def test_of_several_subscriptions_the_last_begun_is_changed() -> None:
    found = bought(FREE, item(TEAM, since=9), item(TEAM, id="2", subscription="2", since=3))
    assert told(found) == ""  # the older one still gives its ten
    assert found is not None
    assert found.instead_of == "Team v1"


def test_a_lent_plan_is_nobodys_to_replace() -> None:
    found = bought(TEAM, item(FREE), item(TEAM, id="2", since=1, lent=True))
    assert found is not None
    assert found.instead_of == "Free v1"


def test_the_plan_there_is_already_is_no_offer_unless_it_is_on_trial() -> None:
    assert bought(TEAM, item(TEAM)) is None
    trial = ((Phase.TRIAL, Window(NOW - DAY, NOW + DAY)),)
    assert bought(TEAM, item(TEAM, phases=trial)) is not None


def test_buying_ends_a_pause_for_the_whole_subscription() -> None:
    paused = ((Phase.PAUSED, Window(NOW - DAY, None)),)
    found = bought(TEAM, item(FREE, phases=paused), item(EXTRA, id="2", phases=paused))
    assert told(found) == "better: not included to 15"


def test_an_add_on_beside_a_paused_plan_is_paused_too() -> None:
    paused = ((Phase.PAUSED, Window(NOW - DAY, None)),)
    assert told(bought(EXTRA, item(FREE, phases=paused))) == ""


def test_an_add_on_comes_once_more() -> None:
    found = bought(EXTRA, item(FREE), item(EXTRA, id="2"))
    assert told(found) == "better: 7 to 12"
    assert found is not None
    assert found.held == 1


def test_what_is_agreed_with_each_customer_is_no_loss() -> None:
    assert told(bought(OPEN, item(TEAM))) == "other: 10 to set per customer"
    assert told(bought(TEAM, item(OPEN))) == "better: set per customer to 10"


def test_an_override_goes_on_counting() -> None:
    granted = OverrideFact("1", "seats", Mode.AT_LEAST, Window(NOW - DAY, None), Decimal(50))
    assert told(bought(TEAM, item(FREE), overrides=(granted,))) == ""


def test_an_item_in_several_stretches_is_replaced_as_a_whole() -> None:
    early = replace(item(FREE), window=Window(NOW - 9 * DAY, NOW - 5 * DAY))
    again = replace(item(FREE, id="1:restored-1"), window=Window(NOW - 3 * DAY, None))
    assert told(bought(TEAM, early, again)) == "better: 2 to 10"


def test_alone_nothing_else_counts() -> None:
    granted = OverrideFact("1", "seats", Mode.AT_LEAST, Window(NOW - DAY, None), Decimal(50))
    have = facts(item(TEAM), overrides=(granted,))
    assert alone(have, FREE, at=NOW)["seats"].value == Decimal(2)


days = st.integers(-6, 6)
spans = st.tuples(st.none() | days, st.none() | days).filter(lambda s: s[0] is None or s[1] is None or s[0] < s[1])
limits = st.lists(st.tuples(st.sampled_from([1, 2, None]), spans, days), max_size=4)


def read(drawn: list[tuple[int | None, tuple[int | None, int | None], int]]) -> list[Limit]:
    def on(day: int | None) -> datetime | None:
        return None if day is None else NOW + day * DAY

    return [Limit(market, Window(on(a), on(b)), NOW + since * DAY) for market, (a, b), since in drawn]


@given(limits, limits, st.sampled_from([1, 2, None]), days)
def test_what_is_provided_is_had_and_nothing_else_at_any_moment(
    of_plan: list[object], of_feature: list[object], market: int | None, day: int
) -> None:
    plan, feature, at = read(of_plan), read(of_feature), NOW + day * DAY
    provided = shared(windows_in(plan, market=market), windows_in(feature, market=market))
    team = version("team", 10, provided=provided)
    have = replace(facts(item(team, since=99)), versions={"team": team})
    answer = resolve(have, at=at)["seats"]
    assert answer.granted == (had(plan, market, at) and had(feature, market, at))
    until = answer.valid_until or NOW + 99 * DAY
    for later in (NOW + n * DAY for n in range(day, 9)):
        if later < until:
            assert resolve(have, at=later)["seats"].granted == answer.granted


def had(limited: list[Limit], market: int | None, at: datetime) -> bool:
    """The rule, read aloud: not limited, or not yet, or some window here or everywhere is open."""
    if not limited or at < min(limit.since for limit in limited):
        return True
    return any(open_at((limit.window,), at=at) for limit in limited if limit.market in {None, market})


def test_of_some_features_it_is_the_same_and_of_others_nothing() -> None:
    have, rare = facts(item(FREE)), FeatureShape(key="rare", name="Rare", kind=Kind.GATE)
    have = replace(
        have, features={**FEATURES, "rare": FeatureFact(rare, (FeatureRule(datetime(1970, 1, 1, tzinfo=UTC)),))}
    )
    answers = resolve(have, at=NOW)
    whole = upgrade(have, TEAM, answers=answers, at=NOW)
    some = upgrade(have, TEAM, answers={"seats": answers["seats"]}, at=NOW, features=["seats"])
    assert (some.answers, some.effects) == ({"seats": whole.answers["seats"]}, whole.effects)
