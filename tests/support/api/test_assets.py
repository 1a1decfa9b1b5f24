"""Equipment over HTTP."""

import pytest
from django.utils import timezone

from journal.actions.api_keys import issue
from journal.domain.actor import SYSTEM
from support.actions.assets.products import retire_product
from support.actions.assets.replacing import replace_asset
from support.models import Asset, AssetMove
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import installed_press, press, registered
from tests.support.factories import LocationFactory

pytestmark = pytest.mark.django_db

URL = "/api/v1/assets"


class Caller:
    def __init__(self, client, *scopes):
        plain = issue(name="ERP", scopes=scopes, expires_at=None, by=SYSTEM, at=timezone.now())[1]
        self.client, self.headers = client, {"Authorization": f"Bearer {plain}"}

    def get(self, path="", **query):
        return self.client.get(URL + path, query, headers=self.headers)

    def post(self, path="", *, once="", **told):
        headers = self.headers | ({"Idempotency-Key": once} if once else {})
        return self.client.post(URL + path, told, content_type="application/json", headers=headers)


@pytest.fixture
def erp(client):
    return Caller(client, "assets:read", "assets:write")


@pytest.fixture
def acme():
    return AccountFactory(name="Acme", key="acme", zone="Europe/Amsterdam")


def test_equipment_is_registered_with_its_warranty(erp, acme):
    press()
    LocationFactory(account=acme, name="Plant 2", address="2 Road", country="NL")
    told = {"account": "acme", "product": "press", "serial": "P-1", "location": "plant 2", "shipped_on": "2026-01-01"}
    answer = erp.post(**told)
    asset = answer.json()
    assert answer.status_code == 201
    assert asset["location"] == {"name": "Plant 2", "address": "2 Road", "country": "NL"}
    (warranty,) = asset["warranties"]
    assert (warranty["through"], warranty["ends_at"]) == ("2026-12-31", "2026-12-31T23:00:00Z")
    assert (warranty["labour"], warranty["travel"], warranty["standard"]) == (100, None, True)
    assert asset["warranty_waits"] is None
    assert erp.get(f"/{asset['id']}").json() == asset


def test_what_waits_says_for_what(erp, acme):
    installed_press()
    asset = erp.post(account="acme", product="robot", serial="R-1", shipped_on="2026-01-01").json()
    assert asset["warranty_waits"] == "It has no installation day yet, so its warranty hasn’t begun."
    assert asset["under_warranty"] is False


def test_the_same_request_registers_once(erp, acme):
    press()
    told = {"account": "acme", "product": "press", "serial": "P-1"}
    first, again = (erp.post(once="r-1", **told) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert Asset.objects.count() == 1


@pytest.mark.parametrize(
    ("told", "status", "code", "field"),
    [
        ({"serial": "p 1"}, 409, "serial_known", "serial"),
        ({"serial": "--"}, 422, "invalid", "serial"),
        ({"product": "pres"}, 422, "unknown_product", "product"),
        ({"product": "robot"}, 409, "product_retired", "product"),
        ({"location": "Mars"}, 422, "invalid", "location"),
        ({"shipped_on": "2026-02-02", "installed_on": "2026-02-01"}, 422, "dates_out_of_order", "installed_on"),
        ({"shipped_on": "1826-02-02"}, 422, "dates_out_of_order", "shipped_on"),
        ({"shipped_on": "soon"}, 422, "invalid", "shipped_on"),
        ({"held_since": "2999-01-01"}, 422, "invalid", "held_since"),
        ({"account": "nobody"}, 404, "not_found", None),
    ],
)
def test_what_is_refused_says_why_and_where(erp, acme, told, status, code, field):
    registered(acme, press(), "P-1")
    retire_product(product=installed_press(), by=SYSTEM, at=timezone.now())
    answer = erp.post(**{"account": "acme", "product": "press", "serial": "P-2"} | told)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert field is None or field in problem["errors"][0]["field"]
    assert Asset.objects.count() == 1


def test_a_known_serial_number_says_whose_it_is(erp, acme):
    registered(acme, press(), "P-1", location=LocationFactory(account=acme, name="Plant 2"))
    answer = erp.post(account="acme", product="press", serial="P-1")
    assert answer.json()["detail"] == "Press P-1 is known already: it is Acme’s (acme), at Plant 2."


def test_it_is_found_by_serial_number_customer_and_product(erp, acme):
    product = press()
    registered(acme, product, "P 1")
    registered(AccountFactory(key="beta"), product, "P-2")
    registered(acme, installed_press(), "p1")

    def found(**asked):
        return [(one["account"], one["product"], one["serial"]) for one in erp.get(**asked).json()["assets"]]

    assert found(serial="P-1") == [("acme", "press", "P 1"), ("acme", "robot", "p1")]
    assert found(serial="P-1", product="press") == [("acme", "press", "P 1")]
    assert found(account="beta") == [("beta", "press", "P-2")]
    assert found(account="acme", retired="true") == []
    assert found(serial="unknown") == []


def test_pages_lead_on_and_read_as_much_for_many_as_for_few(erp, acme, django_assert_max_num_queries):
    product = press()
    for number in range(4):
        old = registered(acme, product, f"P-{number}")
        replace_asset(asset=old, serial=f"N-{number}", reason="x", by=SYSTEM, at=timezone.now())
    first = erp.get(most=3).json()
    assert [asset["serial"] for asset in first["assets"]] == ["P-0", "N-0", "P-1"]
    assert erp.get(most=9, after=first["next"]).json()["assets"][0]["serial"] == "N-1"
    with django_assert_max_num_queries(14):
        assert erp.get().json()["next"] is None


def test_another_unit_takes_its_place(erp, acme):
    old = registered(acme, press(), "P-1")
    answer = erp.post(f"/{old.pk}/replace", serial="P-2", reason="Broken frame")
    new = answer.json()
    assert (answer.status_code, new["serial"], new["replaces"]) == (201, "P-2", old.pk)
    assert new["warranties"][0]["inherited_from"] == old.warranties.get().pk
    gone = erp.get(f"/{old.pk}").json()
    assert (gone["replaced_by"], gone["retire_reason"]) == (new["id"], "Replaced by P-2: Broken frame")
    assert gone["warranties"][0]["state"] == "stopped"
    again = erp.post(f"/{old.pk}/replace", serial="P-3", reason="x")
    assert (again.status_code, again.json()["code"]) == (409, "asset_retired")


def test_it_moves_within_and_to_another_customer(erp, acme):
    asset = registered(acme, press(warranty_transferable=False), "P-1")
    LocationFactory(account=acme, name="Plant 2")
    dock = LocationFactory(account=AccountFactory(name="Beta", key="beta"), name="Dock")
    assert erp.post(f"/{asset.pk}/move", location="Plant 2").json()["location"]["name"] == "Plant 2"
    assert erp.post(f"/{asset.pk}/move", account="beta").json()["errors"][0]["field"] == "reason"
    told = erp.post(f"/{asset.pk}/move", account="beta", location="Dock", reason="Sold").json()
    assert (told["account"], told["location"]["name"], told["under_warranty"]) == ("beta", dock.name, False)
    assert told["moves"][0]["from_account"] == "acme"
    assert told["warranties"][0]["ended_early_because"] == "It doesn’t go along to Beta."
    assert AssetMove.objects.count() == 1


def test_it_is_retired(erp, acme):
    asset = registered(acme, press(), "P-1")
    assert erp.post(f"/{asset.pk}/retire", reason=" ").json()["errors"][0]["field"] == "reason"
    told = erp.post(f"/{asset.pk}/retire", reason="Scrapped").json()
    assert (told["retire_reason"], told["under_warranty"]) == ("Scrapped", False)


@pytest.mark.parametrize("number", ["0", "99999999", str(2**70)])
def test_nothing_stands_at_an_unknown_id(erp, number):
    assert erp.get(f"/{number}").status_code == 404
    assert erp.post(f"/{number}/retire", reason="x").status_code == 404


def test_reading_and_writing_are_scopes_of_their_own(client, acme):
    asset = registered(acme, press(), "P-1")
    reader = Caller(client, "assets:read")
    assert reader.get().status_code == 200
    assert reader.post(f"/{asset.pk}/retire", reason="x").status_code == 403
    assert Caller(client, "cases:read").get().status_code == 403
