"""Which device a case is about is said, or put right, after seeing what that changes."""

import html
import re

import pytest
import time_machine
from django.test import Client

from entitlements.models import Account
from support.models import Case
from tests.conftest import AT
from tests.support.admin.cases.desks import address, opened, reader, the_desk
from tests.support.factories import AssetFactory, WarrantyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def acme() -> Account:
    return Account.objects.get(pk=the_desk()["acme"])


@pytest.fixture
def support(acme: Account) -> Client:
    return reader("support")


def words(client: Client, url: str, **data: str) -> str:
    answer = client.post(url, data) if data else client.get(url)
    text = re.sub(r"<(style|script).*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").split())


def test_it_is_named_after_seeing_what_that_changes(support: Client, acme: Account) -> None:
    asset = AssetFactory(account=acme, serial="SN-1")
    WarrantyFactory(asset=asset, tier="", parts=100)
    case = opened()
    assert "Say which device it is about" in words(support, address("case", case.pk))
    url = address("case_device", case.pk)
    assert f'value="{asset.product.key}:SN-1"' in support.get(url).content.decode()
    said = words(support, url, asset="sn1", instead_of="", step="show")
    assert f"It is about {asset} . Who pays for further work follows from that" in said
    assert "How fast somebody answers stays as it is." in said
    assert "Maker’s warranty Decides parts" in said
    assert Case.objects.get().asset is None
    answer = support.post(url, {"asset": "sn1", "instead_of": "", "step": "name"})
    assert answer.headers["Location"] == address("case", case.pk)
    assert Case.objects.get().asset == asset
    assert "It is about another device" in words(support, address("case", case.pk))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"asset": "SN-404"}, "No equipment has the serial number"),
        ({"asset": "SN-9"}, "is not"),
        ({"asset": "SN-1"}, "already; nothing was changed"),
        ({"asset": "", "instead_of": "", "step": "name"}, "Someone else changed this"),
        ({"asset": "", "instead_of": "x", "step": "name"}, "Someone else changed this"),
    ],
)
def test_what_can_t_be_is_said_and_what_was_typed_stays(
    support: Client, acme: Account, told: dict[str, str], said: str
) -> None:
    AssetFactory(account=acme, serial="SN-1")
    AssetFactory(serial="SN-9")
    case = opened(asset="SN-1")
    answer = support.post(address("case_device", case.pk), {"instead_of": str(case.asset_id), **told})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert said in page
    assert told["asset"] in page
    assert Case.objects.get().asset == case.asset


def test_who_only_looks_changes_nothing(support: Client) -> None:
    case, sales = opened(), reader("sales")
    assert "Say which device it is about" not in words(sales, address("case", case.pk))
    assert sales.get(address("case_device", case.pk)).status_code == 403
