"""How an endpoint does, in a sentence that whoever looks after it understands."""

from datetime import timedelta

import pytest

from journal.admin.webhooks.words import ago, grouped, say_events, say_health, say_message, say_share
from journal.domain.delivery import DeliveryState
from journal.domain.webhooks.endpoint import EndpointState
from journal.domain.webhooks.outcomes import Outcome
from journal.models import Outbound
from journal.queries.webhook_log import Doing
from tests.conftest import AT

HOUR = timedelta(hours=1)
ACTIVE = EndpointState.ACTIVE


@pytest.mark.parametrize(
    ("state", "doing", "words"),
    [
        (ACTIVE, Doing(), "Nothing was sent yet"),
        (ACTIVE, Doing(waiting=3), "Nothing was sent yet: 3 messages wait"),
        (ACTIVE, Doing(last_ok_at=AT - timedelta(minutes=2)), "All fine, last 2 minutes ago"),
        (
            ACTIVE,
            Doing(failing_since=AT - HOUR, failures=4, next_try=AT + HOUR, last_outcome=Outcome.FAILED),
            "Failing since 2 March, 08:00, 4 times in a row; next try 2 March, 10:00",
        ),
        (
            ACTIVE,
            Doing(failing_since=AT - HOUR, failures=1, next_try=AT - HOUR),
            "Failing since 2 March, 08:00, 1 time in a row; it is being tried again",
        ),
        (
            ACTIVE,
            Doing(failing_since=AT - HOUR, failures=9),
            "Failing since 2 March, 08:00, 9 times in a row; nothing waits to be tried again",
        ),
        (
            ACTIVE,
            Doing(failing_since=AT - HOUR, failures=2, resume_at=AT + HOUR, last_outcome=Outcome.THROTTLED),
            "Asks to be left alone until 2 March, 10:00; failing since 2 March, 08:00",
        ),
        (EndpointState.PAUSED, Doing(waiting=1), "Sends nothing: 1 message waits"),
        (EndpointState.DISABLED, Doing(), "Sends nothing and is told nothing new: 0 messages wait"),
    ],
)
def test_health_is_said_in_words(state, doing, words):
    assert say_health(state, doing, at=AT).words == words


def test_a_share_never_rounds_a_failure_away():
    assert say_share(Doing(tries=1000, accepted=999)) == "99 % of 1,000 tries"
    assert say_share(Doing(tries=1, accepted=1)) == "100 % of 1 try"
    assert say_share(Doing()) == "No tries"


def test_a_message_says_where_it_stands():
    waiting = Outbound(state=DeliveryState.PENDING, attempts=2, due_at=AT + HOUR)
    assert say_message(waiting, sending=True, at=AT).words == "Failed 2 times, next try 2 March, 10:00"
    assert say_message(waiting, sending=False, at=AT).words == "Waits until its endpoint goes on"
    assert say_message(Outbound(state=DeliveryState.DEAD), sending=True, at=AT).words == "Given up"


def test_moments_and_lists_are_short():
    assert [ago(timedelta(seconds=s)) for s in (5, 60, 7200, 200_000)] == [
        "just now", "1 minute ago", "2 hours ago", "2 days ago",
    ]  # fmt: skip
    assert say_events([]) == "Every event"
    assert say_events(["a.b", "c.d", "e.f"]) == "a.b, c.d and 1 more"
    assert list(grouped({"seat.taken": "A seat was taken.", "add_on.sold": "Sold."})) == ["Seat", "Add on"]
