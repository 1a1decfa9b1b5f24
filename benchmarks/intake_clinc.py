"""How well does the embedded classifier read short requests? `python -m benchmarks.intake_clinc [--model FOLDER]`.

CLINC150 (../shared/data/clinc150; without it this says so and ends): 150 intents of ten examples each and their names, and
requests about none of them. A seeded half of the validation set says how sure one may be and from which confidence on to
decide (2 % wrong at most by the upper bound at 90 %, which leaves room to the aim of 3 %); the other half judges. The fallback without a model is learnt,
calibrated and judged alike, in the same run. Aims: 55 % or more decided with 3 % or fewer wrong, 95 % of what is about
nothing held, and 10 ms of processor time for a request.
"""

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is imported: one core is what is measured
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from support.domain.intake.thresholds import Labelled, most_errors, threshold_for
from support.domain.intake.understood import NONE_OF_THESE, Topic
from support.intake.embedded import EmbeddedClassifier
from support.intake.encoder import Encoder, MiniLM
from support.intake.tfidf import TfidfEncoder
from support.intake.training import Taught, calibrate, examples_of, train
from support.intake.weights import WeightsAltered, WeightsMissing

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data" / "clinc150"
SEED = 20261122
ASKED, MOST_ERROR, DECIDED, HELD, MILLISECONDS = 0.02, 0.03, 0.55, 0.95, 10.0


@dataclass(frozen=True)
class Judged:
    """What one classifier came to on the half that nothing was chosen on."""

    name: str
    threshold: float | None
    of: int
    decided: int
    wrong: int
    apart: int  # requests about nothing
    held: int  # of these
    first_right: float  # of requests about something, whatever the confidence
    trained: float
    times: Sequence[float]

    @property
    def share(self) -> float:
        return self.decided / self.of

    @property
    def error(self) -> float:
        return self.wrong / self.decided if self.decided else 0.0

    @property
    def kept(self) -> float:
        return self.held / self.apart

    def line(self) -> str:
        low = 1 - most_errors(self.decided - self.wrong, self.decided, confidence=0.975) if self.decided else 0.0
        high = most_errors(self.wrong, self.decided, confidence=0.975) if self.decided else 1.0
        return (
            f"{self.name:<8} threshold {self.threshold if self.threshold is not None else 'none':<7} "
            f"decided {self.decided}/{self.of} = {self.share:.1%}; wrong {self.wrong} = {self.error:.1%} "
            f"(95 % interval {low:.1%}–{high:.1%}); about nothing, held {self.held}/{self.apart} = {self.kept:.1%}; "
            f"first right {self.first_right:.1%}; trained in {self.trained:.1f} s; "
            f"ms a request p50 {median(self.times) * 1e3:.1f}, p95 {quantiles(self.times, n=20)[-1] * 1e3:.1f}"
        )


def topics() -> list[Topic]:
    said: dict[str, list[str]] = {}
    for text, label in rows("train_10.jsonl"):
        said.setdefault(label, []).append(text)
    return [Topic(label, label.replace("_", " "), examples=tuple(texts)) for label, texts in said.items()]


def rows(name: str) -> list[tuple[str, str]]:
    """Text and label of each; what is about nothing has the key of none of these."""
    told = [json.loads(line) for line in (DATA / name).read_text().splitlines()]
    return [(one["text"], NONE_OF_THESE if one["label"] == "oos" else one["label"]) for one in told]


def judge(encoder: Encoder, known: Sequence[Topic], seed: int) -> Judged:
    dealt = rows("val.jsonl")
    random.Random(seed).shuffle(dealt)
    chosen, judged = dealt[: len(dealt) // 2], dealt[len(dealt) // 2 :]
    begun = time.process_time()
    head = train(encoder, known, calibrated=False)
    trained = time.process_time() - begun
    head = calibrate(encoder, head, [Taught(text, label) for text, label in chosen])
    classifier = EmbeddedClassifier(encoder, head)
    threshold = threshold_for([one for one, _ in readings(classifier, known, chosen)], most_error=ASKED)
    told = readings(classifier, known, judged)
    decided = [one for one, _ in told if threshold is not None and one.confidence >= threshold]
    apart = [one for (one, _), (_, label) in zip(told, judged, strict=True) if label == NONE_OF_THESE]
    return Judged(
        name=encoder.kind, threshold=threshold, of=len(told), decided=len(decided),
        wrong=sum(not one.right for one in decided), apart=len(apart),
        held=sum(threshold is None or one.confidence < threshold for one in apart),
        first_right=sum(one.right for one, _ in told) / (len(told) - len(apart)),
        trained=trained, times=[took for _, took in told],
    )  # fmt: skip


def readings(
    classifier: EmbeddedClassifier, known: Sequence[Topic], asked: Sequence[tuple[str, str]]
) -> list[tuple[Labelled, float]]:
    """Each request read alone, as the desk does: how sure of the first feature, whether it is right, and how long it took."""
    found = []
    for text, label in asked:
        begun = time.process_time()
        (reading,) = classifier.read([text], known)
        took = time.process_time() - begun
        first = next((one for one in reading.candidates if one.feature != NONE_OF_THESE), None)
        found.append((Labelled(first.confidence if first else 0.0, first is not None and first.feature == label), took))
    return found


def main() -> int:
    asked = argparse.ArgumentParser(description="Judge the embedded classifier on CLINC150.")
    asked.add_argument("--model", type=Path, default=Path(os.environ.get("DESK_VAR", ROOT / "var")) / "models")
    asked.add_argument("--seed", type=int, default=SEED)
    told = asked.parse_args()
    if not DATA.is_dir():
        print(f"{DATA} isn't there; nothing was measured.")
        return 0
    known = topics()
    plain = judge(TfidfEncoder([text for topic in known for text in examples_of(topic)]), known, told.seed)
    print(plain.line(), flush=True)
    try:
        ours = judge(MiniLM.load(told.model), known, told.seed)
    except (WeightsMissing, WeightsAltered) as missing:
        print(missing)
        return 0
    print(ours.line())
    times = (
        f"{median(ours.times) / median(plain.times):.1f} × its time" if median(plain.times) else "no time to compare"
    )
    print(f"beside the fallback: {ours.decided / max(plain.decided, 1):.2f} × as many decided, {times}")
    aims = {
        f"decided {DECIDED:.0%} or more": ours.share >= DECIDED,
        f"wrong {MOST_ERROR:.0%} or less": ours.error <= MOST_ERROR,
        f"held {HELD:.0%} or more of what is about nothing": ours.kept >= HELD,
        f"{MILLISECONDS:g} ms or less": median(ours.times) * 1e3 <= MILLISECONDS,
    }
    print("; ".join(f"{aim}: {'met' if met else 'missed'}" for aim, met in aims.items()))
    return 0 if all(aims.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
