"""Which device a case is about, said over HTTP after it was opened."""

from typing import Any

import pytest

from tests.support.api.cases.calling import CASES as URL
from tests.support.api.cases.calling import Caller
from tests.support.casework import opened, policy, world
from tests.support.factories import AssetFactory, WarrantyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Any:
    account = world()
    policy("priority")
    return account


def test_it_is_named_once_however_often_it_is_told(caller: Caller, acme: Any) -> None:
    asset, case = AssetFactory(account=acme, serial="SN-1"), opened(acme)
    WarrantyFactory(asset=asset, tier="priority")
    for _ in range(2):
        told = caller.post(f"{URL}/{case.number}/device", {"asset": "sn1"}, method="put")
        assert (told.status_code, told.json()["asset"]["serial"]) == (200, "SN-1")
    assert case.promises.count() <= 2
    taken = caller.post(f"{URL}/{case.number}/device", {}, method="put").json()
    assert (taken["asset"], taken["product"]) == (None, None)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"asset": "SN-404"}, "unknown_asset"),
        ({"asset": "SN-9"}, "foreign_asset"),
        ({"product": "nothing"}, "unknown_product"),
        ({"asset": "x" * 201}, "invalid"),
    ],
)
def test_what_isn_t_there_or_not_theirs_is_refused(caller: Caller, acme: Any, told: dict[str, str], code: str) -> None:
    AssetFactory(serial="SN-9")
    case = opened(acme)
    answer = caller.post(f"{URL}/{case.number}/device", told, method="put")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_who_may_only_read_names_none(acme: Any) -> None:
    case = opened(acme)
    answer = Caller("cases:read").post(f"{URL}/{case.number}/device", {"asset": ""}, method="put")
    assert answer.status_code == 403
