"""What a publication would do to whom, counted before it is done."""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.domain.rollouts import Audience, Publication
from catalog.models import PlanVersion
from entitlements import in_use
from entitlements.actions.accounts import set_standing
from entitlements.actions.cohorts import create_cohort
from entitlements.domain.facts import Mode, Standing
from entitlements.domain.figures import Verdict, say_figures
from entitlements.models import Account
from entitlements.queries.publishing.impact import Impact, effects_on, impact, impacts
from journal.domain.actor import SYSTEM
from tests.catalog.factories import FeatureRevisionFactory, PlanVersionFactory, publish_now
from tests.entitlements.factories import overridden
from tests.entitlements.publishing import a_draft
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    return catalog()


def counted(version: PlanVersion, audience: Audience = Audience.NOW, **more: Any) -> Impact:
    given = {"effective_at": None, "at": AT} | more
    return impact(version=version, audience=audience, **given)


def test_everybody_on_the_plan_gains_what_is_raised(sold: Catalog) -> None:
    for key in ("acme", "bravo"):
        subscribed(account(key), sold.team)
    subscribed(account("other"), sold.free)
    found = counted(a_draft(sold, storage=200 * GB))
    assert say_figures(found.figures, found.lines) == "2 accounts: 2 gain"
    turn = found.lines[0].turns[0]
    assert (found.lines[0].name, turn.effect.before, turn.effect.after, turn.accounts) == (
        "Storage",
        "100 GB",
        "200 GB",
        2,
    )


def test_who_loses_is_told_by_the_feature_that_is_lost(sold: Catalog) -> None:
    subscribed(account(), sold.team)
    found = counted(a_draft(sold, storage=200 * GB, sso=None))
    assert say_figures(found.figures, found.lines) == "1 account: 1 loses Single sign-on"


def test_new_customers_are_nobody_who_has_the_plan(sold: Catalog) -> None:
    subscribed(account(), sold.team)
    found = counted(a_draft(sold, storage=200 * GB), Audience.NEW_CUSTOMERS)
    assert found.figures.reached == 0


def test_whoever_an_override_keeps_as_they_are_is_unchanged(sold: Catalog) -> None:
    acme = account()
    subscribed(acme, sold.team)
    overridden(acme, sold.storage, Mode.REPLACE, 500 * GB, at=AT - DAY)
    found = counted(a_draft(sold, storage=200 * GB))
    assert (found.figures.unchanged, found.figures.overridden) == (1, 1)


def test_a_cohort_is_all_that_is_reached(sold: Catalog) -> None:
    chosen, other = account("acme"), account("bravo")
    for one in (chosen, other):
        subscribed(one, sold.team)
    create_cohort(key="early", name="Early birds", accounts=[chosen], by=SYSTEM, at=AT)
    found = effects_on(
        version=(draft := a_draft(sold, storage=200 * GB)),
        choice=Publication(Audience.COHORT, None, draft.edits, "early"),
        at=AT,
    )
    assert [pk for pk, _effects in found] == [chosen.pk]


def test_at_renewal_each_is_reached_at_its_own(sold: Catalog) -> None:
    acme = account(zone="UTC")
    subscribed(acme, sold.team, at=AT - 10 * DAY)
    draft = a_draft(sold, storage=200 * GB)
    found = dict(effects_on(version=draft, choice=Publication(Audience.AT_RENEWAL, None, draft.edits), at=AT))
    assert found[acme.pk].instant == (AT - 10 * DAY).replace(month=3)


def test_on_a_date_the_trial_that_is_over_by_then_is_not_reached(sold: Catalog) -> None:
    subscribed(account(), sold.team, trial_days=14)  # four days are left of it, then it falls back to Free
    draft = a_draft(sold, storage=200 * GB)
    assert counted(draft, Audience.ON_DATE, effective_at=AT + 10 * DAY).figures.reached == 0
    assert counted(draft, Audience.ON_DATE, effective_at=AT + DAY).figures.gain == 1


def test_whoever_fell_back_to_the_plan_after_a_trial_is_reached(sold: Catalog) -> None:
    subscribed(account(), sold.team, trial_days=5)
    found = counted(a_draft(sold, plan=sold.free, storage=3 * GB))
    assert say_figures(found.figures) == "1 account: 1 gains"


def test_moving_back_to_a_former_version_is_counted_too(sold: Catalog) -> None:
    subscribed(account(), sold.team)
    first = sold.team.versions.get(number=1)
    publish_now(a_draft(sold, storage=200 * GB), at=AT - DAY)
    found = counted(first)
    assert say_figures(found.figures, found.lines) == "1 account: 1 loses Storage"


def test_the_number_of_reads_does_not_grow_with_the_accounts(sold: Catalog) -> None:
    draft = a_draft(sold, storage=200 * GB)
    asked = [Publication(audience, None, draft.edits) for audience in (Audience.NOW, Audience.AT_RENEWAL)]

    def reads() -> int:
        with CaptureQueriesContext(connection) as captured:
            impacts(version=draft, choices=asked, at=AT)
        return len(captured)

    subscribed(account("first"), sold.team)
    reads()
    few = reads()  # the first time something is kept for good
    for number in range(20):
        subscribed(account(f"account-{number}"), sold.team)
    assert reads() == few


def test_a_draft_of_a_plan_nobody_has_reaches_nobody(sold: Catalog) -> None:
    assert counted(PlanVersionFactory()).figures.reached == 0


def test_a_closed_account_has_nothing_to_lose(sold: Catalog) -> None:
    acme = account()
    subscribed(acme, sold.team)
    set_standing(account=acme, standing=Standing.CLOSED, reason="Left", by=SYSTEM, at=AT - timedelta(hours=1))
    assert counted(a_draft(sold, sso=None)).figures.reached == 0


def test_a_child_that_inherits_loses_with_its_parent(sold: Catalog) -> None:
    FeatureRevisionFactory(feature=sold.sso, parent_rule="inherit")
    parent = account("parent")
    subscribed(parent, sold.team)
    child = account("child", parent=parent)
    draft = a_draft(sold, sso=None)
    found = dict(effects_on(version=draft, choice=Publication(Audience.NOW, None, draft.edits), at=AT))
    assert {pk: effects.verdict for pk, effects in found.items()} == {
        parent.pk: Verdict.LOSES,
        child.pk: Verdict.LOSES,
    }
    assert Account.objects.count() == 2


def test_who_uses_more_than_will_be_left_is_named_with_the_feature(sold: Catalog) -> None:
    busy, idle = account("busy"), account("idle")
    for one in (busy, idle):
        subscribed(one, sold.team)

    def counted_use(accounts: Collection[int], *, at: datetime) -> dict[int, dict[str, Decimal]]:
        return {pk: {"storage": 60 * GB if pk == busy.pk else 40 * GB, "seats": Decimal(99)} for pk in accounts}

    in_use.register(counted_use)
    try:
        draft = a_draft(sold, storage=50 * GB)
        found = dict(effects_on(version=draft, choice=Publication(Audience.NOW, None, draft.edits), at=AT))
        assert counted(draft).figures.over_limit == 1
    finally:
        in_use.forget(counted_use)
    assert (found[busy.pk].over, found[idle.pk].over) == (("Storage",), ())
