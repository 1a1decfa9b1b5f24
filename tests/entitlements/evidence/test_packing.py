"""One file of many: always the same bytes, and any change shows."""

import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entitlements.evidence.packing import MANIFEST, BrokenPack, packed, spreadsheet, unpacked

AT = datetime(2026, 3, 2, 9, 0, 31, tzinfo=UTC)
FILES = {"b.csv": b"two", "a.html": b"one"}


def repacked(change: dict[str, bytes | None]) -> bytes:
    """The pack with files put in another's place, added (bytes) or removed (None)."""
    with zipfile.ZipFile(io.BytesIO(packed(FILES, at=AT).data)) as archive:
        files = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in {**files, **change}.items():
            if data is not None:
                archive.writestr(name, data)
    return made.getvalue()


def test_the_list_is_read_by_the_usual_tool_and_stands_last() -> None:
    with zipfile.ZipFile(io.BytesIO(packed(FILES, at=AT).data)) as archive:
        assert archive.namelist() == ["a.html", "b.csv", MANIFEST]
        lines = archive.read(MANIFEST).decode().splitlines()
    assert lines[0] == "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed  a.html"


def test_the_order_in_which_files_come_makes_no_difference() -> None:
    assert packed(FILES, at=AT).data == packed(dict(reversed(FILES.items())), at=AT).data


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a.html": b"0ne"}, "a.html was altered."),
        ({"a.html": None}, "a.html was removed."),
        ({"c.csv": b"three"}, "c.csv was added."),
        ({MANIFEST: None}, "MANIFEST.sha256 is missing."),
        ({MANIFEST: b"nonsense"}, "MANIFEST.sha256 has a line that can't be read: nonsense"),
    ],
)
def test_whatever_was_changed_is_named(change: dict[str, bytes | None], said: str) -> None:
    with pytest.raises(BrokenPack, match=said.replace(".", r"\.")):
        unpacked(repacked(change))


def test_a_list_that_was_forged_with_its_file_has_another_sum() -> None:
    forged = packed({**FILES, "a.html": b"0ne"}, at=AT)
    assert unpacked(forged.data)[1] != packed(FILES, at=AT).checksum


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nothing", b"%PDF-1.4"])
def test_what_is_no_archive_is_no_pack(data: bytes) -> None:
    with pytest.raises(BrokenPack):
        unpacked(data)


def test_no_cell_starts_a_formula() -> None:
    assert spreadsheet(("Name",), [("=1+1",), ("plain",)]).decode("utf-8-sig") == "Name\r\n'=1+1\r\nplain\r\n"


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}\.csv", fullmatch=True), st.binary(max_size=50), max_size=5))
def test_what_was_packed_comes_out_again(files: dict[str, bytes]) -> None:
    pack = packed(files, at=AT)
    assert unpacked(pack.data) == (files, pack.checksum)
    assert packed(files, at=AT).data == pack.data
