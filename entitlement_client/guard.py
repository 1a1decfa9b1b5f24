"""A function that only runs for accounts that may: `@requires("exports", account="account_key", checker=client)`."""

import asyncio
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from entitlement_client.answers import Answer, Checker, Denied

F = TypeVar("F", bound=Callable[..., Any])
AccountOf = str | Callable[..., str]
QuantityOf = int | Callable[..., int] | None


def requires(
    feature: str, *, account: AccountOf, checker: Checker, quantity: QuantityOf = None, point: str = ""
) -> Callable[[F], F]:
    """Let the function run only where the account may use the feature; raise Denied otherwise.

    `account`: the name of the parameter that holds the account's key, or a function of the same arguments that returns
    it. `quantity`: so much must be left, or a function of the arguments. Works on `def` and on `async def`; in the
    latter an account that isn't remembered is looked up in a thread. Nothing is counted: that is what `consume` is for.
    """

    def guarded(function: F) -> F:
        _refuse_generators(function)
        account_of = _account_reader(function, account)

        def asked(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
            amount = quantity(*args, **kwargs) if callable(quantity) else quantity
            where = point or f"{function.__module__}.{function.__qualname__}"
            return {"account": account_of(*args, **kwargs), "quantity": amount, "point": where}

        @functools.wraps(function)
        def let_in(*args: Any, **kwargs: Any) -> Any:
            _refuse(checker.check(feature=feature, **asked(args, kwargs)))
            return function(*args, **kwargs)

        @functools.wraps(function)
        async def let_in_async(*args: Any, **kwargs: Any) -> Any:
            _refuse(await check_async(checker, feature=feature, **asked(args, kwargs)))
            return await function(*args, **kwargs)

        return cast(F, let_in_async if inspect.iscoroutinefunction(function) else let_in)

    return guarded


async def check_async(checker: Checker, **question: Any) -> Answer:
    """The same as `checker.check`, without holding up the event loop: what isn't remembered is asked in a thread."""
    remembered = getattr(checker, "remembered", None)
    answer: Answer | None = None if remembered is None else remembered(**question)
    return answer if answer is not None else await asyncio.to_thread(lambda: checker.check(**question))


def _refuse(answer: Answer) -> None:
    if not answer.allowed:
        raise Denied(answer)


def _refuse_generators(function: Callable[..., Any]) -> None:
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"{function.__qualname__} is a generator: it would be let in only when somebody reads from it.")


def _account_reader(function: Callable[..., Any], account: AccountOf) -> Callable[..., str]:
    if not isinstance(account, str):
        return account
    signature = inspect.signature(function)
    if account not in signature.parameters:
        raise TypeError(f"{function.__qualname__} has no parameter {account!r} that could name the account.")

    def named(*args: Any, **kwargs: Any) -> str:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return cast(str, bound.arguments[account])

    return named
