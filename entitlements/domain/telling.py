"""An answer and its decision in words: what the screens, the API and the text for a ticket all say."""

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.domain.values import Nature
from entitlements.domain.decision import ANYTHING, Asked, Decision, decide, is_used, worded
from entitlements.domain.explain import say
from entitlements.domain.resolution import Resolution
from entitlements.domain.saying import say_part_name


@dataclass(frozen=True, slots=True)
class Told:
    """An explanation in words, one sentence a line. `counted` and `passed_over` are lines of `because`, `how` is how
    the value is had, `weighed` what was asked and what is in use."""

    counted: tuple[str, ...]
    passed_over: tuple[str, ...]
    how: tuple[str, ...]
    weighed: tuple[str, ...]
    decision: Decision

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, in the order of application; the last line decides."""
        return (*self.counted, *self.how, *self.passed_over, *self.weighed, self.decision.words)

    @property
    def chain(self) -> str:
        """What decides, in one line: "Team v7 gives 100 GB → + 20 GB by override #88 → 96 GB in use → Allowed: …"."""
        return " → ".join((*self.counted, *self.weighed, self.decision.words.removesuffix(".")))


def tell(resolution: Resolution, *, asked: Asked = ANYTHING, zone: str, buffer_percent: int = 0) -> Told:
    """The whole explanation: the one source of what a page, the API and a ticket say."""
    decision = decide(
        resolution, quantity=asked.quantity, used=asked.used, choice=asked.choice, buffer_percent=buffer_percent
    )
    said, because = say(resolution, zone=zone), resolution.because
    lines = said[: len(because)] if because else said
    kept = [candidate.kept for candidate in because] or [True]
    return Told(
        counted=tuple(line for line, counts in zip(lines, kept, strict=True) if counts),
        passed_over=tuple(line for line, counts in zip(lines, kept, strict=True) if not counts),
        how=said[len(lines) :],
        weighed=tuple(_weighed(resolution, asked)),
        decision=decision,
    )


def _weighed(resolution: Resolution, asked: Asked) -> Iterable[str]:
    shape = resolution.shape
    if is_used(shape) and asked.used is not None:
        whose = f" by this seat of {resolution.each_of.name}" if resolution.each_of else ""
        yield f"{worded(asked.used, resolution) if asked.used else 'Nothing'} in use{whose}"
    if asked.quantity is not None and shape.nature is Nature.QUANTITY:
        yield f"Asks for {worded(asked.quantity, resolution)}"
    if asked.choice:
        part = shape.nature is Nature.QUANTITY
        yield f"Asks for {say_part_name(asked.choice) if part else shape.label(asked.choice)}"
