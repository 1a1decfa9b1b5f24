"""What a push did at Stripe, and what Stripe didn't take."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from entitlements.integrations.stripe.client import Declined, NotThere


@dataclass(slots=True)
class Pushed:
    """What was done at Stripe, in words; `refused` is what Stripe didn't take, and why, by what it was about."""

    offered: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    renamed: list[str] = field(default_factory=list)
    tied: list[str] = field(default_factory=list)
    untied: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        done = (self.offered, self.made, self.renamed, self.tied, self.untied, self.linked, self.refused)
        return not any(done)


@contextmanager
def noting(done: Pushed, about: str) -> Iterator[None]:
    """What Stripe doesn't take is noted, and the rest is pushed all the same."""
    try:
        yield
    except (Declined, NotThere) as refused:
        done.refused[about] = str(refused)
