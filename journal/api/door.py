"""What stands before every operation of the API: keys that name a request, and limits told with each answer."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.operation import Operation

from journal.api.document import declare
from journal.api.idempotency import once, takes_key
from journal.domain.rate import Taken, named


def open_door(api: NinjaAPI) -> None:
    """Put the door before all operations of this API, whatever router they come from and whenever it is added."""
    api.add_decorator(_at_the_door, mode="view")
    declare(api)


def _at_the_door(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    operation = inspect.unwrap(run).__self__  # type: ignore[attr-defined]  # Ninja hands over its bound `run`
    assert isinstance(operation, Operation)
    assert not operation.is_async, "The door opens for synchronous operations; the hot ones stand before Django."
    if takes_key(operation):
        operation.view_func = once(operation)

    @wraps(run)
    def enter(request: HttpRequest, **values: Any) -> HttpResponse:
        response = run(request, **values)
        taken = vars(request).get("taken")
        if isinstance(taken, Taken):
            for name, value in named(taken.headers):
                response[name] = value
        return response

    return enter
