"""What one version changes against another: in every case, by inclusion and groups, around the terms."""

from datetime import datetime, timedelta

import pytest

from catalog.actions.drafts import open_draft
from catalog.actions.terms import set_term
from catalog.domain.cases import Case
from catalog.domain.values import Enforcement, Reset, TermState
from catalog.domain.version_diff import ChangeKind, lowers
from catalog.models import PlanVersion
from catalog.queries.changes import diff_of_draft, diff_versions
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from tests.catalog.calls import api_calls
from tests.catalog.factories import (
    EPOCH,
    FeatureFactory,
    FeatureRevisionFactory,
    MarketFactory,
    PlanFactory,
    PlanPriceFactory,
    PlanTermFactory,
    PlanVersionFactory,
    SeatsFactory,
    StorageFactory,
    publish_now,
)

pytestmark = pytest.mark.django_db
LATER = EPOCH + timedelta(days=30)


def told(old: PlanVersion | None, new: PlanVersion) -> list[tuple[str, str, str, str]]:
    return [(c.kind.value, c.when, c.before, c.after) for c in diff_versions(old=old, new=new)]


def pair(feature: object, **columns: object) -> tuple[PlanVersion, PlanVersion]:
    """A published version with a term, and an empty draft after it."""
    old = PlanVersionFactory()
    PlanTermFactory(version=old, feature=feature, **columns)
    publish_now(old)
    return old, PlanVersionFactory(plan=old.plan)


def test_a_copy_changes_nothing(at: datetime) -> None:
    old = PlanVersionFactory(trial_days=14)
    set_term(version=old, feature=api_calls(), reading="9; of which Large model: 5", edits=0, by=SYSTEM, at=EPOCH)
    PlanTermFactory(version=old, feature=SeatsFactory(), amount=2, phase="trial")
    PlanPriceFactory(version=old)
    publish_now(old)
    assert diff_of_draft(version=open_draft(plan=old.plan, by=SYSTEM, at=at)) == ()
    assert diff_versions(old=old, new=old) == ()


def test_a_term_for_a_case_that_is_taken_away_leaves_the_general_one() -> None:
    seats = SeatsFactory()
    old, new = pair(seats, amount=10)
    other = PlanVersionFactory()
    PlanTermFactory(version=other, feature=seats, amount=10)
    PlanTermFactory(version=other, feature=seats, amount=20, phase="trial")
    PlanTermFactory(version=new, feature=seats, amount=10)
    assert told(other, new) == [("lowered", "During a trial", "20", "10")]
    assert told(old, new) == []


def test_a_change_in_a_market_is_told_once_and_with_its_name() -> None:
    seats, market = SeatsFactory(), MarketFactory(key="eu", name="Europe")
    old, new = pair(seats, amount=10)
    for phase, amount in (("", 10), ("trial", 2)):
        PlanTermFactory(version=new, feature=seats, phase=phase, amount=amount)
    PlanTermFactory(version=new, feature=seats, market=market, amount=5)
    (eu, trial) = sorted(diff_versions(old=old, new=new), key=lambda change: change.case)
    assert (eu.when, trial.when) == ("In Europe", "During a trial")
    assert eu.case == Case(market="eu")
    assert eu.sentence == f"{new.plan}, in Europe: {seats} goes down from 10 to 5"


def test_what_is_included_counts_as_the_plan_s_own() -> None:
    gate = FeatureFactory()
    lower = PlanTermFactory(feature=gate).version
    publish_now(lower)
    old, new = pair(FeatureFactory())
    new.includes = lower
    keep(new, deed=begin(by=SYSTEM, at=EPOCH))
    PlanTermFactory(version=new, feature=old.terms.get().feature)
    assert told(old, new) == [("added", "", "not included", "on")]
    PlanTermFactory(version=new, feature=gate, state=TermState.NOT_INCLUDED)
    assert told(old, new) == []


def test_a_term_on_a_group_counts_for_each_feature_it_reaches() -> None:
    phone = FeatureFactory()
    chat = FeatureFactory(group=phone.group)
    old, new = pair(phone)
    PlanTermFactory(version=new, feature=None, group=phone.group)
    (change,) = diff_versions(old=old, new=new)
    assert (change.kind, change.feature) == (ChangeKind.ADDED, chat.key)


def test_a_term_that_names_no_period_has_the_feature_s_own() -> None:
    storage = StorageFactory(aggregation="sum")
    FeatureRevisionFactory(feature=storage, default_reset=Reset.MONTH)
    old, new = pair(storage, amount=10**9, reset=Reset.MONTH)
    PlanTermFactory(version=new, feature=storage, amount=10**9)
    assert told(old, new) == []


def test_an_unlimited_amount_is_not_worse_for_how_its_limit_is_kept() -> None:
    storage = StorageFactory()
    old, new = pair(storage, state=TermState.UNLIMITED, enforcement=Enforcement.TRACK)
    PlanTermFactory(version=new, feature=storage, state=TermState.UNLIMITED, enforcement=Enforcement.HARD)
    assert told(old, new) == []


def test_a_shorter_trial_takes_something_away_and_a_price_does_not() -> None:
    plan = PlanFactory()
    old = PlanVersionFactory(plan=plan, trial_days=14)
    seats = PlanTermFactory(version=old, feature=SeatsFactory(), amount=1).feature
    PlanPriceFactory(version=old)
    publish_now(old)
    new = PlanVersionFactory(plan=plan, trial_days=7)
    PlanTermFactory(version=new, feature=seats, amount=1)
    PlanPriceFactory(version=new, amount_micros=30_000_000)
    changes = diff_versions(old=old, new=new)
    assert [(c.kind.value, c.feature, c.before, c.after) for c in changes] == [
        ("lowered", "Trial", "14 days", "7 days"),
        ("price_changed", "Price a month in USD", "$25 a month", "$30 a month"),
    ]
    assert [lowers([change]) for change in changes] == [True, False]


def test_a_shorter_grace_and_less_access_after_leaving_take_something_away() -> None:
    seats = SeatsFactory()
    old, new = pair(seats, amount=1)
    PlanTermFactory(version=new, feature=seats, amount=1)
    new.grace_days, new.wind_down_days = 7, 30
    keep(new, deed=begin(by=SYSTEM, at=LATER))
    changes = diff_versions(old=old, new=new)
    assert [(c.kind.value, c.feature, c.before, c.after) for c in changes] == [
        ("lowered", "Grace after a failed payment", "14 days", "7 days"),
        ("raised", "Access after leaving", "none", "30 days"),
    ]


def test_what_was_called_otherwise_when_it_was_published_is_renamed() -> None:
    seats = SeatsFactory(name="Seats")
    old, new = pair(seats, amount=1)
    PlanTermFactory(version=new, feature=seats, amount=1)
    for row, name in ((seats, "Members"), (old.plan, "Plus")):
        row.name = name
        keep(row, deed=begin(by=SYSTEM, at=LATER))
    new.refresh_from_db()
    renamed = diff_versions(old=old, new=new)
    assert {change.kind for change in renamed} == {ChangeKind.RENAMED}
    assert [(change.feature, change.after) for change in renamed] == [("Name", "Plus"), (seats.key, "Members")]


def test_the_first_version_adds_everything_it_says() -> None:
    version = PlanVersionFactory(trial_days=14)
    PlanTermFactory(version=version)
    assert [change.kind for change in diff_of_draft(version=version)] == [ChangeKind.ADDED]
