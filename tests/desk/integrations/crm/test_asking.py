"""What asking any CRM has in common: the calls of its day, and who rests."""

from datetime import timedelta

import pytest

from desk.domain.crm.budget import Budget
from desk.integrations.crm.asking import BASE, Calls, away, base_of
from desk.integrations.crm.port import Declined
from journal.domain.receiving import Later
from journal.models import ConnectionHealth
from tests.entitlements.world import AT
from tests.journal.factories import ConnectionFactory

HERE = "http://127.0.0.1:12113"


def test_calls_of_which_no_answer_tells_are_counted_all_the_same():
    calls = Calls("Memory", AT, Budget(78, 100))
    calls.spend()
    calls.spend()
    with pytest.raises(Later) as later:
        calls.spend()
    assert (later.value.after, calls.budget.used) == (timedelta(hours=1), 80)


def test_what_is_asked_in_one_go_is_asked_whole_or_not_at_all():
    calls = Calls("Memory", AT, Budget(78, 100, AT + timedelta(hours=3)))
    with pytest.raises(Later) as later:
        calls.spend(3)
    assert (later.value.after, calls.budget.used) == (timedelta(hours=3), 78)


def test_who_does_not_count_is_asked_as_often_as_there_is_something_to_ask():
    calls = Calls("Memory", AT)
    calls.spend(1_000)
    assert calls.budget.used is None


@pytest.mark.parametrize(
    ("mode", "production", "base"),
    [("live", False, HERE), ("test", True, HERE), ("test", False, "http://crm.example"), ("test", False, f"{HERE}@crm.example")],
)  # fmt: skip
def test_a_secret_goes_to_a_pretended_crm_only_on_this_machine_and_only_to_try_out(mode, production, base, settings):
    settings.PRODUCTION = production
    connection = ConnectionFactory.build(vendor="hubspot", mode=mode, settings={BASE: base})
    with pytest.raises(Declined, match="for trying out on one’s own machine"):
        base_of(connection, "HubSpot")


def test_where_a_crm_is_pretended_for_trying_out(settings):
    settings.PRODUCTION = False
    connection = ConnectionFactory.build(vendor="hubspot", mode="test", settings={BASE: f"{HERE}/"})
    assert base_of(connection, "HubSpot") == HERE
    assert base_of(ConnectionFactory.build(vendor="hubspot", mode="live", settings={}), "HubSpot") == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("failing", "asked", "rest"),
    [
        (None, 0, 5), (timedelta(seconds=2), 0, 5), (timedelta(minutes=4), 0, 240), (timedelta(days=1), 0, 600),
        (None, 1200, 1200), (timedelta(minutes=4), 30, 240),
    ],
)  # fmt: skip
def test_who_is_away_is_left_alone_as_long_again_as_it_was_but_for_ten_minutes_at_most(failing, asked, rest):
    connection = ConnectionFactory()
    if failing is not None:
        ConnectionHealth.objects.filter(connection=connection).update(failing_since=AT - failing)
    later = away(connection, "It is away", at=AT, asked=timedelta(seconds=asked))
    assert later.after == timedelta(seconds=rest)
