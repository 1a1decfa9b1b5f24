"""What is entered at a connection: its settings and its secrets as they are kept, and why they can't be.

A fault stands under the name of the input that it is about.
"""

import re
from collections.abc import Mapping

from journal.domain.connection import Mode
from journal.vendors import SecretKind, Vendor, inside

LONGEST_SETTING, LONGEST_SECRET = 500, 20_000
SETTING, SECRET = "setting_", "secret_"  # how the inputs of a form are called, before the name of each


def settings_of(vendor: Vendor, given: Mapping[str, str]) -> dict[str, str]:
    return {one.name: text_of(given.get(one.name, "")) for one in vendor.fields}


def faults_of_settings(vendor: Vendor, given: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    faults: dict[str, tuple[str, ...]] = {}
    for one in vendor.fields:
        text = text_of(given.get(one.name, ""))
        such_as = f", such as {one.such_as}" if one.such_as else ""
        if not text and one.is_needed(given):
            faults[SETTING + one.name] = (f"Enter the {inside(one.words)}{such_as}.",)
        elif text and one.choices and text not in dict(one.choices):
            faults[SETTING + one.name] = (f"Choose one of: {', '.join(dict(one.choices))}.",)
        elif text and one.pattern and not re.fullmatch(one.pattern, text):
            faults[SETTING + one.name] = (f"This is no {inside(one.words)}{such_as}.",)
        elif len(text) > LONGEST_SETTING:
            faults[SETTING + one.name] = (f"It has {LONGEST_SETTING} characters at most.",)
    if unknown := sorted(given.keys() - {one.name for one in vendor.fields}):
        faults[""] = (f"{vendor.words} has no {', '.join(unknown)}.",)
    return faults


def faults_of_secrets(
    vendor: Vendor, mode: Mode, given: Mapping[str, str], settings: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    faults: dict[str, tuple[str, ...]] = {}
    for kind in vendor.secrets:
        plain = given.get(kind.purpose, "")
        if (kind.is_needed(settings) or plain.strip()) and (fault := fault_of_secret(kind, mode, plain)):
            faults[SECRET + kind.purpose] = (fault,)
    if unknown := sorted(given.keys() - {kind.purpose for kind in vendor.secrets}):
        faults[""] = (f"{vendor.words} has no secret called {', '.join(unknown)}.",)
    return faults


def fault_of_secret(kind: SecretKind, mode: Mode, plain: str) -> str:
    """Empty where it may be kept. What was typed is never said again."""
    plain = plain.strip()
    if not plain or "\x00" in plain:
        return f"Enter the {inside(kind.words)}."
    if len(plain) > LONGEST_SECRET:
        return f"It has {LONGEST_SECRET:,} characters at most."
    begins = kind.begins.get(mode, ())
    if begins and not plain.startswith(begins):
        other = next((one for one in Mode if one is not mode and plain.startswith(kind.begins.get(one, ()))), None)
        if other is not None:
            return f"This one is of the other mode ({other.words.lower()}); it begins with {' or '.join(begins)} here."
        return f"The {inside(kind.words)} begins with {' or '.join(begins)}."
    if kind.pattern and not re.fullmatch(kind.pattern, plain):
        return f"The {inside(kind.words)} has to be {kind.made_of}."
    return ""


def text_of(typed: str) -> str:
    return typed.replace("\x00", "").strip()
