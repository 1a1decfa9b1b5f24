"""What is left of prepaid help, in all and by channel, and what of it goes next."""

import pytest
from pytest_django import DjangoAssertNumQueries

from catalog.domain.values import UNLIMITED
from support.domain.case_events import Channel
from support.domain.cover_terms import AtZero, Counts
from support.models import Allowance
from support.queries.allowances.balances import balances_of
from tests.catalog.factories import FeatureFactory
from tests.entitlements.crediting import Credited, granted
from tests.support.factories import AllowanceFactory
from tests.support.time_world import AT, DAY, a_case, customer, entered, holds, hours, plan_of_hours, sold

pytestmark = pytest.mark.django_db
READS = 33


def test_nothing_prepaid_is_an_empty_list() -> None:
    hours()
    assert balances_of(customer(), AT) == []


def test_what_is_left_and_what_goes_next() -> None:
    acme, allowance = customer(zone="Europe/Amsterdam"), hours(unit=30)
    sold(acme, allowance, 600, through_on=(AT + 29 * DAY).date())
    entered(a_case(acme), 350)
    (line,) = balances_of(acme, AT)
    assert (line.name, line.words, line.one_line) == ("Support hours", "4 h", "4 h left")
    assert line.goes == "4 h go on 1 April 2026 (Amsterdam), unless used by then"
    assert not line.used_up
    assert line.blocks


def test_each_channel_has_its_own_part() -> None:
    acme, allowance = customer(), hours()
    holds(acme, plan_of_hours(allowance, 6000, {Channel.PHONE: 4800, Channel.EMAIL: 1200}))
    entered(a_case(acme), 250)
    (line,) = balances_of(acme, AT)
    assert [(one.name, one.left_words, one.of_words) for one in line.parts] == [
        ("E-mail", "20 h", "20 h"), ("Phone", "75 h 50 min", "80 h"),
    ]  # fmt: skip
    assert line.words == "95 h 50 min"
    assert line.part("email") == line.parts[0]
    assert line.part("chat") is None


def test_used_up_and_overdrawn_are_said() -> None:
    acme, blocking, open_ended = customer(), hours("a"), hours("b", at_zero=AtZero.OVERDRAW)
    Allowance.objects.filter(pk=blocking.pk).update(unit_minutes=0)
    case = a_case(acme)
    for one in (blocking, open_ended):
        sold(acme, one, 60)
        entered(case, 90, allowance=one)
    assert {line.key: line.one_line for line in balances_of(acme, AT)} == {"a": "used up", "b": "overdrawn by 30 min"}


def test_incidents_are_said_by_their_noun() -> None:
    acme = customer()
    feature = FeatureFactory(key="incidents", name="Incidents", kind="credit", unit="incident")
    allowance = AllowanceFactory(feature=feature, counts=Counts.CASES)
    granted(Credited(acme, feature, None), 3, at=AT - DAY)  # type: ignore[arg-type]
    (line,) = balances_of(acme, AT)
    assert (line.allowance, line.words, line.of_time) == (allowance, "3 incidents", False)
    assert line.left is not UNLIMITED


def test_the_reads_grow_with_the_allowances_alone(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    acme, allowance = customer(), hours()
    holds(acme, plan_of_hours(allowance, 6000, {Channel.PHONE: 4800, Channel.EMAIL: 1200}))
    case = a_case(acme)
    for _ in range(5):
        entered(case, 10)
    with django_assert_max_num_queries(READS):
        balances_of(acme, AT)
