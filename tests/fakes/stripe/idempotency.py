"""Answers kept by their key for a day: the same request gets the same answer, another one is refused."""

from dataclasses import dataclass

from tests.fakes.stripe.clock import DAY
from tests.fakes.stripe.errors import Refused


@dataclass
class Kept:
    method: str
    path: str
    body: str
    at: int
    request: str
    status: int = 0  # 0 while it is being answered
    answer: bytes = b""


class Idempotency:
    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def begin(self, key: str, method: str, path: str, body: str, at: int, request: str) -> Kept | None:
        """The answer to repeat, or nothing where this key is new."""
        held = self._kept.get(key)
        if held is None or held.at + DAY <= at:
            self._kept[key] = Kept(method, path, body, at, request)
            return None
        if held.path != path or held.method != method:
            raise _misused(f"Keys for idempotent requests can only be used for the same endpoint they were first used for ('{held.method} {held.path}' vs '{method} {path}').", key)  # fmt: skip
        if held.body != body:
            raise _misused(
                "Keys for idempotent requests can only be used with the same parameters they were first used with.", key
            )
        if not held.status:
            message = f"There is currently another in-progress request using this Idempotent Key: {key}."
            raise Refused(message, "idempotency_key_in_use", type="idempotency_error", status=409)
        return held

    def keep(self, key: str, status: int, answer: bytes) -> None:
        self._kept[key].status, self._kept[key].answer = status, answer

    def forget(self, key: str) -> None:
        """What was refused before it began may be tried again under the same key."""
        self._kept.pop(key, None)


def _misused(message: str, key: str) -> Refused:
    hint = f" Try using a key other than '{key}' if you meant to execute a different request."
    return Refused(message + hint, type="idempotency_error")
