"""What else leans on a contact, such as a cover that only certain people may ask under.

Contacts know none of them by name: whoever leans on them registers when the desk starts, and says why one has to stay.
"""

from collections.abc import Callable

Use = Callable[[int], str]  # why the contact has to stay; empty: it may go

_uses: list[Use] = []


def register(use: Use) -> None:
    if use not in _uses:
        _uses.append(use)


def why_kept(contact: int) -> str:
    """Why the contact can't be removed, and what to do first; empty: it can."""
    return next((why for use in _uses if (why := use(contact))), "")
