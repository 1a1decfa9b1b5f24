"""What others say beside the lines of a contract, such as the covers of support that hang on them, and what ends with it.

Contracts know none of them by name: whoever has something to say registers a source when the desk starts. A source is
asked about several contracts at once, each with the numbers of its lines.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

Place = tuple[int, int]  # a contract, and the number of one of its lines; 0: the contract as a whole


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence, and perhaps a link. Whoever lacks `permission` isn't shown it; empty: everybody is. `warns`: it is to
    be seen before anything else.
    """

    words: str = ""
    url: str = ""
    link: str = ""
    permission: str = ""
    warns: bool = False


Source = Callable[..., Mapping[Place, tuple[Note, ...]]]  # (lines: Mapping[int, Collection[int]], at: datetime)

Ending = Callable[..., Sequence[str]]  # (contract: int, at: datetime), each a thing that ends with the contract

_sources: list[Source] = []
_endings: list[Ending] = []


def register(source: Source, *, ending: Ending | None = None) -> None:
    if source not in _sources:
        _sources.append(source)
    if ending is not None and ending not in _endings:
        _endings.append(ending)


def ends_beside(contract: int, *, at: datetime) -> tuple[str, ...]:
    """What others have that ends with the contract, and nothing goes on from, in words."""
    return tuple(words for ending in _endings for words in ending(contract, at=at))


def notes_beside(lines: Mapping[int, Collection[int]], *, at: datetime) -> Mapping[Place, tuple[Note, ...]]:
    """Everything said of these contracts and their lines, by contract; in the order of the sources."""
    found: dict[Place, tuple[Note, ...]] = {}
    for source in _sources:
        for place, notes in source(lines, at=at).items():
            found[place] = (*found.get(place, ()), *notes)
    return found
