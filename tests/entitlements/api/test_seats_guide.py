"""docs/seats.md says what is so: its addresses are there, its requests can be read, and it names every word there is."""

import json
import re

import pytest
from django.conf import settings
from django.urls import resolve

from catalog.domain.values import Squeeze
from entitlements.api.seat_schemas import (
    AssignIn,
    ProtectIn,
    SeatActIn,
    SeatCheckIn,
    SeatCheckOut,
    SeatsOut,
    TransferIn,
)
from entitlements.queries.seats import WhyNoSeat
from journal.api.problem_pages import problem_types

GUIDE = (settings.BASE_DIR / "docs" / "seats.md").read_text()
REQUESTS = re.findall(r'ask "\$DESK(/api/v1/[^"?]+)(?:\?[^"]*)?"(?: -d \'([^\']+)\')?', GUIDE)
BODIES = {
    "seat_check": SeatCheckIn,
    "seats": AssignIn,
    "seat_activate": SeatActIn,
    "seat_release": SeatActIn,
    "seat_protect": ProtectIn,
    "seat_transfer": TransferIn,
}


@pytest.mark.parametrize(("address", "body"), REQUESTS)
def test_its_requests_can_be_sent_as_they_stand(address: str, body: str) -> None:
    name = resolve(address).url_name
    if body:
        BODIES[name].model_validate(json.loads(body))
    else:
        assert name in {"seats", "seats_of"}


def test_it_shows_every_act() -> None:
    assert {resolve(address).url_name for address, _ in REQUESTS} == BODIES.keys() | {"seats_of"}


def test_its_answers_have_the_names_that_answers_have() -> None:
    checked, counted = (json.loads(text) for text in re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL))
    assert checked.keys() == SeatCheckOut.model_fields.keys()
    assert counted.keys() <= SeatsOut.model_fields.keys()


def test_it_names_every_reason_rule_and_problem() -> None:
    words = set(re.findall(r"`(\w+)`", GUIDE))
    assert {why.value for why in WhyNoSeat} | {rule.value for rule in Squeeze} <= words
    refused = set(re.findall(r"^\| `(\w+)` · 409", GUIDE, re.MULTILINE))
    assert refused <= problem_types().keys()
