"""How accounts are called: the journal knows only their keys. Whoever keeps accounts registers in AppConfig.ready()."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """An account: its name, where its page stands and who may open that, and by what key it goes on after a merge."""

    key: str
    name: str
    url: str
    permission: str
    went_to: str = ""


Lookup = Callable[[Collection[str]], Mapping[str, Named]]
_lookups: list[Lookup] = []


def register(lookup: Lookup) -> None:
    if lookup not in _lookups:
        _lookups.append(lookup)


def named(keys: Collection[str]) -> dict[str, Named]:
    """Those of the keys that name an account."""
    wanted = {key for key in keys if key}
    found: dict[str, Named] = {}
    if wanted:
        for lookup in _lookups:
            found |= lookup(wanted)
    return found
