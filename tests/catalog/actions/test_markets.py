"""Markets, and the windows in which a thing is sold or provided in them."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from catalog.actions.markets import create_market, edit_market, launch, lift_window, set_window
from catalog.models import Market, MarketWindow
from catalog.models.market import MarketUse
from catalog.queries.markets import available, windows_token
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NeedsSecondPerson, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.catalog.factories import (
    FeatureFactory,
    MarketFactory,
    MarketWindowFactory,
    PlanFactory,
    PlanTermFactory,
    PlanVersionFactory,
    publish_now,
    published_version,
)
from tests.conftest import actor
from tests.journal.side_by_side import at_once

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def rows() -> list[tuple[datetime | None, datetime | None]]:
    return list(MarketWindow.objects.order_by("pk").values_list("starts_at", "ends_at"))


def same_thing(window: MarketWindow, *, by: Actor, at: datetime) -> dict[str, object]:
    return {"market": window.market, "thing": window.plan, "use": MarketUse(window.use), "by": by, "at": at}


def test_a_market_is_made_of_countries(finance: Actor, at: datetime) -> None:
    market = create_market(key="benelux", name="Benelux", countries=["nl", " BE", "LU", "NL"], by=finance, at=at)
    assert market.countries == ["BE", "LU", "NL"]
    assert AuditEvent.objects.get().verb == "market:create"


@pytest.mark.parametrize("countries", [[], [""], ["Netherlands"], ["N1"], ["XX"], ["NL", "EU"]])
def test_what_is_no_country_is_refused(finance: Actor, at: datetime, countries: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        create_market(key="x", name="X", countries=countries, by=finance, at=at)
    assert refused.value.field == "countries"


def test_two_markets_never_share_a_key(finance: Actor, at: datetime) -> None:
    MarketFactory(key="eu")
    with pytest.raises(Invalid):
        create_market(key="eu", name="Europe", countries=["NL"], by=finance, at=at)


@pytest.mark.parametrize("factory", [PlanFactory, FeatureFactory])
def test_a_launch_is_scheduled_ahead(finance: Actor, at: datetime, factory: type) -> None:
    window = set_window(
        market=MarketFactory(), thing=factory(), use=MarketUse.SOLD, starts_at=at, ends_at=None, by=finance, at=at
    )
    assert window.window.contains(at)
    assert not window.window.contains(at - timedelta(seconds=1))


def test_a_window_still_to_come_is_moved_rather_than_doubled(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory(starts_at=at)
    set_window(starts_at=at + DAY, ends_at=None, **same_thing(window, by=finance, at=at))
    assert rows() == [(at + DAY, None)]
    assert AuditEvent.objects.get().changes["window"][0] == [at.isoformat(), None]


def test_a_window_that_has_begun_ends_and_another_follows_it(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory(starts_at=at - DAY)
    set_window(starts_at=None, ends_at=at + DAY, **same_thing(window, by=finance, at=at))
    assert rows() == [(at - DAY, at), (at, at + DAY)]


def test_a_window_that_is_over_stays_as_it_was(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory(starts_at=None, ends_at=at - DAY)
    set_window(starts_at=None, ends_at=None, **same_thing(window, by=finance, at=at))
    assert rows() == [(None, at - DAY), (at, None)]


def test_a_further_market_opens_from_now_and_not_for_the_past(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory()
    told = same_thing(window, by=finance, at=at) | {"market": MarketFactory()}
    assert set_window(starts_at=None, ends_at=None, **told).starts_at == at


@pytest.mark.parametrize("edge", ["starts_at", "ends_at"])
def test_no_window_is_set_in_the_past(finance: Actor, at: datetime, edge: str) -> None:
    told = {"market": MarketFactory(), "thing": PlanFactory(), "use": MarketUse.PROVIDED, "by": finance, "at": at}
    with pytest.raises(Invalid, match="has passed") as refused:
        set_window(**{"starts_at": None, "ends_at": None} | told | {edge: at - DAY})
    assert refused.value.field == edge
    assert not rows()


def test_a_window_ends_after_it_starts(finance: Actor, at: datetime) -> None:
    told = {"market": MarketFactory(), "thing": PlanFactory(), "use": MarketUse.SOLD, "by": finance, "at": at}
    with pytest.raises(Invalid) as refused:
        set_window(starts_at=at, ends_at=at, **told)
    assert refused.value.field == "ends_at"


def test_a_window_that_has_begun_is_lifted_from_now_on(finance: Actor, at: datetime) -> None:
    lift_window(window=MarketWindowFactory(), by=finance, at=at)
    assert rows() == [(None, at)]


def test_a_window_still_to_come_is_struck_when_lifted(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory(starts_at=at - DAY)
    coming = MarketWindowFactory(plan=window.plan, starts_at=at + DAY)
    lift_window(window=coming, by=finance, at=at)
    assert rows() == [(at - DAY, None)]


def test_a_launch_that_is_struck_leaves_the_thing_nowhere(finance: Actor, at: datetime) -> None:
    window = MarketWindowFactory(starts_at=at + DAY, limits_from=at - DAY)
    lift_window(window=window, by=finance, at=at)
    assert rows() == [(None, at - DAY)]
    assert not available(window.plan, use=MarketUse.SOLD, market=window.market, at=at + 2 * DAY)
    assert available(window.plan, use=MarketUse.SOLD, market=window.market, at=at - 2 * DAY)


def test_a_window_that_is_over_is_not_lifted(finance: Actor, at: datetime) -> None:
    with pytest.raises(Refusal, match="is over"):
        lift_window(window=MarketWindowFactory(ends_at=at), by=finance, at=at)


def test_support_may_not_touch_markets(support_agent: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        create_market(key="eu", name="Europe", countries=["NL"], by=support_agent, at=at)
    with pytest.raises(NotAllowed):
        lift_window(window=MarketWindowFactory(), by=support_agent, at=at)
    assert Market.objects.count() == 1


def test_two_typed_codes_are_told_apart_from_what_was_meant(finance: Actor, at: datetime) -> None:
    with pytest.raises(Invalid, match="Did you mean GB, United Kingdom"):
        create_market(key="uk", name="UK", countries=["uk"], by=finance, at=at)


def test_a_market_is_changed_with_its_history(finance: Actor, at: datetime) -> None:
    market = MarketFactory(countries=["BE", "NL"])
    seen = (market.name, market.countries)
    edit_market(market=market, name="Benelux", countries=["NL", "BE", "LU"], seen=seen, by=finance, at=at)
    market.refresh_from_db()
    assert (market.name, market.countries) == ("Benelux", ["BE", "LU", "NL"])
    event = AuditEvent.objects.get()
    assert (event.verb, event.changes["countries"]) == ("market:edit", [["BE", "NL"], ["BE", "LU", "NL"]])
    assert market.history.count() == 2


def test_a_change_of_a_market_that_changes_nothing_leaves_no_trace(finance: Actor, at: datetime) -> None:
    market = MarketFactory(countries=["BE", "NL"])
    edit_market(
        market=market, name=market.name, countries=["NL", "BE"], seen=(market.name, ["BE", "NL"]), by=finance, at=at
    )
    assert not AuditEvent.objects.exists()


def test_what_another_changed_in_a_market_is_not_overwritten(finance: Actor, at: datetime) -> None:
    market = MarketFactory()
    with pytest.raises(Stale):
        edit_market(market=market, name="X", countries=["NL"], seen=("Old name", ["BE"]), by=finance, at=at)


def test_support_may_not_change_a_market(support_agent: Actor, at: datetime) -> None:
    market = MarketFactory()
    with pytest.raises(NotAllowed):
        edit_market(
            market=market, name="X", countries=["NL"], seen=(market.name, market.countries), by=support_agent, at=at
        )


def test_a_launch_of_what_nobody_has_limits_it_at_once(finance: Actor, at: datetime) -> None:
    feature, here = FeatureFactory(), MarketFactory()
    told = {"market": here, "thing": feature, "uses": list(MarketUse), "starts_at": at + DAY, "ends_at": None}
    sold, provided = launch(**told, by=finance, at=at)
    assert (sold.limits_from, provided.limits_from) == (at, at)
    assert not available(feature, use=MarketUse.PROVIDED, market=here, at=at)
    assert available(feature, use=MarketUse.PROVIDED, market=here, at=at + DAY)


def test_a_launch_names_at_least_one_use(finance: Actor, at: datetime) -> None:
    told = {"market": MarketFactory(), "thing": PlanFactory(), "starts_at": None, "ends_at": None}
    with pytest.raises(Invalid) as refused:
        launch(**told, uses=[], by=finance, at=at)
    assert refused.value.field == "uses"


def test_a_thing_that_changed_since_it_was_looked_at_is_refused(finance: Actor, at: datetime) -> None:
    plan, here = PlanFactory(), MarketFactory()
    told = {"market": here, "thing": plan, "uses": [MarketUse.SOLD], "starts_at": None, "ends_at": None}
    seen = windows_token(plan)
    launch(**told, by=finance, at=at, seen=seen)
    with pytest.raises(Stale, match="has changed since you looked"):
        launch(**told, by=finance, at=at, seen=seen)
    with pytest.raises(Stale):
        lift_window(window=MarketWindow.objects.get(), by=finance, at=at, seen=seen)


def test_selling_only_in_one_market_takes_nothing_from_those_who_have_it(finance: Actor, at: datetime) -> None:
    plan = published_version().plan
    told = {"market": MarketFactory(), "thing": plan, "use": MarketUse.SOLD, "starts_at": at + DAY, "ends_at": None}
    assert set_window(**told, by=finance, at=at).limits_from == at + DAY


@pytest.mark.parametrize("of", ["plan", "feature", "group", "included"])
def test_keeping_what_customers_have_to_one_market_needs_a_second_person(finance: Actor, at: datetime, of: str) -> None:
    thing = given(of)
    told = {"market": MarketFactory(), "thing": thing, "use": MarketUse.PROVIDED, "starts_at": None, "ends_at": None}
    with pytest.raises(Invalid, match="Say why") as refused:
        set_window(**told, by=finance, at=at)
    assert refused.value.field == "reason"
    with pytest.raises(NeedsSecondPerson, match="a second person has to approve"):
        set_window(**told, by=finance, at=at, reason="a law")
    assert not rows()


def given(of: str) -> object:
    """A thing that a version in force gives: the plan itself, its feature, one of a group, one of an included plan."""
    feature = FeatureFactory()
    if of == "group":
        published_version(feature=None, group=feature.group)
        return feature
    if of == "included":
        lower = published_version(feature=feature, at=datetime(2026, 12, 1, tzinfo=UTC))  # itself still to come
        publish_now(PlanTermFactory(version=PlanVersionFactory(includes=lower)).version)
        return feature
    version = published_version(feature=feature)
    return version.plan if of == "plan" else feature


def test_what_is_only_scheduled_is_nobodys_yet(finance: Actor, at: datetime) -> None:
    version = published_version(at=at + 5 * DAY)
    told = {"market": MarketFactory(), "use": MarketUse.PROVIDED, "starts_at": at + 9 * DAY, "ends_at": None}
    assert set_window(**told, thing=version.plan, by=finance, at=at).limits_from == at


def test_ending_what_is_provided_needs_a_second_person(finance: Actor, at: datetime) -> None:
    plan = published_version().plan
    window = MarketWindowFactory(plan=plan, use=MarketUse.PROVIDED)
    with pytest.raises(NeedsSecondPerson):
        lift_window(window=window, by=finance, at=at, reason="a law")
    told = {"market": window.market, "thing": plan, "use": MarketUse.PROVIDED, "starts_at": None}
    with pytest.raises(NeedsSecondPerson):
        set_window(**told, ends_at=at + DAY, by=finance, at=at, reason="a law")


def test_providing_it_in_a_further_market_takes_nothing_away(finance: Actor, at: datetime) -> None:
    plan = published_version().plan
    window = MarketWindowFactory(plan=plan, use=MarketUse.PROVIDED)
    told = {"thing": plan, "use": MarketUse.PROVIDED, "starts_at": None, "ends_at": None}
    set_window(**told, market=MarketFactory(), by=finance, at=at)
    everywhere = set_window(**told, market=None, by=finance, at=at)
    assert str(everywhere) == f"{plan} provided everywhere"
    assert available(plan, use=MarketUse.PROVIDED, market=None, at=at)
    assert not available(plan, use=MarketUse.PROVIDED, market=None, at=at - DAY)
    assert available(plan, use=MarketUse.PROVIDED, market=window.market, at=at - DAY)


def test_what_nothing_limits_is_not_opened_everywhere(finance: Actor, at: datetime) -> None:
    told = {"market": None, "thing": PlanFactory(), "use": MarketUse.SOLD, "starts_at": None, "ends_at": None}
    with pytest.raises(Refusal, match="everywhere already"):
        set_window(**told, by=finance, at=at)


@pytest.mark.django_db(transaction=True)
def test_first_windows_set_at_once_share_one_limit(at: datetime) -> None:
    """Each sees what the other wrote: a second first window would begin a limit of its own."""
    plan, by = PlanFactory(), actor("finance")
    markets = [MarketFactory() for _ in range(3)]
    told = {"thing": plan, "use": MarketUse.SOLD, "ends_at": None, "by": by}
    outcomes = at_once(
        *(
            partial(set_window, **told, market=market, starts_at=None, at=at + number * DAY)
            for number, market in enumerate(markets)
        )
    )
    assert all(isinstance(outcome, MarketWindow) for outcome in outcomes)
    assert len(set(MarketWindow.objects.values_list("limits_from", flat=True))) == 1


def test_all_but_one_needs_another_market(finance: Actor, at: datetime) -> None:
    only, told = MarketFactory(name="Europe"), {"uses": [MarketUse.SOLD], "starts_at": None, "ends_at": None}
    with pytest.raises(Invalid, match="no market except Europe"):
        launch(market=None, but=only, thing=PlanFactory(), **told, by=finance, at=at)


def test_a_market_with_a_window_of_its_own_is_not_left_out_by_the_others(finance: Actor, at: datetime) -> None:
    plan, here, told = PlanFactory(), MarketFactory(), {"starts_at": None, "ends_at": None, "by": finance, "at": at}
    MarketFactory()
    launch(market=here, thing=plan, uses=[MarketUse.SOLD], **told)
    with pytest.raises(Invalid, match="by a window that stands"):
        launch(market=None, but=here, thing=plan, uses=[MarketUse.SOLD], **told)
