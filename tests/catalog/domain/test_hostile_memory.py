"""The files that want the most memory are read or refused inside 150 MB: the system itself holds the process to it."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.payloads.hostile import every

ROOT = Path(__file__).resolve().parents[3]
GREEDY = (
    "a zip bomb",
    "a zip bomb that lies about its size",
    "a million phantom rows",
    "half a million little cells",
    "half a million texts",
    "texts of thirteen million characters",
    "a cell of a megabyte",
    "a billion laughs",
)
READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (150 * 1024**2, 150 * 1024**2))
from catalog.domain.files import read_capped, read_file
from catalog.domain.tables import TableRefused
try:
    with open(sys.argv[1], "rb") as file:
        read_file(read_capped(file))
except TableRefused as refused:
    print(refused)
print("done")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux holds a process to so much address space.")
@pytest.mark.parametrize("name", GREEDY)
def test_it_stays_inside_its_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(every()[name].build())
    told = subprocess.run([sys.executable, "-c", READ, path], cwd=ROOT, check=False, capture_output=True, text=True)
    assert told.stdout.endswith("done\n"), told.stderr
    assert every()[name].refused in told.stdout
