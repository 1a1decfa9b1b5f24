"""A hold on work whose size is known at its end."""

from collections.abc import Callable

from entitlement_client.answers import Answer
from entitlement_client.weighing import refuse_unfit


class Hold:
    """`answer` says whether it was given; false in an `if` where it wasn't. Commit it for what the work came to, or
    release it; both are sent until the desk has answered them. Left as a context, it is released."""

    def __init__(self, answer: Answer, key: str, *, settle: Callable[[int | None], None]) -> None:
        self.answer, self.key = answer, key
        self._settle, self._settled = settle, not answer.allowed

    def __bool__(self) -> bool:
        return self.answer.allowed

    def commit(self, quantity: int) -> None:
        """Count what the work truly came to, more or less than was held."""
        refuse_unfit(quantity)
        if not self.answer.allowed:
            raise ValueError(f"Nothing is held: {self.answer.because}.")
        if self._settled:
            raise ValueError("This hold was committed or released already.")
        self._settle(quantity)
        self._settled = True

    def release(self) -> None:
        """Give it back; what was settled stays so."""
        if not self._settled:
            self._settle(None)
            self._settled = True

    def __enter__(self) -> "Hold":
        return self

    def __exit__(self, *raised: object) -> None:
        self.release()
