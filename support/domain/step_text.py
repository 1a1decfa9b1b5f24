"""Warnings and escalations as people type them, one a line, and the one way in which they are written back.

"30 minutes before: team" · "at 80 %: assignee" · "1 business day before: team, lead@desk.example" · "when due: team" ·
"2 hours after: owner, raise to Urgent".

Minutes and hours count in the time the target itself counts in: two hours before a target of business hours are two
open hours. So "2 business hours before" is refused, which would say something else of a target around the clock; and a
plain day is refused, which could mean either.
"""

import re
from collections.abc import Mapping

from support.domain.milestones import InvalidPolicy, Offset, OffsetUnit, Step

ROLES = {"team": "team", "the team": "team", "assignee": "assignee", "the assignee": "assignee", "owner": "owner",
         "the owner": "owner", "account owner": "owner"}  # fmt: skip
ROLE_WORDS = {"team": "the team", "assignee": "the assignee", "owner": "the account’s owner"}
MINUTES_IN = {"minute": 1, "hour": 60}
HINT = "Write it like '30 minutes before: team', 'at 80 %: assignee' or '2 hours after: owner, raise to Urgent'."

PERCENT = re.compile(r"(?:at\s+|after\s+)?(\d{1,4})\s*%", re.ASCII | re.IGNORECASE)
AMOUNT = re.compile(
    r"(\d{1,6})\s*(?:(business|working)\s+)?(m|mins?|minutes?|h|hrs?|hours?|d|days?)\s+(before|after)",
    re.ASCII | re.IGNORECASE,
)
DUE = re.compile(r"(?:when|once|at the time it is)\s+due|at the due time|at due time", re.IGNORECASE)
RAISE = re.compile(r"raise(?:\s+(?:it|the case))?\s+to\s+(.+)", re.IGNORECASE)
ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


class UnreadableStep(ValueError):
    """The text doesn't say a warning or an escalation."""


def read_steps(text: str, *, severities: Mapping[str, str]) -> tuple[Step, ...]:
    """One a line, or separated by semicolons; `severities` are names by key. Raises `UnreadableStep` for the first."""
    lines = (line.strip() for line in re.split(r"[\n;]", text))
    return tuple(read_step(line, severities=severities) for line in lines if line)


def read_step(text: str, *, severities: Mapping[str, str]) -> Step:
    """One warning or escalation."""
    said = " ".join(text.split())
    when, colon, acts = said.partition(":")
    if not colon:
        raise UnreadableStep(f"{said!r} doesn't say who is told. {HINT}")
    tells: list[str] = []
    raise_to = ""
    for act in filter(None, re.split(r"\s*,\s*|\s+and\s+", acts.strip())):
        if match := RAISE.fullmatch(act):
            raise_to = _severity(match[1], severities)
        else:
            tells.append(_told(act))
    if not tells and not raise_to:
        raise UnreadableStep(f"{said!r} tells nobody and raises nothing. {HINT}")
    return Step(_offset(when.strip(), said), tells=tuple(dict.fromkeys(tells)), raise_to=raise_to)


def write_steps(steps: tuple[Step, ...], *, severities: Mapping[str, str]) -> str:
    """One a line."""
    return "\n".join(write_step(step, severities=severities) for step in steps)


def write_step(step: Step, *, severities: Mapping[str, str]) -> str:
    """The canonical text of a warning or an escalation."""
    acts = [*step.tells, *([f"raise to {_named(step.raise_to, severities)}"] if step.raise_to else [])]
    return f"{write_offset(step.offset)}: {', '.join(acts)}"


def write_offset(offset: Offset) -> str:
    """ "30 minutes before", "at 80 %", "1 business day before", "when due"."""
    if offset.unit is OffsetUnit.PERCENT:
        return f"at {offset.amount} %"
    side = "before" if offset.amount < 0 else "after"
    amount = abs(offset.amount)
    if offset.unit is OffsetUnit.BUSINESS_DAYS:
        return f"{_counted(amount, 'business day')} {side}"
    if not amount:
        return "when due"
    hours, rest = divmod(amount, 60)
    return f"{_counted(amount, 'minute') if rest else _counted(hours, 'hour')} {side}"


def _offset(when: str, said: str) -> Offset:
    try:
        if match := PERCENT.fullmatch(when):
            return Offset(int(match[1]), OffsetUnit.PERCENT)
        if match := AMOUNT.fullmatch(when):
            return _counted_offset(int(match[1]), match[3][0].lower(), business=bool(match[2]), side=match[4].lower())
    except InvalidPolicy as error:
        raise UnreadableStep(f"{said!r}: {error}") from error
    if DUE.fullmatch(when):
        return Offset(0, OffsetUnit.MINUTES)
    raise UnreadableStep(f"{when!r} doesn't say when. {HINT}")


def _counted_offset(amount: int, letter: str, *, business: bool, side: str) -> Offset:
    signed = -amount if side == "before" else amount
    if letter == "d":
        if not business:
            raise InvalidPolicy(f"write '{24 * amount} hours {side}' or '{_counted(amount, 'business day')} {side}'.")
        return Offset(signed, OffsetUnit.BUSINESS_DAYS)
    unit = "hour" if letter == "h" else "minute"
    if business:
        plain = f"{_counted(amount, unit)} {side}"
        raise InvalidPolicy(f"write '{plain}'; it is counted in the time the target itself counts in.")
    return Offset(signed * MINUTES_IN[unit], OffsetUnit.MINUTES)


def _told(act: str) -> str:
    if role := ROLES.get(act.lower()):
        return role
    if ADDRESS.fullmatch(act):
        return act.lower()
    raise UnreadableStep(f"{act!r} is nobody who can be told; write team, assignee, owner or an e-mail address.")


def _severity(said: str, severities: Mapping[str, str]) -> str:
    """By key or by name; one that nobody knows stays as it is said, for the checks to tell."""
    wanted = said.strip().lower()
    return next((key for key, name in severities.items() if wanted in {key.lower(), name.lower()}), said.strip())


def _named(key: str, severities: Mapping[str, str]) -> str:
    """By its name, unless that would be read as several things."""
    name = severities.get(key, key)
    return key if re.search(r"[,;\n]|\band\b", name) or _severity(name, severities) != key else name


def _counted(amount: int, noun: str) -> str:
    return f"{amount} {noun}{'' if amount == 1 else 's'}"
