"""A trial that a deal makes longer, by somebody's approval, and no longer."""

from datetime import timedelta

import pytest

from desk.domain.crm.told import DealState
from desk.models import CrmDeal, CrmFinding
from entitlements.actions.trials import extend
from entitlements.models import SubscriptionPhase
from journal.actions import approvals
from journal.models import Approval
from tests.conftest import actor
from tests.desk.crm import AT, MINUTE, crm, deal, hear, open_findings, verbs
from tests.entitlements.world import DAY, policy, subscribed

pytestmark = pytest.mark.django_db
OVER = AT + 4 * DAY


def trying(days=14):
    world = crm()
    subscribed(world.acme, world.catalog.team, trial_days=days)
    return world


def longer(days, **more):
    return deal(fields={"Kind": "trial", "TrialDays": str(days)}, **more)


def approve(at):
    approval = Approval.objects.get(state=Approval.State.PENDING)
    approvals.approve(approval=approval, by=actor("finance"), at=at)


def ends():
    return SubscriptionPhase.objects.order_by("-pk").first().ends_at


def test_a_longer_trial_waits_for_somebody_and_is_asked_for_once():
    world = trying()
    assert hear(world, longer(7)).words == "A longer trial waits for approval"
    so_far = verbs()
    hear(world, longer(7), at=AT + MINUTE)
    assert (verbs(), ends()) == (so_far, OVER)
    approve(AT + MINUTE)
    hear(world, longer(7), at=AT + 2 * MINUTE)
    assert (ends(), open_findings(), Approval.objects.count()) == (OVER + 7 * DAY, [], 1)


def test_taken_back_it_ends_when_it_would_have_and_not_in_the_past():
    world = trying()
    hear(world, longer(7))
    approve(AT + MINUTE)
    hear(world, longer(7, state=DealState.OPEN), at=AT + DAY)
    assert ends() == OVER
    hear(world, longer(7), at=AT + 2 * DAY)
    approve(AT + 2 * DAY)
    hear(world, longer(7, state=DealState.LOST), at=AT + 6 * DAY)
    assert ends() == AT + 6 * DAY


def test_what_staff_extended_since_stays():
    world = trying()
    policy()
    hear(world, longer(7))
    approve(AT + MINUTE)
    subscription = world.acme.subscriptions.get()
    extend(subscription=subscription, days=5, reason="Kind", by=actor("sales"), at=AT + DAY)
    hear(world, longer(7, state=DealState.LOST), at=AT + 2 * DAY)
    assert ends() == OVER + 5 * DAY


def test_another_length_asks_for_the_rest_or_takes_back_what_is_too_much():
    world = trying()
    hear(world, longer(7))
    approve(AT + MINUTE)
    hear(world, longer(10), at=AT + DAY)
    assert ends() == OVER + 7 * DAY
    approve(AT + DAY)
    hear(world, longer(10), at=AT + DAY + MINUTE)
    assert ends() == OVER + 10 * DAY
    hear(world, longer(2), at=AT + 2 * DAY)
    assert ends() == OVER + 2 * DAY


def test_a_deal_that_says_something_else_while_it_waits_asks_anew():
    world = trying()
    hear(world, longer(7))
    hear(world, longer(3), at=AT + MINUTE)
    assert sorted(Approval.objects.values_list("state", flat=True)) == ["pending", "withdrawn"]
    approve(AT + DAY)
    assert ends() == OVER + 3 * DAY


def test_a_no_is_told_and_not_asked_again():
    world = trying()
    hear(world, longer(7))
    approvals.reject(approval=Approval.objects.get(), by=actor("finance"), at=AT + MINUTE, note="No")
    hear(world, longer(7), at=AT + DAY)
    assert (Approval.objects.count(), ends()) == (1, OVER)
    assert [kind for kind, _ in open_findings()] == ["refused"]


def test_an_account_in_no_trial_is_told():
    world = crm()
    hear(world, longer(7))
    words = f"{world.acme} is in no trial, so there is none to make longer."
    assert open_findings() == [("refused", words)]
    assert CrmFinding.objects.get().account == CrmDeal.objects.get().account == world.acme


def test_a_trial_that_is_just_over_runs_again_and_taken_back_ends_now():
    world = trying(days=5)
    hear(world, longer(7))
    approve(AT + MINUTE)
    hear(world, longer(7), at=AT + 2 * MINUTE)
    assert ends() - (AT + MINUTE) == timedelta(days=7)
    hear(world, longer(7, state=DealState.LOST), at=AT + DAY)
    assert ends() == AT + DAY


@pytest.mark.parametrize("first_lost", ["d1", "d2"])
def test_of_two_deals_that_made_a_trial_longer_each_takes_back_its_own(first_lost):
    world = trying()
    for id, days in (("d1", 7), ("d2", 5)):
        hear(world, longer(days, id=id), at=AT)
        approve(AT)
        hear(world, longer(days, id=id), at=AT + MINUTE)
    assert ends() == OVER + 12 * DAY
    days = {"d1": 7, "d2": 5}
    for left, id in zip([12, 0], sorted(days, reverse=first_lost == "d2"), strict=True):
        left = left and left - days[id]
        hear(world, longer(days[id], id=id, state=DealState.LOST), at=AT + DAY)
        assert ends() == OVER + left * DAY


def lengthened(world, id, days, *, at):
    hear(world, longer(days, id=id), at=at)
    if Approval.objects.filter(state=Approval.State.PENDING).exists():
        approve(at)
    hear(world, longer(days, id=id), at=at + MINUTE)


@pytest.mark.parametrize("another", [2, 10])
@pytest.mark.parametrize("first_lost", ["d1", "d2"])
def test_of_two_deals_each_takes_back_its_own_also_after_the_first_said_another_length(another, first_lost):
    world = trying()
    for id, days in (("d1", 7), ("d2", 5), ("d1", another)):
        lengthened(world, id, days, at=AT)
    days = {"d1": another, "d2": 5}
    assert ends() == OVER + sum(days.values()) * DAY
    left = "d2" if first_lost == "d1" else "d1"
    hear(world, longer(days[first_lost], id=first_lost, state=DealState.LOST), at=AT + DAY)
    assert ends() == OVER + days[left] * DAY
    hear(world, longer(days[left], id=left, state=DealState.LOST), at=AT + DAY)
    assert ends() == OVER


def test_lost_while_it_waits_nothing_is_left_to_approve():
    world = trying()
    hear(world, longer(7))
    hear(world, longer(7, state=DealState.LOST), at=AT + MINUTE)
    row = CrmDeal.objects.get()
    assert (Approval.objects.get().state, ends(), row.trial, row.trial_made) == ("withdrawn", OVER, None, {})


def test_put_back_to_what_was_approved_after_a_no_there_is_nothing_to_ask_or_to_tell():
    world = trying()
    lengthened(world, "d1", 7, at=AT)
    hear(world, longer(10), at=AT + DAY)
    approvals.reject(approval=Approval.objects.get(state="pending"), by=actor("finance"), at=AT + DAY, note="No")
    hear(world, longer(7), at=AT + 2 * DAY)
    assert (ends(), open_findings(), Approval.objects.count()) == (OVER + 7 * DAY, [], 2)


def test_of_several_trials_that_are_over_the_last_runs_again():
    world = crm()
    for days_ago in (60, 10):
        subscribed(world.acme, world.catalog.team, trial_days=5, at=AT - days_ago * DAY)
    assert hear(world, longer(7)).words == "A longer trial waits for approval"


@pytest.mark.parametrize("days_ago", [[60], [5, 6]])
def test_which_trial_is_meant_or_that_none_is_left_is_told(days_ago):
    world = crm()
    for days in days_ago:
        subscribed(world.acme, world.catalog.team, trial_days=14, at=AT - days * DAY)
    hear(world, longer(7))
    told = {1: "is in no trial, so there is none to make longer.", 2: "has 2 trials that run. Extend the one that is"}
    ((kind, words),) = open_findings()
    assert (kind, words.startswith(f"{world.acme} {told[len(days_ago)]}")) == ("refused", True)


def test_after_a_no_another_length_is_asked_for():
    world = trying()
    hear(world, longer(7))
    approvals.reject(approval=Approval.objects.get(), by=actor("finance"), at=AT + MINUTE, note="No")
    hear(world, longer(3), at=AT + DAY)
    assert (list(Approval.objects.order_by("pk").values_list("state", flat=True)), open_findings()) == (
        ["rejected", "pending"], []
    )  # fmt: skip


def test_what_another_deal_only_asked_for_keeps_nobody_from_taking_theirs_back():
    world = trying()
    lengthened(world, "d1", 7, at=AT)
    hear(world, longer(5, id="d2"), at=AT + MINUTE)
    hear(world, longer(7, id="d1", state=DealState.LOST), at=AT + DAY)
    assert ends() == OVER
