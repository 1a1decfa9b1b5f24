"""A database that is away for a moment is said as such: come back, and never a false answer."""

from typing import Any, NoReturn

import pytest
from django.db import InterfaceError, OperationalError

from entitlements.api import runtime_routes
from tests.entitlements.api.runtime.asking import post, problem

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fault", [OperationalError, InterfaceError])
def test_who_asks_meanwhile_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch, fault: type[Exception]) -> None:
    def cut(*_: Any, **__: Any) -> NoReturn:
        raise fault("server closed the connection unexpectedly")

    monkeypatch.setattr(runtime_routes, "check", cut)
    response = post("check", {"account": "acme", "feature": "sso"})
    problem(response, 503, "contended")
    assert response.headers["Retry-After"] == "1"
