"""What a cell says of the end of a trial that nobody converted (E4): "10 GB, kept 7 days after a trial".

It stands last in a cell, behind a comma, whatever the feature is. A cell that says nothing of it ends with the trial.
"""

import re
from typing import TypeAlias

from catalog.domain.amounts import UnreadableCell
from catalog.domain.cases import PHASES, Case
from catalog.domain.values import AtTrialEnd

TrialEnd: TypeAlias = tuple[AtTrialEnd, int | None]  # the days only where it is kept for so many

WITH_THE_TRIAL: TrialEnd = (AtTrialEnd.ENDS, None)
MOST_DAYS = 3_650
_KEPT = re.compile(
    r"\s*[,;]\s*kept\s+(?:for\s+)?(?:(?P<days>[0-9][0-9,]*)\s+days?\s+)?after\s+(?:a|the|its)\s+trial"
    r"(?P<used>,?\s+if\s+(?:it\s+(?:is|was)\s+)?used)?\s*[.]?$",
    re.IGNORECASE,
)


def cut_trial_end(said: str) -> tuple[str, TrialEnd]:
    """The cell before what it says of a trial's end, and what it says."""
    found = _KEPT.search(said)
    if found is None:
        return said, WITH_THE_TRIAL
    days, used = found["days"], found["used"]
    if (days is None) == (used is None):
        raise UnreadableCell(
            "Say how it is kept: “kept 7 days after a trial”, or “kept after a trial if used”; not both, and not neither."
        )
    rest = said[: found.start()]
    return (rest, (AtTrialEnd.KEPT_IF_USED, None)) if days is None else (rest, (AtTrialEnd.KEPT_FOR, _days(days)))


def mentions_trial_end(text: str) -> bool:
    """Whether the end of a text would be heard as what becomes of it after a trial."""
    return _KEPT.search(f",{text}") is not None


def say_trial_end(at_trial_end: AtTrialEnd, days: int | None) -> str:
    """ "kept 7 days after a trial"; nothing where it ends with the trial."""
    match at_trial_end:
        case AtTrialEnd.ENDS:
            return ""
        case AtTrialEnd.KEPT_FOR:
            return f"kept {days:,} day{'' if days == 1 else 's'} after a trial"
        case AtTrialEnd.KEPT_IF_USED:
            return "kept after a trial if used"


def check_days(days: int) -> int:
    """Refuse what nobody means by so many days."""
    if not 1 <= days <= MOST_DAYS:
        raise UnreadableCell(f"After a trial a thing is kept for 1 to {MOST_DAYS:,} days; write a number of these.")
    return days


def refuse_unheard(at_trial_end: AtTrialEnd, *, case: Case) -> None:
    """What is said for a pause or for grace doesn't speak at the end of a trial, so it could keep nothing."""
    if at_trial_end is not AtTrialEnd.ENDS and case.phase not in {"", "trial"}:
        raise UnreadableCell(
            f"What holds {PHASES[case.phase]} has no say at the end of a trial; say in general, or for a trial, "
            "what is kept."
        )


def _days(text: str) -> int:
    return check_days(int(text.replace(",", "")[:12]))
