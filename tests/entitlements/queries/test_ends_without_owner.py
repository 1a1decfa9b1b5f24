"""The proof: after a sweep, whatever ends, was moved, cancelled or came back, nothing is left without anybody."""

from datetime import date, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from entitlements.actions.accounts import edit_account, set_standing
from entitlements.actions.contract_endings import end_early, give_notice, take_notice_back
from entitlements.actions.renewals.deciding import let_end, mark_renewed, take_up_again
from entitlements.actions.renewals.proving import prove_nightly
from entitlements.actions.renewals.sweeping import sweep_renewals
from entitlements.actions.subscriptions import end
from entitlements.domain.facts import Standing
from entitlements.domain.renewing import RenewalState
from entitlements.models import Account, Contract, Renewal, Subscription
from entitlements.queries.renewals.proof import (
    NO_LONGER,
    NOBODY_LOOKED,
    NOBODY_OWNS,
    OWNER_LEFT,
    ends_without_owner,
    last_proof,
)
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM
from journal.domain.refusal import Refusal
from journal.models import Staff
from tests.conftest import EXAMPLES, actor
from tests.entitlements.ending import HOUR, contract, credits, customer, ending, maintained, renewing, task
from tests.entitlements.world import AT, DAY


def why(at: datetime = AT) -> list[str]:
    return [one.why for one in ends_without_owner(at=at)]


@pytest.mark.django_db
def test_an_end_is_lacking_until_the_sweep_has_seen_it() -> None:
    ending(customer())
    assert why() == [NOBODY_LOOKED]
    sweep_renewals(at=AT)
    assert why() == []


@pytest.mark.django_db
def test_a_task_that_is_nobodys_or_of_somebody_who_left_is_lacking() -> None:
    acme = customer()
    ending(acme)
    sweep_renewals(at=AT)
    Staff.objects.update(is_active=False)
    assert why() == [OWNER_LEFT]
    sweep_renewals(at=AT)
    assert why() == [NOBODY_OWNS]
    let_end(renewal=task(), reason="They leave", by=actor("sales"), at=AT)
    assert why() == []


@pytest.mark.django_db
def test_it_does_not_take_the_sweeps_word_for_it() -> None:
    ending(customer())
    sweep_renewals(at=AT)
    row = Renewal.objects.get()
    Renewal.objects.filter(pk=row.pk).update(
        state=RenewalState.LAPSED, decided_at=AT, decided_by="somebody", reason="By hand"
    )
    assert why() == [NO_LONGER]
    sweep_renewals(at=AT)
    assert why() == []


@pytest.mark.django_db
def test_only_so_far_ahead_as_asked() -> None:
    acme = customer(looked_after=False)
    ending(acme, on=AT + 40 * DAY)
    contract(acme, months=12)
    assert [one.end.at for one in ends_without_owner(at=AT, within=30 * DAY)] == []
    assert len(ends_without_owner(at=AT, within=400 * DAY)) == 2


@pytest.mark.django_db
def test_the_command_says_which_and_ends_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    ending(customer(looked_after=False), on=AT + 20000 * DAY)
    with pytest.raises(CommandError, match="1 end"):
        call_command("check_renewals", within=30000)
    assert "acme: subscription to Team ends on" in capsys.readouterr().err
    call_command("check_renewals", within=1)
    assert "Every end of the next day" in capsys.readouterr().out


DAYS = st.integers(min_value=1, max_value=200)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["move", "notice", "back", "early", "let", "renewed", "again", "close", "open", "leave", "later"]
        ),
        st.integers(min_value=0, max_value=5),
        DAYS,
    ),
    max_size=7,
)


class WhateverHappens(TestCase):
    """However ends move, are cancelled and come back, and whatever people decide meanwhile."""

    @settings(
        max_examples=max(5, EXAMPLES), deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(st.lists(st.tuples(st.integers(0, 3), DAYS), min_size=1, max_size=4), ACTS)
    def test_after_a_sweep_nothing_is_lacking(
        self, things: list[tuple[int, int]], acts: list[tuple[str, int, int]]
    ) -> None:
        accounts = [customer("one"), customer("two")]
        for number, (sort, days) in enumerate(things):
            _make(accounts[number % 2], sort, days)
        now = AT
        for act, which, days in acts:
            if act == "later":
                now += timedelta(days=days)
            _do(act, which, days, now)
            sweep_renewals(at=now)
            assert ends_without_owner(at=now) == []
            assert sweep_renewals(at=now) == 0
        sweep_renewals(at=now)
        assert ends_without_owner(at=now) == []
        live = Renewal.objects.exclude(state=RenewalState.LAPSED).filter(ends_at__gt=now)
        assert len({(row.kind, row.subject_key) for row in live}) == len(live)


def _make(held_by: Account, sort: int, days: int) -> None:
    match sort:
        case 0:
            contract(held_by, months=1 + days // 30)
        case 1:
            renewing(held_by, months=1 + days // 60)
        case 2:
            ending(held_by, on=AT + timedelta(days=days))
        case _:
            credits(held_by, through_on=(AT + timedelta(days=days)).date())


def _do(act: str, which: int, days: int, now: datetime) -> None:
    """One thing that may happen; what is refused didn't happen."""
    until = now + timedelta(days=days)
    subscriptions = Subscription.objects.filter(contract=None)
    rows = {
        "move": subscriptions, "notice": Contract.objects.all(), "back": Contract.objects.all(),
        "early": Contract.objects.all(), "close": Account.objects.all(), "open": Account.objects.all(),
        "leave": Account.objects.all(),
    }.get(act, Renewal.objects.select_related("account"))  # fmt: skip
    found = list(rows.order_by("pk"))
    if not found:
        return
    row = found[which % len(found)]
    sales = actor("sales")
    try:
        match act:
            case "move":
                end(subscription=row, ends_at=until, reason="", by=SYSTEM, at=now)
            case "notice":
                give_notice(contract=row, said_by="Bea", by=SYSTEM, at=now)
            case "back":
                take_notice_back(contract=row, by=SYSTEM, at=now)
            case "early":
                end_early(contract=row, ends_at=until, reason="Broke", by=SYSTEM, at=now)
            case "close" | "open":
                standing = Standing.CLOSED if act == "close" else Standing.OPEN
                set_standing(account=row, standing=standing, reason="So", by=SYSTEM, at=now)
            case "leave":
                edit_account(account=row, zone=["UTC", "Asia/Tokyo"][which % 2], by=SYSTEM, at=now)
            case "let":
                let_end(renewal=row, reason="So", by=sales, at=now)
            case "renewed":
                mark_renewed(renewal=row, what="Order 1", starts_at=until, by=sales, at=now)
            case "again":
                take_up_again(renewal=row, reason="After all", by=sales, at=now)
    except Refusal:
        return


@pytest.mark.django_db
def test_the_maintenance_of_licences_is_proved_too() -> None:
    maintained(customer())
    assert why() == [NOBODY_LOOKED]


@pytest.mark.django_db
def test_what_ended_while_it_was_nobodys_is_lacking_until_somebody_takes_it() -> None:
    ending(customer(looked_after=False))
    sweep_renewals(at=AT)
    for days in (39, 41, 400):
        sweep_renewals(at=AT + days * DAY)
        assert why(AT + days * DAY) == [NOBODY_OWNS]
    assert "acme: subscription to Team ended on" in ends_without_owner(at=AT + 41 * DAY)[0].words
    let_end(renewal=task(), reason="They left", by=actor("sales"), at=AT + 401 * DAY)
    assert why(AT + 402 * DAY) == []


@pytest.mark.django_db
def test_an_end_that_was_written_past_the_desk_is_found_whatever_ends() -> None:
    acme = customer()
    soon = AT + 50 * DAY
    for row, value in (
        (contract(acme, months=24), {"ends_at": soon}),
        (ending(acme, on=AT + 900 * DAY), {"ends_at": soon}),
        (maintained(acme, until=date(2028, 1, 1)), {"maintenance_until": soon.date()}),
        (credits(acme, through_on=date(2028, 1, 1)), {"expires_at": soon}),
    ):
        assert why() == []
        type(row)._base_manager.filter(pk=row.pk).update(**value)
        assert why() == [NOBODY_LOOKED]
        sweep_renewals(at=AT)
    assert len({row.kind for row in Renewal.objects.filter(state="open")}) == 4


@pytest.mark.django_db
def test_an_end_that_no_version_tells_of_is_nobodys_decision() -> None:
    row = ending(customer())
    row.ends_at = None
    keep(row, deed=begin(by=SYSTEM, at=AT))
    Subscription.objects.update(ends_at=AT + 30 * DAY)
    assert why() == [NOBODY_LOOKED]


@pytest.mark.django_db
def test_what_the_night_found_is_kept_and_found_once_a_night() -> None:
    assert last_proof() is None
    ending(customer())
    assert prove_nightly(at=AT) == 1
    sweep_renewals(at=AT)
    assert prove_nightly(at=AT + HOUR) == 1
    kept = last_proof()
    assert kept is not None
    assert (kept.at, kept.number, kept.lacking[0].endswith(NOBODY_LOOKED)) == (AT, 1, True)
    assert prove_nightly(at=AT + DAY) == 0
    assert kept.is_old(AT + 3 * DAY)
