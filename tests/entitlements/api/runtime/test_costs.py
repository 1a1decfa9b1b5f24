"""What an answer costs in queries: pinned, so that nobody makes it dearer unseen."""

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from entitlements.queries.check import memory
from entitlements.queries.check.log import Log
from tests.entitlements.api.runtime.asking import key, post, told
from tests.entitlements.using import customer, metered
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def cost(path, body, plain):
    told(post(path, body, plain=plain))
    if "id" in body:
        body = body | {"id": "the next"}
    with CaptureQueriesContext(connection) as queries:
        told(post(path, body, plain=plain))
    return len(queries)


def fewer(asked):
    return FEWER_ON_POSTGRESQL.get(asked, 0) if connection.vendor == "postgresql" else 0


BY_ROWS = {
    "check": 24, "check sso": 22, "consistent": 24, "consume": 29, "refused": 26, "report": 29, "reserve": 29,
}  # fmt: skip
FROM_MEMORY = {
    "check": 3, "check sso": 1, "consistent": 24, "consume": 8, "refused": 5, "report": 8, "reserve": 8,
}  # fmt: skip
FEWER_ON_POSTGRESQL = {"consume": 2, "report": 2}  # many rows by one statement are not in its log
ASKED = {
    "check": ("check", {"account": "acme", "feature": "calls"}),
    "check sso": ("check", {"account": "acme", "feature": "sso"}),
    "consistent": ("check", {"account": "acme", "feature": "calls", "consistent": True}),
    "consume": ("consume", {"account": "acme", "feature": "calls", "id": "one"}),
    "refused": ("consume", {"account": "acme", "feature": "calls", "id": "one", "quantity": 2000}),
    "report": ("report", {"account": "acme", "feature": "calls", "id": "one"}),
    "reserve": ("reservations", {"account": "acme", "feature": "calls", "id": "one", "quantity": 1}),
}


@pytest.mark.parametrize("asked", ASKED)
def test_where_nobody_watches_the_rows_are_read(asked):
    customer(metered())
    assert cost(*ASKED[asked], key()) == BY_ROWS[asked] - fewer(asked)


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_remembered_is_not_read(asked, monkeypatch):
    """As in a process whose thread has just read the log; the test's own transaction counts as committed."""
    customer(metered())
    plain = key()
    monkeypatch.setattr(Log, "written_here", lambda *_: False)
    memory.forget_everything()
    with time_machine.travel(AT, tick=False):
        memory.take_up_changes()
    try:
        assert cost(*ASKED[asked], plain) == FROM_MEMORY[asked] - fewer(asked)
    finally:
        memory.forget_everything()
