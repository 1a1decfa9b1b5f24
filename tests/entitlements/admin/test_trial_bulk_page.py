"""Extending the trials of several customers alike, from the list of accounts."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from entitlements.actions.trials import extend
from entitlements.admin.trials.bulk_page import bulk_url
from entitlements.models import Account, SubscriptionPhase
from journal.domain.actor import Actor
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, DAY, account, catalog, policy, subscribed

pytestmark = pytest.mark.django_db
END = AT + 4 * DAY


@pytest.fixture
def trying(db: None) -> list[Account]:
    """Ann and Ben are ten days into a trial of Team of 14 days; Cas has bought it."""
    policy()
    sold = catalog()
    accounts = [account(key) for key in ("ann", "ben", "cas")]
    for held_by in accounts[:2]:
        subscribed(held_by, sold.team, trial_days=14)
    subscribed(accounts[2], sold.team)
    return accounts


def page(accounts: list[Account]) -> str:
    return bulk_url([held_by.pk for held_by in accounts])


def send(desk: Client, accounts: list[Account], **given: Any) -> HttpResponse:
    opened = given.pop("seen", None) or desk.get(page(accounts)).context["form"]["seen"].value()
    told = {"seen": opened, "shown": "", "choice": "7", "days": "", "until": "", "reason": "Holidays"}
    return desk.post(page(accounts), told | given)


def ends() -> set[Any]:
    return set(SubscriptionPhase.objects.values_list("ends_at", flat=True))


def test_the_list_leads_there_with_the_customers_chosen(sales_desk: Client, trying: list[Account]) -> None:
    chosen = {"action": "extend_trials", "_selected_action": [held_by.pk for held_by in trying]}
    assert sales_desk.post(url("account_changelist"), chosen).url == page(trying)


def test_it_shows_where_each_length_leads_for_each(sales_desk: Client, trying: list[Account], sales: Actor) -> None:
    for _ in range(2):
        extend(subscription=trying[1].subscriptions.get(), days=1, reason="A day", by=sales, at=AT)
    said = text_of(sales_desk.get(page(trying)))
    assert "Ann Team v1 until 6 Mar 2026 10:00 (Amsterdam) 4 days left, then Free never until 9 Mar 2026 10:00" in said
    assert "2 times until 11 Mar 2026 10:00 (Amsterdam) needs approval" in said
    assert "Left out, because no trial of theirs is running: Cas" in said


def test_each_gets_a_line_with_its_old_and_new_end(sales_desk: Client, trying: list[Account]) -> None:
    response = send(sales_desk, trying)
    said = text_of(response)
    assert "2 trials extended" in said
    assert "Ann subscription 1 until 6 Mar 2026 10:00 (Amsterdam) until 13 Mar 2026 10:00 (Amsterdam) Undo" in said
    assert url("trial_undo", "ben", 1) in response.content.decode()
    assert ends() == {END + 7 * DAY}


def test_one_that_changed_meanwhile_says_so_and_the_others_go_on(
    sales_desk: Client, trying: list[Account], sales: Actor
) -> None:
    opened = sales_desk.get(page(trying)).context["form"]["seen"].value()
    extend(subscription=trying[0].subscriptions.get(), days=1, reason="A day", by=sales, at=AT)
    said = text_of(send(sales_desk, trying, seen=opened))
    assert "1 trial extended, 1 not extended" in said
    assert "Not extended: This trial's end has changed since you opened the form" in said


def test_beyond_policy_they_wait(sales_desk: Client, trying: list[Account]) -> None:
    assert "someone" not in text_of(send(sales_desk, trying, choice="other", days="30"))
    said = text_of(send(sales_desk, trying, choice="other", days="30", shown="30"))
    assert "0 trials extended, 2 wait for approval" in said
    assert ends() == {END}


def test_a_day_is_shown_for_each_before_anything_changes(sales_desk: Client, trying: list[Account]) -> None:
    shown = send(sales_desk, trying, choice="through", until="2026-03-14")
    assert "through 14 March 2026 (Amsterdam)" in text_of(shown)
    assert ends() == {END}
    send(sales_desk, trying, choice="through", until="2026-03-14", shown=shown.context["form"]["shown"].value())
    assert len(ends()) == 1
    assert ends() != {END}


def test_what_cannot_be_is_said_beside_its_field(sales_desk: Client, trying: list[Account]) -> None:
    assert "Give a reason" in complaints(send(sales_desk, trying, reason=""))["reason"][0]
    for opened in ("nonsense", "[1]", '{"1": "yesterday"}', '{"x": 1}'):
        assert "not as we made it" in complaints(send(sales_desk, trying, seen=opened))[""][0]
    assert ends() == {END}


def test_where_nobody_is_in_trial_there_is_nothing_to_offer(sales_desk: Client, trying: list[Account]) -> None:
    assert "None of these customers has a trial" in text_of(sales_desk.get(page(trying[2:])))
    assert "None of these customers has a trial" in text_of(sales_desk.get(f"{page([])}x,-1,9999999999999999999999"))


def test_too_many_at_once_are_refused_before_anything_is_shown(
    sales_desk: Client, trying: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("trials.bulk_page", "accounts"):
        monkeypatch.setattr(f"entitlements.admin.{module}.MOST_AT_ONCE", 2)
    chosen = {"action": "extend_trials", "_selected_action": [held_by.pk for held_by in trying]}
    for response in (
        sales_desk.get(page(trying), follow=True),
        sales_desk.post(url("account_changelist"), chosen, follow=True),
    ):
        assert response.request["PATH_INFO"] == url("account_changelist")
        assert "At most 2 customers at once" in response.content.decode()


def test_any_number_is_read_at_once(
    sales_desk: Client, trying: list[Account], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    team = trying[0].subscriptions.get().items.get().plan
    many = [account(f"more-{number}") for number in range(20)]
    for held_by in many:
        subscribed(held_by, team, trial_days=14)
    with django_assert_max_num_queries(22):
        sales_desk.get(page([*trying, *many]))


@pytest.mark.parametrize("role", ["support", "finance", "auditor"])
def test_other_roles_see_no_such_action_and_are_turned_away(sign_in: Any, trying: list[Account], role: str) -> None:
    desk = sign_in(role)
    assert "Extend trials" not in desk.get(url("account_changelist")).content.decode()
    assert desk.get(page(trying)).status_code == 403
    assert desk.post(page(trying)).status_code == 403
