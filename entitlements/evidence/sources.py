"""What else belongs into a dispute pack: whoever counts use, or talks to another system, registers a table here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.domain.window import Window


@dataclass(frozen=True, slots=True)
class Source:
    """`slug` names the file ("usage" → usage.csv). `rows(account, window=, upto=)` gives the lines, as texts.

    Only what was recorded up to and including `upto` may be in them, so that the same pack can be drawn up again.
    """

    slug: str
    title: str
    about: str
    headings: tuple[str, ...]
    rows: Callable[..., Iterable[Sequence[str]]]


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    if _sources.get(source.slug, source) != source:
        raise ValueError(f"Another table is called {source.slug} already.")
    _sources[source.slug] = source


def forget(source: Source) -> None:
    _sources.pop(source.slug, None)


def known() -> Iterator[Source]:
    yield from (source for _, source in sorted(_sources.items()))


def lines(source: Source, account: Any, *, window: Window, upto: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(map(str, row)) for row in source.rows(account, window=window, upto=upto))
