"""The package is a wheel of its own, and runs where nothing of the desk is."""

import ast
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "entitlement_client"
DESK = {"config", "desk", "support", "entitlements", "catalog", "journal"}

ALONE = """
import entitlement_client, sys
assert not {"httpx", "django", "jwt"} & sys.modules.keys(), "It imports more than it needs."
from entitlement_client import Client
from entitlement_client import asgi, django, licence_file
with Client("http://127.0.0.1:9", "ed_x", timeout=0.2) as client:
    answer = client.check("acme", "exports")
assert (answer.allowed, answer.degraded) == (False, True)
print(entitlement_client.__file__)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(SOURCE, folder / "source", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    build = [
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-build-isolation",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
    ]
    made = subprocess.run(
        [sys.executable, *build, "-w", folder, folder / "source"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return next(folder.glob("entitlement_client-*.whl"))


def test_it_runs_alone_in_a_clean_folder(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path)
    ran = subprocess.run([sys.executable, "-c", ALONE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == str(tmp_path / "entitlement_client" / "__init__.py")


def test_it_holds_every_module_and_its_types(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
        about = packed.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert {f"entitlement_client/{path.name}" for path in SOURCE.glob("*.py")} | {
        "entitlement_client/py.typed"
    } <= names
    assert "Requires-Python: >=3.10" in about
    assert [line for line in about.splitlines() if line.startswith("Requires-Dist") and "extra" not in line] == [
        "Requires-Dist: httpx<1,>=0.27"
    ]


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*.py")), ids=lambda path: path.name)
def test_it_imports_nothing_of_the_desk_and_reads_on_python_3_10(path):
    tree = ast.parse(path.read_text(), feature_version=(3, 10))
    for node in ast.walk(tree):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not {name.partition(".")[0] for name in names} & DESK
