"""What a refusal of a CRM's means for what was asked, whatever words it used."""

from enum import StrEnum


class FaultKind(StrEnum):
    """`LOGIN`: in again, once. `QUOTA`: nothing until it says. `LOCKED`: that record again, soon. `INVALID`: a person
    has to mend it there or in the mapping. `AWAY`: again, by the usual waits. `GONE`: the record is no longer there."""

    LOGIN = "login"
    QUOTA = "quota"
    LOCKED = "locked"
    INVALID = "invalid"
    AWAY = "away"
    GONE = "gone"

    @property
    def tried_again(self) -> bool:
        """By itself: the others wait for a person."""
        return self in {FaultKind.LOCKED, FaultKind.AWAY}
