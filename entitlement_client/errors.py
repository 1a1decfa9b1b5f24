"""What a caller may have to mend, in the words of whoever reads the log. `check` raises none of these but Closed."""


class EntitlementError(Exception):
    """Anything this package raises, Denied and LicenceRefused apart."""


class Unreachable(EntitlementError):
    """The desk gave no answer: no connection, too slow, broken, or no JSON. `dead`: nothing of it could be reached."""

    def __init__(self, message: str, *, dead: bool = False, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.dead, self.retry_after = dead, retry_after


class TooManyRequests(Unreachable):
    """429: this key asks more often than it may; the desk says when to come back."""


class KeyRefused(Unreachable):
    """401: the key is mistyped, expired or revoked."""


class ScopeMissing(Unreachable):
    """403: the key may not ask this."""


class RequestRefused(EntitlementError):
    """The desk read the request and refuses it; it will refuse the same request again. `code` is for programs."""

    def __init__(self, message: str, *, status: int, code: str = "", fields: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status, self.code, self.fields = status, code, fields


class QueueFull(EntitlementError):
    """So many reports wait for the desk already that one more could only be lost."""


class Closed(EntitlementError):
    """The client was closed."""
