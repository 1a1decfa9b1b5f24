"""The real model: few tests, since it has to be made first."""

from pathlib import Path

import numpy as np
import pytest

from support.intake import weights
from support.intake.embedded import EmbeddedClassifier
from support.intake.encoder import MiniLM
from support.intake.training import Taught, train
from support.intake.weights import WeightsAltered
from tests.support.intake.fake import NOTHING, TOPICS


def test_what_is_meant_alike_points_alike_whatever_stands_beside_it(minilm: MiniLM) -> None:
    near, also, far = minilm.encode(["We can't log in", "sign-in is broken", "the invoice has a typo"])
    assert near @ also > 0.5 > near @ far
    assert np.linalg.norm([near, also, far], axis=1) == pytest.approx(1, abs=1e-5)
    beside = minilm.encode(["a far longer text stands beside this one, " * 20, "We can't log in"])
    assert np.abs(beside[1] - near).max() < 1e-5


def test_a_text_is_the_sum_of_its_parts(minilm: MiniLM) -> None:
    text = "Hello there. Our backup failed!"
    vector, shares = minilm.shares(text, [(0, 12), (13, len(text))])
    assert vector @ minilm.encode([text])[0] == pytest.approx(1, abs=1e-5)
    assert vector @ shares.sum(axis=0) > 0.8  # what is missing are the marks of beginning and end
    backup = minilm.encode(["backup"])[0]
    assert shares[1] @ backup > shares[0] @ backup


def test_no_text_is_too_long_or_too_odd(minilm: MiniLM) -> None:
    odd = ["", "\ud800 half", "🙈\x00\u202e", "word " * 20_000, "日本語で書かれた"]
    assert np.isfinite(minilm.encode(odd)).all()
    assert minilm.encode([]).shape == (0, 384)
    assert np.abs(minilm.encode(["word " * 300]) - minilm.encode(["word " * 400])).max() < 1e-5


def test_a_request_is_read_with_the_words_that_say_so(minilm: MiniLM) -> None:
    head = train(minilm, TOPICS, [Taught(text, "") for text in NOTHING])
    asked = "Good morning to all of you. Since today nobody here can authenticate through Okta. Kind regards, Ann"
    first = EmbeddedClassifier(minilm, head).read([asked], TOPICS)[0].candidates[0]
    assert (first.feature, first.quote) == ("sso", "Since today nobody here can authenticate through Okta.")


def test_one_altered_byte_is_enough(model_folder: Path, tmp_path: Path) -> None:
    for name in (weights.MODEL, weights.TOKENIZER, weights.RECORD):
        (tmp_path / name).write_bytes((model_folder / name).read_bytes())
    with (tmp_path / weights.MODEL).open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\xff\xff")
    with pytest.raises(WeightsAltered):
        MiniLM.load(tmp_path)
