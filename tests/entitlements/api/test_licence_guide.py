"""docs/licences.md and docs/reason-codes.md say what is so."""

import json
import re

import pytest
from django.conf import settings

from entitlement_client import licence_file, webhooks
from entitlements.api.licence_schemas import (
    ActivateIn,
    FileIn,
    IssueIn,
    PlaceIn,
    ReasonIn,
    ResumeIn,
    TransferIn,
    ValidateRequest,
)
from entitlements.api.runtime.requests import decode
from entitlements.domain.licences.codes import Code
from entitlements.domain.licences.key_text import parse_key
from journal.domain.refusal import Refusal

DOCS = settings.BASE_DIR / "docs"
GUIDE, LIST = (DOCS / "licences.md").read_text(), (DOCS / "reason-codes.md").read_text()
SENT = re.findall(r"\$DESK/api/v1/licences([^\"]*)\" -d '(\{[^']*\})'", GUIDE)
LISTED = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \|$", LIST, re.MULTILINE)
KINDS = {
    "activate": ActivateIn, "heartbeat": PlaceIn, "deactivate": PlaceIn, "file": FileIn, "": IssueIn,
    "suspend": ReasonIn, "resume": ResumeIn, "renew-key": ReasonIn, "transfer": TransferIn, "revoke": ReasonIn,
}  # fmt: skip


def test_all_of_its_requests_are_looked_at() -> None:
    assert len(SENT) == GUIDE.count("-d '{") == 11
    assert {address.rpartition("/")[2] for address, _ in SENT} == {*KINDS, "validate"}


@pytest.mark.parametrize(("address", "body"), SENT)
def test_its_requests_can_be_read(address: str, body: str) -> None:
    act = address.rpartition("/")[2]
    if act == "validate":
        decode(body.encode(), ValidateRequest)
    else:
        assert KINDS[act].model_validate_json(body).model_dump(mode="json", exclude_unset=True) == json.loads(body)
    if "key" in json.loads(body):
        assert parse_key(json.loads(body)["key"]) is not None


def test_the_list_is_all_codes_each_once() -> None:
    listed = [code for code, _means, _do in LISTED]
    assert len(listed) == len(set(listed))
    assert set(listed) == {code.value for code in Code} | set(licence_file.CODES) | set(webhooks.CODES)


def test_what_is_refused_by_a_code_of_its_own_is_in_the_list_or_says_so_itself() -> None:
    import entitlements.actions.licences.refusals as refusals

    kinds = [kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, Refusal)]
    own = {kind.code for kind in kinds if kind.__module__ == refusals.__name__}
    assert own <= {code.value for code in Code}
    assert len(own) == 14
