"""Reasons, replayed and said.

`replay` folds the candidates that were kept, in their order, into the answer again: an explanation that gave anything
else would be no explanation. `say` puts them into sentences a person can paste into a ticket.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.domain.rollouts import Audience
from catalog.domain.values import FeatureShape, Nature, Value
from catalog.domain.window import last_day
from catalog.domain.words import say_value
from entitlements.domain import billed_features
from entitlements.domain.arithmetic import applied
from entitlements.domain.resolution import Candidate, Layer, Op, Resolution, VersionCause
from entitlements.domain.saying import say_part_name


def replay(because: Iterable[Candidate], *, shape: FeatureShape) -> Value | None:
    """The value that the kept candidates make, applied one after the other."""
    value: Value | None = None
    for candidate in because:
        if candidate.kept:
            value = applied(candidate.op, below=value, value=candidate.value, shape=shape)
    return value


def say(resolution: Resolution, *, zone: str) -> tuple[str, ...]:
    """One line for each reason in the order of application; what doesn't count says why.

    Days are said in the zone: what ends with a day is had "through" that day.
    """
    if not resolution.because:
        return (f"Nothing this account has speaks about {resolution.shape.name}.",)
    lines = tuple(_line(candidate, resolution, zone=zone) for candidate in resolution.because)
    return (*lines, *_how_it_is_had(resolution))


def _how_it_is_had(resolution: Resolution) -> tuple[str, ...]:
    """What the winning base says beside its value: that each seat has it by itself, and how it may be divided."""
    lines = []
    if resolution.each_of is not None:
        lines.append(f"Each seat of {resolution.each_of.name} has this by itself, and none can use another's.")
    lines += [
        f"Of this, {'nothing' if part == 0 else f'at most {say_value(part, shape=resolution.shape)}'} "
        f"may fall to {say_part_name(key)}."
        for key, part in resolution.sub_limits.items()
    ]
    return tuple(lines)


def _line(candidate: Candidate, resolution: Resolution, *, zone: str) -> str:
    shape = resolution.shape
    if candidate.op is Op.NOTHING:
        return _sentence(candidate.rule + _until(candidate, zone=zone))
    unit = candidate.typed_unit or resolution.typed_unit
    said = "" if candidate.value is None else _said(candidate.value, shape=shape, unit=unit)
    if candidate.layer is Layer.OVERRIDE:
        words = f"{_demand(candidate, said)} by override #{candidate.id}{_who(candidate)}"
    else:
        words = _gift(candidate, said, shape=shape, zone=zone)
    words += _until(candidate, zone=zone)
    if candidate.kept or (candidate.value is None and candidate.op is Op.GIVES):
        return _sentence(words)
    return _sentence(f"{words}: not counted, because {candidate.rule}")


def _said(value: Value, *, shape: FeatureShape, unit: str) -> str:
    return say_value(value, shape=shape, typed_unit=unit) if shape.suits(value) else "a value it can't have"


def _gift(candidate: Candidate, said: str, *, shape: FeatureShape, zone: str) -> str:
    cause = "" if candidate.cause is None else say_cause(candidate.cause, zone=zone)
    how = "; ".join(words for words in (candidate.path, cause) if words)
    source = f"{candidate.name} ({how})" if how else candidate.name
    if candidate.value is None:
        return f"{source}: {candidate.rule}"
    if candidate.kind == billed_features.KIND:
        return f"{source} says that this account has it"
    if shape.nature is Nature.GATE:
        return f"{source} includes it"
    if candidate.op is Op.ADD:
        return f"+ {said} by {source}"
    if candidate.op is Op.NARROW:
        return f"only what {source} gives too: {said}"
    return f"{source} gives {said}"


_MOVED = {Audience.AT_RENEWAL: "at renewal ", Audience.COHORT: "with a chosen cohort "}


def say_cause(cause: VersionCause, *, zone: str) -> str:
    """Why somebody has this version: "moved to it at renewal on 1 March 2026, held on it through 31 May 2026 because “…”"."""
    said = []
    if cause.moved_at is not None and cause.audience is not None:
        local = cause.moved_at.astimezone(ZoneInfo(zone))
        said.append(f"moved to it {_MOVED.get(cause.audience, '')}on {local.day} {local:%B %Y}")
    if cause.held:
        until = "" if cause.held_until is None else f" {say_end(cause.held_until, zone=zone)}"
        said.append(f"held on it{until}" + (f" because “{cause.held_because}”" if cause.held_because else ""))
    return ", ".join(said)


def _demand(candidate: Candidate, said: str) -> str:
    match candidate.op:
        case Op.ADD:
            return f"+ {said}"
        case Op.AT_LEAST:
            return f"at least {said}"
        case Op.AT_MOST:
            return f"at most {said}"
        case Op.DENY:
            return "denied"
        case _:
            return f"{said} instead"


def _who(candidate: Candidate) -> str:
    known = [word for word in (candidate.by, candidate.reason) if word]
    return f" ({', '.join(known)})" if known else ""


def _until(candidate: Candidate, *, zone: str) -> str:
    return "" if candidate.until is None else f" {say_end(candidate.until, zone=zone)}"


def say_end(end: datetime, *, zone: str) -> str:
    """ "through 2 March 2026" where it ends with that day in the zone, else "until 3 Mar 2026 14:05"."""
    last = last_day(end, zone)
    if last is not None:
        return f"through {last.day} {last:%B %Y}"
    local = end.astimezone(ZoneInfo(zone))
    return f"until {local.day} {local:%b %Y %H:%M}"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
