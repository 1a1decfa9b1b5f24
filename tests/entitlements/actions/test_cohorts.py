"""Cohorts are chosen once and then stay as they are."""

import pytest

from catalog.domain.rollouts import Audience
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.merging import ask_to_merge
from entitlements.models import Account, Cohort
from entitlements.queries.publishing.cohorts import pick
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Invalid, NotAllowed, Refusal
from journal.models import AuditEvent
from tests.entitlements.world import AT, DAY, GB, account, catalog, publish_plan, subscribed, value

pytestmark = pytest.mark.django_db


def chosen(*accounts: Account, by: Actor = SYSTEM, key: str = "beta") -> Cohort:
    return create_cohort(key=key, name=" Beta ", accounts=accounts, by=by, at=AT, note="They asked")


def test_it_is_frozen_at_once_with_each_account_once(finance: Actor) -> None:
    one, two = account("one"), account("two")
    cohort = chosen(one, two, one, by=finance)
    assert (cohort.name, cohort.frozen_at) == ("Beta", AT)
    assert {member.account for member in cohort.members.all()} == {one, two}
    assert AuditEvent.objects.get(verb="cohort:create").changes["accounts"] == [None, 2]


def test_what_was_merged_is_no_choice_and_its_key_means_what_stays() -> None:
    acme, beta = account("acme"), account("beta")
    ask_to_merge(duplicate=beta, into=acme, reason="One", by=SYSTEM, at=AT)
    with pytest.raises(Refusal, match="was merged into Acme"):
        chosen(Account.objects.get(pk=beta.pk))
    assert pick(pasted="beta", at=AT).accounts == (acme,)
    assert pick(at=AT).accounts == (acme,)


def test_a_publication_for_a_cohort_reaches_its_accounts_alone() -> None:
    world = catalog()
    inside, outside = account("inside"), account("outside")
    for each in (inside, outside):
        subscribed(each, world.team)
    chosen(inside)
    gives = {world.storage: 200 * GB, world.seats: 10}
    publish_plan(world.team, gives, at=AT, audience=Audience.COHORT, cohort_key="beta")
    assert (value(inside, "storage", AT), value(outside, "storage", AT)) == (200 * GB, 100 * GB)
    assert value(inside, "storage", AT - DAY) == 100 * GB


def test_whoever_buys_later_gets_what_is_on_sale_also_in_the_cohort() -> None:
    world, inside = catalog(), account("inside")
    subscribed(inside, world.free)
    chosen(inside)
    gives = {world.storage: 200 * GB, world.seats: 10}
    publish_plan(world.team, gives, at=AT, audience=Audience.COHORT, cohort_key="beta")
    subscribed(inside, world.team, at=AT + DAY)
    assert value(inside, "storage", AT + DAY) == 100 * GB


def test_a_cohort_of_nobody_is_refused(finance: Actor) -> None:
    with pytest.raises(Invalid) as refused:
        chosen(by=finance)
    assert refused.value.field == "accounts"


def test_a_key_is_given_once(finance: Actor) -> None:
    acme = account()
    chosen(acme, by=finance)
    with pytest.raises(Invalid) as refused:
        chosen(acme, by=finance)
    assert refused.value.field == "key"


def test_support_may_not_choose_cohorts(support_agent: Actor) -> None:
    with pytest.raises(NotAllowed):
        chosen(account(), by=support_agent)
