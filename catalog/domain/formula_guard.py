"""Exports can't start a formula: a text a spreadsheet would run gets an apostrophe in front, and loses it on import.

The two are each other's inverse for every text, also for one that begins with apostrophes itself.
"""

import re

# What spreadsheets take for the beginning of a formula, also after blanks and in the full width of East Asian fonts.
_STARTS = re.compile(r"'*\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")
_GUARDED = re.compile(r"'(?:'*\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n])")


def guarded(text: str) -> str:
    """ "=1+1" → "'=1+1"."""
    return f"'{text}" if _STARTS.match(text) else text


def unguarded(text: str) -> str:
    """ "'=1+1" → "=1+1"; what bears no guard is left as it is."""
    return text[1:] if _GUARDED.match(text) else text
