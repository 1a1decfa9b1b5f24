"""Ids as Salesforce makes them: a prefix for the kind, the org's place, a number; 15 letters, and three that check their case."""

from collections import defaultdict

# In the order of their bytes, so that later ids sort later.
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def suffix(short: str) -> str:
    """For each five letters, one that says which of them are capitals: ids survive tools that forget the case."""
    parts = (short[start : start + 5] for start in (0, 5, 10))
    return "".join(
        CHECKS[sum(1 << place for place, letter in enumerate(part) if "A" <= letter <= "Z")] for part in parts
    )


def whole(key: str) -> str | None:
    """The 18 letters of an id of 15 or 18; None where it is neither, or its case does not fit its last letters."""
    if len(key) not in (15, 18) or not key.isascii() or not key.isalnum():
        return None
    short = key[:15]
    if len(key) == 18 and key[15:] != suffix(short):
        short = _recased(short, key[15:].upper())
        if not short:
            return None
    return short + suffix(short)


def _recased(short: str, checks: str) -> str:
    """The case of an id of 18 letters that lost it, put right by its last three."""
    found = ""
    for part, check in enumerate(checks):
        capitals = CHECKS.find(check)
        for place, letter in enumerate(short[part * 5 : part * 5 + 5]):
            found += letter.upper() if capitals >> place & 1 else letter.lower()
    return found if "".join(checks) == suffix(found) else ""


class Ids:
    """The seed is the org's place: orgs of other seeds have other ids, and the same seed the same."""

    def __init__(self, seed: int) -> None:
        self._place = _number(seed % 62**2, 2)
        self._counts: dict[str, int] = defaultdict(int)

    def __call__(self, prefix: str) -> str:
        self._counts[prefix] += 1
        short = f"{prefix}{self._place}0{_number(36_000_000 + self._counts[prefix], 9)}"
        return short + suffix(short)


def _number(value: int, width: int) -> str:
    said = ""
    for _ in range(width):
        value, rest = divmod(value, 62)
        said = LETTERS[rest] + said
    return said
