"""Equipment from a file: every row judged, shown, written by the actions that hold the guards."""

from datetime import date

import pytest

from catalog.actions.imports import upload
from catalog.imports.tables import table_of
from catalog.models.import_run import Stage
from journal.domain.actor import SYSTEM
from journal.domain.refusal import NotAllowed
from support.actions.assets.products import retire_product
from support.actions.assets.retiring import retire_asset
from support.models import Asset, AssetMove, Location, Warranty
from tests.catalog.imports.bringing import applied, brought, outcomes, staged, text_of, undone, verdicts, wrong
from tests.conftest import AT, actor
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import installed_press, press, registered
from tests.support.factories import LocationFactory

pytestmark = pytest.mark.django_db

HEAD = "Product,Serial number,Customer,Name,Location,Shipped on,Installed on\n"


@pytest.fixture
def acme():
    return AccountFactory(name="Acme", key="acme", zone="Europe/Amsterdam")


def test_new_devices_come_with_their_locations_and_warranties(acme):
    press()
    rows = "press,P-1,acme,Press A,Plant 2,2026-01-01,\npress,P-2,acme,,plant 2,,\n"
    run = brought("assets", HEAD + rows, by=actor("sales"))
    assert run.stage == Stage.APPLIED, run.summary
    assert outcomes(run) == ["written"] * 2
    assert Location.objects.get().name == "Plant 2"  # added once
    asset = Asset.objects.get(serial="P-1")
    assert (asset.name, asset.location.name, asset.warranties.get().through_on) == (
        "Press A",
        "Plant 2",
        date(2026, 12, 31),
    )


def test_what_stands_like_this_already_is_the_same_and_an_export_changes_nothing(acme):
    registered(acme, press(), "P-1", location=LocationFactory(account=acme, name="Plant 1"))
    row = "press,P-1,acme,,Plant 1,2026-01-01,\n"
    assert verdicts(staged("assets", HEAD + row)) == ["same"]
    assert verdicts(staged("assets", text_of("assets"))) == ["same"]


def test_what_is_said_otherwise_is_put_right_and_moves(acme):
    beta = AccountFactory(key="beta")
    registered(acme, press(), "P-1")
    run = brought("assets", HEAD + "press,p 1,beta,Gate,Dock,2026-02-01,\n")
    assert outcomes(run) == ["written"], run.summary
    asset = Asset.objects.get()
    assert (asset.serial, asset.account, asset.location.name, asset.name) == ("p 1", beta, "Dock", "Gate")
    assert AssetMove.objects.get().reason.startswith("Import ")
    assert Warranty.objects.get().through_on == date(2027, 1, 31)


def test_columns_the_file_doesnt_have_stay_as_they_are(acme):
    registered(acme, press(), "P-1", name="Gate")
    brought("assets", "Product,Serial number,Customer,In service since\npress,P-1,acme,2026-01-09\n")
    asset = Asset.objects.get()
    assert (asset.name, asset.shipped_on, asset.in_service_on) == ("Gate", date(2026, 1, 1), date(2026, 1, 9))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("pres,P-1,acme,,,,", "Product: no product has the key pres; there are: press, robot."),
        ("robot,P-1,acme,,,,", "Product: Robot was retired"),
        ("press,--,acme,,,,", "Serial number: A serial number has at least one letter"),
        ("press,,acme,,,,", "Serial number: this cell must be filled."),
        ("press,P-1,nobody,,,,", "Customer: there is no account with the key nobody."),
        ("press,P-1,acme,,,01/02/2026,", "Shipped on: “01/02/2026” is no day; write it as 2026-03-31."),
        ("press,P-1,acme,,,2026-02-30,", "is no day"),
        ("press,P-1,acme,,,2026-02-02,2026-02-01", "Installed on: It can’t be installed on 2026-02-01"),
        ("press,P-0,acme,,,,2026-02-01", "retired"),
    ],
)
def test_a_row_that_is_wrong_says_why_and_writes_nothing(acme, row, says):
    registered(acme, press(), "P-0")
    retire_asset(asset=Asset.objects.get(), reason="Scrap", by=SYSTEM, at=AT)
    retire_product(product=installed_press(), by=SYSTEM, at=AT)
    run = staged("assets", f"{HEAD}{row}\n")
    (told,) = wrong(run)
    assert says in told
    assert Asset.objects.count() == 1


def test_a_device_that_stands_there_twice_is_wrong_however_it_is_spelt(acme):
    press()
    run = staged("assets", HEAD + "press,P-1,acme,,,,\npress,p 1,acme,,,,\n")
    assert "stands in row 2 already" in wrong(run)[0]


def test_wrong_rows_are_left_out_and_the_others_written_whole(acme):
    press()
    run = applied(staged("assets", HEAD + "press,P-1,acme,,,,\npress,P-2,acme,,,soon,\n"), whole=False)
    assert [asset.serial for asset in Asset.objects.all()] == ["P-1"]
    assert outcomes(run) == ["written", "left_out"]


def test_nothing_is_taken_away_by_undoing_but_changes_go_back(acme):
    registered(acme, press(), "P-1", name="Gate")
    run = brought("assets", HEAD + "press,P-1,acme,Door,,2026-01-01,\npress,P-2,acme,,,,\n")
    undone(run)
    assert Asset.objects.get(serial="P-1").name == "Gate"
    assert Asset.objects.filter(serial="P-2").exists()


def test_who_may_not_change_equipment_brings_none():
    for role in ("finance", "auditor"):
        with pytest.raises(NotAllowed):
            upload(kind="assets", file_name="a.csv", data=HEAD.encode(), by=actor(role), at=AT)


def test_rows_are_looked_up_by_what_they_name(acme, django_assert_num_queries):
    product = press()
    for number in range(3):
        registered(acme, product, f"P-{number}")
    with django_assert_num_queries(1):
        assert set(table_of("assets", at=AT).standing({"press · p1"})) == {"press · p1"}


def test_support_brings_files_of_equipment_and_of_nothing_else(acme):
    press()
    run = brought("assets", HEAD + "press,P-1,acme,,,,\n", by=actor("support"))
    assert (run.stage, Asset.objects.get().serial) == (Stage.APPLIED, "P-1")
    for kind in ("accounts", "markets"):
        with pytest.raises(NotAllowed):
            staged(kind, "key,name\nnordics,Nordics\n", by=actor("support"))
