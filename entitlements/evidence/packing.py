"""One file of many, always the same bytes for the same content, with a list of what is in it and a sum over that list.

`MANIFEST.sha256` is written the way `sha256sum -c` reads it. The sum of the pack is the SHA-256 of that list, so that
whoever changes, adds or removes anything changes the sum, which stands in the audit.
"""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from catalog.domain.formula_guard import guarded

MANIFEST = "MANIFEST.sha256"
LARGEST = 200 * 1024 * 1024  # of all that is unpacked
MOST_FILES = 100
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9_.-]+)")


@dataclass(frozen=True, slots=True)
class Packed:
    """`sizes` are those of the files in it, in bytes."""

    data: bytes
    checksum: str
    sizes: Mapping[str, int]


class BrokenPack(ValueError):
    """The file is no dispute pack, or not a whole one; the message says what is wrong."""


def packed(files: Mapping[str, bytes], *, at: datetime) -> Packed:
    """The files and their list; the moment is that of the pack, so that nothing in it is of the hour it was zipped."""
    manifest = "".join(f"{_sum(data)}  {name}\n" for name, data in sorted(files.items())).encode()
    whole = {**dict(sorted(files.items())), MANIFEST: manifest}
    made = io.BytesIO()
    moment = at.astimezone(UTC)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in whole.items():
            entry = zipfile.ZipInfo(name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(entry, data)
    return Packed(made.getvalue(), _sum(manifest), {name: len(data) for name, data in whole.items()})


def unpacked(data: bytes) -> tuple[dict[str, bytes], str]:
    """The files of a pack and its sum; BrokenPack where any of them is not what the list says."""
    files = _read(data)
    manifest = files.pop(MANIFEST, None)
    if manifest is None:
        raise BrokenPack(f"{MANIFEST} is missing.")
    listed: dict[str, str] = {}
    for line in manifest.decode(errors="replace").splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise BrokenPack(f"{MANIFEST} has a line that can't be read: {line[:80]}")
        listed[found[2]] = found[1]
    for name in sorted(listed.keys() | files.keys()):
        if name not in files:
            raise BrokenPack(f"{name} was removed.")
        if name not in listed:
            raise BrokenPack(f"{name} was added.")
        if _sum(files[name]) != listed[name]:
            raise BrokenPack(f"{name} was altered.")
    return files, _sum(manifest)


def _read(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > LARGEST:
                raise BrokenPack("It is too large to be a dispute pack.")
            if len({entry.filename for entry in entries}) != len(entries):
                raise BrokenPack("A file is in it twice.")
            return {entry.filename: archive.read(entry) for entry in entries}
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise BrokenPack("It can't be read as a ZIP file.") from error


def spreadsheet(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file in which no cell can start a formula."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return written.getvalue().encode("utf-8-sig")


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
