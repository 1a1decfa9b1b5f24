"""Three questions about the past: was true at T, believed at T (and answered at T, which is the decision log's)."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.domain.rollouts import Audience
from entitlements.actions.accounts import set_standing
from entitlements.actions.overrides import grant, revoke
from entitlements.actions.plan_changes import change_plan
from entitlements.actions.trials import convert, extend
from entitlements.domain.facts import Mode, Standing
from entitlements.models import Account, BilledFeature
from entitlements.queries.entitlements import entitlements_of
from entitlements.snapshots.account import UnknownAccount
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor
from journal.models import Connection
from tests.conftest import EXAMPLES, actor
from tests.entitlements.world import AT, DAY, GB, account, catalog, policy, publish_plan, subscribed, value
from tests.journal.factories import ConnectionFactory

pytestmark = pytest.mark.django_db
MOMENT = timedelta.resolution


def test_a_revoked_override_was_true_then_and_is_still_told_so(sales: Actor) -> None:
    world = catalog()
    acme = account()
    subscribed(acme, world.team)
    policy()
    more = grant(
        account=acme,
        feature=world.storage,
        mode=Mode.ADD,
        value=20 * GB,
        through_on=date(2026, 3, 31),
        reason="Migration",
        by=sales,
        at=AT,
    )
    revoke(override=more, reason="Deal fell through", by=sales, at=AT + 2 * DAY)
    future = AT + 10 * DAY
    assert value(acme, "storage", AT + DAY) == 120 * GB  # was true
    assert value(acme, "storage", future, known_at=AT + DAY) == 120 * GB  # was believed, before it was revoked
    assert value(acme, "storage", future) == 100 * GB  # is true, as known now


def test_what_is_recorded_later_was_not_believed_earlier(sales: Actor) -> None:
    world = catalog()
    acme = account()
    subscribed(acme, world.team, trial_days=14)
    policy()
    extend(subscription=acme.subscriptions.get(), days=7, reason="Holidays", by=sales, at=AT)
    day = AT + 6 * DAY
    assert value(acme, "storage", day) == 100 * GB
    assert value(acme, "storage", day, known_at=AT - MOMENT) == 1 * GB
    assert value(acme, "storage", day, known_at=AT) == 100 * GB


def test_an_account_was_not_known_before_it_was_opened() -> None:
    catalog()
    acme = account(at=AT)
    with pytest.raises(UnknownAccount):
        entitlements_of(account=acme, at=AT, known_at=AT - MOMENT)


def test_two_saves_in_one_instant_leave_the_later_one(sales: Actor) -> None:
    world = catalog()
    acme = account()
    subscribed(acme, world.team, trial_days=14)
    policy()
    for _ in range(2):
        extend(subscription=acme.subscriptions.get(), days=7, reason="Holidays", by=sales, at=AT)
    assert value(acme, "storage", AT + 17 * DAY, known_at=AT) == 100 * GB


ACTS = ("grant", "extend", "convert", "publish", "suspend", "reopen", "change", "decided", "named", "dropped")


def act(name: str, acme: Account, by: Actor, hours: int) -> None:
    """One thing that changes what the account has; a refusal is as good as any outcome."""
    from catalog.models import Feature, FeatureRevision, Plan

    at = AT + timedelta(hours=hours)
    storage, team = Feature.objects.get(key="storage"), Plan.objects.get(key="team")
    held = acme.subscriptions.get()
    match name:
        case "grant":
            grant(
                account=acme,
                feature=storage,
                mode=Mode.ADD,
                value=GB,
                through_on=date(2026, 4, 1),
                reason="More",
                by=by,
                at=at,
            )
        case "extend":
            extend(subscription=held, days=3, reason="Holidays", by=by, at=at)
        case "convert":
            convert(subscription=held, by=by, at=at)
        case "publish":
            publish_plan(team, {storage: (100 + hours) * GB}, at=at, audience=Audience.NOW)
        case "suspend":
            set_standing(account=acme, standing=Standing.SUSPENDED, reason="Unpaid", by=SYSTEM, at=at)
        case "reopen":
            set_standing(account=acme, standing=Standing.OPEN, reason="Paid", by=SYSTEM, at=at)
        case "decided":
            rule = FeatureRevision(feature=Feature.objects.get(key="sso"), effective_at=at, given_by="billing")
            keep(rule, deed=begin(by=SYSTEM, at=at))
        case "named" | "dropped":
            billed(acme, named=name == "named", at=at)
        case _:
            change_plan(subscription=held, plan=team, by=by, at=at)


def billed(acme: Account, *, named: bool, at: datetime) -> None:
    """As whoever follows the billing keeps it: at most one open row, each change at its own moment."""
    from catalog.models import Feature

    deed, row = begin(by=SYSTEM, at=at), acme.billed_features.filter(ends_at=None).first()
    if named and row is None:
        there = Connection.objects.first() or ConnectionFactory()
        sso = Feature.objects.get(key="sso")
        keep(BilledFeature(account=acme, connection=there, customer="cus_1", feature=sso, starts_at=at), deed=deed)
    elif row is not None and not named:
        row.ends_at = at
        keep(row, deed=deed)


@pytest.mark.django_db(transaction=False)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(ACTS), min_size=1, max_size=6))
def test_what_was_believed_is_what_was_answered_then(db: None, acts: list[str]) -> None:
    """After each act the answers for today and for a future day are noted; later, known_at brings back each of them."""
    from django.db import transaction

    from journal.domain.refusal import Refusal

    with transaction.atomic():
        acme, noted = _noted(acts, Refusal)
        for known_at, when, expected in noted:
            assert dict(entitlements_of(account=acme, at=when, known_at=known_at)) == expected
        transaction.set_rollback(True)


def _noted(acts: list[str], refusal: type[Exception]) -> tuple[Account, list[tuple[object, object, object]]]:
    world = catalog()
    acme = account()
    subscribed(acme, world.team, trial_days=14)
    policy()
    noted = []
    for hours, name in enumerate(acts, start=1):
        with suppress(refusal):
            act(name, acme, actor("sales"), hours)
        now = AT + timedelta(hours=hours)
        for when in (now, AT + 12 * DAY):
            noted.append((now, when, dict(entitlements_of(account=acme, at=when))))
    return acme, noted
