"""How a connection with an outside system stands, and whether it is about real money or for trying out."""

from enum import StrEnum


class Mode(StrEnum):
    """`live`: real customers and real money. `test`: the vendor's own place for trying out; never mixed with the other."""

    LIVE = "live"
    TEST = "test"

    @property
    def words(self) -> str:
        return _MODE_WORDS[self]


_MODE_WORDS = {Mode.LIVE: "Live", Mode.TEST: "For trying out"}


class ConnectionState(StrEnum):
    """`paused`: what arrives is stored and waits. `off`: the address answers as if there were nothing."""

    ACTIVE = "active"
    PAUSED = "paused"
    OFF = "off"

    @property
    def words(self) -> str:
        return _STATE_WORDS[self]


_STATE_WORDS = {
    ConnectionState.ACTIVE: "Active",
    ConnectionState.PAUSED: "Paused",
    ConnectionState.OFF: "Turned off",
}
