"""Compile the lock files: exact versions with hashes and no registry's address; `--check` says whether they are true."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = {"requirements.txt": (), "requirements-dev.txt": ("--group", "dev")}
ADDRESS = re.compile(r"https?://|file://|--index-url|--find-links")


def compiled(target: Path, extra: tuple[str, ...]) -> None:
    """Compile into the target; what already stands there is kept where it still fits."""
    subprocess.run(  # noqa: S603 — our own words
        [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--generate-hashes",
            "--no-annotate",
            "--no-header",
            "pyproject.toml",
            *extra,
            "-o",
            str(target),
        ],
        cwd=ROOT,
        check=True,
    )


def problems() -> list[str]:
    found = []
    for name, extra in FILES.items():
        locked = (ROOT / name).read_text()
        if ADDRESS.search(locked):
            found.append(f"{name} holds an address.")
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / name
            fresh.write_text(locked)
            compiled(fresh, extra)
            if fresh.read_text() != locked:
                found.append(f"{name} doesn't match pyproject.toml: run make lock.")
    return found


def main() -> int:
    if "--check" in sys.argv:
        for problem in (found := problems()):
            sys.stderr.write(f"{problem}\n")
        return 1 if found else 0
    for name, extra in FILES.items():
        compiled(ROOT / name, extra)
    return 0


if __name__ == "__main__":
    sys.exit(main())
