"""A trial with a card on file becomes a sale by itself; everybody who asks whether a trial lapses agrees on that."""

import pytest

from catalog.models import Plan
from entitlements.actions.subscriptions import start
from entitlements.actions.trial_reactivation import reactivate
from entitlements.actions.trials import convert, extend
from entitlements.admin.account_filters import TRIAL_OVER, subscriptions_in
from entitlements.domain.facts import Phase
from entitlements.domain.lifecycle import State
from entitlements.models import Account
from entitlements.queries.holdings import holdings
from entitlements.queries.life.state import NotPermitted, state_of
from entitlements.queries.publishing.grandfathering import running_trials
from entitlements.queries.publishing.holders import fallen_items, held_versions
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Refusal
from journal.models import AuditEvent
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, policy, subscribed, value

pytestmark = pytest.mark.django_db
END = AT + 4 * DAY


@pytest.fixture
def sold(db: None) -> Catalog:
    policy()
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    """Ten days into a trial of Team of 14 days, with a card on file."""
    acme = account()
    subscribed(acme, sold.team, trial_days=14, with_card=True)
    return acme


def test_at_its_end_the_customer_keeps_what_it_tried(acme: Account) -> None:
    assert value(acme, "storage", END) == 100 * GB
    assert value(acme, "sso", END + 400 * DAY) is True
    assert "with a card on file" in AuditEvent.objects.get(verb="subscription:start").changes["plan"][1]


def test_the_screens_say_trial_until_then_and_active_afterwards(acme: Account) -> None:
    (now,), (then,) = (holdings(account_ids=[acme.pk], at=at)[acme.pk] for at in (AT, END))
    assert (now.in_trial, now.with_card, now.after_trial) == (True, True, None)
    assert (then.lapsed, then.phase, [item.version for item in then.plans]) == (False, Phase.ACTIVE, ["Team v1"])
    assert state_of(acme.subscriptions.get(), at=END) is State.ACTIVE


def test_lists_and_counts_agree(acme: Account, sold: Catalog) -> None:
    team = sold.team.versions.get()
    assert not subscriptions_in(TRIAL_OVER, at=END).exists()
    assert subscriptions_in(Phase.ACTIVE, at=END).exists()
    assert not fallen_items(plan=sold.free, at=END).exists()
    assert [held.version for held in held_versions(plan=sold.team, at=END)] == [team.pk]
    assert running_trials(version_ids=[team.pk], at=AT) == set()


def test_it_is_extended_and_converted_like_any_other(acme: Account, sales: Actor) -> None:
    tried = acme.subscriptions.get()
    assert extend(subscription=tried, days=7, reason="Holidays", by=sales, at=AT).ends_at == END + 7 * DAY
    assert convert(subscription=tried, by=sales, at=AT).converted_at == AT


def test_it_became_a_sale_so_it_never_runs_again(acme: Account, sales: Actor) -> None:
    with pytest.raises(NotPermitted, match="Subscription 1 is active"):
        reactivate(subscription=acme.subscriptions.get(), days=7, reason="Again", by=sales, at=END)


@pytest.mark.parametrize(
    ("said", "field"), [({"with_card": True}, "trial_days"), ({"billing_id": "sub_1"}, "billed_by")]
)
def test_what_contradicts_itself_is_refused(sold: Catalog, said: dict[str, object], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        start(account=account("bee"), plan=Plan.objects.get(key="team"), by=SYSTEM, at=AT, **said)
    assert refused.value.field == field
