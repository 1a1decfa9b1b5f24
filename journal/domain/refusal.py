"""Refusals: what the desk says when it will not do what was asked.

A refusal is an answer, not an accident. Its message is read by the person who asked, so it says what is wrong,
where, and how to mend it. Each edge shows it in its own way: beside a field, as a message, as a problem document.
"""

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """The desk will not do this. `field` names the input at fault, when there is one."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    @property
    def errors(self) -> Mapping[str, tuple[str, ...]]:
        """Messages by input; those that belong to no input stand under the empty name."""
        return {self.field or "": (self.message,)}


class NotAllowed(Refusal):
    """The person's role does not allow it."""

    code = "not_allowed"


class NotFound(Refusal):
    """There is no such thing, or it is not theirs to see: the two look alike from outside."""

    code = "not_found"


class Stale(Refusal):
    """Another hand was faster; nothing was written, so nothing is silently overwritten."""

    code = "stale"

    def __init__(
        self,
        message: str = "Someone else changed this since you opened it. Reload to see how it stands now, then try again.",
        *,
        field: str | None = None,
    ) -> None:
        super().__init__(message, field=field)


class Invalid(Refusal):
    """One or more inputs cannot be right."""

    code = "invalid"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        errors: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(message, field=field)
        self._errors = errors

    @property
    def errors(self) -> Mapping[str, tuple[str, ...]]:
        return self._errors if self._errors is not None else super().errors


class NeedsSecondPerson(Refusal):
    """It takes something away, so one person alone can't do it: ask, and someone else approves."""

    code = "needs_second_person"
