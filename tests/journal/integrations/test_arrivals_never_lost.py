"""Whatever the order, the repeats and the crashes: each arrival is done exactly once, none is lost, none overtakes."""

import json
import random
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import seed as with_seed
from hypothesis.strategies import integers, lists, sampled_from, tuples

from journal.actions.notices import tell
from journal.actions.receiving import expire_leases, receive
from journal.domain.receiving import Later, Message, Outcome, Received
from journal.integrations.receiving import take
from journal.models import Inbound, Notice
from journal.vendors import vendor_of
from tests.fakes.console import handling
from tests.journal.factories import EPOCH, ConnectionFactory
from tests.journal.integrations.test_receiving import Killed, killed_at

SEED = random.SystemRandom().randrange(10**6)
FEW = 4  # tries that fail by themselves, so that kills on top of them never use up all of them
EVENTS = lists(tuples(integers(0, 11), sampled_from("abc")), min_size=1, max_size=14)


class Luck:
    """What goes wrong at each try; a handler's own work is done once, whatever happens around it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.order: dict[str, list[int]] = {}

    def __call__(self, row: Inbound) -> Outcome:
        luck = self.chance.random()
        if luck < 0.15 and row.attempts < FEW:
            raise ConnectionError("the line broke")
        if luck < 0.25:
            raise Later("Busy", after=timedelta(seconds=self.chance.randrange(1, 90)))
        made = tell(recipient="a@b.example", subject="x", body="x", once_key=f"{row.seq}", kind="took", at=EPOCH)
        if made is not None:
            self.order.setdefault(row.subject, []).append(row.seq)
        return Outcome("Done.")


def come(there, events, chance):
    """Every event once at least, some of them often, in any order, in messages of one or several."""
    named = {f"evt_{number}": subject for number, subject in events}
    sent = [*named, *chance.choices(list(named), k=len(named))]
    chance.shuffle(sent)
    while sent:
        size = chance.randrange(1, 4)
        some, sent = sent[:size], sent[size:]
        brought = [Received(one, "thing.made", subject=named[one]) for one in some]
        message = Message(json.dumps(some).encode(), {}, "https://desk/hooks/x")
        receive(connection=there, vendor=vendor_of(there.vendor), message=message, received=brought, at=EPOCH)
    return named


def until_nothing_waits(chance):
    at = EPOCH
    for _ in range(600):
        with suppress(Killed), connection.execute_wrapper(killed_at(chance.randrange(5, 120))):
            take(clock=lambda at=at: at, jitter=chance.random)
        at += timedelta(seconds=chance.randrange(1, 400))
        if not Inbound.objects.filter(state__in=["waiting", "working"]).exists():
            return
        with suppress(Killed):
            expire_leases(at=at)
    raise AssertionError("something waits for ever")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("vendor", ["console", "ledger"])
def test_each_is_done_exactly_once_and_in_order_where_one_builds_on_another(vendor):
    print(f"seed {SEED}")

    @with_seed(SEED)
    @given(events=EVENTS, luck=integers(0, 10**6))
    def holds(events, luck):
        Inbound.objects.all().delete()
        Notice.objects.all().delete()
        chance, there = random.Random(luck), ConnectionFactory(vendor=vendor)
        handling.does = Luck(chance)
        named = come(there, events, chance)
        until_nothing_waits(chance)
        rows = {row.external_id: row for row in Inbound.objects.filter(connection=there)}
        assert rows.keys() == named.keys()
        assert {row.state for row in rows.values()} == {"done"}
        assert Notice.objects.count() == len(named)
        if vendor == "ledger":
            assert all(seqs == sorted(seqs) for seqs in handling.does.order.values())

    holds()
