"""Every end gets a task, which follows the end: opened, moved, decided by its terms, closed, each once."""

from datetime import date, timedelta
from typing import Any

import pytest

from entitlements.actions.accounts import edit_account, set_standing
from entitlements.actions.contract_drafts import set_terms
from entitlements.actions.contract_endings import end_early, give_notice, take_notice_back
from entitlements.actions.credits.grants import void
from entitlements.actions.licences.issuing import edit_licence
from entitlements.actions.lifecycle import cancel
from entitlements.actions.renewals import sweeping
from entitlements.actions.renewals.deciding import let_end
from entitlements.actions.renewals.keeping import apply
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.actions.subscriptions import end
from entitlements.domain.facts import Standing
from entitlements.domain.renewing import BY_TERMS
from entitlements.domain.timing import Timing
from entitlements.models import Contract, Renewal
from entitlements.models.contract import Renewal as ByItself
from entitlements.queries.renewals import ends
from entitlements.queries.renewals.proof import ends_without_owner
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent, Staff
from tests.conftest import actor
from tests.entitlements.contracts import amended, signed
from tests.entitlements.crediting import Credited, spent
from tests.entitlements.ending import (
    contract,
    credits,
    customer,
    ending,
    hours,
    maintained,
    owner,
    renewing,
    task,
    tasks,
    team,
)
from tests.entitlements.world import AT, DAY, subscribed

pytestmark = pytest.mark.django_db


def test_every_sort_of_end_gets_a_task_of_whoever_looks_after_the_customer() -> None:
    acme = customer()
    contract(acme)
    ending(acme)
    maintained(acme)
    credits(acme)
    assert sweep_renewals(at=AT) == 4
    assert tasks() == [
        ("subscription", "open", "40"),
        ("credits", "open", "60"),
        ("maintenance", "open", "91"),
        ("contract", "open", "92"),
    ]
    assert {row.owner.username for row in Renewal.objects.select_related("owner") if row.owner} == {"ana"}


def test_a_second_run_finds_nothing_to_do() -> None:
    acme = customer()
    contract(acme)
    renewing(acme)
    sweep_renewals(at=AT)
    events = AuditEvent.objects.count()
    assert sweep_renewals(at=AT) == 0
    assert sweep_renewals(at=AT + DAY) == 0
    assert AuditEvent.objects.count() == events


def test_a_task_of_a_customer_nobody_looks_after_is_nobodys() -> None:
    ending(customer("loner", looked_after=False))
    sweep_renewals(at=AT)
    assert task().owner is None


def test_nothing_is_opened_for_ends_far_ahead_and_what_comes_nearer_is() -> None:
    contract(customer(), months=12)
    sweep_renewals(at=AT)
    assert tasks() == []
    sweep_renewals(at=AT + 250 * DAY)
    assert len(tasks()) == 1


def test_the_task_comes_so_early_that_long_notice_can_still_be_given() -> None:
    renewing(customer(), months=12, notice_days=180)
    sweep_renewals(at=AT + 150 * DAY)
    assert tasks() == []
    sweep_renewals(at=AT + 160 * DAY)
    assert [state for _, state, _ in tasks()] == ["renewed"]


def test_what_renews_by_itself_is_decided_by_its_terms_and_says_until_when_notice_can_be_given() -> None:
    renewing(customer())
    sweep_renewals(at=AT)
    row = task()
    assert (row.state, row.decided_by, row.successor_starts_at) == ("renewed", BY_TERMS, row.ends_at)
    assert row.reason == "It renews by itself for 3 months, unless notice is given through 2 May 2026."
    assert {"renewal:open", "renewal:settle"} <= set(AuditEvent.objects.values_list("verb", flat=True))


def test_notice_and_its_withdrawal_are_followed() -> None:
    agreed = renewing(customer())
    sweep_renewals(at=AT)
    give_notice(contract=agreed, said_by="Bea Buyer", by=SYSTEM, at=AT + DAY)
    sweep_renewals(at=AT + DAY)
    assert task().state == "let_end"
    assert task().reason.startswith("Bea Buyer gave notice on 3 March 2026")
    take_notice_back(contract=Contract.objects.get(), by=SYSTEM, at=AT + 2 * DAY)
    sweep_renewals(at=AT + 2 * DAY)
    assert task().state == "renewed"


def test_the_next_term_gets_a_row_of_its_own_and_the_past_one_stays() -> None:
    renewing(customer())
    sweep_renewals(at=AT)
    sweep_renewals(at=AT + 100 * DAY)
    assert [(state, days) for _, state, days in tasks()] == [("renewed", "92"), ("renewed", "184")]


def test_an_end_that_moves_takes_its_task_along() -> None:
    row = ending(customer())
    sweep_renewals(at=AT)
    end(subscription=row, ends_at=AT + 60 * DAY, reason="Longer", by=SYSTEM, at=AT + DAY)
    sweep_renewals(at=AT + DAY)
    assert tasks() == [("subscription", "lapsed", "40"), ("subscription", "open", "60")]
    assert task(state="lapsed").reason == "It lasts until 1 May 2026 11:00 (Amsterdam) now."
    end(subscription=row, ends_at=AT + 40 * DAY, reason="After all", by=SYSTEM, at=AT + 2 * DAY)
    sweep_renewals(at=AT + 2 * DAY)
    assert tasks() == [("subscription", "let_end", "40"), ("subscription", "lapsed", "60")]
    assert task(state="let_end").reason == "The desk ended it on 4 March 2026 09:00 (UTC): After all"


def test_a_decision_about_an_end_that_moved_is_no_decision_about_the_new_one() -> None:
    row = ending(customer())
    sweep_renewals(at=AT)
    let_end(renewal=task(), reason="They leave", by=actor("sales"), at=AT)
    assert sweep_renewals(at=AT) == 0
    end(subscription=row, ends_at=AT + 60 * DAY, reason="Longer", by=SYSTEM, at=AT + DAY)
    sweep_renewals(at=AT + DAY)
    assert tasks() == [("subscription", "lapsed", "40"), ("subscription", "open", "60")]


def test_a_contract_that_is_amended_to_renew_needs_nobody_any_more() -> None:
    agreed = contract(customer())
    sweep_renewals(at=AT)
    version = amended(agreed, at=AT)
    set_terms(
        version=version, effective_on=None, term_months=3, renewal=ByItself.RENEWS, renewal_months=3, notice_days=0,
        reason="Goes on", reason_code=None, by=SYSTEM, at=AT,
    )  # fmt: skip
    signed(version)
    sweep_renewals(at=AT)
    assert tasks() == [("contract", "renewed", "92")]


def test_what_was_ended_early_moves_and_is_decided() -> None:
    agreed = contract(customer())
    sweep_renewals(at=AT)
    end_early(contract=agreed, ends_at=AT + 20 * DAY, reason="Insolvent", by=SYSTEM, at=AT + DAY)
    sweep_renewals(at=AT + DAY)
    assert tasks() == [("contract", "let_end", "20"), ("contract", "lapsed", "92")]


def test_a_cancelled_subscription_is_decided_by_its_cancellation() -> None:
    row = subscribed(customer(), team(), at=AT - 10 * DAY)
    cancel(subscription=row, timing=Timing.ON_DATE, on=AT + 20 * DAY, reason="Too dear", by=SYSTEM, at=AT)
    sweep_renewals(at=AT)
    assert task().state == "let_end"
    assert task().reason.endswith("Too dear")


def test_credits_that_are_used_up_or_voided_leave_nothing_to_decide() -> None:
    acme = customer()
    used, voided = credits(acme, amount=10), credits(acme, amount=5, through_on=date(2026, 5, 31))
    sweep_renewals(at=AT)
    assert [kind for kind, _, _ in tasks()] == ["credits", "credits"]
    spent(Credited(acme, hours(), team()), 10, at=AT + DAY)
    void(grant=voided, reason="A mistake", by=SYSTEM, at=AT + DAY)
    sweep_renewals(at=AT + DAY)
    assert [state for _, state, _ in tasks()] == ["lapsed", "lapsed"]
    assert used.pk != voided.pk


def test_maintenance_that_was_extended_elsewhere_closes_the_task() -> None:
    row = maintained(customer())
    sweep_renewals(at=AT)
    edit_licence(
        licence=row, name="", environment="", through_on=None, maintenance_until=date(2028, 5, 31), by=SYSTEM, at=AT
    )
    sweep_renewals(at=AT)
    assert [state for _, state, _ in tasks()] == ["lapsed"]


def test_a_closed_account_has_nothing_left_to_renew_and_a_reopened_one_has() -> None:
    acme = customer()
    ending(acme)
    sweep_renewals(at=AT)
    set_standing(account=acme, standing=Standing.CLOSED, reason="Left", by=SYSTEM, at=AT + DAY)
    sweep_renewals(at=AT + DAY)
    assert [state for _, state, _ in tasks()] == ["lapsed"]
    set_standing(account=acme, standing=Standing.OPEN, reason="Back", by=SYSTEM, at=AT + 2 * DAY)
    sweep_renewals(at=AT + 2 * DAY)
    assert [state for _, state, _ in tasks()] == ["open"]


def test_a_task_of_somebody_who_left_goes_to_whoever_looks_after_the_customer_now() -> None:
    acme = customer()
    ending(acme)
    sweep_renewals(at=AT)
    Staff.objects.filter(username="ana").update(is_active=False)
    sweep_renewals(at=AT)
    assert task().owner is None
    bob = owner("bob")
    edit_account(account=acme, owner=bob, by=SYSTEM, at=AT)
    sweep_renewals(at=AT)
    assert task().owner == bob


def test_nobody_is_asked_about_what_ended_long_ago_but_an_open_task_outlives_its_end() -> None:
    ending(customer())
    sweep_renewals(at=AT + 60 * DAY)
    assert tasks() == []
    sweep_renewals(at=AT + 43 * DAY)
    sweep_renewals(at=AT + 90 * DAY)
    assert [state for _, state, _ in tasks()] == ["open"]


def test_it_stops_when_it_has_had_enough_and_the_next_run_goes_on() -> None:
    for key in ("one", "two", "three"):
        ending(customer(key))
    assert sweep_renewals(at=AT, enough=lambda: True) == 1
    assert sweep_renewals(at=AT, enough=lambda: True) == 1
    assert sweep_renewals(at=AT) == 1
    assert len(tasks()) == 3


def test_a_run_that_is_killed_has_written_whole_things_only_and_the_next_finds_the_rest() -> None:
    for key in ("one", "two"):
        ending(customer(key))

    def killed() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep_renewals(at=AT, enough=killed)
    assert len(tasks()) == 1
    assert sweep_renewals(at=AT) == 1
    assert len(tasks()) == 2


def test_a_thing_that_can_not_be_put_right_holds_nobody_else_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, _ = ending(customer("one")), ending(customer("two"))

    def failing(end: Any, *rows: Any, **more: Any) -> Any:
        if end.subject_key == str(broken.pk):
            raise ValueError("Broken")
        return apply(end, *rows, **more)

    monkeypatch.setattr(sweeping, "apply", failing)
    assert sweep_renewals(at=AT) == 1
    assert [record.name for record in caplog.records if "put right" in record.message] == ["entitlements.renewals"]
    assert [one.end.subject_key for one in ends_without_owner(at=AT)] == [str(broken.pk)]


def test_it_reads_as_often_however_many_things_there_are(django_assert_max_num_queries: object) -> None:
    for key in ("one", "two", "three"):
        acme = customer(key)
        contract(acme)
        ending(acme)
        credits(acme)
    sweep_renewals(at=AT)
    with django_assert_max_num_queries(27):  # type: ignore[operator]
        sweep_renewals(at=AT)


def test_where_accounts_are_too_many_for_one_run_each_gets_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ends, "STRETCH", 1)
    for key in ("one", "two"):
        customer(key)
    ending(customer("three"))
    for run in range(12):
        sweep_renewals(at=AT + run * timedelta(minutes=2), enough=lambda: True)
    assert len(tasks()) == 1
