"""`manage.py verify_pack`: whole, altered, or not of this desk."""

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from entitlements.actions.dispute_packs import MadePack, make_pack
from entitlements.evidence.packing import packed, unpacked
from journal.actions.audit import seal
from journal.domain.actor import Actor
from tests.entitlements.world import AT, DAY, account, catalog, subscribed

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(auditor: Actor) -> MadePack:
    world, acme = catalog(), account()
    subscribed(acme, world.team)
    seal(at=AT - DAY)
    days = {"from_on": date(2026, 2, 1), "through_on": date(2026, 3, 2)}
    return make_pack(account=acme, reason="Ticket 7", by=auditor, at=AT, **days)


def verify(data: bytes, folder: Path) -> str:
    file = folder / "pack.zip"
    file.write_bytes(data)
    said, complaints = StringIO(), StringIO()
    try:
        call_command("verify_pack", str(file), stdout=said, stderr=complaints)
    except CommandError as error:
        return f"{complaints.getvalue()}{error}"
    return said.getvalue()


def forged(made: MadePack, **changes: object) -> bytes:
    """The pack with its first act altered, put together again with a list that fits."""
    files, _ = unpacked(made.pack.data)
    chain = json.loads(files["audit.json"])
    chain["events"][0].update(changes)
    return packed({**files, "audit.json": json.dumps(chain).encode()}, at=AT).data


def test_a_whole_pack_is_told_with_who_drew_it_up(made: MadePack, tmp_path: Path) -> None:
    said = verify(made.pack.data, tmp_path)
    assert f"its sum is {made.pack.checksum}" in said
    assert f"Auditor Person drew it up on 2026-03-02 09:00 UTC, act #{made.event.seq}." in said
    assert "acts and 1 seals are those of this desk" in said


def test_a_forged_act_is_named_even_with_a_list_that_fits(made: MadePack, tmp_path: Path) -> None:
    said = verify(forged(made, reason="Another"), tmp_path)
    assert "No act of this desk tells of a pack with this sum." in said
    assert "its words don't meet its digest." in said


def test_an_act_the_desk_knows_otherwise_is_named(made: MadePack, tmp_path: Path) -> None:
    assert "this desk's audit says something else." in verify(forged(made, digest="0" * 64), tmp_path)
    assert "this desk has no such act." in verify(forged(made, seq=10**6), tmp_path)


def test_a_damaged_file_is_no_pack(made: MadePack, tmp_path: Path) -> None:
    assert "can't be read as a ZIP file" in verify(made.pack.data[: len(made.pack.data) // 2], tmp_path)
    with pytest.raises(CommandError, match="No such file"):
        call_command("verify_pack", str(tmp_path / "nothing.zip"))
