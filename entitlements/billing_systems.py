"""What a person's pages can ask of the systems that bill, whichever they are.

The folder of each registers what it can in AppConfig.ready(), by the vendor's name; nothing here knows any of them.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BillingSystem:
    """All are taken by keyword, and say in a sentence what came of it; where the system can't be asked, a Refusal says
    why, and nothing has changed. None of them may be called inside a transaction.

    `look_again(finding, by, at)` looks at what a finding is about as it stands there now, and follows it; where the two
    say different things it is compared only. `look_at(billed, by, at)` follows one billed subscription.
    `take_theirs(finding, by, at)` makes what the desk has what is billed. `push_again(finding, by, at)` tells it anew what
    the catalog has. `page_of(connection, thing)` is the address of its own page about a thing by its id; "" for none.
    """

    look_again: Callable[..., str]
    look_at: Callable[..., str]
    take_theirs: Callable[..., str]
    push_again: Callable[..., str]
    page_of: Callable[..., str]


_systems: dict[str, BillingSystem] = {}


def register(vendor: str, system: BillingSystem) -> None:
    """Once for each vendor; the same again is no harm."""
    if _systems.setdefault(vendor, system) != system:
        raise ValueError(f"{vendor!r} is registered already.")


def system_of(vendor: str) -> BillingSystem | None:
    """None where its app is no longer there, or it doesn't bill."""
    return _systems.get(vendor)


def vendors() -> tuple[str, ...]:
    return tuple(_systems)
