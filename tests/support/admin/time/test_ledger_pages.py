"""The ledger of prepaid help on the screen, on paper and as a file; and the block on the customer's page."""

import csv
from collections.abc import Iterator

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client

from entitlements.models import Account
from support.actions.time_entries import withdraw_time
from support.admin.time.block import time_block
from support.domain.case_events import Channel
from support.models import Case
from tests.entitlements.admin.reading import text_of
from tests.support.admin.cases.desks import address, reader
from tests.support.time_world import (
    AT,
    DAY,
    SYSTEM,
    a_case,
    customer,
    entered,
    holds,
    hours,
    plan_of_hours,
    sold,
)

pytestmark = pytest.mark.django_db
READS = 75


@pytest.fixture(autouse=True)
def clock(db: None) -> Iterator[None]:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def case() -> Case:
    acme, allowance = customer(), hours(unit=30)
    sold(acme, allowance, 250, through_on=(AT + 29 * DAY).date())
    found = a_case(acme, subject="=cmd|' /C calc'!A0")
    entered(found, 20)
    return found


def page(name: str = "prepaid") -> str:
    return address(name, "acme", "support_hours")


def test_it_reads_as_the_customer_would_read_it(case: Case) -> None:
    words = text_of(reader("sales").get(page()))
    assert "Support hours: what Acme has left" in words
    assert "3 h 40 min left 3 h 40 min go on 1 April 2026 (UTC), unless used by then." in words
    assert "Each entry is rounded up to 30 minutes" in words
    assert f"Used {case.number} =cmd|' /C calc'!A0 20 min count as 30 min, by phone" in words
    assert "−30 min 3 h 40 min" in words
    assert "Added Bought: 4 h 10 min, to be used through 31 March 2026 (UTC)" in words


def test_what_was_left_out_is_shown_with_why(case: Case) -> None:
    entered(case, 45, exempt_reason="Our own mistake")
    words = text_of(reader("support").get(page()))
    assert "Worked without counting it" in words
    assert "45 min, not counted, by phone Our own mistake" in words


def test_on_paper_it_begins_with_the_oldest_and_bears_nothing_of_the_desk(case: Case) -> None:
    entry = entered(case, 40)
    withdraw_time(entry=entry, reason="Wrong case", by=SYSTEM, at=AT)
    answer = reader("support").get(page("prepaid_paper"))
    words = text_of(answer)
    assert words.index("Added. Bought") < words.index("Used. ") < words.index("Given back. ")
    assert "Wrong case" in words
    assert "admin/support/case" not in answer.content.decode()


def test_the_file_holds_every_line_and_starts_no_formula(case: Case) -> None:
    answer = reader("finance").get(page("prepaid_csv"))
    assert answer["Content-Disposition"] == 'attachment; filename="acme-support_hours.csv"'
    heads, bought, used = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    assert heads[1:8] == ["Kind", "What", "Case", "Minutes worked", "Minutes counted", "Change", "Balance after"]
    assert (bought[6], bought[7]) == ("250", "250")
    assert used[1:8] == ["Used", f"{case.number} =cmd|' /C calc'!A0", case.number, "20", "30", "'-30", "220"]
    assert not any(cell[:1] in "=+-@" for cell in (*bought, *used) if cell)


def test_nothing_used_yet_says_so() -> None:
    customer()
    hours()
    assert "Nothing was bought by hand or used yet." in text_of(reader("support").get(page()))
    assert reader("support").get(address("prepaid", "acme", "nothing")).status_code == 404


def test_the_block_says_what_is_left_by_channel_and_what_waits() -> None:
    acme, allowance = customer(), hours()
    case = a_case(acme)
    entered(case, 20)
    holds(acme, plan_of_hours(allowance, 6000, {Channel.PHONE: 4800}))
    words = block(acme)
    assert "Support hours 100 h left Phone: 80 h of 80 h 100 h go on 1 April 2026" in words
    assert "1 time entry of the last 90 days counts on nothing, or went beyond." in words
    assert "No prepaid hours or incidents." in block(customer("bolt"))


def block(account: Account) -> str:
    from django.http import HttpResponse

    told = {"time": time_block(account, at=AT)}
    return text_of(HttpResponse('id="main"' + render_to_string("support/time/_block.html", told)))


def test_the_reads_do_not_grow_with_the_lines(case: Case, django_assert_max_num_queries: object) -> None:
    client: Client = reader("support")
    for _ in range(6):
        entered(case, 10)
    client.get(page())
    with django_assert_max_num_queries(READS):  # type: ignore[operator]
        client.get(page())
