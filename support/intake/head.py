"""What is learnt of a catalog: a line through the vectors for each feature, and its examples. Predicting needs numpy only.

A head is a value: it is kept as bytes beside the decisions made with it, and reads the same again from them.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from support.domain.intake.understood import NONE_OF_THESE
from support.intake.calibration import Calibration, Scores

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEAREST = 3
FORMAT = 1


class HeadUnreadable(ValueError):
    """These bytes are no head, or one of another format."""


@dataclass(frozen=True)
class Head:
    """`labels` are keys of features in order, and NONE_OF_THESE last where there were examples of it.

    `examples` are the vectors of the features' examples, and `owners` the column each belongs to. `encoder` is the digest
    of what made the vectors.
    """

    labels: tuple[str, ...]
    weights: "NDArray[np.float32]"  # a column for each label
    bias: "NDArray[np.float32]"
    examples: "NDArray[np.float16]"
    owners: "NDArray[np.int32]"
    calibration: Calibration
    encoder: str = ""

    @property
    def features(self) -> tuple[str, ...]:
        return self.labels[:-1] if self.labels[-1:] == (NONE_OF_THESE,) else self.labels

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @cached_property
    def _examples(self) -> "NDArray[np.float32]":
        import numpy as np

        return np.ascontiguousarray(self.examples.T, dtype=np.float32)

    def scores(self, vectors: "NDArray[np.float32]") -> Scores:
        logits = vectors @ self.weights + self.bias
        return Scores(logits, nearest(vectors @ self._examples), len(self.features))

    def confidences(self, vectors: "NDArray[np.float32]") -> "NDArray[np.float64]":
        """A row for each vector: how sure of each feature, and last of none of them."""
        return self.calibration.confidences(self.scores(vectors))

    def direction(self, feature: str) -> "NDArray[np.float32]":
        """What speaks for this feature rather than for the others."""
        place = self.labels.index(feature)
        found: NDArray[np.float32] = self.weights[:, place] - self.weights.mean(axis=1)
        return found

    def calibrated(self, calibration: Calibration) -> "Head":
        return replace(self, calibration=calibration)

    def to_bytes(self) -> bytes:
        """The same head gives the same bytes."""
        import numpy as np

        calibration = {f"calibration_{f.name}": getattr(self.calibration, f.name) for f in fields(Calibration)}
        arrays: dict[str, Any] = {
            "format": FORMAT, "labels": np.array(self.labels, dtype=np.str_), "encoder": self.encoder,
            "weights": self.weights, "bias": self.bias, "examples": self.examples, "owners": self.owners, **calibration,
        }  # fmt: skip
        written = io.BytesIO()
        np.savez(written, **arrays)
        return written.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Head":
        """HeadUnreadable where the bytes are something else."""
        import numpy as np

        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as told:
                if int(told["format"]) != FORMAT:
                    raise HeadUnreadable("This head was written in another format; train it anew.")
                known = {f.name: told[f"calibration_{f.name}"] for f in fields(Calibration)}
                numbers = {"temperature": float(known["temperature"]), "most": float(known["most"])}
                return cls(
                    labels=tuple(str(label) for label in told["labels"]),
                    **{name: told[name] for name in ("weights", "bias", "examples", "owners")},
                    calibration=Calibration(**{**known, **numbers}),
                    encoder=str(told["encoder"]),
                )
        except (ValueError, KeyError, EOFError, OSError, TypeError, zipfile.BadZipFile) as broken:
            raise HeadUnreadable(f"This is no trained head: {broken}") from broken


def nearest(cosines: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Of the nearest example, and the mean of the nearest few; nothing is near where there are no examples."""
    import numpy as np

    few = min(NEAREST, cosines.shape[1])
    if not few:
        return np.zeros((len(cosines), 2), dtype=np.float32)
    best = np.partition(cosines, cosines.shape[1] - few, axis=1)[:, -few:]
    return np.column_stack([best.max(axis=1), best.mean(axis=1)])
