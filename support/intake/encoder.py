"""Texts as vectors of length 1: the nearer two point, the more alike two texts are meant."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from support.intake import weights
from support.intake.cores import one_core

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TOKENS = 256  # what comes after them isn't read
BATCH = 16
WIDTH = 384

Span = tuple[int, int]  # where a part of a text begins and ends, in characters


class Encoder(Protocol):
    """`kind` and `digest` say which one, for the record of a decision."""

    @property
    def kind(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One row for each text. What stands beside a text doesn't change its row."""
        ...

    def shares(self, text: str, parts: Sequence[Span]) -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
        """The row of a text, and what each of its parts puts into it, one row each."""
        ...


class MiniLM:
    """all-MiniLM-L6-v2 on one thread: as many run side by side as there are processes."""

    kind = "minilm"

    def __init__(self, made: weights.Weights) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.digest = made.digest
        self._session = onnxruntime.InferenceSession(made.model, options, providers=["CPUExecutionProvider"])
        self._tokenizer: Any = Tokenizer.from_str(made.tokenizer.decode())
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MOST_TOKENS)
        one_core()

    @classmethod
    def load(cls, folder: Path) -> "MiniLM":
        """From the folder it was made into; WeightsMissing or WeightsAltered where it can't be trusted."""
        return cls(weights.load(folder))

    def encode(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        numbers = [encoded.ids for encoded in self._tokenizer.encode_batch([whole(text) for text in texts])]
        vectors = np.zeros((len(texts), WIDTH), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda place: len(numbers[place]))
        for start in range(0, len(by_length), BATCH):
            places = by_length[start : start + BATCH]
            vectors[places] = self._run([numbers[place] for place in places], "vectors")[0]
        return vectors

    def shares(self, text: str, parts: Sequence[Span]) -> "tuple[NDArray[np.float32], NDArray[np.float32]]":
        """A text's vector is the mean of its tokens, so that each part's share is the sum of its own."""
        import numpy as np

        encoded = self._tokenizer.encode(whole(text))
        vectors, tokens = self._run([encoded.ids], "vectors", "tokens")
        length = max(float(np.linalg.norm(tokens[0].sum(axis=0))), 1e-12)
        begins = np.array([begin if end > begin else -1 for begin, end in encoded.offsets])  # -1: no word of the text
        rows = [tokens[0][(begins >= begin) & (begins < end)].sum(axis=0) / length for begin, end in parts]
        return vectors[0], np.array(rows, dtype=np.float32)

    def _run(self, numbers: Sequence[Sequence[int]], *outputs: str) -> "list[NDArray[np.float32]]":
        import numpy as np

        ids = np.zeros((len(numbers), max(map(len, numbers))), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, one in enumerate(numbers):
            ids[row, : len(one)] = one
            mask[row, : len(one)] = 1
        found: list[NDArray[np.float32]] = self._session.run(outputs, {"input_ids": ids, "attention_mask": mask})
        return found


def whole(text: str) -> str:
    """Half a character (a surrogate without its other half) is no text to a tokenizer; as long as before."""
    return text.encode("utf-8", "replace").decode()
