"""Who acts. Every change to the desk has exactly one actor, and the audit remembers it by key and by name."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Optional

from journal.domain.refusal import NotAllowed


class ActorKind(StrEnum):
    STAFF = "staff"
    API_KEY = "api_key"
    CONNECTION = "connection"
    CONTACT = "contact"
    SYSTEM = "system"


ACTOR_WORDS = {
    ActorKind.STAFF: "Staff",
    ActorKind.API_KEY: "API key",
    ActorKind.CONNECTION: "Connected system",
    ActorKind.CONTACT: "Customer contact",
    ActorKind.SYSTEM: "The desk itself",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone or something that acts, with what it may do at this moment.

    `key` is unique over all kinds ("staff:12", "key:1f3a…"), so that two actors are the same exactly when
    their keys are; `name` is what people read and may change. `asks_for` is the person whose wish it carries out, where
    one is known (who sold a deal, not the system that tells of it): what has to be approved, somebody else approves.
    """

    kind: ActorKind
    key: str
    name: str
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    asks_for: Optional["Actor"] = None

    def __post_init__(self) -> None:
        if not self.key or not self.name:
            raise ValueError("An actor needs a key and a name.")

    def may(self, permission: str) -> bool:
        return self.kind is ActorKind.SYSTEM or permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise NotAllowed, in words, unless the actor holds the permission ("app.verb_noun")."""
        if not self.may(permission):
            raise NotAllowed(
                f"{self.name} may not {permission_words(permission)}. "
                "Ask someone whose role allows it, or an administrator to widen yours."
            )


def permission_words(permission: str) -> str:
    """ "entitlements.approve_concession" -> "approve concession"."""
    return permission.rpartition(".")[2].replace("_", " ").replace(":", " ")


SYSTEM = Actor(kind=ActorKind.SYSTEM, key="desk", name="The desk")
