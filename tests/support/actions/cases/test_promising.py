from typing import Any

import pytest

from journal.actions.webhooks.endpoints import set_up
from journal.domain.actor import SYSTEM
from journal.models import Outbound
from support.actions.cases.promising import promise_anew, promise_many_anew
from support.models import Case, CasePromise
from support.queries.cases.anew import Newer, anew
from tests.support.casework import NOW, OPENED, clock, hour, opened, policy, rows, world

pytestmark = pytest.mark.django_db


def test_a_case_is_promised_anew_and_its_clocks_count_by_it() -> None:
    case = opened(world())
    newer = policy("priority")
    row = promise_anew(case, promise=anew(case.promises.get(), at=hour(2), policy=newer), at=hour(2))
    assert (row.starts_at, row.recorded_at) == (hour(2), hour(2))
    assert clock(case, "resolution").promise == row
    assert Case.objects.get(pk=case.pk).tier == "priority"
    assert clock(case, "first_response").breached_at == hour(1)  # what was late stays late


def test_many_cases_cost_no_more_queries_than_a_few(django_assert_max_num_queries: Any) -> None:
    acme = world()
    newer = Newer(at=NOW, policy=policy("priority"))
    cases = [opened(acme) for _ in range(6)]
    promises = [newer.anew(row) for row in CasePromise.objects.select_related("policy_version")]
    with django_assert_max_num_queries(40):
        promise_many_anew(promises, at=NOW)
    assert CasePromise.objects.count() == 12
    alone = opened(acme)
    promise_anew(alone, promise=newer.anew(alone.promises.get()), at=NOW)
    assert rows(cases[0]) == rows(cases[5]) == rows(alone)


def test_whoever_holds_the_due_times_hears_when_they_move_and_only_then() -> None:
    case = opened(world())
    set_up(url="https://shop.example/hook", by=SYSTEM, at=OPENED)
    same = case.promises.get()
    again = CasePromise(
        starts_at=hour(1), policy_version=same.policy_version, calendars=same.calendars, holidays_known_at=NOW,
        zone=same.zone, case=case,
    )  # fmt: skip
    assert promise_many_anew([again], at=NOW) == 0
    assert not Outbound.objects.filter(payload__type="case.changed").exists()
    elsewhere = CasePromise(
        starts_at=hour(1), policy_version=same.policy_version, calendars=same.calendars, holidays_known_at=NOW,
        zone="America/New_York", case=case,
    )  # fmt: skip
    assert promise_many_anew([elsewhere], at=NOW) == 1
    told = Outbound.objects.get(payload__type="case.changed").payload["data"]
    assert (told["case"], told["happened"]) == (case.number, "promised_anew")
