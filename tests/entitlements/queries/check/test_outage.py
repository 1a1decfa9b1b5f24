"""Without the database a check says what the feature's fallback says, and never more."""

from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.fallbacks import Fallback
from catalog.models import Feature
from entitlements.actions.accounts import set_standing
from entitlements.actions.lifecycle import fail_payment
from entitlements.domain.facts import Facts, Standing
from entitlements.domain.usage.terms import UseTerms, use_terms
from entitlements.models import Account
from entitlements.queries.check import Memory
from entitlements.queries.check.answers import Checked
from entitlements.queries.check.holding import CutOff
from entitlements.queries.check.log import Log
from entitlements.snapshots import Reader, snapshot_facts
from journal.domain.actor import SYSTEM
from tests.catalog.factories import FeatureRevisionFactory
from tests.entitlements.factories import OverrideFactory
from tests.entitlements.outage import database_away
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, publish_plan, subscribed

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Single sign-on is kept for a month, storage for an hour; seats are refused, and the tier goes on."""
    monkeypatch.setattr(Log, "written_here", lambda *_: False)
    world = catalog()
    rules = {
        world.sso: (Fallback.LAST_KNOWN, 30 * 86_400), world.storage: (Fallback.LAST_KNOWN, 3_600),
        world.seats: (Fallback.DENY, None), world.tier: (Fallback.ALLOW, None),
    }  # fmt: skip
    for feature, (fallback, seconds) in rules.items():
        _relies(feature, fallback, seconds)
    return world


def _relies(feature: Feature, fallback: Fallback, seconds: int | None = None, *, at: datetime = AT - DAY) -> None:
    FeatureRevisionFactory(
        feature=feature, effective_at=at, fallback_seconds=seconds,
        **dict.fromkeys(("fallback_paying", "fallback_trial", "fallback_unpaid"), fallback),
    )  # fmt: skip


@pytest.fixture
def memory(world: Catalog, clock: Clock) -> Memory:
    made = Memory(clock=clock)
    made.take_up_changes()
    return made


def tried(world: Catalog, key: str = "acme") -> Account:
    """A customer in a trial of Team for a day more."""
    trying = account(key)
    subscribed(trying, world.team, at=AT - DAY, trial_days=2)
    return trying


def allowed(memory: Memory, key: str = "acme") -> dict[str, bool]:
    return {feature: memory.check(key, feature).allowed for feature in ("sso", "storage", "seats", "tier")}


def test_each_feature_does_what_its_fallback_says(memory: Memory, world: Catalog, clock: Clock) -> None:
    subscribed(account(), world.team)
    memory.take_up_changes()
    allowed(memory)
    clock.at += HOUR
    with database_away():
        assert allowed(memory) == {"sso": True, "storage": True, "seats": False, "tier": True}
        clock.at += timedelta(seconds=1)
        assert allowed(memory) == {"sso": True, "storage": False, "seats": False, "tier": True}
    memory.take_up_changes()
    assert allowed(memory) == dict.fromkeys(("sso", "storage", "seats", "tier"), True)


def test_a_trial_ends_on_time_and_leaves_what_follows_it(memory: Memory, world: Catalog, clock: Clock) -> None:
    tried(world)
    memory.take_up_changes()
    allowed(memory)
    with database_away():
        clock.at = AT + DAY - timedelta(seconds=1)
        assert memory.check("acme", "sso").allowed
        clock.at = AT + DAY
        ended = memory.check("acme", "sso")
    assert (ended.allowed, ended.why, ended.source) == (False, "not_entitled", "fallback")
    assert not ended.ruling.terms.answer.granted


@pytest.fixture
def four(memory: Memory, world: Catalog) -> tuple[str, ...]:
    """A trial with a day to go, one of 80 days, who never had more than Free, and who is suspended."""
    tried(world)
    subscribed(account("free"), world.free)
    subscribed(account("long"), world.team, at=AT - DAY, trial_days=80)
    suspended = account("suspended")
    subscribed(suspended, world.team)
    set_standing(account=suspended, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT)
    memory.take_up_changes()
    for key in (keys := ("acme", "free", "long", "suspended")):
        allowed(memory, key)
    return keys


def test_who_goes_on_does_so_only_with_what_is_had(memory: Memory, four: tuple[str, ...], clock: Clock) -> None:
    """The tier goes on; Free doesn't have it, and a trial of Team leaves Free."""
    keys = four
    with database_away():
        clock.at += HOUR
        assert [memory.check(key, "tier").allowed for key in keys] == [True, False, True, False]
        clock.at += 60 * DAY
        told = {key: memory.check(key, "tier") for key in keys}
        clock.at += 60 * DAY  # further than anybody looks ahead
        beyond = memory.check("long", "tier")
    assert {key: (one.allowed, one.why) for key, one in told.items()} == {
        "acme": (False, "not_entitled"), "free": (False, "not_entitled"), "long": (True, "unreachable"),
        "suspended": (False, "not_entitled"),
    }  # fmt: skip
    assert {one.source for one in told.values()} == {"fallback"}
    assert told["free"].relied == "the desk can't be reached; this is its last answer"
    assert beyond.allowed


def test_a_limit_that_was_reached_stops_nobody_who_goes_on(memory: Memory, world: Catalog, clock: Clock) -> None:
    _relies(world.storage, Fallback.ALLOW, at=AT - HOUR)
    subscribed(account(), world.team)
    memory.take_up_changes()
    assert not memory.check("acme", "storage", quantity=101 * GB).allowed
    clock.at += HOUR
    with database_away():
        assert memory.check("acme", "storage", quantity=101 * GB).allowed


def test_what_follows_begins_only_when_it_does(memory: Memory, world: Catalog, clock: Clock) -> None:
    begun = subscribed(account(), world.team)
    fail_payment(subscription=begun, grace_days=7, by=SYSTEM, at=AT - DAY)
    memory.take_up_changes()
    allowed(memory)
    with database_away():
        clock.at += 5 * DAY
        assert memory.check("acme", "sso").allowed  # in grace
        clock.at += 2 * DAY
        assert not memory.check("acme", "sso").allowed


def test_of_what_was_changed_and_not_read_again_nothing_is_known(memory: Memory, world: Catalog, clock: Clock) -> None:
    acme = account()
    subscribed(acme, world.team)
    memory.take_up_changes()
    allowed(memory)
    set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=AT)
    memory.take_up_changes()
    with database_away(), pytest.raises(CutOff):
        memory.check("acme", "sso")


def test_an_edit_of_a_plan_is_read_ahead_by_whoever_watches(memory: Memory, world: Catalog, clock: Clock) -> None:
    subscribed(account(), world.team)
    memory.take_up_changes()
    allowed(memory)
    publish_plan(world.team, {world.storage: 5 * GB}, at=AT)
    memory.take_up_changes()
    memory.store.read_ahead()
    with database_away():
        clock.at += timedelta(minutes=1)
        assert not memory.check("acme", "sso").allowed
        assert memory.check("acme", "storage").allowed


def test_who_watches_says_that_nobody_need_wait_for_the_database(memory: Memory, world: Catalog) -> None:
    subscribed(account(), world.team)
    memory.take_up_changes()
    allowed(memory)
    memory.away = lambda: True
    assert memory.check("acme", "sso").source == "cache"  # heard a moment ago
    memory._heard -= 10
    assert memory.check("acme", "sso").source == "fallback"
    with pytest.raises(CutOff):
        memory.check("bravo", "sso")


def test_use_that_nobody_asked_for_yet_is_answered_by_the_fallback_a_moment_after_the_cut(
    memory: Memory, world: Catalog
) -> None:
    """The account is remembered and trusted; how much it uses was never read, and can't be any more."""
    subscribed(account(), world.team)
    memory.take_up_changes()
    memory.check("acme", "sso")
    with database_away():
        told = memory.check("acme", "storage")
        assert (told.source, told.allowed) == ("fallback", False)  # nothing is known last of its use
        assert not memory.check("acme", "seats").allowed


STEPS = st.lists(
    st.sampled_from([
        "second", "hour", "day", "month", "hear", "cut", "cut", "mend", "check", "check", "promise", "suspend", "open",
        "edit",
    ]),
    min_size=6, max_size=12,
)  # fmt: skip
PASSES = {"second": timedelta(seconds=1), "hour": HOUR, "day": DAY, "month": 20 * DAY}


class Story:
    """What happens to two customers, and what was known when somebody last heard of it."""

    def __init__(self, world: Catalog, clock: Clock) -> None:
        self.world, self.clock = world, clock
        self.accounts = {"acme": account(), "trying": tried(world, "trying")}
        subscribed(self.accounts["acme"], world.team, at=AT - DAY)
        self.memory, self.away, self.standing = Memory(clock=clock), False, Standing.OPEN
        self.heard_at, self.facts = AT, dict[str, Facts]()
        self.hear()

    def hear(self) -> None:
        if not self.away:
            self.memory.take_up_changes()
            self.heard_at = self.clock.at
            self.facts = {key: snapshot_facts(one.pk, reader=Reader()) for key, one in self.accounts.items()}

    def change(self, step: str, number: int) -> None:
        self.clock.at += timedelta(seconds=1)  # nothing else happens at the same instant
        acme, at = self.accounts["acme"], self.clock.at
        match step:
            case "promise":
                OverrideFactory(account=acme, feature=self.world.sso, starts_at=at, ends_at=at + DAY, mode="deny")
            case "edit":
                publish_plan(self.world.team, {self.world.storage: (number + 1) * GB}, at=at)
            case _:
                to = Standing.SUSPENDED if step == "suspend" else Standing.OPEN
                if self.standing is not to:
                    self.standing = to
                    acme.refresh_from_db()
                    set_standing(account=acme, standing=to, reason="Why", by=SYSTEM, at=at)

    def look(self) -> None:
        """No answer without the database says more than the fallback by what was known last."""
        for key, facts in self.facts.items():
            terms = use_terms(facts, at=self.clock.at) if self.away else {}
            for feature in ("sso", "storage", "seats", "tier"):
                try:
                    told = self.memory.check(key, feature)
                except CutOff:
                    continue
                if self.away and told.source == "fallback" and told.allowed:
                    assert self._may(terms[feature], told), (key, feature, told)

    def _may(self, terms: UseTerms, told: Checked) -> bool:
        if terms.reliance.fallback is Fallback.ALLOW:
            return terms.answer.granted or told.until <= self.clock.at.timestamp()  # what follows isn't known
        if terms.reliance.fallback is Fallback.DENY:
            return False
        age = (self.clock.at - self.heard_at).total_seconds()
        return terms.answer.granted and age <= (terms.reliance.max_age_seconds or 0)


def test_no_order_of_events_allows_what_the_rule_does_not(world: Catalog) -> None:
    @settings(suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    def goes(steps: list[str]) -> None:
        with transaction.atomic():
            told_in_order(world, steps)
            transaction.set_rollback(True)

    goes()


def told_in_order(world: Catalog, steps: list[str]) -> None:
    story = Story(world, Clock())
    story.look()
    with ExitStack() as cut:
        for number, step in enumerate(steps):
            if step in PASSES:
                story.clock.at += PASSES[step]
            elif step == "hear":
                story.hear()
            elif step == "cut" and not story.away:
                story.away = True
                cut.enter_context(database_away())
            elif step == "mend":
                story.away = False
                cut.close()
            elif step == "check":
                story.look()
            elif not story.away:
                story.change(step, number)
            if story.away:
                story.look()
