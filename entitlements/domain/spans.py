"""What an account had over a stretch of time: which version of what it bought, and what each feature came to.

Both are read from the same facts as any single answer, cut at every instant at which anything may change; neighbours
that say the same are one span.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.window import Window
from entitlements.domain.boundaries import boundaries
from entitlements.domain.facts import Facts, ItemFact
from entitlements.domain.phases import item_instants, reached_at
from entitlements.domain.resolution import Candidate, Resolution, VersionCause
from entitlements.domain.resolve import resolve
from entitlements.domain.saying import in_words
from entitlements.domain.telling import tell
from entitlements.domain.trials import stretches


@dataclass(frozen=True, slots=True)
class Held:
    """One item in one version. `version` names it among the facts; `cause` is why it isn't simply what was bought."""

    subscription: str
    item: str
    version: str
    quantity: int
    window: Window
    lent: bool = False
    note: str = ""
    cause: VersionCause | None = None


@dataclass(frozen=True, slots=True)
class Had:
    """What one feature came to, and by what, in words."""

    feature: str
    name: str
    words: str
    source: str
    window: Window


def spans_held(facts: Facts, *, within: Window) -> tuple[Held, ...]:
    """Every item in every version it had in the stretch, by subscription, then by time."""
    spans = (
        span
        for item in facts.items
        for stretch in stretches(item, facts=facts)
        for span in _held(stretch, facts, within)
    )
    return tuple(sorted(spans, key=lambda span: (span.subscription, str(span.window.start), span.item)))


def _held(item: ItemFact, facts: Facts, within: Window) -> Iterator[Held]:
    shared = item.window.intersection(within)
    if shared is None:
        return
    current: Held | None = None
    for window in cut(shared, at=item_instants(item, rollouts=facts.rollouts)):
        assert window.start is not None
        reached = reached_at(item, rollouts=facts.rollouts, at=window.start)
        span = Held(
            item.subscription, item.id, reached.version, item.quantity, window, item.lent, item.note, reached.cause
        )
        if current is not None and replace(current, window=window) == span:
            current = replace(current, window=Window(current.window.start, window.end))
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current


def spans_had(facts: Facts, *, within: Window, zone: str) -> tuple[Had, ...]:
    """Every feature over the stretch, in the order of the facts, then by time."""
    spans: dict[str, list[Had]] = {key: [] for key in facts.features}
    said: dict[str, tuple[object, str, str]] = {}
    for window in cut(within, at=boundaries(facts)):
        assert window.start is not None
        for key, resolution in resolve(facts, at=window.start).items():
            if key not in said or said[key][0] != _essence(resolution):
                source = " → ".join(tell(resolution, zone=zone).counted)
                said[key] = (_essence(resolution), in_words(resolution), source)
            _, words, source = said[key]
            _append(spans[key], Had(key, resolution.shape.name, words, source, window))
    return tuple(span for own in spans.values() for span in own)


def _essence(resolution: Resolution) -> tuple[object, tuple[Candidate, ...]]:
    """All that the words are made of."""
    return (
        (resolution.value, resolution.state, resolution.reset, resolution.enforcement, resolution.sub_limits),
        resolution.because,
    )


def _append(own: list[Had], span: Had) -> None:
    last = own[-1] if own else None
    if last is not None and replace(last, window=span.window) == span:
        own[-1] = replace(last, window=Window(last.window.start, span.window.end))
    else:
        own.append(span)


def cut(window: Window, *, at: Iterable[datetime]) -> Iterator[Window]:
    """The stretch in pieces between which the instants lie; it begins and ends somewhere."""
    assert window.start is not None
    start = window.start
    for instant in sorted(set(at)):
        if start < instant and (window.end is None or instant < window.end):
            yield Window(start, instant)
            start = instant
    yield Window(start, window.end)
