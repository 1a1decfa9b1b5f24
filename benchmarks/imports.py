"""How long each hostile file takes to be refused or read, and how much memory: `python -m benchmarks.imports`.

Each file is read in a process of its own, so that its memory is its own; the aims are 5 s and 150 MB for every one of
them, on any machine this is likely to run on. Beside them the largest files that are allowed, and a plain one as the
baseline of the same run.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.payloads.hostile import every
from tests.payloads.hostile.workbooks import plain, rows

ROOT = Path(__file__).resolve().parent.parent
SECONDS, MEGABYTES = 5.0, 150.0
READ = """
import json, re, resource, sys, time
from pathlib import Path
from catalog.domain.files import read_capped, read_file
from catalog.domain.tables import TableRefused
start = time.perf_counter()
try:
    with open(sys.argv[1], "rb") as file:
        said = f"{len(read_file(read_capped(file)).lines)} rows"
except TableRefused as refused:
    said = str(refused)
took = time.perf_counter() - start
status = Path("/proc/self/status")  # getrusage tells of the process before exec too, so of whoever started this one
if status.exists():
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text()).group(1)) / 1024
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
print(json.dumps([took, peak, said]))
"""


@dataclass(frozen=True)
class Reading:
    name: str
    seconds: float
    megabytes: float
    said: str

    @property
    def within(self) -> bool:
        return self.seconds <= SECONDS and self.megabytes <= MEGABYTES


def read(name: str, data: bytes) -> Reading:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        told = subprocess.run(
            [sys.executable, "-c", READ, file.name], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout
    seconds, megabytes, said = json.loads(told)
    return Reading(name, seconds, megabytes, said)


def allowed() -> Mapping[str, Callable[[], bytes]]:
    """The largest files that are no hostility."""
    wide = ",".join(f"c{n}" for n in range(200)) + "\n"
    twenty = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="inlineStr"><is><t>Name {n}</t></is></c></row>'
        for n in range(3, 20_002)
    )
    return {
        "20,000 rows of CSV": lambda: (
            b"key,name,note\n" + b"".join(b"k%d,Name,Some words\n" % n for n in range(20_000))
        ),
        "20,000 rows of Excel": lambda: rows(twenty),
        "500,000 filled cells": lambda: (wide + ("abcdefg," * 199 + "x\n") * 2_499).encode(),
    }


def main() -> int:
    baseline = read("a plain workbook", plain())
    files = {**{name: file.build for name, file in every().items()}, **allowed()}
    readings = [read(name, build()) for name, build in files.items()]
    worst = sorted(readings, key=lambda one: one.seconds, reverse=True)
    print(f"{len(readings)} files; baseline {baseline.seconds * 1e3:.1f} ms and {baseline.megabytes:.0f} MB")
    for one in worst[:12]:
        ratio = one.seconds / baseline.seconds
        print(f"{one.name:<44} {one.seconds:7.3f} s {ratio:8.0f} × {one.megabytes:6.0f} MB  {one.said[:70]}")
    most = max(readings, key=lambda one: one.megabytes)
    print(f"most memory: {most.name}, {most.megabytes:.0f} MB")
    missed = [one.name for one in readings if not one.within]
    print(f"within {SECONDS:g} s and {MEGABYTES:g} MB: {'all' if not missed else 'all but ' + ', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
