"""What staff’s labels bear out of how sure it has to be, in a sentence."""

from dataclasses import dataclass
from typing import Any

from support.admin.intake.words import say_percent
from support.domain.intake.settings import ReadBy
from support.models import ClassifierVersion, IntakeSettings


@dataclass(frozen=True, slots=True)
class Borne:
    words: str
    never: bool = False


def borne_out(version: ClassifierVersion | None, settings: IntakeSettings, outcome: str) -> Borne:
    """By the newest teaching, of whoever reads at the moment."""
    told = _evidence(version, settings).get(outcome)
    if version is None or told is None or not told["of"]:
        return Borne("No labelled ticket bears anything out yet.", never=True)
    right, of, bound = told["right"], told["of"], f"{100 * told['bound']:.1f}\N{NO-BREAK SPACE}%"
    counted = f"{right:,} of {of:,} labelled tickets were right"
    if told["threshold"] is None:
        allowed = f"{settings.most_error_percent}\N{NO-BREAK SPACE}%"
        return Borne(
            f"It never does this by itself yet: {counted}, so up to {bound} may be wrong, and {allowed} are allowed below. "
            "More labels help.", never=True,
        )  # fmt: skip
    least = say_percent(told["threshold"])
    return Borne(
        f"Labels bear out {least} and more: {counted}, so at most {bound} are wrong. Less than that isn’t acted on."
    )


def _evidence(version: ClassifierVersion | None, settings: IntakeSettings) -> dict[str, Any]:
    if version is None:
        return {}
    kind = {ReadBy.MODEL: "model", ReadBy.OUTSIDE: "outside"}.get(ReadBy(settings.read_by), version.kind)
    if kind == version.kind:
        return dict(version.evidence)
    return dict(version.evidence.get("others", {}).get(kind, {}))
