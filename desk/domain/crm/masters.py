"""Whose word counts about a customer: the desk's or the CRM's, field by field, as staff chose.

Name, country and domain are the desk's unless somebody says otherwise: invoices, contracts and markets hang on the first
two and answers on the domain's side of who may sign in, so nobody who tidies a CRM changes them unasked. Who sells to
the customer is the CRM's: that is decided there, and often.

- **The CRM is master**: what changes there is taken. Where the desk was changed instead, the two differ and nobody has
  said it there: a person is told.
- **The desk is master**: nothing is taken in. A person is told only once the CRM says something new that differs; what
  always differed (“Acme” there, “Acme BV” here) is nobody's mistake.
- What is empty there is no word at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Master(StrEnum):
    DESK = "desk"
    CRM = "crm"

    @property
    def words(self) -> str:
        return {"desk": "The desk", "crm": "The CRM"}[self.value]


class MasterField(StrEnum):
    NAME = "name"
    COUNTRY = "country"
    DOMAIN = "domain"
    OWNER = "owner"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS: Mapping[MasterField, str] = {
    MasterField.NAME: "Name",
    MasterField.COUNTRY: "Country",
    MasterField.DOMAIN: "Domain",
    MasterField.OWNER: "Who sells to it",
}
USUAL: Mapping[MasterField, Master] = {
    MasterField.NAME: Master.DESK,
    MasterField.COUNTRY: Master.DESK,
    MasterField.DOMAIN: Master.DESK,
    MasterField.OWNER: Master.CRM,
}


def read_masters(kept: Mapping[str, str] | None) -> Mapping[MasterField, Master]:
    """As staff chose, and the usual of what nobody chose."""
    chosen = {
        MasterField(name): Master(master)
        for name, master in (kept or {}).items()
        if name in set(MasterField) and master in set(Master)
    }
    return dict(USUAL) | chosen


@dataclass(frozen=True, slots=True)
class Sides:
    """What each side says of a field, spelled so that the same is the same. `before` is what the CRM said last, None
    where it never spoke of this account; `told`: a person was told already."""

    theirs: str
    ours: str
    before: str | None = None
    told: bool = False

    @property
    def differ(self) -> bool:
        return bool(self.theirs) and self.theirs != self.ours

    @property
    def is_new(self) -> bool:
        return self.before is not None and self.theirs != self.before


class Verdict(StrEnum):
    SAME = "same"
    TAKE = "take"
    TELL = "tell"


def judge(sides: Sides, master: Master) -> Verdict:
    """What becomes of a field that the CRM told."""
    if not sides.differ:
        return Verdict.SAME
    if master is Master.CRM:
        return Verdict.TAKE if sides.is_new or sides.before is None else Verdict.TELL
    return Verdict.TELL if sides.is_new or sides.told else Verdict.SAME
