"""docs/api.md says what is so: its requests can be read, and it names every kind of refusal."""

import json
import re

import pytest
from django.conf import settings

from entitlements.api.runtime.requests import (
    BatchRequest,
    CheckRequest,
    CommitRequest,
    ReserveRequest,
    UseRequest,
    decode,
    decode_use,
)
from entitlements.domain.usage.cloud_events import parse_structured
from entitlements.domain.usage.operations import Why

GUIDE = (settings.BASE_DIR / "docs" / "api.md").read_text()
SENT = re.findall(r"\$DESK/api/v1/([^\"]+)\"(?:\s+\\?\s*-H '[^']*')*\s+-d '(\{[^']*\})'", GUIDE)
KINDS = {"check": CheckRequest, "checks": BatchRequest, "reservations": ReserveRequest}


def test_all_of_its_requests_are_looked_at():
    assert len(SENT) == GUIDE.count("-d '{") == 9


@pytest.mark.parametrize(("address", "body"), SENT)
def test_its_requests_can_be_read(address, body):
    match address.split("/"):
        case ["consume" | "report"]:
            asked = decode_use(body.encode())
            for event in asked if isinstance(asked, list) else ():
                assert decode(event, UseRequest).id
        case ["reservations", _, "commit"]:
            decode(body.encode(), CommitRequest)
        case ["events"] if "specversion" in body:
            parse_structured(json.loads(body))
        case ["events"]:
            assert json.loads(body) == {"quantity": 3}
        case [kind]:
            decode(body.encode(), KINDS[kind])


def test_it_names_every_kind_of_refusal():
    assert {why.value for why in Why} <= set(re.findall(r"`(\w+)`", GUIDE))
