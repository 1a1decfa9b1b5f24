"""How an endpoint stands."""

from enum import StrEnum


class EndpointState(StrEnum):
    """`paused` by a person; `disabled` by the desk, because the receiver said that it is gone, or never answered."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"

    @property
    def words(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    EndpointState.ACTIVE: "Active",
    EndpointState.PAUSED: "Paused by a person",
    EndpointState.DISABLED: "Switched off by the desk",
}
