"""Serial numbers: kept as they were typed, compared without what people write differently.

Two serial numbers are the same where their keys are: small letters, no spaces, no hyphens of any kind, wide and narrow
letters alike. Nothing else is let go of: dots and slashes tell numbers apart, and so do O and 0.
"""

import unicodedata

LONGEST = 120
_LEFT_OUT = {"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"}  # spaces, breaks, what can't be seen, and dashes
_MINUS = "\N{MINUS SIGN}"


def serial_key(text: str) -> str:
    """How a serial number is compared; empty where nothing of it is left. The key of a key is that key."""
    key = _once(text)
    while (again := _once(key)) != key:
        key = again
    return key


def _once(text: str) -> str:
    # What compatibility forms decompose into may be spaces and hyphens again, so they are dropped after it.
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = (letter for letter in plain if unicodedata.category(letter) not in _LEFT_OUT and letter != _MINUS)
    return unicodedata.normalize("NFKC", "".join(kept))


def serial_fault(text: str) -> str:
    """What is wrong with a serial number, in a sentence; empty: nothing."""
    if not text.strip():
        return "Give a serial number."
    if any(unicodedata.category(letter) == "Cc" for letter in text.strip()):
        return "A serial number is one line of letters, digits and signs."
    if not serial_key(text):
        return "A serial number has at least one letter or digit."
    if len(text.strip()) > LONGEST or len(serial_key(text)) > LONGEST:
        return f"A serial number has at most {LONGEST} characters."
    return ""
